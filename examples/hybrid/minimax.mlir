// MiniMax-Text-01: layers of lightning attention and of softmax attention, here one
// of each.
//
//   x1 = x + Wo1 (norm(lightning(silu(Wq1 x), silu(Wk1 x), silu(Wv1 x))) * sigmoid(Wg1 x))
//   x2 = x1 + Wo2 attention(Wq2 x1, Wk2 x1, Wv2 x1)
//
// MiniMax 2025 (MiniMax-01). Both have the same number of heads; eight query heads of
// softmax attention have one of keys, as in the model. Other norms, rotations and experts
// are other operations.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bht_h = affine_map<(b, h, t) -> (h)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#bhtd_bht = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtdm_bhtd = affine_map<(b, h, t, d, m) -> (b, h, t, d)>
#bhtdm_btm = affine_map<(b, h, t, d, m) -> (b, t, m)>
#bhtdm_mhd = affine_map<(b, h, t, d, m) -> (m, h, d)>
#btm = affine_map<(b, t, m) -> (b, t, m)>
#btmhd_bhtd = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#btmhd_btm = affine_map<(b, t, m, h, d) -> (b, t, m)>
#btmhd_hdm = affine_map<(b, t, m, h, d) -> (h, d, m)>

!tokens = tensor<?x1x?x64xf32>
!stream = tensor<?x?x64xf32>
!heads = tensor<?x8x?x32xf32>
!keys = tensor<?x1x?x32xf32>
!gates = tensor<?x8x?xf32>

func.func @minimax(%x: !tokens, %wq1: tensor<64x8x32xf32>, %wk1: tensor<64x8x32xf32>, %wv1: tensor<64x8x32xf32>, %slopes: tensor<8xf32>, %wg1: tensor<64x8x32xf32>, %wo1: tensor<8x32x64xf32>, %wq2: tensor<64x8x32xf32>, %wk2: tensor<64x1x32xf32>, %wv2: tensor<64x1x32xf32>, %wo2: tensor<8x32x64xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c1_0f = arith.constant 1.0 : f32
  %c0_0f = arith.constant 0.0 : f32
  %c32_0f = arith.constant 32.0 : f32
  %c1_0em6f = arith.constant 1.0e-6 : f32
  %batch = tensor.dim %x, %c0 : !tokens
  %length = tensor.dim %x, %c2 : !tokens
  %x0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : !tokens into !stream
  // A layer of lightning attention: silu of the projections, a decay for each head.
  %init0 = tensor.empty(%batch, %length) : !heads
  %zeros_init0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !heads) -> !heads
  %q1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wq1 : !stream, tensor<64x8x32xf32>) outs(%zeros_init0 : !heads) -> !heads
  %sq1 = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q1 : !heads) outs(%init0 : !heads) {
  ^bb0(%in0: f32, %unused: f32):
    %sn = arith.negf %in0 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %y = arith.mulf %in0, %s : f32
    linalg.yield %y : f32
  } -> !heads
  %k1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wk1 : !stream, tensor<64x8x32xf32>) outs(%zeros_init0 : !heads) -> !heads
  %sk1 = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k1 : !heads) outs(%init0 : !heads) {
  ^bb0(%in0: f32, %unused: f32):
    %sn = arith.negf %in0 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %y = arith.mulf %in0, %s : f32
    linalg.yield %y : f32
  } -> !heads
  %v1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wv1 : !stream, tensor<64x8x32xf32>) outs(%zeros_init0 : !heads) -> !heads
  %sv1 = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%v1 : !heads) outs(%init0 : !heads) {
  ^bb0(%in0: f32, %unused: f32):
    %sn = arith.negf %in0 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %y = arith.mulf %in0, %s : f32
    linalg.yield %y : f32
  } -> !heads
  %init2 = tensor.empty(%batch, %length) : !gates
  %g = linalg.generic {indexing_maps = [#bht_h, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%slopes : tensor<8xf32>) outs(%init2 : !gates) {
  ^bb0(%in0: f32, %unused: f32):
    %y = arith.negf %in0 : f32
    linalg.yield %y : f32
  } -> !gates
  %o1 = attn.recurrence %sq1, %sk1, %sv1 outs(%init0) scale(1.0) decay(scalar %g : !gates) : !heads, !heads, !heads -> !heads
  // Normalised for each head, and gated.
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !gates) -> !gates
  %o1_squares = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%o1 : !heads) outs(%zeros_init2 : !gates) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !gates
  %gate = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wg1 : !stream, tensor<64x8x32xf32>) outs(%zeros_init0 : !heads) -> !heads
  %gated = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o1, %o1_squares, %gate : !heads, !gates, !heads) outs(%init0 : !heads) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %m = arith.divf %in1, %c32_0f : f32
    %eps = arith.addf %m, %c1_0em6f : f32
    %r = math.sqrt %eps : f32
    %n = arith.divf %in0, %r : f32
    %sn = arith.negf %in2 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %y = arith.mulf %n, %s : f32
    linalg.yield %y : f32
  } -> !heads
  %init4 = tensor.empty(%batch, %length) : !stream
  %zeros_init4 = linalg.fill ins(%c0_0f : f32) outs(%init4 : !stream) -> !stream
  %x1_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%gated, %wo1 : !heads, tensor<8x32x64xf32>) outs(%zeros_init4 : !stream) -> !stream
  %x1 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1_layer : !stream, !stream) outs(%init4 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  // A layer of softmax attention.
  %q2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wq2 : !stream, tensor<64x8x32xf32>) outs(%zeros_init0 : !heads) -> !heads
  %init6 = tensor.empty(%batch, %length) : !keys
  %zeros_init6 = linalg.fill ins(%c0_0f : f32) outs(%init6 : !keys) -> !keys
  %k2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wk2 : !stream, tensor<64x1x32xf32>) outs(%zeros_init6 : !keys) -> !keys
  %v2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wv2 : !stream, tensor<64x1x32xf32>) outs(%zeros_init6 : !keys) -> !keys
  %o2 = attn.attention %q2, %k2, %v2 outs(%init0) scale(0.1767766952966369) mask(#attn.causal) : !heads, !keys, !keys -> !heads
  %x2_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%o2, %wo2 : !heads, tensor<8x32x64xf32>) outs(%zeros_init4 : !stream) -> !stream
  %x2 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x1, %x2_layer : !stream, !stream) outs(%init4 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  %out = tensor.expand_shape %x2 [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 64] : !stream into !tokens
  return %out : !tokens
}
