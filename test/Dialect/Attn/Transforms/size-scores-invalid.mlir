// RUN: attn-opt %s --split-input-file --tile-decompose --verify-diagnostics

!q = tensor<1x2x8x64xf32>
func.func @empty(%q: !q, %k: !q, %o: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  // expected-error@+1 {{expected a tile of two positive numbers, got array<i64: 0, 64>}}
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) {attn.score_tile = array<i64: 0, 64>}
      : !q, !q -> tensor<1x2x8x8xf32>
  return %r : tensor<1x2x8x8xf32>
}

// -----

!q = tensor<1x2x8x64xf32>
func.func @cluster(%x: !q, %o: tensor<1x2x8xi32>) -> tensor<1x2x8xi32> {
  // expected-error@+1 {{expected a tile of two positive numbers, got array<i64: 64>}}
  %r = attn.cluster nearest %x, %x outs(%o) {attn.score_tile = array<i64: 64>} : !q, !q -> tensor<1x2x8xi32>
  return %r : tensor<1x2x8xi32>
}
