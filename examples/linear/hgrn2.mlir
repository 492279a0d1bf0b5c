// HGRN2: a forget gate for each token and dimension of the keys; what is forgotten
// is the key.
//
//   f_t = l_h + (1 - l_h) sigmoid(x_t),    k_t = 1 - f_t
//   S_t = diag(f_t) S_{t-1} + k_t v_t^T,    o_t = S_t^T q_t
//
// Qin et al. 2024 (HGRN2).
//
// @hgrn2_paper has 8 heads of 128.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#hd = affine_map<(b, h, t, d) -> (h, d)>

!keys = tensor<?x4x?x32xf32>

func.func @hgrn2(%q: !keys, %x: !keys, %v: !keys, %l: tensor<4x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  // log f_t, and k_t as (1 - l) sigmoid(-x), which does not cancel.
  %gates, %k = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %l : !keys, tensor<4x32xf32>) outs(%init, %init : !keys, !keys) {
  ^bb0(%in: f32, %least: f32, %unused0: f32, %unused1: f32):
    %minus = arith.negf %in : f32
    %e0 = math.exp %minus : f32
    %e1 = math.exp %in : f32
    %n0 = arith.addf %one, %e0 : f32
    %n1 = arith.addf %one, %e1 : f32
    %rest = arith.subf %one, %least : f32
    %s0 = arith.divf %rest, %n0 : f32
    %key = arith.divf %rest, %n1 : f32
    %forget = arith.addf %least, %s0 : f32
    %gate = math.log %forget : f32
    linalg.yield %gate, %key : f32, f32
  } -> (!keys, !keys)
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0) decay(key %gates : !keys)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x128xbf16>
!paper_gates = tensor<?x8x?x128xf32>

func.func @hgrn2_paper(%q: !paper_keys, %x: !paper_gates, %v: !paper_keys, %l: tensor<8x128xf32>) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %no_gates = tensor.empty(%batch, %length) : !paper_gates
  %gates, %k = linalg.generic {indexing_maps = [#bhtd, #hd, #bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %l : !paper_gates, tensor<8x128xf32>) outs(%no_gates, %init : !paper_gates, !paper_keys) {
  ^bb0(%in: f32, %least: f32, %unused0: f32, %unused1: bf16):
    %minus = arith.negf %in : f32
    %e0 = math.exp %minus : f32
    %e1 = math.exp %in : f32
    %n0 = arith.addf %one, %e0 : f32
    %n1 = arith.addf %one, %e1 : f32
    %rest = arith.subf %one, %least : f32
    %s0 = arith.divf %rest, %n0 : f32
    %key = arith.divf %rest, %n1 : f32
    %forget = arith.addf %least, %s0 : f32
    %gate = math.log %forget : f32
    %rounded = arith.truncf %key : f32 to bf16
    linalg.yield %gate, %rounded : f32, bf16
  } -> (!paper_gates, !paper_keys)
  %out = attn.recurrence %q, %k, %v outs(%init) scale(1.0) decay(key %gates : !paper_gates)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
