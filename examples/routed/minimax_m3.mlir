// MiniMax-M3: an index of few heads finds blocks of keys, by their best token. With
// an index head for each kv head g, one index key for a token, and blocks of `size`:
//
//   g(c) = max of qi[g, i] . ki[j]  over the tokens j <= i of block c
//   see the own block and the best of the others, `topk` in all, up to i
//
// MiniMax 2026.
//
// The logits of the index are reduced as they are made. All query heads of a kv head
// share its lists. @minimax_m3 has blocks of 16 and topk = 4, @minimax_m3_paper 128 and 16.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!qi = tensor<?x2x?x16xf32>
!ki = tensor<?x1x?x16xf32>
!scores = tensor<?x2x?x?xf32>
!lists = tensor<?x2x?x4xi32>
#begun = #attn.affine<"(b, h, i, c) : (i - 16 * c >= 0)">
#own = #attn.affine<"(b, h, i, c) : (i - 16 * c >= 0, 16 * c + 15 - i >= 0)">

func.func @minimax_m3(%q: !q, %k: !kv, %v: !kv, %qi: !qi, %ki: !ki) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 16 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %blocks = arith.ceildivui %length, %size : index
  %0 = tensor.empty(%batch, %length, %blocks) : !scores
  %scores = attn.route_score max %qi, %ki outs(%0) scale(1.0) blocks(1, 16) mask(causal) : !qi, !ki -> !scores
  %1 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %scores outs(%1) mask(#begun) force(#own) : !scores -> !lists
  %2 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%2) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(1, 16) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x64x?x128xbf16>
!paper_kv = tensor<?x4x?x128xbf16>
!paper_qi = tensor<?x4x?x128xbf16>
!paper_ki = tensor<?x1x?x128xbf16>
!paper_scores = tensor<?x4x?x?xf32>
!paper_lists = tensor<?x4x?x16xi32>
#paper_begun = #attn.affine<"(b, h, i, c) : (i - 128 * c >= 0)">
#paper_own = #attn.affine<"(b, h, i, c) : (i - 128 * c >= 0, 128 * c + 127 - i >= 0)">

func.func @minimax_m3_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %qi: !paper_qi, %ki: !paper_ki) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 128 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %blocks = arith.ceildivui %length, %size : index
  %0 = tensor.empty(%batch, %length, %blocks) : !paper_scores
  %scores = attn.route_score max %qi, %ki outs(%0) scale(1.0) blocks(1, 128) mask(causal) : !paper_qi, !paper_ki -> !paper_scores
  %1 = tensor.empty(%batch, %length) : !paper_lists
  %lists = attn.select %scores outs(%1) mask(#paper_begun) force(#paper_own) : !paper_scores -> !paper_lists
  %2 = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%2) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_lists) blocks(1, 128) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
