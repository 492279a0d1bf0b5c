// Longhorn: each channel solves its regression on the keys by an implicit step, of
// which the diagonal is kept.
//
//   e_t[d] = s / (1 + s |k_t|^2),    s = sigmoid(dt_t[d])
//   x_t[n, d] = (1 - e_t[d] k_t[n]^2) x_{t-1}[n, d] + e_t[d] k_t[n] u_t[d]
//   y_t[d]    = sum_n q_t[n] x_t[n, d] + D[d] u_t[d]
//
// Liu et al. 2024 (Longhorn). This is a delta rule, x + e k (u - k x), of each
// number of a state alone.
//
// @longhorn_paper is a layer of the model of 1.3B parameters: 4096 channels of 16.

#key = affine_map<(b, g, t, n) -> (b, g, t, n)>
#norm = affine_map<(b, g, t, n) -> (b, t)>
#bt = affine_map<(b, h, t, d) -> (b, t)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd = affine_map<(b, h, t, d) -> (h, d)>

!channels = tensor<?x2x?x48xf32>
!keys = tensor<?x1x?x16xf32>
!steps = tensor<?x2x?x48xf32>
!norms = tensor<?x?xf32>

func.func @longhorn(%u: !channels, %dt: !channels, %k: !keys, %q: !keys, %d: tensor<2x48xf32>) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %u, %c0 : !channels
  %length = tensor.dim %u, %c2 : !channels
  %zero = arith.constant 0.0 : f32
  %init = tensor.empty(%batch, %length) : !channels
  %steps_init = tensor.empty(%batch, %length) : !steps
  %norms_init = tensor.empty(%batch, %length) : !norms
  %zeros = linalg.fill ins(%zero : f32) outs(%norms_init : !norms) -> !norms
  // |k_t|^2.
  %norms = linalg.generic {indexing_maps = [#key, #norm], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k : !keys) outs(%zeros : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %xx = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %xx : f32
    linalg.yield %y : f32
  } -> !norms
  // s_t / (1 + s_t |k_t|^2) with s_t = sigmoid(dt_t), which is 1 / (1 + exp(-dt_t) + |k_t|^2).
  %steps = linalg.generic {indexing_maps = [#bhtd, #bt, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%dt, %norms : !channels, !norms) outs(%steps_init : !steps) {
  ^bb0(%x: f32, %norm: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %neg = arith.negf %x : f32
    %e = math.exp %neg : f32
    %s = arith.addf %one, %e : f32
    %below = arith.addf %s, %norm : f32
    %y = arith.divf %one, %below : f32
    linalg.yield %y : f32
  } -> !steps
  %read = attn.scan %u outs(%init) key(%k : !keys) query(%q : !keys) delta(%steps : !steps)
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

!paper_channels = tensor<?x1x?x4096xbf16>
!paper_keys = tensor<?x1x?x16xbf16>
!paper_steps = tensor<?x1x?x4096xf32>
!paper_norms = tensor<?x?xf32>

func.func @longhorn_paper(%u: !paper_channels, %dt: !paper_channels, %k: !paper_keys, %q: !paper_keys, %d: tensor<1x4096xf32>) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %u, %c0 : !paper_channels
  %length = tensor.dim %u, %c2 : !paper_channels
  %zero = arith.constant 0.0 : f32
  %init = tensor.empty(%batch, %length) : !paper_channels
  %steps_init = tensor.empty(%batch, %length) : !paper_steps
  %norms_init = tensor.empty(%batch, %length) : !paper_norms
  %zeros = linalg.fill ins(%zero : f32) outs(%norms_init : !paper_norms) -> !paper_norms
  // |k_t|^2.
  %norms = linalg.generic {indexing_maps = [#key, #norm], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k : !paper_keys) outs(%zeros : !paper_norms) {
  ^bb0(%x: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %xx = arith.mulf %xw, %xw : f32
    %y = arith.addf %sum, %xx : f32
    linalg.yield %y : f32
  } -> !paper_norms
  // s_t / (1 + s_t |k_t|^2) with s_t = sigmoid(dt_t), which is 1 / (1 + exp(-dt_t) + |k_t|^2).
  %steps = linalg.generic {indexing_maps = [#bhtd, #bt, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%dt, %norms : !paper_channels, !paper_norms) outs(%steps_init : !paper_steps) {
  ^bb0(%x: bf16, %norm: f32, %unused: f32):
    %one = arith.constant 1.0 : f32
    %xw = arith.extf %x : bf16 to f32
    %neg = arith.negf %xw : f32
    %e = math.exp %neg : f32
    %s = arith.addf %one, %e : f32
    %below = arith.addf %s, %norm : f32
    %y = arith.divf %one, %below : f32
    linalg.yield %y : f32
  } -> !paper_steps
  %read = attn.scan %u outs(%init) key(%k : !paper_keys) query(%q : !paper_keys) delta(%steps : !paper_steps)
    : !paper_channels -> !paper_channels
  // y_t + D u_t.
  %out = linalg.generic {indexing_maps = [#bhtd, #bhtd, #hd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %u, %d : !paper_channels, !paper_channels, tensor<1x4096xf32>) outs(%init : !paper_channels) {
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
