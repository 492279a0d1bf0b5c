// RWKV-4: an average of the values so far of each channel, the weights of which
// come from keys and fade; the token itself has a bonus instead.
//
//              sum_{s < t} exp(k_s - (t - 1 - s) exp(w)) v_s + exp(u + k_t) v_t
//   wkv_t  =   ----------------------------------------------------------------
//              sum_{s < t} exp(k_s - (t - 1 - s) exp(w))     + exp(u + k_t)
//
// Peng et al. 2023 (RWKV). The gate behind is another operation. Sums are relative
// to the largest weight, so that no key is too large.
//
// @rwkv4_paper is a layer of the model of 1.5B parameters: 2048 channels.

#h_d = affine_map<(h, n, d) -> (h, d)>
#h1d = affine_map<(h, n, d) -> (h, n, d)>

!channels = tensor<?x2x?x40xf32>

func.func @rwkv4(%k: !channels, %v: !channels, %w: tensor<2x40xf32>, %u: tensor<2x40xf32>) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %v, %c0 : !channels
  %length = tensor.dim %v, %c2 : !channels
  %init = tensor.empty(%batch, %length) : !channels
  %rates_init = tensor.empty() : tensor<2x1x40xf32>
  %rates = linalg.generic {indexing_maps = [#h_d, #h1d], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%w : tensor<2x40xf32>) outs(%rates_init : tensor<2x1x40xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %e = math.exp %x : f32
    %y = arith.negf %e : f32
    linalg.yield %y : f32
  } -> tensor<2x1x40xf32>
  %out = attn.scan %v outs(%init) rate(%rates : tensor<2x1x40xf32>) weights(%k : !channels) bonus(%u : tensor<2x40xf32>)
    : !channels -> !channels
  return %out : !channels
}

!paper_channels = tensor<?x1x?x2048xbf16>

func.func @rwkv4_paper(%k: !paper_channels, %v: !paper_channels, %w: tensor<1x2048xf32>, %u: tensor<1x2048xf32>) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %v, %c0 : !paper_channels
  %length = tensor.dim %v, %c2 : !paper_channels
  %init = tensor.empty(%batch, %length) : !paper_channels
  %rates_init = tensor.empty() : tensor<1x1x2048xf32>
  %rates = linalg.generic {indexing_maps = [#h_d, #h1d], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%w : tensor<1x2048xf32>) outs(%rates_init : tensor<1x1x2048xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %e = math.exp %x : f32
    %y = arith.negf %e : f32
    linalg.yield %y : f32
  } -> tensor<1x1x2048xf32>
  %out = attn.scan %v outs(%init) rate(%rates : tensor<1x1x2048xf32>) weights(%k : !paper_channels) bonus(%u : tensor<1x2048xf32>)
    : !paper_channels -> !paper_channels
  return %out : !paper_channels
}
