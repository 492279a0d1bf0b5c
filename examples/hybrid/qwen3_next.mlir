// Qwen3-Next: layers of Gated DeltaNet and of gated softmax attention, here one of
// each.
//
//   x1 = x + Wo1 gated_delta_net(unit(Wq1 x), unit(Wk1 x), Wv1 x, g, beta)
//   x2 = x1 + Wo2 (attention(Wq2 x1, Wk2 x1, Wv2 x1) * sigmoid(Wg2 x1))
//   g = -exp(a_log) softplus(Wa x + dt_bias),    beta = sigmoid(Wb x)
//
// Qwen Team 2025 (Qwen3-Next); Yang et al. 2025 (Gated DeltaNet). Two states have one
// key head, eight query heads one of keys, as in the model. Norms, convolutions,
// rotations and experts are other operations.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bht_h = affine_map<(b, h, t) -> (h)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#bhtd_bht = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtdm_bhtd = affine_map<(b, h, t, d, m) -> (b, h, t, d)>
#bhtdm_btm = affine_map<(b, h, t, d, m) -> (b, t, m)>
#bhtdm_mhd = affine_map<(b, h, t, d, m) -> (m, h, d)>
#bhtm_bht = affine_map<(b, h, t, m) -> (b, h, t)>
#bhtm_btm = affine_map<(b, h, t, m) -> (b, t, m)>
#bhtm_mh = affine_map<(b, h, t, m) -> (m, h)>
#btm = affine_map<(b, t, m) -> (b, t, m)>
#btmhd_bhtd = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#btmhd_btm = affine_map<(b, t, m, h, d) -> (b, t, m)>
#btmhd_hdm = affine_map<(b, t, m, h, d) -> (h, d, m)>

!tokens = tensor<?x1x?x64xf32>
!stream = tensor<?x?x64xf32>
!keys = tensor<?x2x?x32xf32>
!values = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>
!norms = tensor<?x2x?xf32>
!queries = tensor<?x8x?x64xf32>
!cache = tensor<?x1x?x64xf32>

