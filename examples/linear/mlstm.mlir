// mLSTM: the matrix memory of xLSTM, with exponential input gates.
//
//   C_t = sigmoid(f_t) C_{t-1} + exp(i_t) k_t v_t^T,    n_t = sigmoid(f_t) n_{t-1} + exp(i_t) k_t
//   h_t = C_t^T q_t / max(|n_t^T q_t|, 1),    q scaled by D^-0.5
//
// exp(i) has no bound, so C and n are multiplied by exp(-m_t), and 1 by the same, with
//
//   m_t = max(log sigmoid(f_t) + m_{t-1}, i_t)
//
// Beck et al. 2024 (xLSTM).
//
// @mlstm_paper has 4 heads of 64.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#row = affine_map<(b, h, t, d) -> (b, h, t)>

!gates = tensor<?x4x?xf32>

// log sigmoid(f_t), and m_t. After each step a token has the maximum, and the sum of
// the logarithms, of twice as many tokens up to itself.
func.func private @stabilise(%i: !gates, %f: !gates) -> (!gates, !gates) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %f, %c0 : !gates
  %length = tensor.dim %f, %c2 : !gates
  %init = tensor.empty(%batch, %length) : !gates
  %logs = linalg.generic {indexing_maps = [#bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%f : !gates) outs(%init : !gates) {
  ^bb0(%x: f32, %unused: f32):
    %low = arith.minimumf %x, %zero : f32
    %size = math.absf %x : f32
    %minus = arith.negf %size : f32
    %e = math.exp %minus : f32
    %l = math.log1p %e : f32
    %y = arith.subf %low, %l : f32
    linalg.yield %y : f32
  } -> !gates
  %last:3 = scf.while (%reach = %c1, %sums = %logs, %tops = %i) : (index, !gates, !gates) -> (index, !gates, !gates) {
    %more = arith.cmpi ult, %reach, %length : index
    scf.condition(%more) %reach, %sums, %tops : index, !gates, !gates
  } do {
  ^bb0(%reach: index, %sums: !gates, %tops: !gates):
    %next:2 = linalg.generic {indexing_maps = [#bht, #bht, #bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%sums, %tops : !gates, !gates) outs(%init, %init : !gates, !gates) {
    ^bb0(%sum: f32, %top: f32, %unused0: f32, %unused1: f32):
      %b = linalg.index 0 : index
      %h = linalg.index 1 : index
      %t = linalg.index 2 : index
      %has = arith.cmpi uge, %t, %reach : index
      %moved = arith.subi %t, %reach : index
      %at = arith.select %has, %moved, %t : index
      %before_sum = tensor.extract %sums[%b, %h, %at] : !gates
      %before_top = tensor.extract %tops[%b, %h, %at] : !gates
      %all = arith.addf %sum, %before_sum : f32
      %decayed = arith.addf %sum, %before_top : f32
      %larger = arith.maximumf %top, %decayed : f32
      %s = arith.select %has, %all, %sum : f32
      %m = arith.select %has, %larger, %top : f32
      linalg.yield %s, %m : f32, f32
    } -> (!gates, !gates)
    %twice = arith.muli %reach, %c2 : index
    scf.yield %twice, %next#0, %next#1 : index, !gates, !gates
  }
  return %logs, %last#2 : !gates, !gates
}

// log sigmoid(f_t) + m_{t-1} - m_t, and exp(-m_t). Nothing is in front of the first
// token that could decay.
func.func private @gates(%logs: !gates, %m: !gates) -> (!gates, !gates) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %m, %c0 : !gates
  %length = tensor.dim %m, %c2 : !gates
  %init = tensor.empty(%batch, %length) : !gates
  %gates:2 = linalg.generic {indexing_maps = [#bht, #bht, #bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%logs, %m : !gates, !gates) outs(%init, %init : !gates, !gates) {
  ^bb0(%log: f32, %top: f32, %unused0: f32, %unused1: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 2 : index
    %has = arith.cmpi uge, %t, %c1 : index
    %moved = arith.subi %t, %c1 : index
    %at = arith.select %has, %moved, %t : index
    %before = tensor.extract %m[%b, %h, %at] : !gates
    %less = arith.subf %before, %top : f32
    %g = arith.addf %log, %less : f32
    %gate = arith.select %has, %g, %zero : f32
    %minus = arith.negf %top : f32
    %least = math.exp %minus : f32
    linalg.yield %gate, %least : f32, f32
  } -> (!gates, !gates)
  return %gates#0, %gates#1 : !gates, !gates
}

!keys = tensor<?x4x?x32xf32>

func.func @mlstm(%q: !keys, %k: !keys, %v: !keys, %i: !gates, %f: !gates) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %logs, %m = call @stabilise(%i, %f) : (!gates, !gates) -> (!gates, !gates)
  %gates, %bound = call @gates(%logs, %m) : (!gates, !gates) -> (!gates, !gates)
  %init = tensor.empty(%batch, %length) : !keys
  // exp(i_t - m_t) k_t.
  %keys = linalg.generic {indexing_maps = [#bhtd, #row, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %i, %m : !keys, !gates, !gates) outs(%init : !keys) {
  ^bb0(%x: f32, %input: f32, %top: f32, %unused: f32):
    %d = arith.subf %input, %top : f32
    %e = math.exp %d : f32
    %y = arith.mulf %e, %x : f32
    linalg.yield %y : f32
  } -> !keys
  %out = attn.recurrence %q, %keys, %v outs(%init) scale(0.1767766952966369) decay(scalar %gates : !gates)
      norm(sum) bound(%bound : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x4x?x64xbf16>

func.func @mlstm_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %i: !gates, %f: !gates) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %logs, %m = call @stabilise(%i, %f) : (!gates, !gates) -> (!gates, !gates)
  %gates, %bound = call @gates(%logs, %m) : (!gates, !gates) -> (!gates, !gates)
  %init = tensor.empty(%batch, %length) : !paper_keys
  // exp(i_t - m_t) k_t.
  %keys = linalg.generic {indexing_maps = [#bhtd, #row, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %i, %m : !paper_keys, !gates, !gates) outs(%init : !paper_keys) {
  ^bb0(%x: bf16, %input: f32, %top: f32, %unused: bf16):
    %xf = arith.extf %x : bf16 to f32
    %d = arith.subf %input, %top : f32
    %e = math.exp %d : f32
    %y = arith.mulf %e, %xf : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_keys
  %out = attn.recurrence %q, %keys, %v outs(%init) scale(0.125) decay(scalar %gates : !gates)
      norm(sum) bound(%bound : !gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
