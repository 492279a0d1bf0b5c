// RUN: attn-opt %s --tile-expand-ops | FileCheck %s

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
