// Mamba: a selective state space model, with a decay for each channel and number
// of its state, none of which is ever in memory for all tokens.
//
//   x_t[n, d] = exp(dt_t[d] A[d, n]) x_{t-1}[n, d] + dt_t[d] B_t[n] u_t[d]
//   y_t[d]    = sum_n C_t[n] x_t[n, d] + D[d] u_t[d],    A = -exp(a_log)
//
// Gu and Dao 2023 (Mamba). The convolution in front, the softplus of dt and the
// gate behind are other operations.
//
// @mamba1_paper is a layer of Falcon-Mamba: 8192 channels of 16.

#hdn = affine_map<(h, n, d) -> (h, d, n)>
#hnd = affine_map<(h, n, d) -> (h, n, d)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd = affine_map<(b, h, t, d) -> (h, d)>

!channels = tensor<?x2x?x48xf32>
!steps = tensor<?x2x?x48xf32>
!keys = tensor<?x1x?x16xf32>

func.func @mamba1(%u: !channels, %dt: !steps, %a_log: tensor<2x48x16xf32>, %b: !keys, %c: !keys, %d: tensor<2x48xf32>) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %u, %c0 : !channels
  %length = tensor.dim %u, %c2 : !channels
  %init = tensor.empty(%batch, %length) : !channels
  // A = -exp(a_log), with the channels last.
  %rates_init = tensor.empty() : tensor<2x16x48xf32>
  %rates = linalg.generic {indexing_maps = [#hdn, #hnd], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a_log : tensor<2x48x16xf32>) outs(%rates_init : tensor<2x16x48xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %e = math.exp %x : f32
    %y = arith.negf %e : f32
    linalg.yield %y : f32
  } -> tensor<2x16x48xf32>
  // dt_t u_t.
  %written = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%u, %dt : !channels, !steps) outs(%init : !channels) {
  ^bb0(%x: f32, %step: f32, %unused: f32):
    %y = arith.mulf %step, %x : f32
    linalg.yield %y : f32
  } -> !channels
  %read = attn.scan %written outs(%init) key(%b : !keys) query(%c : !keys)
      decay(%dt : !steps) rate(%rates : tensor<2x16x48xf32>)
    : !channels -> !channels
  // y_t + D u_t.
  %out = linalg.generic {indexing_maps = [#bhtd, #bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %u, %d : !channels, !channels, tensor<2x48xf32>) outs(%init : !channels) {
  ^bb0(%r: f32, %x: f32, %skip: f32, %unused: f32):
    %s = arith.mulf %skip, %x : f32
    %y = arith.addf %r, %s : f32
    linalg.yield %y : f32
  } -> !channels
  return %out : !channels
}

!paper_channels = tensor<?x1x?x8192xbf16>
!paper_steps = tensor<?x1x?x8192xf32>
!paper_keys = tensor<?x1x?x16xbf16>

func.func @mamba1_paper(%u: !paper_channels, %dt: !paper_steps, %a_log: tensor<1x8192x16xf32>, %b: !paper_keys, %c: !paper_keys, %d: tensor<1x8192xf32>) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %u, %c0 : !paper_channels
  %length = tensor.dim %u, %c2 : !paper_channels
  %init = tensor.empty(%batch, %length) : !paper_channels
  // A = -exp(a_log), with the channels last.
  %rates_init = tensor.empty() : tensor<1x16x8192xf32>
  %rates = linalg.generic {indexing_maps = [#hdn, #hnd], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%a_log : tensor<1x8192x16xf32>) outs(%rates_init : tensor<1x16x8192xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %e = math.exp %x : f32
    %y = arith.negf %e : f32
    linalg.yield %y : f32
  } -> tensor<1x16x8192xf32>
  // dt_t u_t.
  %written = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%u, %dt : !paper_channels, !paper_steps) outs(%init : !paper_channels) {
  ^bb0(%x: bf16, %step: f32, %unused: bf16):
    %xw = arith.extf %x : bf16 to f32
    %y = arith.mulf %step, %xw : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_channels
  %read = attn.scan %written outs(%init) key(%b : !paper_keys) query(%c : !paper_keys)
      decay(%dt : !paper_steps) rate(%rates : tensor<1x16x8192xf32>)
    : !paper_channels -> !paper_channels
  // y_t + D u_t.
  %out = linalg.generic {indexing_maps = [#bhtd, #bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %u, %d : !paper_channels, !paper_channels, tensor<1x8192xf32>) outs(%init : !paper_channels) {
  ^bb0(%r: bf16, %x: bf16, %skip: f32, %unused: bf16):
    %rw = arith.extf %r : bf16 to f32
    %xw = arith.extf %x : bf16 to f32
    %s = arith.mulf %skip, %xw : f32
    %y = arith.addf %rw, %s : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_channels
  return %out : !paper_channels
}
