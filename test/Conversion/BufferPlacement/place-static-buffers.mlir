// RUN: attn-opt %s --split-input-file --place-static-buffers | FileCheck %s
// RUN: attn-opt %s --split-input-file --place-static-buffers="stack-limit=300" | FileCheck %s --check-prefix=SMALL

func.func private @use(memref<32xf32>)

// A buffer of a loop is allocated once; two loops that follow each other share
// theirs, a buffer that is alive in both has its own.

// CHECK-LABEL: func @loops
// CHECK-NEXT:    %[[B:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
// CHECK-NEXT:    %[[A:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         memref.store %{{.*}}, %[[A]]
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %[[B]]
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %[[B]]
// CHECK-NOT:     memref.dealloc
// Only one of them fits 300 bytes.
// SMALL-LABEL: func @loops
// SMALL-NEXT:    %[[B:.*]] = memref.alloc() {alignment = 64 : i64} : memref<64xf32>
// SMALL-NEXT:    %[[A:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
// SMALL:         memref.dealloc %[[B]]
// SMALL-NEXT:    return
func.func @loops(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<64xf32>
  memref.store %x, %a[%c0] : memref<64xf32>
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc() : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
    memref.dealloc %b : memref<64xf32>
  }
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc() : memref<64xf32>
    %s = memref.subview %b[2] [8] [1] : memref<64xf32> to memref<8xf32, strided<[1], offset: 2>>
    memref.store %x, %s[%i] : memref<8xf32, strided<[1], offset: 2>>
    memref.dealloc %b : memref<64xf32>
  }
  %y = memref.load %a[%c0] : memref<64xf32>
  memref.store %y, %a[%c1] : memref<64xf32>
  memref.dealloc %a : memref<64xf32>
  return
}

// -----

// What stays: a buffer that a loop carries, one of dynamic size, one that the
// function returns, one inside of a parallel loop, one that a call sees.

func.func private @use(memref<32xf32>)
// CHECK-LABEL: func @carried
// CHECK-NOT:     memref.alloca
func.func @carried(%n: index, %m: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %m) -> (memref<64xf32>) {
    %b = memref.alloc() : memref<64xf32>
    scf.yield %b : memref<64xf32>
  }
  return
}
// CHECK-LABEL: func @dynamic
// CHECK-NOT:     memref.alloca
func.func @dynamic(%n: index, %x: f32) {
  %b = memref.alloc(%n) : memref<?xf32>
  memref.store %x, %b[%n] : memref<?xf32>
  return
}
// CHECK-LABEL: func @returned
// CHECK-NOT:     memref.alloca
func.func @returned() -> memref<8xf32> {
  %b = memref.alloc() : memref<8xf32>
  return %b : memref<8xf32>
}
// CHECK-LABEL: func @parallel
// CHECK-NOT:     memref.alloca
func.func @parallel(%n: index, %x: f32) {
  scf.forall (%i) in (%n) {
    %b = memref.alloc() : memref<8xf32>
    memref.store %x, %b[%i] : memref<8xf32>
  }
  return
}
// CHECK-LABEL: func @called
// CHECK-NOT:     memref.alloca
func.func @called() {
  %b = memref.alloc() : memref<32xf32>
  func.call @use(%b) : (memref<32xf32>) -> ()
  return
}
