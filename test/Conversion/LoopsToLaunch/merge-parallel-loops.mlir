// RUN: attn-opt %s --merge-parallel-loops | FileCheck %s

// The inner loop is all that the outer one does, but for a scalar.
// CHECK-LABEL: func @nest
// CHECK: scf.parallel (%[[I:.*]], %[[J:.*]]) = (%c0, %c0) to (%c4, %{{.*}}) step (%c1, %c1) {
// CHECK-NEXT: %[[X:.*]] = arith.muli %[[I]], %c4
// CHECK-NEXT: memref.store %[[X]], %{{.*}}[%[[I]], %[[J]]]
// CHECK-NOT: scf.parallel
func.func @nest(%m: memref<4x?xindex>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %x = arith.muli %i, %c4 : index
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %x, %m[%i, %j] : memref<4x?xindex>
    }
  }
  return
}

// Extents that differ are no box.
// CHECK-LABEL: func @triangle
// CHECK-COUNT-2: scf.parallel (%{{[^,]*}}) =
func.func @triangle(%m: memref<4x4xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    scf.parallel (%j) = (%c0) to (%i) step (%c1) {
      memref.store %i, %m[%i, %j] : memref<4x4xindex>
    }
  }
  return
}

// A sum in front would be computed again by each.
// CHECK-LABEL: func @work_in_front
// CHECK-COUNT-2: scf.parallel (%{{[^,]*}}) =
func.func @work_in_front(%m: memref<4x4xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %x = scf.for %k = %c0 to %i step %c1 iter_args(%s = %c0) -> (index) {
      %t = arith.addi %s, %k : index
      scf.yield %t : index
    }
    scf.parallel (%j) = (%c0) to (%c4) step (%c1) {
      memref.store %x, %m[%i, %j] : memref<4x4xindex>
    }
  }
  return
}
