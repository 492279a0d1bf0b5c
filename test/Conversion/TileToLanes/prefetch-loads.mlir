// RUN: attn-opt %s --prefetch-loads --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --prefetch-loads=registers=2 --canonicalize --cse | FileCheck %s --check-prefix=FEW

// Sixteen iterations are read ahead, behind the last group it once more; what is
// left of them follows.
// CHECK-LABEL: func @sums
// CHECK:       gpu.launch
// CHECK:         %[[FOUND:.*]] = scf.if
// CHECK-COUNT-16:   memref.load %arg0
// CHECK:           scf.for %[[T:.*]] = %c0 to %[[END:.*]] step %c16 iter_args(%[[S:[^ ]*]] = %{{[^ ]*}}, %[[A:[^ ]*]] = %{{[^ ]*}},
// CHECK:             %[[NEXT:.*]] = arith.addi %[[T]], %c16
// CHECK:             %[[GROUP:.*]] = arith.minsi %[[NEXT]], %{{.*}}
// CHECK:             memref.load %arg0[%{{.*}}, %[[GROUP]]]
// CHECK-COUNT-15:     memref.load %arg0
// CHECK:             %[[X:.*]] = arith.addf %[[S]], %[[A]]
// CHECK:             memref.store %[[X]], %arg1[%{{.*}}, %[[T]]]
// CHECK-COUNT-15:     memref.store
// CHECK-NOT:         memref.load
// CHECK:             scf.yield
// CHECK:         scf.for %{{.*}} = %[[END:.*]] to %arg2 step %c1 iter_args(%{{.*}} = %[[FOUND]])
// CHECK-NEXT:      memref.load
// FEW-LABEL: func @sums
// FEW:         scf.for %{{.*}} step %c2
func.func @sums(%x: memref<8x?xf32>, %y: memref<8x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c8, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %r = scf.for %t = %c0 to %n step %c1 iter_args(%s = %zero) -> f32 {
      %a = memref.load %x[%bx, %t] : memref<8x?xf32>
      %b = arith.addf %s, %a : f32
      memref.store %b, %y[%bx, %t] : memref<8x?xf32>
      scf.yield %b : f32
    }
    gpu.terminator
  }
  return
}

// What the loop writes is not read ahead.
// CHECK-LABEL: func @written
// CHECK-NOT:   scf.if
// CHECK:       scf.for %{{.*}} step %c1
// CHECK-NEXT:    memref.load
func.func @written(%x: memref<8x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c8, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %r = scf.for %t = %c0 to %n step %c1 iter_args(%s = %zero) -> f32 {
      %a = memref.load %x[%bx, %t] : memref<8x?xf32>
      %b = arith.addf %s, %a : f32
      memref.store %b, %x[%bx, %t] : memref<8x?xf32>
      scf.yield %b : f32
    }
    gpu.terminator
  }
  return
}

// Nor what lies where an iteration finds out.
// CHECK-LABEL: func @chased
// CHECK-NOT:   scf.if
// CHECK:       scf.for %{{.*}} step %c1
// CHECK-NEXT:    memref.load
func.func @chased(%x: memref<?xi32>, %y: memref<8xindex>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c8, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %r = scf.for %t = %c0 to %n step %c1 iter_args(%at = %bx) -> index {
      %a = memref.load %x[%at] : memref<?xi32>
      %b = arith.index_cast %a : i32 to index
      scf.yield %b : index
    }
    memref.store %r, %y[%bx] : memref<8xindex>
    gpu.terminator
  }
  return
}
