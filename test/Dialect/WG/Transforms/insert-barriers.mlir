// RUN: attn-opt %s --wg-insert-barriers | FileCheck %s

// One wait between the writes and the reads, and in a loop one between the reads
// of an iteration and the writes of the next.
// CHECK-LABEL: func @loop
func.func @loop(%m: memref<?x64xbf16>, %acc: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: gpu.launch
    // CHECK-NOT: wg.barrier
    // CHECK: wg.copy
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    // CHECK: scf.for
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %acc) -> (!wg.tile<64x64xf32>) {
      // CHECK-NEXT: wg.barrier
      // CHECK-NEXT: wg.copy
      // CHECK-NEXT: wg.copy
      // CHECK-NEXT: wg.barrier
      // CHECK-NEXT: wg.mma
      // CHECK-NEXT: wg.mma
      // CHECK-NEXT: scf.yield
      %k = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %v = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %s = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %t = wg.mma %q, %v, %s : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %t : !wg.tile<64x64xf32>
    }
    // CHECK: wg.barrier
    // CHECK-NEXT: wg.copy
    // CHECK-NEXT: wg.barrier
    // CHECK-NEXT: wg.from_shared
    // CHECK-NOT: wg.barrier
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
    // CHECK-NEXT: wg.barrier
    // CHECK-NEXT: scf.if
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    wg.barrier
    scf.if %c {
      // CHECK-NEXT: wg.from_shared
      %x = wg.from_shared %q : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    }
    // CHECK: }
    // CHECK-NEXT: wg.barrier
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
    // CHECK: wg.barrier
    // CHECK-NEXT: wg.wait_copies
    // CHECK-NEXT: wg.barrier
    // CHECK-NEXT: wg.from_shared
    %r = wg.make_ring : <2, 64x64xbf16>
    %t = wg.slot %r[%c0] : <2, 64x64xbf16> -> <64x64xbf16>
    wg.copy_async %m[] from %c0 into %t : memref<?x64xbf16> -> <64x64xbf16>
    wg.commit_copies
    wg.barrier
    wg.wait_copies 0
    %x = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    gpu.terminator
  }
  return
}

// The barriers of a channel are ways of waiting of its own: nothing is pending
// for its tiles. What else the consumers share still is.
// CHECK-LABEL: func @roles
func.func @roles(%d: !llvm.ptr, %t: !wg.tile<64x64xbf16>, %acc: !wg.tile<64x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %i = arith.constant 0 : i32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %c = wg.make_channel : !wg.channel<1, 64x64xbf16>
    wg.roles producers 4 registers 24 {
      // CHECK: wg.acquire
      // CHECK-NEXT: wg.copy_bulk
      // CHECK-NEXT: wg.acquire
      // CHECK-NEXT: wg.copy_bulk
      // CHECK-NEXT: consumers
      wg.acquire %c[%i] : <1, 64x64xbf16>
      wg.copy_bulk %d[%c0, %c0] into %c[%i] : !llvm.ptr, <1, 64x64xbf16>
      wg.acquire %c[%i] : <1, 64x64xbf16>
      wg.copy_bulk %d[%c0, %c0] into %c[%i] : !llvm.ptr, <1, 64x64xbf16>
    } consumers 4 registers 240 {
      // CHECK-NEXT: wg.receive
      // CHECK-NEXT: wg.start_mma
      // CHECK-NEXT: wg.to_shared
      // CHECK-NEXT: wg.await_mma
      // CHECK-NEXT: wg.release
      // CHECK-NEXT: wg.barrier
      // CHECK-NEXT: wg.from_shared
      // CHECK-NEXT: wg.start_mma
      // CHECK-NEXT: wg.await_mma
      // CHECK-NEXT: wg.barrier
      // CHECK-NEXT: wg.to_shared
      // CHECK-NEXT: }
      %k = wg.receive %c[%i] : <1, 64x64xbf16> -> <64x64xbf16>
      %s = wg.start_mma %k, %k, %acc : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %w = wg.to_shared %t : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.await_mma %s pending 0 : <64x64xf32>
      wg.release %c[%i] : <1, 64x64xbf16>
      %x = wg.from_shared %w : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      %u = wg.start_mma %x, %w, %r : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %v = wg.await_mma %u pending 0 : <64x64xf32>
      %y = wg.to_shared %x : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    }
    gpu.terminator
  }
  return
}

// A product reads until it is awaited: what it reads may be written behind that.
// CHECK-LABEL: func @in_flight
// CHECK: wg.to_shared
// CHECK-NEXT: wg.barrier
// CHECK-NEXT: wg.start_mma
// CHECK-NEXT: wg.barrier
// CHECK-NEXT: wg.await_mma
// CHECK-NEXT: wg.barrier
// CHECK-NEXT: wg.to_shared
func.func @in_flight(%p: !wg.tile<64x64xbf16>, %t: !wg.tile<64x64xbf16>, %acc: !wg.tile<64x64xf32>, %o: memref<64x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %w = wg.to_shared %t : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    %s = wg.start_mma %p, %w, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
    wg.barrier
    %r = wg.await_mma %s pending 0 : <64x64xf32>
    %y = wg.to_shared %p : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    %z = wg.mma %p, %y, %r : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
    wg.store %z into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    gpu.terminator
  }
  return
}
