// MoBA: each query sees the blocks of keys whose means it agrees with most. With
// blocks of `block` keys:
//
//   g(c) = q[i] . mean of k in block c        of the blocks up to the own one
//   see the own block and the best of the others, `topk` in all, up to i
//
// Lu et al. 2025.
//
// A list is one query's of one head. @moba has blocks of 32 and topk = 3, @moba_paper
// those of 512 and 3 of the paper.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!scores = tensor<?x4x?x?xf32>
!lists = tensor<?x4x?x3xi32>
#begun = #attn.affine<"(b, h, i, c) : (i - 32 * c >= 0)">
#own = #attn.affine<"(b, h, i, c) : (i - 32 * c >= 0, 32 * c + 31 - i >= 0)">

func.func @moba(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %blocks = arith.ceildivui %length, %c32 : index
  %0 = tensor.empty(%batch, %blocks) : !kv
  %means = attn.pool mean %k outs(%0) window(32) stride(32) : !kv -> !kv
  %1 = tensor.empty(%batch, %length, %blocks) : !scores
  %scores = attn.route_score sum %q, %means outs(%1) scale(1.0) : !q, !kv -> !scores
  %2 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %scores outs(%2) mask(#begun) force(#own) : !scores -> !lists
  %3 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%3) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(1, 32) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>
!paper_means = tensor<?x8x?x128xf32>
!paper_scores = tensor<?x32x?x?xf32>
!paper_lists = tensor<?x32x?x3xi32>
#paper_begun = #attn.affine<"(b, h, i, c) : (i - 512 * c >= 0)">
#paper_own = #attn.affine<"(b, h, i, c) : (i - 512 * c >= 0, 512 * c + 511 - i >= 0)">

func.func @moba_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c512 = arith.constant 512 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %blocks = arith.ceildivui %length, %c512 : index
  %0 = tensor.empty(%batch, %blocks) : !paper_means
  %means = attn.pool mean %k outs(%0) window(512) stride(512) : !paper_kv -> !paper_means
  %1 = tensor.empty(%batch, %length, %blocks) : !paper_scores
  %scores = attn.route_score sum %q, %means outs(%1) scale(1.0) : !paper_q, !paper_means -> !paper_scores
  %2 = tensor.empty(%batch, %length) : !paper_lists
  %lists = attn.select %scores outs(%2) mask(#paper_begun) force(#paper_own) : !paper_scores -> !paper_lists
  %3 = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%3) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_lists) blocks(1, 512) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
