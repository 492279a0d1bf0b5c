// RUN: attn-opt %s --split-input-file --verify-diagnostics

// transpose, C1: every dimension once ...
func.func @transpose(%x: tensor<2x3x4xf32>) {
  // expected-error@below {{C1: expected a permutation of the 3 dimensions of the source, got [2, 2, 1]}}
  %t = tile.transpose %x [2, 2, 1] : tensor<2x3x4xf32> -> tensor<4x4x3xf32>
  return
}

// -----

// transpose, C1: ... and no other.
func.func @transpose(%x: tensor<2x3x4xf32>) {
  // expected-error@below {{C1: expected a permutation of the 3 dimensions of the source, got [1, 0]}}
  %t = tile.transpose %x [1, 0] : tensor<2x3x4xf32> -> tensor<3x2xf32>
  return
}

// -----

// transpose, C2: the extents in this order.
func.func @transpose(%x: tensor<2x3x4xf32>) {
  // expected-error@below {{C2: expected a result of type 'tensor<2x4x3xf32>', got 'tensor<2x3x4xf32>'}}
  %t = tile.transpose %x [0, 2, 1] : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  return
}
