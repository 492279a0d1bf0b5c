// RUN: attn-opt %s --wg-specialize-warps --remarks-filter-missed=wg-specialize-warps --split-input-file --verify-diagnostics | FileCheck %s --implicit-check-not=wg.roles

// What the copy engine, or warps that only copy, cannot do leaves the kernel as it
// is, with the reason.

// Rows of one entry may end before those of another.
// CHECK-LABEL: func @limit
// CHECK: wg.copy
func.func @limit(%m: memref<4x?x64xbf16>, %lengths: memref<4xindex>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: rows end at a limit that changes in the kernel}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %n = memref.load %lengths[%b] : memref<4xindex>
    %s = wg.copy %m[%b] from %c0 limit %n : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// The limit is the same for all blocks, but not the row it is counted from.
// CHECK-LABEL: func @limit_of_view
// CHECK: wg.copy
func.func @limit_of_view(%m: memref<?x64xbf16>, %n: index, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: rows end at a limit that changes in the kernel}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %v = memref.subview %m[%b, 0] [64, 64] [1, 1] : memref<?x64xbf16> to memref<64x64xbf16, strided<[64, 1], offset: ?>>
    %s = wg.copy %v[] from %c0 limit %n : memref<64x64xbf16, strided<[64, 1], offset: ?>> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @columns
// CHECK: wg.copy
func.func @columns(%m: memref<?x64xbf16>, %n: index, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: columns end at a limit that is not the end of memory}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b columns_limit %n : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @allocated
// CHECK: wg.copy
func.func @allocated(%o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on memref.alloca}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %m = memref.alloca() : memref<64x64xbf16>
    %s = wg.copy %m[] from %c0 : memref<64x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// Views that keep all dimensions are seen through, others are not.
// CHECK-LABEL: func @entry
// CHECK: wg.copy
func.func @entry(%m: memref<4x?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy reads memory that is made in the kernel}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %v = memref.subview %m[%b, 0, 0] [1, 64, 64] [1, 1, 1] : memref<4x?x64xbf16> to memref<64x64xbf16, strided<[64, 1], offset: ?>>
    %s = wg.copy %v[] from %c0 : memref<64x64xbf16, strided<[64, 1], offset: ?>> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @every_other_row
// CHECK: wg.copy
func.func @every_other_row(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy reads memory that is made in the kernel}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %v = memref.subview %m[0, 0] [64, 64] [2, 1] : memref<?x64xbf16> to memref<64x64xbf16, strided<[128, 1]>>
    %s = wg.copy %v[] from %c0 : memref<64x64xbf16, strided<[128, 1]>> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @columns_apart
// CHECK: wg.copy
func.func @columns_apart(%m: memref<?x64xbf16, strided<[?, ?]>>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: rows of memory are not contiguous}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16, strided<[?, ?]>> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @rows_of_120_bytes
// CHECK: wg.copy
func.func @rows_of_120_bytes(%m: memref<?x60xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: rows of memory do not begin at multiples of 16 bytes}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x60xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @rank
// CHECK: wg.copy
func.func @rank(%m: memref<2x2x2x2x?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the copy engine takes tensors of 2 to 5 dimensions and tiles of up to 256 rows, not 6 and 64}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[%c0, %c0, %c0, %c0] from %b : memref<2x2x2x2x?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @rows
// CHECK: wg.copy
func.func @rows(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the copy engine takes tensors of 2 to 5 dimensions and tiles of up to 256 rows, not 2 and 320}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<320x64xbf16>
    %r = wg.from_shared %s : !wg.shared<320x64xbf16> -> !wg.tile<320x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<320x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @region
// CHECK: wg.copy
func.func @region(%m: memref<?x64xbf16>, %v: memref<?xf32>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy is inside of scf.execute_region}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    scf.execute_region {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      scf.yield
    }
    gpu.terminator
  }
  return
}

// -----

// The first copies of a block and of a branch in it have the same place, which is
// free again behind the last use only.
// CHECK-LABEL: func @branch_before_use
// CHECK: wg.copy
func.func @branch_before_use(%m: memref<?x64xbf16>, %p: i1, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a branch copies into the place of a tile that is in use}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    scf.for %i = %c0 to %c4 step %c1 {
      %s = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      scf.if %p {
        %t = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
        %y = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
        wg.store %y into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      }
      %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %x into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}

// -----

