// ClusterFormer: tokens near the same centroid attend to each other, in blocks. With
// features x of the tokens of each head, and learned centroids mu that look at them:
//
//   m(c) = sum over i of softmax over i of (mu(c) . x[i] / sqrt(D)) x[i]
//   cluster(i) = argmax over c of x[i] . m(c)
//   tokens are ordered by (cluster, i) and cut into chunks of `chunk`
//   i sees the tokens of its chunk, of the one before it and of the one behind it
//
// Wang et al. 2022, from its description.
//
// The argmax is a list of one, chunks are blocks of places. There is no mask, so positions
// mean nothing, and heads of different orders share the list of chunks. Clusters are found
// in f32: what rounds differently belongs elsewhere. @clusterformer has 9 clusters and
// chunks of 16, @clusterformer_paper 32 and 64.

!q = tensor<2x2x?x32xf32>
!x = tensor<2x2x?x32xf32>
!mu = tensor<2x2x9x32xf32>
!scores = tensor<2x2x?x9xf32>
!nearest = tensor<2x2x?x1xi32>
!order = tensor<2x2x?xi32>
!lists = tensor<2x1x?x3xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

// Row order[i] in place of row i.
func.func private @clusterformer_gather(%x: !q, %order: !order) -> !q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %x, %c2 : !q
  %0 = tensor.empty(%length) : !q
  %rows = linalg.generic {indexing_maps = [#row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%order : !order) outs(%0 : !q) {
  ^bb0(%number: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %d = linalg.index 3 : index
    %i = arith.index_cast %number : i32 to index
    %y = tensor.extract %x[%b, %h, %i, %d] : !q
    linalg.yield %y : f32
  } -> !q
  return %rows : !q
}

func.func @clusterformer(%q: !q, %k: !q, %v: !q, %x: !x, %mu: !mu) -> !q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  %0 = tensor.empty() : !mu
  %means = attn.attention %mu, %x, %x outs(%0) scale(0.1767766952966369) : !mu, !x, !x -> !mu
  %1 = tensor.empty(%length) : !scores
  %scores = attn.route_score sum %x, %means outs(%1) scale(1.0) : !x, !mu -> !scores
  %2 = tensor.empty(%length) : !nearest
  %nearest = attn.select %scores outs(%2) : !scores -> !nearest
  %clusters = tensor.collapse_shape %nearest [[0], [1], [2, 3]] : !nearest into !order
  %3 = tensor.empty(%length) : !order
  %order = attn.sort %clusters outs(%3) : !order -> !order
  %back = attn.sort %order outs(%3) : !order -> !order

  %qs = func.call @clusterformer_gather(%q, %order) : (!q, !order) -> !q
  %ks = func.call @clusterformer_gather(%k, %order) : (!q, !order) -> !q
  %vs = func.call @clusterformer_gather(%v, %order) : (!q, !order) -> !q
  %4 = tensor.empty(%chunks) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %n = affine.apply affine_map<(c, m) -> (c + m - 1)>(%c, %m)
    %y = arith.index_cast %n : index to i32
    linalg.yield %y : i32
  } -> !lists
  %5 = tensor.empty(%length) : !q
  %os = attn.attention %qs, %ks, %vs outs(%5) scale(0.1767766952966369)
      select(%lists : !lists) blocks(16, 16) : !q, !q, !q -> !q
  %out = func.call @clusterformer_gather(%os, %back) : (!q, !order) -> !q
  return %out : !q
}

!paper_q = tensor<1x8x?x64xbf16>
!paper_x = tensor<1x8x?x64xf32>
!paper_mu = tensor<1x8x32x64xf32>
!paper_scores = tensor<1x8x?x32xf32>
!paper_nearest = tensor<1x8x?x1xi32>
!paper_order = tensor<1x8x?xi32>
!paper_lists = tensor<1x1x?x3xi32>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#paper_row = affine_map<(b, h, i, d) -> (b, h, i)>

// Row order[i] in place of row i.
func.func private @clusterformer_paper_gather(%x: !paper_q, %order: !paper_order) -> !paper_q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %x, %c2 : !paper_q
  %0 = tensor.empty(%length) : !paper_q
  %rows = linalg.generic {indexing_maps = [#paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%order : !paper_order) outs(%0 : !paper_q) {
  ^bb0(%number: i32, %init: bf16):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %d = linalg.index 3 : index
    %i = arith.index_cast %number : i32 to index
    %y = tensor.extract %x[%b, %h, %i, %d] : !paper_q
    linalg.yield %y : bf16
  } -> !paper_q
  return %rows : !paper_q
}

func.func @clusterformer_paper(%q: !paper_q, %k: !paper_q, %v: !paper_q, %x: !paper_x, %mu: !paper_mu) -> !paper_q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)

  %0 = tensor.empty() : !paper_mu
  %means = attn.attention %mu, %x, %x outs(%0) scale(0.125) : !paper_mu, !paper_x, !paper_x -> !paper_mu
  %1 = tensor.empty(%length) : !paper_scores
  %scores = attn.route_score sum %x, %means outs(%1) scale(1.0) : !paper_x, !paper_mu -> !paper_scores
  %2 = tensor.empty(%length) : !paper_nearest
  %nearest = attn.select %scores outs(%2) : !paper_scores -> !paper_nearest
  %clusters = tensor.collapse_shape %nearest [[0], [1], [2, 3]] : !paper_nearest into !paper_order
  %3 = tensor.empty(%length) : !paper_order
  %order = attn.sort %clusters outs(%3) : !paper_order -> !paper_order
  %back = attn.sort %order outs(%3) : !paper_order -> !paper_order

  %qs = func.call @clusterformer_paper_gather(%q, %order) : (!paper_q, !paper_order) -> !paper_q
  %ks = func.call @clusterformer_paper_gather(%k, %order) : (!paper_q, !paper_order) -> !paper_q
  %vs = func.call @clusterformer_paper_gather(%v, %order) : (!paper_q, !paper_order) -> !paper_q
  %4 = tensor.empty(%chunks) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !paper_lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %n = affine.apply affine_map<(c, m) -> (c + m - 1)>(%c, %m)
    %y = arith.index_cast %n : index to i32
    linalg.yield %y : i32
  } -> !paper_lists
  %5 = tensor.empty(%length) : !paper_q
  %os = attn.attention %qs, %ks, %vs outs(%5) scale(0.125)
      select(%lists : !paper_lists) blocks(64, 64) : !paper_q, !paper_q, !paper_q -> !paper_q
  %out = func.call @clusterformer_paper_gather(%os, %back) : (!paper_q, !paper_order) -> !paper_q
  return %out : !paper_q
}
