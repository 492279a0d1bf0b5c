// Falcon-H1: heads of softmax attention and of Mamba-2 side by side, of the same tokens.
//
//   x1 = x + 0.9375 Wo attention(Wq x, Wk x, Wv x) + 0.25 Ws mamba2(Wu x, dt, Wb x, Wc x)
//   dt = softplus(Wdt x + dt_bias)
//
// Falcon-LLM Team 2025 (Falcon-H1); Dao and Gu 2024 (Mamba-2). Six query heads have one of
// keys and there are twice as many heads of Mamba-2, as 12 have 2 and 24 in the model of
// 7B. Norms, the convolution, rotations and the gate are other operations.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bht_h = affine_map<(b, h, t) -> (h)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#bhtd_bht = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtd_h = affine_map<(b, h, t, d) -> (h)>
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
!queries = tensor<?x6x?x32xf32>
!keys = tensor<?x1x?x32xf32>
!values = tensor<?x12x?x32xf32>
!gates = tensor<?x12x?xf32>
!numbers = tensor<?x1x?x64xf32>

func.func @falcon_h1(%x: !tokens, %wq: tensor<64x6x32xf32>, %wk: tensor<64x1x32xf32>, %wv: tensor<64x1x32xf32>, %wu: tensor<64x12x32xf32>, %wb: tensor<64x1x64xf32>, %wc: tensor<64x1x64xf32>, %wdt: tensor<64x12xf32>, %dt_bias: tensor<12xf32>, %a_log: tensor<12xf32>, %skip: tensor<12xf32>, %wo: tensor<6x32x64xf32>, %ws: tensor<12x32x64xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c0_0f = arith.constant 0.0 : f32
  %c0_9375f = arith.constant 0.9375 : f32
  %c0_25f = arith.constant 0.25 : f32
  %batch = tensor.dim %x, %c0 : !tokens
  %length = tensor.dim %x, %c2 : !tokens
  %x0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : !tokens into !stream
  // Heads of softmax attention.
  %init0 = tensor.empty(%batch, %length) : !queries
  %zeros_init0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !queries) -> !queries
  %q = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wq : !stream, tensor<64x6x32xf32>) outs(%zeros_init0 : !queries) -> !queries
  %init2 = tensor.empty(%batch, %length) : !keys
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !keys) -> !keys
  %k = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wk : !stream, tensor<64x1x32xf32>) outs(%zeros_init2 : !keys) -> !keys
  %v = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wv : !stream, tensor<64x1x32xf32>) outs(%zeros_init2 : !keys) -> !keys
  %attended = attn.attention %q, %k, %v outs(%init0) scale(0.1767766952966369) mask(#attn.causal) : !queries, !keys, !keys -> !queries
  // Heads of Mamba-2, of the same tokens.
  %init4 = tensor.empty(%batch, %length) : !values
  %zeros_init4 = linalg.fill ins(%c0_0f : f32) outs(%init4 : !values) -> !values
  %u = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wu : !stream, tensor<64x12x32xf32>) outs(%zeros_init4 : !values) -> !values
  %init6 = tensor.empty(%batch, %length) : !numbers
  %zeros_init6 = linalg.fill ins(%c0_0f : f32) outs(%init6 : !numbers) -> !numbers
  %writes = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wb : !stream, tensor<64x1x64xf32>) outs(%zeros_init6 : !numbers) -> !numbers
  %reads = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wc : !stream, tensor<64x1x64xf32>) outs(%zeros_init6 : !numbers) -> !numbers
  %init8 = tensor.empty(%batch, %length) : !gates
  %zeros_init8 = linalg.fill ins(%c0_0f : f32) outs(%init8 : !gates) -> !gates
  %rate = linalg.contract indexing_maps = [#bhtm_btm, #bhtm_mh, #bhtm_bht]
      ins(%x0, %wdt : !stream, tensor<64x12xf32>) outs(%zeros_init8 : !gates) -> !gates
  %dt = linalg.generic {indexing_maps = [#bht, #bht_h, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%rate, %dt_bias : !gates, tensor<12xf32>) outs(%init8 : !gates) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %s = arith.addf %in0, %in1 : f32
    %ye = math.exp %s : f32
    %y = math.log1p %ye : f32
    linalg.yield %y : f32
  } -> !gates
  %g = linalg.generic {indexing_maps = [#bht, #bht_h, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%dt, %a_log : !gates, tensor<12xf32>) outs(%init8 : !gates) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %exp = math.exp %in1 : f32
    %n = arith.negf %exp : f32
    %y = arith.mulf %in0, %n : f32
    linalg.yield %y : f32
  } -> !gates
  %written = linalg.generic {indexing_maps = [#bhtd, #bhtd_bht, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%u, %dt : !values, !gates) outs(%init4 : !values) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.mulf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !values
  %read = attn.recurrence %reads, %writes, %written outs(%init4) scale(1.0) decay(scalar %g : !gates) : !numbers, !numbers, !values -> !values
  %ssm = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd_h, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %u, %skip : !values, !values, tensor<12xf32>) outs(%init4 : !values) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %own = arith.mulf %in2, %in1 : f32
    %y = arith.addf %in0, %own : f32
    linalg.yield %y : f32
  } -> !values
  // Both back to the stream, each with its multiplier.
  %init10 = tensor.empty(%batch, %length) : !stream
  %zeros_init10 = linalg.fill ins(%c0_0f : f32) outs(%init10 : !stream) -> !stream
  %attention_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%attended, %wo : !queries, tensor<6x32x64xf32>) outs(%zeros_init10 : !stream) -> !stream
  %ssm_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%ssm, %ws : !values, tensor<12x32x64xf32>) outs(%zeros_init10 : !stream) -> !stream
  %x1 = linalg.generic {indexing_maps = [#btm, #btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %attention_layer, %ssm_layer : !stream, !stream, !stream) outs(%init10 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %p = arith.mulf %in1, %c0_9375f : f32
    %r = arith.mulf %in2, %c0_25f : f32
    %s = arith.addf %p, %r : f32
    %y = arith.addf %in0, %s : f32
    linalg.yield %y : f32
  } -> !stream
  %out = tensor.expand_shape %x1 [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 64] : !stream into !tokens
  return %out : !tokens
}
