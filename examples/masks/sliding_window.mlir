// Sliding window attention: a query sees the last `window` keys, itself included.
//
//   j visible to i  iff  j <= i  and  i - j < window
//
// Beltagy et al. 2020 (Longformer); Jiang et al. 2023 (Mistral 7B).
//
// @sliding_window has window = 64, @sliding_window_paper that of Mistral 7B,
// 4096, with its 32 query and 8 kv heads of 128.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @sliding_window(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(window<64>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>

func.func @sliding_window_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(window<4096>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
