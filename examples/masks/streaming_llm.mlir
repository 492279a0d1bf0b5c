// StreamingLLM: the first `sinks` keys and the last `window`.
//
//   j visible to i  iff  j <= i  and  (j < sinks  or  i - j < window)
//
// Xiao et al. 2023.
//
// @streaming_llm has sinks = 4 and window = 64, @streaming_llm_paper those of the
// paper, 4 and 1020.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @streaming_llm(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, or<sink<4>, window<64>>>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>

func.func @streaming_llm_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(and<causal, or<sink<4>, window<1020>>>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
