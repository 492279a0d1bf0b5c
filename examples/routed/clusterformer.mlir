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
// Chunks are blocks of places. There is no mask, so positions mean nothing, and heads of
// different orders share the list of chunks. Clusters are found in f32: what rounds
// differently belongs elsewhere. @clusterformer has 9 clusters and chunks of 16,
// @clusterformer_paper 32 and 64.

!q = tensor<2x2x?x32xf32>
!x = tensor<2x2x?x32xf32>
!mu = tensor<2x2x9x32xf32>
!order = tensor<2x2x?xi32>
!lists = tensor<2x1x?x3xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>

func.func @clusterformer(%q: !q, %k: !q, %v: !q, %x: !x, %mu: !mu) -> !q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  %0 = tensor.empty() : !mu
  %means = attn.attention %mu, %x, %x outs(%0) scale(0.1767766952966369) : !mu, !x, !x -> !mu
  %1 = tensor.empty(%length) : !order
  %clusters = attn.cluster nearest %x, %means outs(%1) : !x, !mu -> !order
  %order = attn.sort %clusters outs(%1) : !order -> !order

  %2 = tensor.empty(%length) : !q
  %qs = attn.permute gather %q, %order outs(%2) : !q, !order -> !q
  %ks = attn.permute gather %k, %order outs(%2) : !q, !order -> !q
  %vs = attn.permute gather %v, %order outs(%2) : !q, !order -> !q
  %3 = tensor.empty(%chunks) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%3 : !lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %n = affine.apply affine_map<(c, m) -> (c + m - 1)>(%c, %m)
    %y = arith.index_cast %n : index to i32
    linalg.yield %y : i32
  } -> !lists
  %os = attn.attention %qs, %ks, %vs outs(%2) scale(0.1767766952966369)
      select(%lists : !lists) blocks(16, 16) : !q, !q, !q -> !q
  %out = attn.permute inverse %os, %order outs(%2) : !q, !order -> !q
  return %out : !q
}

!paper_q = tensor<1x8x?x64xbf16>
!paper_x = tensor<1x8x?x64xf32>
!paper_mu = tensor<1x8x32x64xf32>
!paper_order = tensor<1x8x?xi32>
!paper_lists = tensor<1x1x?x3xi32>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>

func.func @clusterformer_paper(%q: !paper_q, %k: !paper_q, %v: !paper_q, %x: !paper_x, %mu: !paper_mu) -> !paper_q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)

  %0 = tensor.empty() : !paper_mu
  %means = attn.attention %mu, %x, %x outs(%0) scale(0.125) : !paper_mu, !paper_x, !paper_x -> !paper_mu
  %1 = tensor.empty(%length) : !paper_order
  %clusters = attn.cluster nearest %x, %means outs(%1) : !paper_x, !paper_mu -> !paper_order
  %order = attn.sort %clusters outs(%1) : !paper_order -> !paper_order

  %2 = tensor.empty(%length) : !paper_q
  %qs = attn.permute gather %q, %order outs(%2) : !paper_q, !paper_order -> !paper_q
  %ks = attn.permute gather %k, %order outs(%2) : !paper_q, !paper_order -> !paper_q
  %vs = attn.permute gather %v, %order outs(%2) : !paper_q, !paper_order -> !paper_q
  %3 = tensor.empty(%chunks) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%3 : !paper_lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %n = affine.apply affine_map<(c, m) -> (c + m - 1)>(%c, %m)
    %y = arith.index_cast %n : index to i32
    linalg.yield %y : i32
  } -> !paper_lists
  %os = attn.attention %qs, %ks, %vs outs(%2) scale(0.125)
      select(%lists : !paper_lists) blocks(64, 64) : !paper_q, !paper_q, !paper_q -> !paper_q
  %out = attn.permute inverse %os, %order outs(%2) : !paper_q, !paper_order -> !paper_q
  return %out : !paper_q
}
