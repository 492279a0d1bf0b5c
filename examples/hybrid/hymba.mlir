// Hymba: attention heads and Mamba heads side by side, of the same tokens.
//
//   o = (beta1 norm(attention) + beta2 norm(mamba)) / 2
//
// Dong et al. 2024 (Hymba). Meta tokens stand in front of all others, and every token
// sees them. Five query heads have one of keys, as 25 have 5. Projections, the
// convolution, the softplus of dt and the gate are other operations.

#bhtc = affine_map<(b, h, t, c) -> (b, h, t, c)>
#bhtc_bt = affine_map<(b, h, t, c) -> (b, t)>
#bhtc_hc = affine_map<(b, h, t, c) -> (h, c)>
#bthc_bhtc = affine_map<(b, t, h, c) -> (b, h, t, c)>
#bthc_bt = affine_map<(b, t, h, c) -> (b, t)>
#hnc = affine_map<(h, n, c) -> (h, n, c)>
#hnc_hcn = affine_map<(h, n, c) -> (h, c, n)>

!queries = tensor<?x5x?x32xf32>
!keys = tensor<?x1x?x32xf32>
!values = tensor<?x1x?x64xf32>
!channels = tensor<?x5x?x64xf32>
!numbers = tensor<?x1x?x16xf32>
!vectors = tensor<5x64xf32>
!tokens = tensor<?x?xf32>

func.func @hymba(%q: !queries, %k: !keys, %v: !values, %u: !channels, %dt: !channels, %a_log: tensor<5x64x16xf32>, %b: !numbers, %c: !numbers, %d: !vectors, %beta1: !vectors, %beta2: !vectors) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c0_0f = arith.constant 0.0 : f32
  %c320_0f = arith.constant 320.0 : f32
  %c1_0em6f = arith.constant 1.0e-6 : f32
  %c0_5f = arith.constant 0.5 : f32
  %batch = tensor.dim %q, %c0 : !queries
  %length = tensor.dim %q, %c2 : !queries
  // Attention heads: a window, and 8 meta tokens in front.
  %init0 = tensor.empty(%batch, %length) : !channels
  %attended = attn.attention %q, %k, %v outs(%init0) scale(0.1767766952966369)
      mask(#attn.and<#attn.causal, #attn.or<#attn.window<64>, #attn.sink<8>>>)
    : !queries, !keys, !values -> !channels
  // Mamba heads.
  %init1 = tensor.empty() : tensor<5x16x64xf32>
  %ssm_rates = linalg.generic {indexing_maps = [#hnc_hcn, #hnc], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a_log : tensor<5x64x16xf32>) outs(%init1 : tensor<5x16x64xf32>) {
  ^bb0(%in0: f32, %unused: f32):
    %exp = math.exp %in0 : f32
    %y = arith.negf %exp : f32
    linalg.yield %y : f32
  } -> tensor<5x16x64xf32>
  %ssm_written = linalg.generic {indexing_maps = [#bhtc, #bhtc, #bhtc], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%u, %dt : !channels, !channels) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %unused: f32):
    %y = arith.mulf %in0, %in1 : f32
    linalg.yield %y : f32
  } -> !channels
  %ssm_read = attn.scan %ssm_written outs(%init0) key(%b : !numbers) query(%c : !numbers)
      decay(%dt : !channels) rate(%ssm_rates : tensor<5x16x64xf32>) : !channels -> !channels
  %ssm = linalg.generic {indexing_maps = [#bhtc, #bhtc, #bhtc_hc, #bhtc], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ssm_read, %u, %d : !channels, !channels, !vectors) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %unused: f32):
    %own = arith.mulf %in2, %in1 : f32
    %y = arith.addf %in0, %own : f32
    linalg.yield %y : f32
  } -> !channels
  // The mean of both, each normalised over all channels of a token.
  %init2 = tensor.empty(%batch, %length) : !tokens
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !tokens) -> !tokens
  %attended_squares = linalg.generic {indexing_maps = [#bthc_bhtc, #bthc_bt], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%attended : !channels) outs(%zeros_init2 : !tokens) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !tokens
  %ssm_squares = linalg.generic {indexing_maps = [#bthc_bhtc, #bthc_bt], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%ssm : !channels) outs(%zeros_init2 : !tokens) {
  ^bb0(%in0: f32, %sum: f32):
    %z = arith.mulf %in0, %in0 : f32
    %y = arith.addf %sum, %z : f32
    linalg.yield %y : f32
  } -> !tokens
  %out = linalg.generic {indexing_maps = [#bhtc, #bhtc, #bhtc_bt, #bhtc_bt, #bhtc_hc, #bhtc_hc, #bhtc], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%attended, %ssm, %attended_squares, %ssm_squares, %beta1, %beta2 : !channels, !channels, !tokens, !tokens, !vectors, !vectors) outs(%init0 : !channels) {
  ^bb0(%in0: f32, %in1: f32, %in2: f32, %in3: f32, %in4: f32, %in5: f32, %unused: f32):
    %pm = arith.divf %in2, %c320_0f : f32
    %pe = arith.addf %pm, %c1_0em6f : f32
    %pr = math.sqrt %pe : f32
    %pn = arith.divf %in0, %pr : f32
    %p = arith.mulf %in4, %pn : f32
    %rm = arith.divf %in3, %c320_0f : f32
    %re = arith.addf %rm, %c1_0em6f : f32
    %rr = math.sqrt %re : f32
    %rn = arith.divf %in1, %rr : f32
    %r = arith.mulf %in5, %rn : f32
    %s = arith.addf %p, %r : f32
    %y = arith.mulf %c0_5f, %s : f32
    linalg.yield %y : f32
  } -> !channels
  return %out : !channels
}
