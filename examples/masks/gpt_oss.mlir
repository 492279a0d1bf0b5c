// gpt-oss: a sliding window, and a learned logit per head that no value belongs to.
//
//   j visible to i  iff  j <= i  and  i - j < window
//   out = sum_j exp(s_j) v_j / (sum_j exp(s_j) + exp(sinks[h]))
//
// OpenAI 2025 (gpt-oss).
//
// @gpt_oss has window = 48, @gpt_oss_paper that of gpt-oss, 128, with its 64 query
// and 8 kv heads of 64.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @gpt_oss(%q: !q, %k: !kv, %v: !kv, %sinks: tensor<4xf32>) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(window<48>) sink(%sinks : tensor<4xf32>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x64x?x64xbf16>
!paper_kv = tensor<?x8x?x64xbf16>

func.func @gpt_oss_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %sinks: tensor<64xbf16>) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(window<128>) sink(%sinks : tensor<64xbf16>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
