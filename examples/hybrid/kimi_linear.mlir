// Kimi Linear: layers of KDA and of latent attention (MLA) without positions, here
// one of each.
//
//   x1 = x + Wo1 kda(unit(Wq1 x), unit(Wk1 x), Wv1 x, g, beta)
//   x2 = x1 + Wo2 attention(Wq2 x1, [Wuk c; Wkr x1], Wuv c),    c = Wc x1
//   g = -exp(a_log) softplus(Wf1 x + dt_bias),    beta = sigmoid(Wb x)
//
// Kimi Team 2025 (Kimi Linear); DeepSeek-AI 2024 (MLA). Both have the same number of
// heads; keys are 3/2 as wide as values, their last third is shared. Norms, convolutions
// and experts are other operations.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#bhtd_bht = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtd_h = affine_map<(b, h, t, d) -> (h)>
#bhtd_hd = affine_map<(b, h, t, d) -> (h, d)>
#bhtdc_bhtd = affine_map<(b, h, t, d, c) -> (b, h, t, d)>
#bhtdc_btc = affine_map<(b, h, t, d, c) -> (b, t, c)>
#bhtdc_chd = affine_map<(b, h, t, d, c) -> (c, h, d)>
#bhtdm_bhtd = affine_map<(b, h, t, d, m) -> (b, h, t, d)>
#bhtdm_btm = affine_map<(b, h, t, d, m) -> (b, t, m)>
#bhtdm_mhd = affine_map<(b, h, t, d, m) -> (m, h, d)>
#bhtm_bht = affine_map<(b, h, t, m) -> (b, h, t)>
#bhtm_btm = affine_map<(b, h, t, m) -> (b, t, m)>
#bhtm_mh = affine_map<(b, h, t, m) -> (m, h)>
#bhtr = affine_map<(b, h, t, r) -> (b, h, t, r)>
#bhtr_btr = affine_map<(b, h, t, r) -> (b, t, r)>
#btcm_btc = affine_map<(b, t, c, m) -> (b, t, c)>
#btcm_btm = affine_map<(b, t, c, m) -> (b, t, m)>
#btcm_mc = affine_map<(b, t, c, m) -> (m, c)>
#btm = affine_map<(b, t, m) -> (b, t, m)>
#btmhd_bhtd = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#btmhd_btm = affine_map<(b, t, m, h, d) -> (b, t, m)>
#btmhd_hdm = affine_map<(b, t, m, h, d) -> (h, d, m)>
#btrm_btm = affine_map<(b, t, r, m) -> (b, t, m)>
#btrm_btr = affine_map<(b, t, r, m) -> (b, t, r)>
#btrm_mr = affine_map<(b, t, r, m) -> (m, r)>

!tokens = tensor<?x1x?x64xf32>
!stream = tensor<?x?x64xf32>
!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>
!queries = tensor<?x4x?x48xf32>
!latent = tensor<?x?x24xf32>
!repeated = tensor<?x4x?x16xf32>
!shared_keys = tensor<?x?x16xf32>

