// Lightning attention: a head forgets at a rate of its own, which is an operand.
//
//   S_t = exp(-slope_h) S_{t-1} + k_t v_t^T,    o_t = S_t^T q_t
//
// Qin et al. 2024 (Lightning Attention-2); MiniMax 2025.
//
// @lightning_paper has 16 heads of 64.

!keys = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>

func.func @lightning(%q: !keys, %k: !keys, %v: !keys, %slopes: tensor<4xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %gates_init = tensor.empty(%batch, %length) : !gates
  %gates = linalg.generic {indexing_maps = [affine_map<(b, h, t) -> (h)>, affine_map<(b, h, t) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%slopes : tensor<4xf32>) outs(%gates_init : !gates) {
  ^bb0(%slope: f32, %unused: f32):
    %gate = arith.negf %slope : f32
    linalg.yield %gate : f32
  } -> !gates
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0) decay(scalar %gates : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_gates = tensor<?x16x?xf32>

func.func @lightning_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %slopes: tensor<16xf32>) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %gates_init = tensor.empty(%batch, %length) : !paper_gates
  %gates = linalg.generic {indexing_maps = [affine_map<(b, h, t) -> (h)>, affine_map<(b, h, t) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%slopes : tensor<16xf32>) outs(%gates_init : !paper_gates) {
  ^bb0(%slope: f32, %unused: f32):
    %gate = arith.negf %slope : f32
    linalg.yield %gate : f32
  } -> !paper_gates
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0) decay(scalar %gates : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