// Outside of loops it is never free.
// CHECK-LABEL: func @branch_after_use
// CHECK: wg.copy
func.func @branch_after_use(%m: memref<?x64xbf16>, %p: i1, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a branch copies into the place of a tile that is in use}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %x into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    scf.if %p {
      %t = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %y = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %y into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @carried
// CHECK: wg.copy
func.func @carried(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on what a loop computes}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %end = scf.for %i = %c0 to %c4 step %c1 iter_args(%at = %c0) -> (index) {
      %s = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %at : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      %next = arith.addi %at, %i : index
      scf.yield %next : index
    }
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @computed
// CHECK: wg.copy
func.func @computed(%m: memref<?x64xbf16>, %v: !wg.tile<64xindex, rows>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.extract}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %at = wg.extract %v[%b] : !wg.tile<64xindex, rows> -> index
    %s = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @computed_bound
// CHECK: wg.copy
func.func @computed_bound(%m: memref<?x64xbf16>, %v: !wg.tile<64xindex, rows>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.extract}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %n = wg.extract %v[%b] : !wg.tile<64xindex, rows> -> index
    scf.for %i = %c0 to %n step %c1 {
      %s = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @handed_on
// CHECK: wg.copy
func.func @handed_on(%m: memref<?x64xbf16>, %first: !wg.shared<64x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a tile is handed to the next iteration}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %last = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %first) -> (!wg.shared<64x64xbf16>) {
      %s = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      scf.yield %s : !wg.shared<64x64xbf16>
    }
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @warps
// CHECK: wg.copy
func.func @warps(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  %c96 = arith.constant 96 : index
  // expected-remark @below {{all warps copy: the block does not consist of groups of four warps}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c96, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @unknown_warps
// CHECK: wg.copy
func.func @unknown_warps(%m: memref<?x64xbf16>, %n: index, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the block does not consist of groups of four warps}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %n, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @two_dimensions
// CHECK: wg.copy
func.func @two_dimensions(%m: memref<?x64xbf16>, %n: index, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the block does not consist of groups of four warps}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c4, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// Not even one place for each tile fits.
// CHECK-LABEL: func @memory
// CHECK: wg.copy
func.func @memory(%m: memref<?x256xbf16>, %acc: !wg.tile<256x256xf32>, %o: memref<?x256xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: 263184 bytes of shared memory are needed, 232448 are there}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x256xbf16> -> !wg.shared<256x256xbf16>
    %t = wg.copy %m[] from %c0 : memref<?x256xbf16> -> !wg.shared<256x256xbf16>
    %u = wg.mma %s, %t, %acc : !wg.shared<256x256xbf16>, !wg.shared<256x256xbf16>, !wg.tile<256x256xf32>
    wg.store %u into %o[] from %c0 : !wg.tile<256x256xf32> into memref<?x256xf32>
    gpu.terminator
  }
  return
}

// -----

// Warps that multiply on their own need the registers that producers have.
// CHECK-LABEL: func @wide_operands
// CHECK: wg.copy
func.func @wide_operands(%m: memref<?x64xf32>, %acc: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: operands of f32 are neither bf16 nor f16}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xf32> -> !wg.shared<64x64xf32>
    %u = wg.mma %s, %s, %acc : !wg.shared<64x64xf32>, !wg.shared<64x64xf32>, !wg.tile<64x64xf32>
    wg.store %u into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @few_rows
// CHECK: wg.copy
func.func @few_rows(%m: memref<?x64xbf16>, %acc: !wg.tile<32x64xf32>, %o: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: 32 rows are not a multiple of 64}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<32x64xbf16>
    %t = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %u = wg.mma %s, %t, %acc : !wg.shared<32x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<32x64xf32>
    wg.store %u into %o[] from %b : !wg.tile<32x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// -----

// What a view does not have, the memory behind it does.
// CHECK-LABEL: func @some_columns
// CHECK: wg.copy
func.func @some_columns(%m: memref<?x128xbf16>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy reads some columns of memory}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %v = memref.subview %m[0, 0] [64, 48] [1, 1] : memref<?x128xbf16> to memref<64x48xbf16, strided<[128, 1]>>
    %t = wg.copy %v[] from %c0 : memref<64x48xbf16, strided<[128, 1]>> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// Producers do not wait for stores.
// CHECK-LABEL: func @written
// CHECK: wg.copy
func.func @written(%m: memref<4x?x64xbf16>, %x: !wg.tile<64x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the kernel writes memory that it copies from}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %v = memref.subview %m[0, 0, 0] [1, 64, 64] [1, 1, 1] : memref<4x?x64xbf16> to memref<1x64x64xbf16, strided<[?, 64, 1]>>
    wg.store %x into %v[%c0] from %b : !wg.tile<64x64xbf16> into memref<1x64x64xbf16, strided<[?, 64, 1]>>
    %t = wg.copy %m[%c1] from %b : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %v[%c0] from %c0 : !wg.tile<64x64xbf16> into memref<1x64x64xbf16, strided<[?, 64, 1]>>
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @wide_elements
// CHECK: wg.copy
func.func @wide_elements(%m: memref<?x64xf64>, %o: memref<?x64xf64>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: the copy engine has no elements of f64}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %t = wg.copy %m[] from %b : memref<?x64xf64> -> !wg.shared<64x64xf64>
    %r = wg.from_shared %t : !wg.shared<64x64xf64> -> !wg.tile<64x64xf64>
    wg.store %r into %o[] from %b : !wg.tile<64x64xf64> into memref<?x64xf64>
    gpu.terminator
  }
  return
}

// -----

// A tile that is chosen is no scalar, though the operation is one of arith.
// CHECK-LABEL: func @chosen
// CHECK: arith.select {{.*}} : !wg.tile
func.func @chosen(%m: memref<?x64xbf16>, %i: index, %p: i1, %x: !wg.tile<16xindex, rows>, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  // expected-remark @below {{all warps copy: a copy depends on wg.extract}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %y = arith.select %p, %x, %x : !wg.tile<16xindex, rows>
    %at = wg.extract %y[%c0] : !wg.tile<16xindex, rows> -> index
    %t = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// -----

// Several small blocks are on a multiprocessor.
func.func @small(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  // expected-remark@below {{all warps copy: four warps copy each tile once, while blocks beside them compute}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}
