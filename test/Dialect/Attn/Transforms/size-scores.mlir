// RUN: attn-opt %s --attn-size-scores | FileCheck %s

!q = tensor<1x2x?x64xf32>
!h = tensor<1x2x?x64xbf16>

// CHECK-LABEL: func @wide
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 64, 32>
func.func @wide(%q: !q, %k: !q, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) : !q, !q -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// CHECK-LABEL: func @blocks
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 128, 64>
func.func @blocks(%q: !h, %k: !h, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) blocks(8, 8) : !h, !h -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// 16 x 8 of these blocks are no tile.
// CHECK-LABEL: func @large
// CHECK-NOT: attn.score_tile
func.func @large(%q: !h, %k: !h, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) blocks(64, 64) : !h, !h -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}
