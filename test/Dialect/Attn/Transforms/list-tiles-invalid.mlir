// RUN: attn-opt %s --attn-list-tiles --verify-diagnostics

// A test of each position is given logical positions; those of rows that are known
// at run time only do not say which row it is.
func.func @positions(%q: tensor<1x4x?x32xf32>, %ids: tensor<1x2x?x8xi32>, %p: tensor<1x?xi32>) -> tensor<1x4x?x32xf32> {
  // expected-error@below {{tiles of 32 x 32 have parts of several blocks of 48 x 64, which rows with run-time positions cannot test}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) positions(%p, %p : tensor<1x?xi32>, tensor<1x?xi32>)
    select(%ids : tensor<1x2x?x8xi32>) blocks(48, 64) schedule(<rows = 32, cols = 32>)
    : tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32> -> tensor<1x4x?x32xf32>
  return %r : tensor<1x4x?x32xf32>
}