func.func @qwen3_next(%x: !tokens, %wq1: tensor<64x2x32xf32>, %wk1: tensor<64x2x32xf32>, %wv1: tensor<64x4x32xf32>, %wb: tensor<64x4xf32>, %wa: tensor<64x4xf32>, %a_log: tensor<4xf32>, %dt_bias: tensor<4xf32>, %wo1: tensor<4x32x64xf32>, %wq2: tensor<64x8x64xf32>, %wk2: tensor<64x1x64xf32>, %wv2: tensor<64x1x64xf32>, %wg2: tensor<64x8x64xf32>, %wo2: tensor<8x64x64xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c1_0f = arith.constant 1.0 : f32
  %c0_0f = arith.constant 0.0 : f32
  %c1_0em6f = arith.constant 1.0e-6 : f32
  %batch = tensor.dim %x, %c0 : !tokens
  %length = tensor.dim %x, %c2 : !tokens
  %x0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : !tokens into !stream
  // A layer of Gated DeltaNet: unit queries and keys, a gate and a step for each state.
  %init0 = tensor.empty(%batch, %length) : !keys
  %zeros_init0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !keys) -> !keys
  %q1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wq1 : !stream, tensor<64x2x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %k1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wk1 : !stream, tensor<64x2x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %init2 = tensor.empty(%batch, %length) : !values
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !values) -> !values
  %v1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wv1 : !stream, tensor<64x4x32xf32>) outs(%zeros_init2 : !values) -> !values
  %init4 = tensor.empty(%batch, %length) : !norms
  %zeros_init4 = linalg.fill ins(%c0_0f : f32) outs(%init4 : !norms) -> !norms
  %uq1_squares = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q1 : !keys) outs(%zeros_init4 : !norms) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !norms
  %uq1 = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q1, %uq1_squares : !keys, !norms) outs(%init0 : !keys) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %eps = arith.addf %in1, %c1_0em6f : f32
    %r = math.sqrt %eps : f32
    %y = arith.divf %in0, %r : f32
    linalg.yield %y : f32
  } -> !keys
  %uk1_squares = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k1 : !keys) outs(%zeros_init4 : !norms) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !norms
  %uk1 = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k1, %uk1_squares : !keys, !norms) outs(%init0 : !keys) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %eps = arith.addf %in1, %c1_0em6f : f32
    %r = math.sqrt %eps : f32
    %y = arith.divf %in0, %r : f32
    linalg.yield %y : f32
  } -> !keys
  %init6 = tensor.empty(%batch, %length) : !gates
  %zeros_init6 = linalg.fill ins(%c0_0f : f32) outs(%init6 : !gates) -> !gates
  %step = linalg.contract indexing_maps = [#bhtm_btm, #bhtm_mh, #bhtm_bht]
      ins(%x0, %wb : !stream, tensor<64x4xf32>) outs(%zeros_init6 : !gates) -> !gates
  %rate = linalg.contract indexing_maps = [#bhtm_btm, #bhtm_mh, #bhtm_bht]
      ins(%x0, %wa : !stream, tensor<64x4xf32>) outs(%zeros_init6 : !gates) -> !gates
  %beta = linalg.generic {indexing_maps = [#bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%step : !gates) outs(%init6 : !gates) {
  ^bb0(%in0: f32, %unused: f32):
    %yn = arith.negf %in0 : f32
    %ye = math.exp %yn : f32
    %yb = arith.addf %c1_0f, %ye : f32
    %y = arith.divf %c1_0f, %yb : f32
    linalg.yield %y : f32
  } -> !gates
  // -exp(a_log) softplus(rate + dt_bias).
  %g = linalg.generic {indexing_maps = [#bht, #bht_h, #bht_h, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%rate, %a_log, %dt_bias : !gates, tensor<4xf32>, tensor<4xf32>) outs(%init6 : !gates) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %s = arith.addf %in0, %in2 : f32
    %pe = math.exp %s : f32
    %p = math.log1p %pe : f32
    %fast = math.exp %in1 : f32
    %fp = arith.mulf %fast, %p : f32
    %y = arith.negf %fp : f32
    linalg.yield %y : f32
  } -> !gates
  %o1 = attn.recurrence %uq1, %uk1, %v1 outs(%init2) scale(0.1767766952966369)
      decay(scalar %g : !gates) update(delta %beta : !gates) : !keys, !keys, !values -> !values
  %init8 = tensor.empty(%batch, %length) : !stream
  %zeros_init8 = linalg.fill ins(%c0_0f : f32) outs(%init8 : !stream) -> !stream
  %x1_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%o1, %wo1 : !values, tensor<4x32x64xf32>) outs(%zeros_init8 : !stream) -> !stream
  %x1 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1_layer : !stream, !stream) outs(%init8 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  // A layer of softmax attention, its output gated.
  %init10 = tensor.empty(%batch, %length) : !queries
  %zeros_init10 = linalg.fill ins(%c0_0f : f32) outs(%init10 : !queries) -> !queries
  %q2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wq2 : !stream, tensor<64x8x64xf32>) outs(%zeros_init10 : !queries) -> !queries
  %init12 = tensor.empty(%batch, %length) : !cache
  %zeros_init12 = linalg.fill ins(%c0_0f : f32) outs(%init12 : !cache) -> !cache
  %k2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wk2 : !stream, tensor<64x1x64xf32>) outs(%zeros_init12 : !cache) -> !cache
  %v2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wv2 : !stream, tensor<64x1x64xf32>) outs(%zeros_init12 : !cache) -> !cache
  %gate = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wg2 : !stream, tensor<64x8x64xf32>) outs(%zeros_init10 : !queries) -> !queries
  %o2 = attn.attention %q2, %k2, %v2 outs(%init10) scale(0.125) mask(#attn.causal) : !queries, !cache, !cache -> !queries
  %gated = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o2, %gate : !queries, !queries) outs(%init10 : !queries) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %sn = arith.negf %in1 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %y = arith.mulf %in0, %s : f32
    linalg.yield %y : f32
  } -> !queries
  %x2_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%gated, %wo2 : !queries, tensor<8x64x64xf32>) outs(%zeros_init8 : !stream) -> !stream
  %x2 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x1, %x2_layer : !stream, !stream) outs(%init8 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  %out = tensor.expand_shape %x2 [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 64] : !stream into !tokens
  return %out : !tokens
}
