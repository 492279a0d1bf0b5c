// RUN: attn-opt %s --canonicalize | FileCheck %s

// There and back is nothing, and neither is no change of order.
// CHECK-LABEL: func @back
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
// CHECK-NEXT: return %[[X]], %[[X]]
func.func @back(%x: tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %t = tile.transpose %x [2, 0, 1] : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  %u = tile.transpose %t [1, 2, 0] : tensor<4x2x3xf32> -> tensor<2x3x4xf32>
  %s = tile.transpose %x [0, 1, 2] : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  return %u, %s : tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// A turn and the same turn are not.
// CHECK-LABEL: func @twice
// CHECK-COUNT-2: tile.transpose
func.func @twice(%x: tensor<2x3x4xf32>) -> tensor<3x4x2xf32> {
  %t = tile.transpose %x [2, 0, 1] : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  %u = tile.transpose %t [2, 0, 1] : tensor<4x2x3xf32> -> tensor<3x4x2xf32>
  return %u : tensor<3x4x2xf32>
}
