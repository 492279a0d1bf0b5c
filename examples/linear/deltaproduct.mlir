// Gated DeltaProduct: several steps of the delta rule for each token, here two, in a
// state that decays in front of the first and is read behind the last. Each step is
// a token of the recurrence: k, v and beta of step i of token t are at 2 t + i.
//
//   S = exp(g_t) S_{t-1}
//   S = S + beta_{t,i} k_{t,i} (v_{t,i} - S^T k_{t,i})^T    for i = 0, 1
//   S_t = S,    o_t = D^-0.5 S_t^T q_t
//
// Siems et al. 2025 (DeltaProduct).
//
// @deltaproduct_paper has 16 heads of 64.

#bhtd5 = affine_map<(b, h, t, i, d) -> (b, h, t, d)>
#bhtid = affine_map<(b, h, t, i, d) -> (b, h, t, i, d)>
#bht4 = affine_map<(b, h, t, i) -> (b, h, t)>
#bhti = affine_map<(b, h, t, i) -> (b, h, t, i)>

!keys = tensor<?x4x?x32xf32>
!steps = tensor<?x4x?x2x32xf32>
!gates = tensor<?x4x?xf32>
!gate_steps = tensor<?x4x?x2xf32>
!step = tensor<?x4x?x1x32xf32>

func.func @deltaproduct(%q: !keys, %k: !keys, %v: !keys, %g: !gates, %beta: !gates) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %zero_gate = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %steps = tensor.dim %k, %c2 : !keys
  // Queries on the last step, gates on the first.
  %q_init = tensor.empty(%batch, %length) : !steps
  %q_steps = linalg.generic {indexing_maps = [#bhtd5, #bhtid], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%q : !keys) outs(%q_init : !steps) {
  ^bb0(%x: f32, %unused: f32):
    %i = linalg.index 3 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %y = arith.select %first, %zero, %x : f32
    linalg.yield %y : f32
  } -> !steps
  %queries = tensor.collapse_shape %q_steps [[0], [1], [2, 3], [4]] : !steps into !keys
  %g_init = tensor.empty(%batch, %length) : !gate_steps
  %g_steps = linalg.generic {indexing_maps = [#bht4, #bhti], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%g : !gates) outs(%g_init : !gate_steps) {
  ^bb0(%x: f32, %unused: f32):
    %i = linalg.index 3 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %y = arith.select %first, %x, %zero_gate : f32
    linalg.yield %y : f32
  } -> !gate_steps
  %gates = tensor.collapse_shape %g_steps [[0], [1], [2, 3]] : !gate_steps into !gates
  %init = tensor.empty(%batch, %steps) : !keys
  %read = attn.recurrence %queries, %k, %v outs(%init) scale(0.1767766952966369)
      decay(scalar %gates : !gates) update(delta %beta : !gates)
    : !keys, !keys, !keys -> !keys
  %read_steps = tensor.expand_shape %read [[0], [1], [2, 3], [4]] output_shape [%batch, 4, %length, 2, 32]
    : !keys into !steps
  %last = tensor.extract_slice %read_steps[0, 0, 0, 1, 0] [%batch, 4, %length, 1, 32] [1, 1, 1, 1, 1]
    : !steps to !step
  %out = tensor.collapse_shape %last [[0], [1], [2, 3], [4]] : !step into !keys
  return %out : !keys
}

!paper_keys = tensor<?x16x?x64xbf16>
!paper_steps = tensor<?x16x?x2x64xbf16>
!paper_gates = tensor<?x16x?xf32>
!paper_gate_steps = tensor<?x16x?x2xf32>
!paper_step = tensor<?x16x?x1x64xbf16>

func.func @deltaproduct_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %g: !paper_gates, %beta: !paper_gates) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : bf16
  %zero_gate = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %steps = tensor.dim %k, %c2 : !paper_keys
  // Queries on the last step, gates on the first.
  %q_init = tensor.empty(%batch, %length) : !paper_steps
  %q_steps = linalg.generic {indexing_maps = [#bhtd5, #bhtid], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%q : !paper_keys) outs(%q_init : !paper_steps) {
  ^bb0(%x: bf16, %unused: bf16):
    %i = linalg.index 3 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %y = arith.select %first, %zero, %x : bf16
    linalg.yield %y : bf16
  } -> !paper_steps
  %queries = tensor.collapse_shape %q_steps [[0], [1], [2, 3], [4]] : !paper_steps into !paper_keys
  %g_init = tensor.empty(%batch, %length) : !paper_gate_steps
  %g_steps = linalg.generic {indexing_maps = [#bht4, #bhti], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%g : !paper_gates) outs(%g_init : !paper_gate_steps) {
  ^bb0(%x: f32, %unused: f32):
    %i = linalg.index 3 : index
    %first = arith.cmpi eq, %i, %c0 : index
    %y = arith.select %first, %x, %zero_gate : f32
    linalg.yield %y : f32
  } -> !paper_gate_steps
  %gates = tensor.collapse_shape %g_steps [[0], [1], [2, 3]] : !paper_gate_steps into !paper_gates
  %init = tensor.empty(%batch, %steps) : !paper_keys
  %read = attn.recurrence %queries, %k, %v outs(%init) scale(0.125)
      decay(scalar %gates : !paper_gates) update(delta %beta : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  %read_steps = tensor.expand_shape %read [[0], [1], [2, 3], [4]] output_shape [%batch, 16, %length, 2, 64]
    : !paper_keys into !paper_steps
  %last = tensor.extract_slice %read_steps[0, 0, 0, 1, 0] [%batch, 16, %length, 1, 64] [1, 1, 1, 1, 1]
    : !paper_steps to !paper_step
  %out = tensor.collapse_shape %last [[0], [1], [2, 3], [4]] : !paper_step into !paper_keys
  return %out : !paper_keys
}
