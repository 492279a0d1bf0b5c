// RUN: attn-opt %s --deal-loops --convert-dealt-loops-to-launch --canonicalize | FileCheck %s

// A lane keeps what it reads in each iteration of a loop around.

// The largest numbers below the one before: two of 64 for each lane, read once. The
// largest of double words is that of their upper words, then of the lower ones.
// CHECK-LABEL: func @kept
// CHECK-SAME: %[[X:.*]]: memref<9x64xi64>, %[[OUT:.*]]: memref<9x5xi64>
// CHECK: gpu.launch
// CHECK-COUNT-2: memref.load %[[X]]
// CHECK: scf.for
// CHECK-NOT: memref.load
// CHECK: %[[UPPER:.*]] = nvvm.redux.sync umax %[[MINE:.*]], %
// CHECK: %[[HAS:.*]] = arith.cmpi eq, %[[MINE]], %[[UPPER]]
// CHECK: %[[LOWER:.*]] = arith.select %[[HAS]], %{{.*}}, %c0_i32
// CHECK: nvvm.redux.sync umax %[[LOWER]]
// What nobody reads needs no barriers.
// CHECK-NOT: nvvm.bar.warp.sync
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK-NOT: nvvm.bar.warp.sync
// CHECK: return
func.func @kept(%x: memref<9x64xi64>, %out: memref<9x5xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c64 = arith.constant 64 : index
  %none = arith.constant 0 : i64
  %top = arith.constant -1 : i64
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %last = scf.for %p = %c0 to %c5 step %c1 iter_args(%before = %top) -> (i64) {
      %best = scf.for %k = %c0 to %c64 step %c1 iter_args(%v = %none) -> (i64) {
        %a = memref.load %x[%i, %k] : memref<9x64xi64>
        %below = arith.cmpi ult, %a, %before : i64
        %b = arith.select %below, %a, %none : i64
        %m = arith.maxui %v, %b : i64
        scf.yield %m : i64
      }
      memref.store %best, %out[%i, %p] : memref<9x5xi64>
      scf.yield %best : i64
    }
  }
  return
}

// Of signed ones only the upper words are signed.
// CHECK-LABEL: func @smallest
// CHECK: nvvm.redux.sync min
// CHECK: arith.select %{{.*}}, %{{.*}}, %c-1_i32
// CHECK: nvvm.redux.sync umin
func.func @smallest(%x: memref<9x64xi64>, %out: memref<9xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c64 = arith.constant 64 : index
  %none = arith.constant 7 : i64
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %best = scf.for %k = %c0 to %c64 step %c1 iter_args(%v = %none) -> (i64) {
      %a = memref.load %x[%i, %k] : memref<9x64xi64>
      %m = arith.minsi %v, %a : i64
      scf.yield %m : i64
    }
    memref.store %best, %out[%i] : memref<9xi64>
  }
  return
}

// What the loop around writes may be what is read.
// CHECK-LABEL: func @written
// CHECK-SAME: %[[X:.*]]: memref<9x64xi32>
// CHECK: gpu.launch
// CHECK-NOT: memref.load
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.load %[[X]]
// CHECK: nvvm.bar.warp.sync
// CHECK: memref.store %{{.*}}, %[[X]]
// CHECK: nvvm.bar.warp.sync
func.func @written(%x: memref<9x64xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c64 = arith.constant 64 : index
  %none = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    scf.for %p = %c0 to %c5 step %c1 {
      %sum = scf.for %k = %c0 to %c64 step %c1 iter_args(%v = %none) -> (i32) {
        %a = memref.load %x[%i, %k] : memref<9x64xi32>
        %m = arith.addi %v, %a : i32
        scf.yield %m : i32
      }
      memref.store %sum, %x[%i, %p] : memref<9x64xi32>
    }
  }
  return
}

// There are registers for 16 iterations.
// CHECK-LABEL: func @long
// CHECK-SAME: %[[X:.*]]: memref<9x544xi32>
// CHECK: gpu.launch
// CHECK-NOT: memref.load
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.load %[[X]]
func.func @long(%x: memref<9x544xi32>, %out: memref<9x5xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c544 = arith.constant 544 : index
  %none = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    scf.for %p = %c0 to %c5 step %c1 {
      %number = arith.index_cast %p : index to i32
      %sum = scf.for %k = %c0 to %c544 step %c1 iter_args(%v = %none) -> (i32) {
        %a = memref.load %x[%i, %k] : memref<9x544xi32>
        %b = arith.minsi %a, %number : i32
        %m = arith.addi %v, %b : i32
        scf.yield %m : i32
      }
      memref.store %sum, %out[%i, %p] : memref<9x5xi32>
    }
  }
  return
}

// A loop that may not be entered reads nothing.
// CHECK-LABEL: func @unknown
// CHECK-SAME: %[[X:.*]]: memref<9x64xi32>
// CHECK: gpu.launch
// CHECK-NOT: memref.load
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.load %[[X]]
func.func @unknown(%x: memref<9x64xi32>, %out: memref<9x?xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c64 = arith.constant 64 : index
  %none = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    scf.for %p = %c0 to %n step %c1 {
      %sum = scf.for %k = %c0 to %c64 step %c1 iter_args(%v = %none) -> (i32) {
        %a = memref.load %x[%i, %k] : memref<9x64xi32>
        %m = arith.addi %v, %a : i32
        scf.yield %m : i32
      }
      memref.store %sum, %out[%i, %p] : memref<9x?xi32>
    }
  }
  return
}
