// RUN: attn-opt %s --tile-expand-ops --canonicalize --cse --split-input-file | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-ops{keep-work}))' --split-input-file | FileCheck %s --check-prefix=KEEP

// Sums of rows, one row after the other: each is the one before it and a row of
// the input, and goes into the result.
// CHECK-LABEL: func @matrix
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>)
// CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<4x8xf32>
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<8xf32>
// CHECK: %[[LOOP:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[R:.*]] = %[[EMPTY]], %[[LAST:.*]] = %[[ZEROS]]) -> (tensor<4x8xf32>, tensor<8xf32>)
// CHECK: %[[ROW:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [1, 8] [1, 1] : tensor<4x8xf32> to tensor<8xf32>
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} iterator_types = ["parallel"]} ins(%[[ROW]] : tensor<8xf32>) outs(%[[LAST]] : tensor<8xf32>)
// CHECK: arith.addf
// CHECK: %[[NEXT:.*]] = tensor.insert_slice %[[SUM]] into %[[R]][%[[I]], 0] [1, 8] [1, 1]
// CHECK: scf.yield %[[NEXT]], %[[SUM]]
// CHECK: return %[[LOOP]]#0
func.func @matrix(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = tile.scan %x : tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Of a vector a product with the triangle of ones.
// CHECK-LABEL: func @vector
// CHECK-NOT: scf.for
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]}
// CHECK: %[[COUNTS:.*]] = arith.cmpi sle
// CHECK: arith.select %[[COUNTS]]
func.func @vector(%x: tensor<64xf32>) -> tensor<64xf32> {
  %r = tile.scan %x : tensor<64xf32>
  return %r : tensor<64xf32>
}

// -----

// Forward substitution in a loop over the rows, or left to a lower level.

// CHECK-LABEL: func @inverse
// CHECK: scf.for
// CHECK: linalg.generic
// CHECK-NOT: tile.tri_inverse
// KEEP-LABEL: func @inverse
// KEEP-NOT: scf.for
// KEEP: tile.tri_inverse
func.func @inverse(%a: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %t = tile.tri_inverse %a : tensor<16x16xf32>
  return %t : tensor<16x16xf32>
}

// -----

// The elements are compared with zero one by one; a NaN is not zero.

// CHECK-LABEL: func @any
// CHECK: %[[R:.*]] = scf.for %[[I:.*]] = %c0 to %c12 step %c1 iter_args(%[[FOUND:.*]] = %false) -> (i1) {
// CHECK-NEXT: %[[X:.*]] = tensor.extract %{{.*}}[%[[I]]] : tensor<12xf32>
// CHECK-NEXT: %[[SOME:.*]] = arith.cmpf une, %[[X]], %cst
// CHECK-NEXT: %[[NEXT:.*]] = arith.ori %[[FOUND]], %[[SOME]]
// CHECK-NEXT: scf.yield %[[NEXT]]
// CHECK: return %[[R]]
// KEEP-LABEL: func @any
// KEEP-NOT: scf.for
// KEEP: tile.any
func.func @any(%x: tensor<12xf32>) -> i1 {
  %a = tile.any %x : tensor<12xf32>
  return %a : i1
}

// -----

// CHECK-LABEL: func @opaque
// CHECK-SAME: (%[[N:.*]]: index)
// CHECK-NEXT: return %[[N]]
// KEEP-LABEL: func @opaque
// KEEP: tile.opaque
func.func @opaque(%n: index) -> index {
  %o = tile.opaque %n
  return %o : index
}
