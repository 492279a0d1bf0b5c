// Kimi delta attention: the delta rule with a gate for each dimension of the keys.
//
//   D_t = diag(exp(g_t)) S_{t-1}
//   S_t = D_t + beta_t k_t (v_t - D_t^T k_t)^T,    o_t = D^-0.5 S_t^T q_t
//
// Kimi Team 2025 (Kimi Linear).

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?x32xf32>

func.func @kda(%q: !keys, %k: !keys, %v: !keys, %g: !gates, %beta: tensor<?x4x?xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.1767766952966369)
      decay(key %g : !gates) update(delta %beta : tensor<?x4x?xf32>)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}
