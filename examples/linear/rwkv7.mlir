// RWKV-7: a state that decays, of which a direction is exchanged for another one.
//
//   S_t = diag(exp(g_t)) S_{t-1} + b_t (a_t^T S_{t-1}) + k_t v_t^T,    o_t = S_t^T q_t
//
// Peng et al. 2025 (RWKV-7).

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?x32xf32>

func.func @rwkv7(%q: !keys, %k: !keys, %v: !keys, %g: !gates, %a: !gates, %b: !gates) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0)
      decay(key %g : !gates) update(dplr %a, %b : !gates, !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}
