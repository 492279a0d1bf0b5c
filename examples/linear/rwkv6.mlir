// RWKV-6: a query reads the state before its token, and the token itself with a
// weight for each dimension of the keys.
//
//   S_t = diag(exp(g_t)) S_{t-1} + k_t v_t^T,    o_t = (S_{t-1} + diag(u_h) k_t v_t^T)^T q_t
//
// Peng et al. 2024 (Eagle and Finch).

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?x32xf32>

func.func @rwkv6(%q: !keys, %k: !keys, %v: !keys, %g: !gates, %u: tensor<4x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0)
      decay(key %g : !gates) bonus(%u : tensor<4x32xf32>)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}
