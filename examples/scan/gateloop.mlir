// GateLoop: linear attention with a complex gate for each token and dimension of
// the keys.
//
//   S_t = diag(a_t) S_{t-1} + k_t v_t^T,    a_t = sigmoid(r_t) exp(i phi_t)
//   y_t = Re(S_t^T q_t)
//
// With theta_t, the sum of phi up to t, the phase between two tokens is the
// difference of theta, and Re(exp(i (theta_t - theta_s))) is the product of
// (cos theta_t, sin theta_t) and (cos theta_s, sin theta_s): queries and keys of
// twice the width, with a real gate. Nothing is approximated.
//
// Katsch 2023 (GateLoop). The gate behind is another operation.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#one = affine_map<(b, h, t, p, d) -> (b, h, t, d)>
#two = affine_map<(b, h, t, p, d) -> (b, h, t, p, d)>

!channels = tensor<?x2x?x32xf32>
!phases = tensor<?x2x?x32xf64>
!pairs = tensor<?x2x?x2x32xf32>
!keys = tensor<?x2x?x64xf32>
!gate_pairs = tensor<?x2x?x2x32xf32>
!gates = tensor<?x2x?x64xf32>

func.func @gateloop(%q: !channels, %k: !channels, %v: !channels, %r: !channels, %phi: !channels) -> !channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !channels
  %length = tensor.dim %q, %c2 : !channels
  %init = tensor.empty(%batch, %length) : !channels
  %phases_init = tensor.empty(%batch, %length) : !phases
  %pairs_init = tensor.empty(%batch, %length) : !pairs
  %gates_init = tensor.empty(%batch, %length) : !gate_pairs
  // theta_t, the sum of phases up to t: in f64, since it is large.
  %phases = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%phi : !channels) outs(%phases_init : !phases) {
  ^bb0(%x: f32, %unused: f64):
    %xd = arith.extf %x : f32 to f64
    linalg.yield %xd : f64
  } -> !phases
  %sums = attn.scan %phases outs(%phases_init) : !phases -> !phases
  %q_pairs = linalg.generic {indexing_maps = [#one, #one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %sums : !channels, !phases) outs(%pairs_init : !pairs) {
  ^bb0(%x: f32, %theta: f64, %unused: f32):
    %p = linalg.index 3 : index
    %first = arith.constant 0 : index
    %isCos = arith.cmpi eq, %p, %first : index
    %c = math.cos %theta : f64
    %s = math.sin %theta : f64
    %chosen = arith.select %isCos, %c, %s : f64
    %factor = arith.truncf %chosen : f64 to f32
    %y = arith.mulf %x, %factor : f32
    linalg.yield %y : f32
  } -> !pairs
  %q2 = tensor.collapse_shape %q_pairs [[0], [1], [2], [3, 4]] : !pairs into !keys
  %k_pairs = linalg.generic {indexing_maps = [#one, #one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sums : !channels, !phases) outs(%pairs_init : !pairs) {
  ^bb0(%x: f32, %theta: f64, %unused: f32):
    %p = linalg.index 3 : index
    %first = arith.constant 0 : index
    %isCos = arith.cmpi eq, %p, %first : index
    %c = math.cos %theta : f64
    %s = math.sin %theta : f64
    %chosen = arith.select %isCos, %c, %s : f64
    %factor = arith.truncf %chosen : f64 to f32
    %y = arith.mulf %x, %factor : f32
    linalg.yield %y : f32
  } -> !pairs
  %k2 = tensor.collapse_shape %k_pairs [[0], [1], [2], [3, 4]] : !pairs into !keys
  // log |a_t| = -log(1 + exp(-r_t)), for both parts.
  %gate_pairs = linalg.generic {indexing_maps = [#one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%r : !channels) outs(%gates_init : !gate_pairs) {
  ^bb0(%x: f32, %unused: f32):
    %neg = arith.negf %x : f32
    %e = math.exp %neg : f32
    %l = math.log1p %e : f32
    %g = arith.negf %l : f32
    linalg.yield %g : f32
  } -> !gate_pairs
  %gates = tensor.collapse_shape %gate_pairs [[0], [1], [2], [3, 4]] : !gate_pairs into !gates
  %out = attn.recurrence %q2, %k2, %v outs(%init) scale(1.0) decay(key %gates : !gates)
    : !keys, !keys, !channels -> !channels
  return %out : !channels
}

!paper_channels = tensor<?x16x?x64xbf16>
!paper_phases = tensor<?x16x?x64xf64>
!paper_pairs = tensor<?x16x?x2x64xbf16>
!paper_keys = tensor<?x16x?x128xbf16>
!paper_gate_pairs = tensor<?x16x?x2x64xf32>
!paper_gates = tensor<?x16x?x128xf32>

func.func @gateloop_paper(%q: !paper_channels, %k: !paper_channels, %v: !paper_channels, %r: !paper_channels, %phi: !paper_channels) -> !paper_channels {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_channels
  %length = tensor.dim %q, %c2 : !paper_channels
  %init = tensor.empty(%batch, %length) : !paper_channels
  %phases_init = tensor.empty(%batch, %length) : !paper_phases
  %pairs_init = tensor.empty(%batch, %length) : !paper_pairs
  %gates_init = tensor.empty(%batch, %length) : !paper_gate_pairs
  // theta_t, the sum of phases up to t: in f64, since it is large.
  %phases = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%phi : !paper_channels) outs(%phases_init : !paper_phases) {
  ^bb0(%x: bf16, %unused: f64):
    %xd = arith.extf %x : bf16 to f64
    linalg.yield %xd : f64
  } -> !paper_phases
  %sums = attn.scan %phases outs(%phases_init) : !paper_phases -> !paper_phases
  %q_pairs = linalg.generic {indexing_maps = [#one, #one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %sums : !paper_channels, !paper_phases) outs(%pairs_init : !paper_pairs) {
  ^bb0(%x: bf16, %theta: f64, %unused: bf16):
    %p = linalg.index 3 : index
    %first = arith.constant 0 : index
    %isCos = arith.cmpi eq, %p, %first : index
    %c = math.cos %theta : f64
    %s = math.sin %theta : f64
    %chosen = arith.select %isCos, %c, %s : f64
    %factor = arith.truncf %chosen : f64 to f32
    %xw = arith.extf %x : bf16 to f32
    %y = arith.mulf %xw, %factor : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %q2 = tensor.collapse_shape %q_pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_keys
  %k_pairs = linalg.generic {indexing_maps = [#one, #one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sums : !paper_channels, !paper_phases) outs(%pairs_init : !paper_pairs) {
  ^bb0(%x: bf16, %theta: f64, %unused: bf16):
    %p = linalg.index 3 : index
    %first = arith.constant 0 : index
    %isCos = arith.cmpi eq, %p, %first : index
    %c = math.cos %theta : f64
    %s = math.sin %theta : f64
    %chosen = arith.select %isCos, %c, %s : f64
    %factor = arith.truncf %chosen : f64 to f32
    %xw = arith.extf %x : bf16 to f32
    %y = arith.mulf %xw, %factor : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %k2 = tensor.collapse_shape %k_pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_keys
  // log |a_t| = -log(1 + exp(-r_t)), for both parts.
  %gate_pairs = linalg.generic {indexing_maps = [#one, #two], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%r : !paper_channels) outs(%gates_init : !paper_gate_pairs) {
  ^bb0(%x: bf16, %unused: f32):
    %xw = arith.extf %x : bf16 to f32
    %neg = arith.negf %xw : f32
    %e = math.exp %neg : f32
    %l = math.log1p %e : f32
    %g = arith.negf %l : f32
    linalg.yield %g : f32
  } -> !paper_gate_pairs
  %gates = tensor.collapse_shape %gate_pairs [[0], [1], [2], [3, 4]] : !paper_gate_pairs into !paper_gates
  %out = attn.recurrence %q2, %k2, %v outs(%init) scale(1.0) decay(key %gates : !paper_gates)
    : !paper_keys, !paper_keys, !paper_channels -> !paper_channels
  return %out : !paper_channels
}
