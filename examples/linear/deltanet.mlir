// DeltaNet: a token writes the difference between its value and what its key finds
// in the state.
//
//   S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T,    o_t = D^-0.5 S_t^T q_t
//
// Schlag et al. 2021; Yang et al. 2024 (DeltaNet).
//
// @deltanet_paper has 16 heads of 64.

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>

func.func @deltanet(%q: !keys, %k: !keys, %v: !keys, %beta: !gates) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.1767766952966369)
      update(delta %beta : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_gates = tensor<?x16x?xf32>

func.func @deltanet_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %beta: !paper_gates) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125)
      update(delta %beta : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
