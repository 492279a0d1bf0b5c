// Gated DeltaNet: the delta rule on a state that decays. Two value heads share a key
// head and a query head.
//
//   D_t = exp(g_t) S_{t-1}
//   S_t = D_t + beta_t k_t (v_t - D_t^T k_t)^T,    o_t = D^-0.5 S_t^T q_t
//
// Yang et al. 2025 (Gated DeltaNet).
//
// @gated_deltanet_paper has the heads of Qwen3-Next, 16 and 32, of 64.

!keys = tensor<?x2x?x32xf32>
!values = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>

func.func @gated_deltanet(%q: !keys, %k: !keys, %v: !values, %g: !gates, %beta: !gates) -> !values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !values
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.1767766952966369)
      decay(scalar %g : !gates) update(delta %beta : !gates)
    : !keys, !keys, !values -> !values
  return %out : !values
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_values = tensor<?x32x?x64xbf16>
!paper_gates = tensor<?x32x?xf32>

func.func @gated_deltanet_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_values, %g: !paper_gates, %beta: !paper_gates) -> !paper_values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_values
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125)
      decay(scalar %g : !paper_gates) update(delta %beta : !paper_gates)
    : !paper_keys, !paper_keys, !paper_values -> !paper_values
  return %out : !paper_values
}
