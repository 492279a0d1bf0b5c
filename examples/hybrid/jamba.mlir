// Jamba: layers of Mamba and of softmax attention, here one of each.
//
//   x1 = x + Wo1 (mamba(u, dt, B, C) * silu(Wz x)),    u = Wu x, dt = softplus(Wdt x + dt_bias)
//   x2 = x1 + Wo2 attention(Wq2 x1, Wk2 x1, Wv2 x1)
//
// Lieber et al. 2024 (Jamba); Gu and Dao 2023 (Mamba). Four query heads have one of keys,
// as 32 have 8; a state has 16 numbers. Norms, the convolution and experts are other
// operations.

#bhtc = affine_map<(b, h, t, c) -> (b, h, t, c)>
#bhtc_hc = affine_map<(b, h, t, c) -> (h, c)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#bhtd_hd = affine_map<(b, h, t, d) -> (h, d)>
#bhtdm_bhtd = affine_map<(b, h, t, d, m) -> (b, h, t, d)>
#bhtdm_btm = affine_map<(b, h, t, d, m) -> (b, t, m)>
#bhtdm_mhd = affine_map<(b, h, t, d, m) -> (m, h, d)>
#btm = affine_map<(b, t, m) -> (b, t, m)>
#btmhd_bhtd = affine_map<(b, t, m, h, d) -> (b, h, t, d)>
#btmhd_btm = affine_map<(b, t, m, h, d) -> (b, t, m)>
#btmhd_hdm = affine_map<(b, t, m, h, d) -> (h, d, m)>
#hnc = affine_map<(h, n, c) -> (h, n, c)>
#hnc_hcn = affine_map<(h, n, c) -> (h, c, n)>

!tokens = tensor<?x1x?x64xf32>
!stream = tensor<?x?x64xf32>
!channels = tensor<?x4x?x32xf32>
!numbers = tensor<?x1x?x16xf32>
!vectors = tensor<4x32xf32>
!keys = tensor<?x1x?x32xf32>

func.func @jamba(%x: !tokens, %wu: tensor<64x4x32xf32>, %wdt: tensor<64x4x32xf32>, %wb: tensor<64x1x16xf32>, %wc: tensor<64x1x16xf32>, %dt_bias: !vectors, %a_log: tensor<4x32x16xf32>, %skip: !vectors, %wz: tensor<64x4x32xf32>, %wo1: tensor<4x32x64xf32>, %wq2: tensor<64x4x32xf32>, %wk2: tensor<64x1x32xf32>, %wv2: tensor<64x1x32xf32>, %wo2: tensor<4x32x64xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c1_0f = arith.constant 1.0 : f32
  %c0_0f = arith.constant 0.0 : f32
  %batch = tensor.dim %x, %c0 : !tokens
  %length = tensor.dim %x, %c2 : !tokens
  %x0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : !tokens into !stream
  // A layer of Mamba: twice as many channels as the stream has.
  %init0 = tensor.empty(%batch, %length) : !channels
  %zeros_init0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !channels) -> !channels
  %u = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wu : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !channels) -> !channels
  %rate = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wdt : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !channels) -> !channels
  %init2 = tensor.empty(%batch, %length) : !numbers
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !numbers) -> !numbers
  %keys = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wb : !stream, tensor<64x1x16xf32>) outs(%zeros_init2 : !numbers) -> !numbers
  %reads = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wc : !stream, tensor<64x1x16xf32>) outs(%zeros_init2 : !numbers) -> !numbers
  %dt = linalg.generic {indexing_maps = [#bhtd, #bhtd_hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%rate, %dt_bias : !channels, !vectors) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %s = arith.addf %in0, %in1 : f32
    %ye = math.exp %s : f32
    %y = math.log1p %ye : f32
    linalg.yield %y : f32
  } -> !channels
  %init4 = tensor.empty() : tensor<4x16x32xf32>
  %ssm_rates = linalg.generic {indexing_maps = [#hnc_hcn, #hnc], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a_log : tensor<4x32x16xf32>) outs(%init4 : tensor<4x16x32xf32>) {
  ^bb0(%in0: f32, %unused: f32):
    %exp = math.exp %in0 : f32
    %y = arith.negf %exp : f32
    linalg.yield %y : f32
  } -> tensor<4x16x32xf32>
  %ssm_written = linalg.generic {indexing_maps = [#bhtc, #bhtc, #bhtc], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%u, %dt : !channels, !channels) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.mulf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !channels
  %ssm_read = attn.scan %ssm_written outs(%init0) key(%keys : !numbers) query(%reads : !numbers)
      decay(%dt : !channels) rate(%ssm_rates : tensor<4x16x32xf32>) : !channels -> !channels
  %ssm = linalg.generic {indexing_maps = [#bhtc, #bhtc, #bhtc_hc, #bhtc], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ssm_read, %u, %skip : !channels, !channels, !vectors) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %own = arith.mulf %in2, %in1 : f32
    %y = arith.addf %in0, %own : f32
    linalg.yield %y : f32
  } -> !channels
  %z = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x0, %wz : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !channels) -> !channels
  %gated = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ssm, %z : !channels, !channels) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %sn = arith.negf %in1 : f32
    %se = math.exp %sn : f32
    %sb = arith.addf %c1_0f, %se : f32
    %s = arith.divf %c1_0f, %sb : f32
    %g = arith.mulf %in1, %s : f32
    %y = arith.mulf %in0, %g : f32
    linalg.yield %y : f32
  } -> !channels
  %init5 = tensor.empty(%batch, %length) : !stream
  %zeros_init5 = linalg.fill ins(%c0_0f : f32) outs(%init5 : !stream) -> !stream
  %x1_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%gated, %wo1 : !channels, tensor<4x32x64xf32>) outs(%zeros_init5 : !stream) -> !stream
  %x1 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x0, %x1_layer : !stream, !stream) outs(%init5 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  // A layer of softmax attention, without positions.
  %q2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wq2 : !stream, tensor<64x4x32xf32>) outs(%zeros_init0 : !channels) -> !channels
  %init7 = tensor.empty(%batch, %length) : !keys
  %zeros_init7 = linalg.fill ins(%c0_0f : f32) outs(%init7 : !keys) -> !keys
  %k2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wk2 : !stream, tensor<64x1x32xf32>) outs(%zeros_init7 : !keys) -> !keys
  %v2 = linalg.contract indexing_maps = [#bhtdm_btm, #bhtdm_mhd, #bhtdm_bhtd]
      ins(%x1, %wv2 : !stream, tensor<64x1x32xf32>) outs(%zeros_init7 : !keys) -> !keys
  %o2 = attn.attention %q2, %k2, %v2 outs(%init0) scale(0.1767766952966369) mask(#attn.causal) : !channels, !keys, !keys -> !channels
  %x2_layer = linalg.contract indexing_maps = [#btmhd_bhtd, #btmhd_hdm, #btmhd_btm]
      ins(%o2, %wo2 : !channels, tensor<4x32x64xf32>) outs(%zeros_init5 : !stream) -> !stream
  %x2 = linalg.generic {indexing_maps = [#btm, #btm, #btm], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x1, %x2_layer : !stream, !stream) outs(%init5 : !stream) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.addf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !stream
  %out = tensor.expand_shape %x2 [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 64] : !stream into !tokens
  return %out : !tokens
}
