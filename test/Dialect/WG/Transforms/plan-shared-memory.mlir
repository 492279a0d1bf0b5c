// RUN: attn-opt %s --wg-plan-shared-memory | FileCheck %s
// RUN: not attn-opt %s --wg-plan-shared-memory=limit=20000 2>&1 | FileCheck %s --check-prefix=LIMIT

// %q is needed in both loops; tiles of one loop share places with those of the
// other.
// CHECK-LABEL: func @loops
// LIMIT: error: C1: needs 24832 bytes of shared memory, a block has 20000
// LIMIT: note: 8192 bytes here
func.func @loops(%m: memref<?x64xbf16>, %acc: !wg.tile<64x64xf32>, %v: !wg.tile<64xf32, rows>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[BYTES:.*]] = arith.constant 24832 : i32
  // CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %[[BYTES]]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.copy {{.*}} {wg.offset = 0 : i64}
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %acc) -> (!wg.tile<64x64xf32>) {
      // CHECK: wg.copy {{.*}} {wg.offset = 8192 : i64}
      // CHECK: wg.copy {{.*}} {wg.offset = 16384 : i64}
      %k = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %w = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      // CHECK: wg.relayout {{.*}} {wg.offset = 24576 : i64}
      %c = wg.relayout %v : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
      %s = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %t = wg.mma %q, %w, %s : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %t : !wg.tile<64x64xf32>
    }
    %x = scf.for %i = %c0 to %n step %c1 iter_args(%a = %r) -> (!wg.tile<64x64xf32>) {
      // CHECK: wg.copy {{.*}} {wg.offset = 8192 : i64}
      %k = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %s = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %s : !wg.tile<64x64xf32>
    }
    gpu.terminator
  }
  return
}

// What works in shared memory needs a place for as long as it works.
// CHECK-LABEL: func @scratch
func.func @scratch(%m: memref<?x64xbf16>, %v: !wg.tile<64xindex, rows>, %t: !wg.tile<64x64xf32>, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[BYTES:.*]] = arith.constant 26624 : i32
  // CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %[[BYTES]]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.copy {{.*}} {wg.offset = 0 : i64}
    // CHECK: wg.tri_inverse {{.*}} {wg.offset = 8192 : i64}
    // CHECK: wg.extract {{.*}} {wg.offset = 8192 : i64}
    // CHECK: wg.relayout {{.*}} : <64xindex, rows> -> <64xindex, rows>
    %q = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %u = wg.tri_inverse %t : !wg.tile<64x64xf32>
    %e = wg.extract %v[%i] : !wg.tile<64xindex, rows> -> index
    %w = wg.relayout %v : !wg.tile<64xindex, rows> -> !wg.tile<64xindex, rows>
    %x = wg.from_shared %q : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    gpu.terminator
  }
  return
}

// A channel has its places, and 16 bytes of barriers for each, as long as there are
// roles; what the consumers make lies behind.
// CHECK-LABEL: func @channels
func.func @channels(%d: !llvm.ptr, %t: !wg.tile<64x64xbf16>, %v: !wg.tile<64xf32, rows>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %i = arith.constant 0 : i32
  // CHECK: %[[BYTES:.*]] = arith.constant 43008 : i32
  // CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %[[BYTES]]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.make_channel {wg.offset = 0 : i64} : <1, 64x64xbf16>
    // CHECK: wg.make_channel {wg.offset = 9216 : i64} : <3, 64x64xbf16>
    %a = wg.make_channel : !wg.channel<1, 64x64xbf16>
    %b = wg.make_channel : !wg.channel<3, 64x64xbf16>
    wg.roles producers 4 registers 24 {
      wg.copy_bulk %d[%c0, %c0] into %a[%i] : !llvm.ptr, <1, 64x64xbf16>
    } consumers 4 registers 240 {
      // CHECK: wg.to_shared {{.*}} {wg.offset = 34816 : i64}
      // CHECK: wg.relayout {{.*}} {wg.offset = 34816 : i64}
      %s = wg.to_shared %t : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      %w = wg.relayout %v : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
      wg.release %b[%i] : <3, 64x64xbf16>
    }
    gpu.terminator
  }
  return
}

// A product that was started reads its operand until it is awaited.
// CHECK-LABEL: func @in_flight
// CHECK: wg.to_shared {{.*}}wg.offset = 0
// CHECK: wg.start_mma
// CHECK: wg.to_shared {{.*}}wg.offset = 8192
func.func @in_flight(%p: !wg.tile<64x64xbf16>, %t: !wg.tile<64x64xbf16>, %acc: !wg.tile<64x64xf32>, %o: memref<64x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %w = wg.to_shared %t : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    %s = wg.start_mma %p, %w, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
    %y = wg.to_shared %p : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.await_mma %s pending 0 : <64x64xf32>
    %z = wg.mma %p, %y, %r : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
    wg.store %z into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    gpu.terminator
  }
  return
}

// Notes have a bit for each number and a barrier. They lie where the alignment of
// tiles leaves room behind the barriers of a channel, at a multiple of 16; where it
// leaves none, behind all.
// CHECK-LABEL: func @notes
func.func @notes(%d: !llvm.ptr, %v: !wg.tile<64xf32, rows>, %n: i32) {
  %c1 = arith.constant 1 : index
  // CHECK: %[[BYTES:.*]] = arith.constant 17424 : i32
  // CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %[[BYTES]]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.make_notes {wg.offset = 8208 : i64} : <1024>
    // CHECK: wg.make_channel {wg.offset = 0 : i64} : <1, 64x64xbf16>
    // CHECK: wg.make_notes {wg.offset = 8352 : i64} : <1024>
    // CHECK: wg.make_channel {wg.offset = 9216 : i64} : <1, 64x64xbf16>
    %m = wg.make_notes : !wg.notes<1024>
    %a = wg.make_channel : !wg.channel<1, 64x64xbf16>
    %k = wg.make_notes : !wg.notes<1024>
    %b = wg.make_channel : !wg.channel<1, 64x64xbf16>
    wg.roles producers 4 registers 24 {
      wg.acquire %a[%n] : <1, 64x64xbf16>
      wg.acquire %b[%n] : <1, 64x64xbf16>
    } consumers 4 registers 240 {
      wg.note %v in %m[%n] : !wg.tile<64xf32, rows>, !wg.notes<1024>
      wg.note %v in %k[%n] : !wg.tile<64xf32, rows>, !wg.notes<1024>
    }
    gpu.terminator
  }
  return
}

// CHECK-LABEL: func @many_notes
func.func @many_notes(%d: !llvm.ptr, %v: !wg.tile<64xf32, rows>, %n: i32) {
  %c1 = arith.constant 1 : index
  // CHECK: %[[BYTES:.*]] = arith.constant 18456 : i32
  // CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %[[BYTES]]
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: wg.make_notes {wg.offset = 17424 : i64} : <8192>
    %m = wg.make_notes : !wg.notes<8192>
    %a = wg.make_channel : !wg.channel<1, 64x64xbf16>
    %b = wg.make_channel : !wg.channel<1, 64x64xbf16>
    wg.roles producers 4 registers 24 {
      wg.acquire %a[%n] : <1, 64x64xbf16>
      wg.acquire %b[%n] : <1, 64x64xbf16>
    } consumers 4 registers 240 {
      wg.note %v in %m[%n] : !wg.tile<64xf32, rows>, !wg.notes<8192>
    }
    gpu.terminator
  }
  return
}
