// RUN: attn-opt %s --wg-specialize-warps --remarks-filter-missed=wg-specialize-warps --split-input-file --verify-diagnostics | FileCheck %s --implicit-check-not=wg.roles --implicit-check-not=wg.note

// A branch that depends on a tile cannot be taken later if it has a result ...
// CHECK-LABEL: func @branch_with_result
// CHECK: wg.copy
func.func @branch_with_result(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.any}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %w = wg.load %v[] from %b : memref<?xf32> -> !wg.tile<64xf32, rows>
    %any = wg.any %w : !wg.tile<64xf32, rows>
    %x = scf.if %any -> index {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      scf.yield %c1 : index
    } else {
      scf.yield %c0 : index
    }
    wg.store %w into %v[] from %x : !wg.tile<64xf32, rows> into memref<?xf32>
    gpu.terminator
  }
  return
}

// -----

// ... or does something in the other case ...
// CHECK-LABEL: func @branch_with_else
// CHECK: wg.copy
func.func @branch_with_else(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.any}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %w = wg.load %v[] from %b : memref<?xf32> -> !wg.tile<64xf32, rows>
    %any = wg.any %w : !wg.tile<64xf32, rows>
    scf.if %any {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    } else {
      wg.barrier
    }
    gpu.terminator
  }
  return
}

// -----

// ... or needs what may be another thing by then.
// CHECK-LABEL: func @branch_with_load
// CHECK: wg.copy
func.func @branch_with_load(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.any}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %w = wg.load %v[] from %b : memref<?xf32> -> !wg.tile<64xf32, rows>
    %any = wg.any %w : !wg.tile<64xf32, rows>
    scf.if %any {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      wg.store %w into %v[] from %c0 : !wg.tile<64xf32, rows> into memref<?xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// One in a loop is none that follows all pieces of work.
// CHECK-LABEL: func @branch_in_loop
// CHECK: wg.copy
func.func @branch_in_loop(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.any}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    scf.for %i = %c0 to %c4 step %c1 {
      %w = wg.load %v[] from %i : memref<?xf32> -> !wg.tile<64xf32, rows>
      %any = wg.any %w : !wg.tile<64xf32, rows>
      scf.if %any {
        %s = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
        %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
        wg.store %r into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      }
    }
    gpu.terminator
  }
  return
}

// -----

// What it writes would come behind what is written after it.
// CHECK-LABEL: func @store_behind
// CHECK: wg.copy
func.func @store_behind(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.any}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %w = wg.load %v[] from %b : memref<?xf32> -> !wg.tile<64xf32, rows>
    %any = wg.any %w : !wg.tile<64xf32, rows>
    scf.if %any {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    wg.store %w into %v[] from %b : !wg.tile<64xf32, rows> into memref<?xf32>
    gpu.terminator
  }
  return
}
