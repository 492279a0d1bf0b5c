// Softcap: causal attention whose logits stay below `cap`.
//
//   t(i, j) = cap * tanh(scale * q_i . k_j / cap),    j <= i
//
// Gemma Team 2024 (Gemma 2).
//
// @softcap has cap = 4, @softcap_paper the numbers of Gemma 2 27B: cap = 50, scale
// 144 ** -0.5, 32 query and 16 kv heads of 128.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @softcap(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %cap = arith.constant 4.0 : f32
    %x = arith.divf %s, %cap : f32
    %y = math.tanh %x : f32
    %t = arith.mulf %cap, %y : f32
    attn.yield %t : f32
  }
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x16x?x128xbf16>

func.func @softcap_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08333333333333333) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %cap = arith.constant 50.0 : f32
    %x = arith.divf %s, %cap : f32
    %y = math.tanh %x : f32
    %t = arith.mulf %cap, %y : f32
    attn.yield %t : f32
  }
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
