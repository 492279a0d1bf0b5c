// Retention: a head forgets at a rate of its own.
//
//   S_t = (1 - 2^(-5 - h)) S_{t-1} + k_t v_t^T,    o_t = D^-0.5 S_t^T q_t
//
// Sun et al. 2023 (RetNet).
//
// @retnet_paper has 16 heads of 64.

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>

func.func @retnet(%q: !keys, %k: !keys, %v: !keys) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  // ln(1 - 2^(-5 - h)) for each token.
  %rates = arith.constant dense<[-3.174869831e-02, -1.574835697e-02, -7.843177461e-03, -3.913899321e-03]> : tensor<4xf32>
  %gates_init = tensor.empty(%batch, %length) : !gates
  %gates = linalg.broadcast ins(%rates : tensor<4xf32>) outs(%gates_init : !gates) dimensions = [0, 2]
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.1767766952966369)
      decay(scalar %gates : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_gates = tensor<?x16x?xf32>

func.func @retnet_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  // ln(1 - 2^(-5 - h)) for each token.
  %rates = arith.constant dense<[-3.174869831e-02, -1.574835697e-02, -7.843177461e-03, -3.913899321e-03, -1.955034836e-03, -9.770396478e-04, -4.884004981e-04, -2.441704322e-04, -1.220777637e-04, -6.103701897e-05, -3.051804380e-05, -1.525890548e-05, -7.629423635e-06, -3.814704542e-06, -1.907350452e-06, -9.536747712e-07]> : tensor<16xf32>
  %gates_init = tensor.empty(%batch, %length) : !paper_gates
  %gates = linalg.broadcast ins(%rates : tensor<16xf32>) outs(%gates_init : !paper_gates) dimensions = [0, 2]
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125)
      decay(scalar %gates : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
