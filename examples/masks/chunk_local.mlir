// Chunk-local attention: causal inside chunks of `chunk` tokens.
//
//   j visible to i  iff  j <= i  and  floor(j / chunk) = floor(i / chunk)
//
// Meta 2025 (Llama 4).
//
// @chunk_local has chunk = 48, @chunk_local_paper that of Llama 4, 8192, with its
// 40 query and 8 kv heads of 128.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @chunk_local(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, chunk<48>>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x40x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>

func.func @chunk_local_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(and<causal, chunk<8192>>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
