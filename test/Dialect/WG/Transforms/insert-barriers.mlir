// RUN: attn-opt %s --wg-insert-barriers | FileCheck %s

// One wait between the writes and the reads, and in a loop one between the reads
// of an iteration and the writes of the next.
// CHECK-LABEL: func @loop
func.func @loop(%m: memref<?x64xbf16>, %acc: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: gpu.launch
    // CHECK-NOT: gpu.barrier
    // CHECK: wg.copy
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    // CHECK: scf.for
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %acc) -> (!wg.tile<64x64xf32>) {
      // CHECK-NEXT: gpu.barrier
      // CHECK-NEXT: wg.copy
      // CHECK-NEXT: wg.copy
      // CHECK-NEXT: gpu.barrier
      // CHECK-NEXT: wg.mma
      // CHECK-NEXT: wg.mma
      // CHECK-NEXT: scf.yield
      %k = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %v = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %s = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %t = wg.mma %q, %v, %s : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %t : !wg.tile<64x64xf32>
    }
    // CHECK: gpu.barrier
    // CHECK-NEXT: wg.copy
    // CHECK-NEXT: gpu.barrier
    // CHECK-NEXT: wg.from_shared
    // CHECK-NOT: gpu.barrier
    // CHECK: gpu.terminator
    %w = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %x = wg.from_shared %w : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    gpu.terminator
  }
  return
}

// What one side of a branch leaves pending is pending behind it; a wait that is
// there already counts.
// CHECK-LABEL: func @branch
func.func @branch(%m: memref<?x64xbf16>, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.copy
    // CHECK-NEXT: gpu.barrier
    // CHECK-NEXT: scf.if
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    gpu.barrier
    scf.if %c {
      // CHECK-NEXT: wg.from_shared
      %x = wg.from_shared %q : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    }
    // CHECK: }
    // CHECK-NEXT: gpu.barrier
    // CHECK-NEXT: wg.copy
    %k = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    gpu.terminator
  }
  return
}

// What works in shared memory waits itself: nothing is pending before and behind
// it.
// CHECK-LABEL: func @scratch
func.func @scratch(%m: memref<?x64xbf16>, %v: !wg.tile<64xf32, rows>, %t: !wg.tile<64x64xf32>, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.copy
    // CHECK-NEXT: wg.extract
    // CHECK-NEXT: wg.from_shared
    // CHECK-NEXT: wg.tri_inverse
    // CHECK-NEXT: wg.copy
    // CHECK-NEXT: wg.relayout
    // CHECK-NEXT: wg.from_shared
    // CHECK-NEXT: gpu.terminator
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %e = wg.extract %v[%i] : !wg.tile<64xf32, rows> -> f32
    %x = wg.from_shared %q : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    %u = wg.tri_inverse %t : !wg.tile<64x64xf32>
    %k = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %c = wg.relayout %v : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
    %y = wg.from_shared %k : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    gpu.terminator
  }
  return
}

// A copy that began before a wait of all warps may end behind it.
// CHECK-LABEL: func @late
func.func @late(%m: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.copy_async
    // CHECK: gpu.barrier
    // CHECK-NEXT: wg.wait_copies
    // CHECK-NEXT: gpu.barrier
    // CHECK-NEXT: wg.from_shared
    %r = wg.make_ring : <2, 64x64xbf16>
    %t = wg.slot %r[%c0] : <2, 64x64xbf16> -> <64x64xbf16>
    wg.copy_async %m[] from %c0 into %t : memref<?x64xbf16> -> <64x64xbf16>
    wg.commit_copies
    gpu.barrier
    wg.wait_copies 0
    %x = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    gpu.terminator
  }
  return
}