func.func @kimi_linear(%x: !tokens, %wq1: tensor<64x4x32xf32>, %wk1: tensor<64x4x32xf32>, %wv1: tensor<64x4x32xf32>, %wf1: tensor<64x4x32xf32>, %wb: tensor<64x4xf32>, %a_log: tensor<4xf32>, %dt_bias: tensor<4x32xf32>, %wo1: tensor<4x32x64xf32>, %wq2: tensor<64x4x48xf32>, %wc: tensor<64x24xf32>, %wuk: tensor<24x4x32xf32>, %wuv: tensor<24x4x32xf32>, %wkr: tensor<64x16xf32>, %wo2: tensor<4x32x64xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c1_0f = arith.constant 1.0 : f32
  %c0_0f = arith.constant 0.0 : f32
  %c1_0em6f = arith.constant 1.0e-6 : f32
  %batch = tensor.dim %x, %c0 : !tokens
  %length = tensor.dim %x, %c2 : !tokens
  %x0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : !tokens into !stream
  // A layer of KDA: a gate for each dimension of the keys.
  %init0 = tensor.empty(%batch, %length) : !keys
  %zeros_init0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !keys) -> !keys
  %q1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wq1 : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %k1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wk1 : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %v1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wv1 : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %f1 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wf1 : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %init2 = tensor.empty(%batch, %length) : !gates
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !gates) -> !gates
  %uq1_squares = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q1 : !keys) outs(%zeros_init2 : !gates) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !gates
  %uq1 = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q1, %uq1_squares : !keys, !gates) outs(%init0 : !keys) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %eps = arith.addf %in1, %c1_0em6f : f32
    %r = math.sqrt %eps : f32
    %y = arith.divf %in0, %r : f32
    linalg.yield %y : f32
  } -> !keys
  %uk1_squares = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k1 : !keys) outs(%zeros_init2 : !gates) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !gates
  %uk1 = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k1, %uk1_squares : !keys, !gates) outs(%init0 : !keys) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %eps = arith.addf %in1, %c1_0em6f : f32
    %r = math.sqrt %eps : f32
    %y = arith.divf %in0, %r : f32
    linalg.yield %y : f32
  } -> !keys
  %step = linalg.contract indexing_maps = [#bhtm_btm, #bhtm_mh, #bhtm_bht]
      ins(%x0, %wb : !stream, tensor<64x4xf32>) outs(%zeros_init2 : !gates) -> !gates
  %beta = linalg.generic {indexing_maps = [#bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%step : !gates) outs(%init2 : !gates) {
  ^bb0(%in0: f32, %unused: f32):
    %yn = arith.negf %in0 : f32
    %ye = math.exp %yn : f32
    %yb = arith.addf %c1_0f, %ye : f32
    %y = arith.divf %c1_0f, %yb : f32
    linalg.yield %y : f32
  } -> !gates
  // -exp(a_log) softplus(f + dt_bias).
  %g = linalg.generic {indexing_maps = [#bhtd, #bhtd_h, #bhtd_hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%f1, %a_log, %dt_bias : !keys, tensor<4xf32>, tensor<4x32xf32>) outs(%init0 : !keys) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %s = arith.addf %in0, %in2 : f32
    %pe = math.exp %s : f32
    %p = math.log1p %pe : f32
    %fast = math.exp %in1 : f32
    %fp = arith.mulf %fast, %p : f32
    %y = arith.negf %fp : f32
    linalg.yield %y : f32
  } -> !keys
  %o1 = attn.recurrence %uq1, %uk1, %v1 outs(%init0) scale(0.1767766952966369)
      decay(key %g : !keys) update(delta %beta : !gates) : !keys, !keys, !keys -> !keys
  %init4 = tensor.empty(%batch, %length) : !stream
  %zeros_init4 = linalg.fill ins(%c0_0f : f32) outs(%init4 : !stream) -> !stream
  %x1_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%o1, %wo1 : !keys, tensor<4x32x64xf32>) outs(%zeros_init4 : !stream) -> !stream
  %x1 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1_layer : !stream, !stream) outs(%init4 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  // A layer of latent attention: keys and values of all heads from one latent, and a
  // part of the keys that heads share.
  %init6 = tensor.empty(%batch, %length) : !queries
  %zeros_init6 = linalg.fill ins(%c0_0f : f32) outs(%init6 : !queries) -> !queries
  %q2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wq2 : !stream, tensor<64x4x48xf32>) outs(%zeros_init6 : !queries) -> !queries
  %init8 = tensor.empty(%batch, %length) : !latent
  %zeros_init8 = linalg.fill ins(%c0_0f : f32) outs(%init8 : !latent) -> !latent
  %latent = linalg.contract indexing_maps = [#btcm_btm, #btcm_mc, #btcm_btc]
      ins(%x1, %wc : !stream, tensor<64x24xf32>) outs(%zeros_init8 : !latent) -> !latent
  %k2 = linalg.contract indexing_maps = [#bhtdc_btc, #bhtdc_chd, #bhtdc_bhtd]
      ins(%latent, %wuk : !latent, tensor<24x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %v2 = linalg.contract indexing_maps = [#bhtdc_btc, #bhtdc_chd, #bhtdc_bhtd]
      ins(%latent, %wuv : !latent, tensor<24x4x32xf32>) outs(%zeros_init0 : !keys) -> !keys
  %init10 = tensor.empty(%batch, %length) : !shared_keys
  %zeros_init10 = linalg.fill ins(%c0_0f : f32) outs(%init10 : !shared_keys) -> !shared_keys
  %kr = linalg.contract indexing_maps = [#btrm_btm, #btrm_mr, #btrm_btr]
      ins(%x1, %wkr : !stream, tensor<64x16xf32>) outs(%zeros_init10 : !shared_keys) -> !shared_keys
  %init12 = tensor.empty(%batch, %length) : !repeated
  %kr_heads = linalg.generic {indexing_maps = [#bhtr_btr, #bhtr], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%kr : !shared_keys) outs(%init12 : !repeated) {
  ^bb0(%in0: f32, %unused: f32):
    linalg.yield %in0 : f32
  } -> !repeated
  %keys_init = tensor.empty(%batch, %length) : !queries
  %keys_nope = tensor.insert_slice %k2 into %keys_init[0, 0, 0, 0] [%batch, 4, %length, 32] [1, 1, 1, 1] : !keys into !queries
  %keys2 = tensor.insert_slice %kr_heads into %keys_nope[0, 0, 0, 32] [%batch, 4, %length, 16] [1, 1, 1, 1] : !repeated into !queries
  %o2 = attn.attention %q2, %keys2, %v2 outs(%init0) scale(0.14433756729740643) mask(#attn.causal) : !queries, !queries, !keys -> !keys
  %x2_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%o2, %wo2 : !keys, tensor<4x32x64xf32>) outs(%zeros_init4 : !stream) -> !stream
  %x2 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x1, %x2_layer : !stream, !stream) outs(%init4 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  %out = tensor.expand_shape %x2 [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 64] : !stream into !tokens
  return %out : !tokens
}
