// RG-LRU: the real-gated linear recurrent unit of Griffin.
//
//   log a_t = -8 softplus(lambda) sigmoid(r_t)
//   h_t = a_t h_{t-1} + m_t sigmoid(i_t) x_t,    m_0 = 1, m_t = sqrt(1 - a_t^2)
//
// De et al. 2024 (Griffin). r and i are projections of x in blocks, one for each
// head.
//
// @rg_lru_paper is a layer of RecurrentGemma: 10 heads of 256.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd = affine_map<(b, h, t, d) -> (h, d)>

!channels = tensor<?x2x?x40xf32>
!gates = tensor<?x2x?x40xf32>

func.func @rg_lru(%x: !channels, %r: !channels, %i: !channels, %lam: tensor<2x40xf32>) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !channels
  %length = tensor.dim %x, %c2 : !channels
  %init = tensor.empty(%batch, %length) : !channels
  %gates_init = tensor.empty(%batch, %length) : !gates
  // log a_t = -8 softplus(lambda) sigmoid(r_t).
  %gates = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r, %lam : !channels, tensor<2x40xf32>) outs(%gates_init : !gates) {
  ^bb0(%y: f32, %l: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %minus8 = arith.constant -8.0 : f32
    %el = math.exp %l : f32
    %softplus = math.log1p %el : f32
    %neg = arith.negf %y : f32
    %en = math.exp %neg : f32
    %below = arith.addf %one, %en : f32
    %rate = arith.mulf %minus8, %softplus : f32
    %g = arith.divf %rate, %below : f32
    linalg.yield %g : f32
  } -> !gates
  // sqrt(1 - a_t^2) sigmoid(i_t) x_t; the first token has the factor 1.
  %written = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %i, %gates : !channels, !channels, !gates) outs(%init : !channels) {
  ^bb0(%y: f32, %z: f32, %g: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %zero = arith.constant 0 : index
    %neg = arith.negf %z : f32
    %en = math.exp %neg : f32
    %below = arith.addf %one, %en : f32
    %gated = arith.divf %y, %below : f32
    %g2 = arith.mulf %two, %g : f32
    %gone = math.expm1 %g2 : f32
    %square = arith.negf %gone : f32
    %root = math.sqrt %square : f32
    %t = linalg.index 2 : index
    %isFirst = arith.cmpi eq, %t, %zero : index
    %factor = arith.select %isFirst, %one, %root : f32
    %w = arith.mulf %factor, %gated : f32
    linalg.yield %w : f32
  } -> !channels
  %out = attn.scan %written outs(%init) decay(%gates : !gates) : !channels -> !channels
  return %out : !channels
}

!paper_channels = tensor<?x10x?x256xbf16>
!paper_gates = tensor<?x10x?x256xf32>

func.func @rg_lru_paper(%x: !paper_channels, %r: !paper_channels, %i: !paper_channels, %lam: tensor<10x256xf32>) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_channels
  %length = tensor.dim %x, %c2 : !paper_channels
  %init = tensor.empty(%batch, %length) : !paper_channels
  %gates_init = tensor.empty(%batch, %length) : !paper_gates
  // log a_t = -8 softplus(lambda) sigmoid(r_t).
  %gates = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r, %lam : !paper_channels, tensor<10x256xf32>) outs(%gates_init : !paper_gates) {
  ^bb0(%y: bf16, %l: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %minus8 = arith.constant -8.0 : f32
    %el = math.exp %l : f32
    %softplus = math.log1p %el : f32
    %yw = arith.extf %y : bf16 to f32
    %neg = arith.negf %yw : f32
    %en = math.exp %neg : f32
    %below = arith.addf %one, %en : f32
    %rate = arith.mulf %minus8, %softplus : f32
    %g = arith.divf %rate, %below : f32
    linalg.yield %g : f32
  } -> !paper_gates
  // sqrt(1 - a_t^2) sigmoid(i_t) x_t; the first token has the factor 1.
  %written = linalg.generic {indexing_maps = [#bhtd, #bhtd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %i, %gates : !paper_channels, !paper_channels, !paper_gates) outs(%init : !paper_channels) {
  ^bb0(%y: bf16, %z: bf16, %g: f32, %unused: bf16):
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %zero = arith.constant 0 : index
    %yw = arith.extf %y : bf16 to f32
    %zw = arith.extf %z : bf16 to f32
    %neg = arith.negf %zw : f32
    %en = math.exp %neg : f32
    %below = arith.addf %one, %en : f32
    %gated = arith.divf %yw, %below : f32
    %g2 = arith.mulf %two, %g : f32
    %gone = math.expm1 %g2 : f32
    %square = arith.negf %gone : f32
    %root = math.sqrt %square : f32
    %t = linalg.index 2 : index
    %isFirst = arith.cmpi eq, %t, %zero : index
    %factor = arith.select %isFirst, %one, %root : f32
    %w = arith.mulf %factor, %gated : f32
    %wn = arith.truncf %w : f32 to bf16
    linalg.yield %wn : bf16
  } -> !paper_channels
  %out = attn.scan %written outs(%init) decay(%gates : !paper_gates) : !paper_channels -> !paper_channels
  return %out : !paper_channels
}
