// Packed documents: causal inside each document of a sequence.
//
//   j visible to i  iff  j <= i  and  ids[b, j] = ids[b, i]
//
// Krell et al. 2021 (packing); Grattafiori et al. 2024 (Llama 3).
//
// Which document a token belongs to is data. @documents_paper has the 32 query
// and 8 kv heads of Llama 3.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>

func.func @documents(%q: !q, %k: !kv, %v: !kv, %ids: tensor<?x?xi32>) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, segment>)
      segments(%ids, %ids : tensor<?x?xi32>, tensor<?x?xi32>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>

func.func @documents_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %ids: tensor<?x?xi32>) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(and<causal, segment>)
      segments(%ids, %ids : tensor<?x?xi32>, tensor<?x?xi32>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
