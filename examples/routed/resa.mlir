// ReSA's selection: the query heads of a kv head share the pages that their mean bounds
// best. The query decodes: it has all keys. With pages of 8 keys, by channel the smallest
// m and the largest M of a page's keys, and qm the mean query of a kv head's query heads:
//
//   g(c) = sum_n max(qm_n m_n, qm_n M_n)
//   see the last `local` pages and the best of the others: in all ceil(pages / ratio), but
//   no fewer than `least` if there are so many
//
// Sun et al. 2025; the rectification, which computes caches again, is about more than one
// step.
//
// Query heads that follow each other are rows of one kv head, so their mean is a pool. The
// length of a list is known at run time. @resa has ratio = 4, least = 5 and local = 2.

!q = tensor<2x4x1x32xf32>
!groups = tensor<2x2x2x32xf32>
!kv = tensor<2x2x?x32xf32>
!mean = tensor<2x2x1x32xf32>
!scores = tensor<2x2x1x?xf32>
!lists = tensor<2x2x1x?xi32>

func.func @resa(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %least = arith.constant 5 : index
  %zero = arith.constant dense<0.0> : !mean
  %length = tensor.dim %k, %c2 : !kv
  %pages = affine.apply affine_map<(s) -> (s ceildiv 8)>(%length)
  %part = affine.apply affine_map<(p) -> (p ceildiv 4)>(%pages)
  %few = arith.minui %pages, %least : index
  %count = arith.maxui %part, %few : index
  %last = arith.subi %pages, %c1 : index

  %rows = tensor.collapse_shape %q [[0], [1, 2], [3]] : !q into tensor<2x4x32xf32>
  %groups = tensor.expand_shape %rows [[0], [1, 2], [3]] output_shape [2, 2, 2, 32] : tensor<2x4x32xf32> into !groups
  %0 = tensor.empty() : !mean
  %mean = attn.pool mean %groups outs(%0) window(2) stride(2) : !groups -> !mean
  %1 = tensor.empty(%pages) : !kv
  %largest = attn.pool max %k outs(%1) window(8) stride(8) : !kv -> !kv
  %smallest = attn.pool min %k outs(%1) window(8) stride(8) : !kv -> !kv
  %positive = arith.maximumf %mean, %zero : !mean
  %negative = arith.minimumf %mean, %zero : !mean
  %2 = tensor.empty(%pages) : !scores
  %above = attn.route_score sum %positive, %largest outs(%2) scale(1.0) : !mean, !kv -> !scores
  %below = attn.route_score sum %negative, %smallest outs(%2) scale(1.0) : !mean, !kv -> !scores
  %bounds = arith.addf %above, %below : !scores
  %3 = tensor.empty(%count) : !lists
  %lists = attn.select %bounds outs(%3) force(window<2>) offset(%last) : !scores -> !lists
  %4 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%4) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 8) : !q, !kv, !kv -> !q
  return %out : !q
}
