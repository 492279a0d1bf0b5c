// RWKV-5: a query reads the state before its token, and the token itself with a
// weight for each dimension of the keys. Decays are the same for all tokens.
//
//   S_t = diag(exp(-exp(w_h))) S_{t-1} + k_t v_t^T,    o_t = (S_{t-1} + diag(u_h) k_t v_t^T)^T q_t
//
// Peng et al. 2024 (Eagle and Finch).

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd4 = affine_map<(b, h, t, d) -> (h, d)>

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?x32xf32>

func.func @rwkv5(%q: !keys, %k: !keys, %v: !keys, %w: tensor<4x32xf32>, %u: tensor<4x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %gates_init = tensor.empty(%batch, %length) : !gates
  // -exp(w), for all tokens.
  %gates = linalg.generic {indexing_maps = [#hd4, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%w : tensor<4x32xf32>) outs(%gates_init : !gates) {
  ^bb0(%rate: f32, %unused: f32):
    %x = math.exp %rate : f32
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  } -> !gates
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0)
      decay(key %gates : !gates) bonus(%u : tensor<4x32xf32>)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}
