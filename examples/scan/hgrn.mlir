// HGRN: a gated linear recurrence of each channel, with a lower bound of what is
// kept that grows with the layer.
//
//   forget_t = bound + (1 - bound) sigmoid(f_t)
//   h_t = forget_t h_{t-1} + (1 - forget_t) i_t = h_{t-1} + (1 - forget_t) (i_t - h_{t-1})
//
// Qin et al. 2023 (HGRN). 1 - forget_t = (1 - bound) / (1 + exp(f_t)).
//
// @hgrn_paper has the 2048 channels of the model of 1B parameters.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd = affine_map<(b, h, t, d) -> (h, d)>

!channels = tensor<?x2x?x40xf32>

func.func @hgrn(%i: !channels, %f: !channels, %bound: tensor<2x40xf32>) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %i, %c0 : !channels
  %length = tensor.dim %i, %c2 : !channels
  %init = tensor.empty(%batch, %length) : !channels
  // 1 - forget_t.
  %update = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%f, %bound : !channels, tensor<2x40xf32>) outs(%init : !channels) {
  ^bb0(%x: f32, %low: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %e = math.exp %x : f32
    %s = arith.addf %one, %e : f32
    %free = arith.subf %one, %low : f32
    %y = arith.divf %free, %s : f32
    linalg.yield %y : f32
  } -> !channels
  %out = attn.scan %i outs(%init) delta(%update : !channels) : !channels -> !channels
  return %out : !channels
}

!paper_channels = tensor<?x1x?x2048xbf16>

func.func @hgrn_paper(%i: !paper_channels, %f: !paper_channels, %bound: tensor<1x2048xf32>) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %i, %c0 : !paper_channels
  %length = tensor.dim %i, %c2 : !paper_channels
  %init = tensor.empty(%batch, %length) : !paper_channels
  // 1 - forget_t.
  %update = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%f, %bound : !paper_channels, tensor<1x2048xf32>) outs(%init : !paper_channels) {
  ^bb0(%x: bf16, %low: f32, %unused: bf16):
    %one = arith.constant 1.0 : f32
    %xw = arith.extf %x : bf16 to f32
    %e = math.exp %xw : f32
    %s = arith.addf %one, %e : f32
    %free = arith.subf %one, %low : f32
    %y = arith.divf %free, %s : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_channels
  %out = attn.scan %i outs(%init) delta(%update : !paper_channels) : !paper_channels -> !paper_channels
  return %out : !paper_channels
}
