// Quest: a query sees the pages of keys that bound its logits least. It decodes: it has
// all keys. With pages of 16 keys, and by channel the smallest m and the largest M of a
// page's keys:
//
//   g(c) = sum_n max(q_n m_n, q_n M_n) >= q . k
//   see the last page and the best of the others, `topk` in all
//
// Tang et al. 2024.
//
// max(x m, x M) is x M for positive x and x m for negative ones: two products. @quest
// has topk = 5, @quest_paper the 128 pages of a budget of 2048 keys.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x2x?x32xf32>
!scores = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x5xi32>

func.func @quest(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant dense<0.0> : !q
  %length = tensor.dim %k, %c2 : !kv
  %count = arith.ceildivui %length, %c16 : index
  %last = arith.subi %count, %c1 : index
  %0 = tensor.empty(%count) : !kv
  %largest = attn.pool max %k outs(%0) window(16) stride(16) : !kv -> !kv
  %smallest = attn.pool min %k outs(%0) window(16) stride(16) : !kv -> !kv
  %positive = arith.maximumf %q, %zero : !q
  %negative = arith.minimumf %q, %zero : !q
  %1 = tensor.empty(%count) : !scores
  %above = attn.route_score sum %positive, %largest outs(%1) scale(1.0) : !q, !kv -> !scores
  %below = attn.route_score sum %negative, %smallest outs(%1) scale(1.0) : !q, !kv -> !scores
  %bounds = arith.addf %above, %below : !scores
  %2 = tensor.empty() : !lists
  %lists = attn.select %bounds outs(%2) force(window<1>) offset(%last) : !scores -> !lists
  %3 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%3) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 16) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_scores = tensor<1x32x1x?xf32>
!paper_lists = tensor<1x32x1x128xi32>

func.func @quest_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant dense<0.0> : !paper_q
  %length = tensor.dim %k, %c2 : !paper_kv
  %count = arith.ceildivui %length, %c16 : index
  %last = arith.subi %count, %c1 : index
  %0 = tensor.empty(%count) : !paper_kv
  %largest = attn.pool max %k outs(%0) window(16) stride(16) : !paper_kv -> !paper_kv
  %smallest = attn.pool min %k outs(%0) window(16) stride(16) : !paper_kv -> !paper_kv
  %positive = arith.maximumf %q, %zero : !paper_q
  %negative = arith.minimumf %q, %zero : !paper_q
  %1 = tensor.empty(%count) : !paper_scores
  %above = attn.route_score sum %positive, %largest outs(%1) scale(1.0) : !paper_q, !paper_kv -> !paper_scores
  %below = attn.route_score sum %negative, %smallest outs(%1) scale(1.0) : !paper_q, !paper_kv -> !paper_scores
  %bounds = arith.addf %above, %below : !paper_scores
  %2 = tensor.empty() : !paper_lists
  %lists = attn.select %bounds outs(%2) force(window<1>) offset(%last) : !paper_scores -> !paper_lists
  %3 = tensor.empty() : !paper_q
  %out = attn.attention %q, %k, %v outs(%3) scale(0.08838834764831845)
      select(%lists : !paper_lists) blocks(1, 16) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
