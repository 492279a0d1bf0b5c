// Gated linear attention: a gate for each token and dimension of the keys.
//
//   S_t = diag(exp(g_t)) S_{t-1} + k_t v_t^T,    o_t = D^-0.5 S_t^T q_t
//
// Yang et al. 2024 (GLA).
//
// @gla_paper has 16 heads of 64.

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?x32xf32>

func.func @gla(%q: !keys, %k: !keys, %v: !keys, %g: !gates) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.1767766952966369)
      decay(key %g : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_gates = tensor<?x16x?x64xf32>

func.func @gla_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %g: !paper_gates) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125)
      decay(key %g : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
