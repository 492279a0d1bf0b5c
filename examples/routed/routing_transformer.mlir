// Routing Transformer: each cluster takes the tokens nearest to its mean, which attend
// to each other. With q^ and k^ the queries and keys divided by their lengths, and a mean
// mu for each cluster of a head:
//
//   Q(c) = the `window` tokens with the largest q^ . mu(c),  K(c) those with the largest k^ . mu(c)
//   a token i of Q(c) sees the tokens j <= i of K(c)
//   out[i] = the mean of that over the clusters c with i in Q(c); 0 if there is none
//
// Roy et al. 2021.
//
// Clusters score tokens, in place of tokens blocks. Clusters are a group of heads, and
// entries of a batch where they attend; their tokens keep their positions.
// @routing_transformer has 9 clusters of 24 tokens, @routing_transformer_paper 33 of 33.

!q = tensor<?x2x?x32xf32>
!norms = tensor<?x2x?xf32>
!means = tensor<2x9x32xf32>
!clusters = tensor<?x2x9x32xf32>
!scores = tensor<?x2x9x?xf32>
!members = tensor<?x2x9x24xi32>
!lists = tensor<?x18x24xi32>
!rows = tensor<?x18x24x32xf32>
!flat = tensor<?x24x32xf32>
!cut = tensor<?x1x24x32xf32>
!positions = tensor<?x24xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

// The tokens that each cluster takes.
func.func private @routing_transformer_members(%tokens: !q, %clusters: !clusters) -> !lists {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %tokens, %c0 : !q
  %c2 = arith.constant 2 : index
  %length = tensor.dim %tokens, %c2 : !q
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty(%batch, %length) : !norms
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !norms) -> !norms
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%tokens : !q) outs(%1 : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !norms
  %2 = tensor.empty(%batch, %length) : !scores
  %near = attn.route_score sum %clusters, %tokens outs(%2) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %c: index, %i: index):
    %square = tensor.extract %squares[%b, %h, %i] : !norms
    %norm = math.sqrt %square : f32
    %y = arith.divf %s, %norm : f32
    attn.yield %y : f32
  } : !clusters, !q -> !scores
  %3 = tensor.empty(%batch) : !members
  %members = attn.select %near outs(%3) : !scores -> !members
  %lists = tensor.collapse_shape %members [[0], [1, 2], [3]] : !members into !lists
  return %lists : !lists
}

// The rows of each cluster, which is an entry of a batch.
func.func private @routing_transformer_cut(%x: !q, %lists: !lists) -> !cut {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %x, %c0 : !q
  %c2 = arith.constant 2 : index
  %length = tensor.dim %x, %c2 : !q
  %entries = affine.apply affine_map<(b) -> (b * 18)>(%batch)
  %0 = tensor.empty(%batch) : !rows
  %1 = attn.permute gather %x, %lists outs(%0) : !q, !lists -> !rows
  %2 = tensor.collapse_shape %1 [[0, 1], [2], [3]] : !rows into !flat
  %3 = tensor.expand_shape %2 [[0, 1], [2], [3]] output_shape [%entries, 1, 24, 32] : !flat into !cut
  return %3 : !cut
}

func.func @routing_transformer(%q: !q, %k: !q, %v: !q, %means: !means) -> !q {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !q
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !q
  %entries = affine.apply affine_map<(b) -> (b * 18)>(%batch)
  %0 = tensor.empty(%batch) : !clusters
  %clusters = linalg.broadcast ins(%means : !means) outs(%0 : !clusters) dimensions = [0]
  %lq = func.call @routing_transformer_members(%q, %clusters) : (!q, !clusters) -> !lists
  %lk = func.call @routing_transformer_members(%k, %clusters) : (!q, !clusters) -> !lists
  %qc = func.call @routing_transformer_cut(%q, %lq) : (!q, !lists) -> !cut
  %kc = func.call @routing_transformer_cut(%k, %lk) : (!q, !lists) -> !cut
  %vc = func.call @routing_transformer_cut(%v, %lk) : (!q, !lists) -> !cut
  %iq = tensor.collapse_shape %lq [[0, 1], [2]] : !lists into !positions
  %ik = tensor.collapse_shape %lk [[0, 1], [2]] : !lists into !positions
  %1 = tensor.empty(%entries) : !cut
  %oc = attn.attention %qc, %kc, %vc outs(%1) scale(0.1767766952966369) mask(causal)
      positions(%iq, %ik : !positions, !positions) : !cut, !cut, !cut -> !cut

  // Back to the tokens, of which some are in no cluster, some in several.
  %2 = tensor.collapse_shape %oc [[0, 1, 2], [3]] : !cut into tensor<?x32xf32>
  %found = tensor.expand_shape %2 [[0, 1, 2], [3]] output_shape [%batch, 2, 216, 32]
      : tensor<?x32xf32> into tensor<?x2x216x32xf32>
  %3 = tensor.collapse_shape %lq [[0, 1, 2]] : !lists into tensor<?xi32>
  %numbers = tensor.expand_shape %3 [[0, 1, 2]] output_shape [%batch, 2, 216]
      : tensor<?xi32> into tensor<?x2x216xi32>
  %4 = tensor.empty(%batch, %length) : !q
  %out = attn.permute mean %found, %numbers outs(%4)
      : tensor<?x2x216x32xf32>, tensor<?x2x216xi32> -> !q
  return %out : !q
}

!paper_q = tensor<1x8x?x64xbf16>
!paper_norms = tensor<1x8x?xf32>
!paper_means = tensor<8x33x64xbf16>
!paper_clusters = tensor<1x8x33x64xbf16>
!paper_scores = tensor<1x8x33x?xf32>
!paper_members = tensor<1x8x33x33xi32>
!paper_lists = tensor<1x264x33xi32>
!paper_rows = tensor<1x264x33x64xbf16>
!paper_flat = tensor<264x33x64xbf16>
!paper_cut = tensor<264x1x33x64xbf16>
!paper_positions = tensor<264x33xi32>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#paper_row = affine_map<(b, h, i, d) -> (b, h, i)>

// The tokens that each cluster takes.
func.func private @routing_transformer_paper_members(%tokens: !paper_q, %clusters: !paper_clusters) -> !paper_lists {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %tokens, %c2 : !paper_q
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty(%length) : !paper_norms
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_norms) -> !paper_norms
  %squares = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%tokens : !paper_q) outs(%1 : !paper_norms) {
  ^bb0(%x: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %square = arith.mulf %xw, %xw : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_norms
  %2 = tensor.empty(%length) : !paper_scores
  %near = attn.route_score sum %clusters, %tokens outs(%2) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %c: index, %i: index):
    %square = tensor.extract %squares[%b, %h, %i] : !paper_norms
    %norm = math.sqrt %square : f32
    %y = arith.divf %s, %norm : f32
    attn.yield %y : f32
  } : !paper_clusters, !paper_q -> !paper_scores
  %3 = tensor.empty() : !paper_members
  %members = attn.select %near outs(%3) : !paper_scores -> !paper_members
  %lists = tensor.collapse_shape %members [[0], [1, 2], [3]] : !paper_members into !paper_lists
  return %lists : !paper_lists
}

// The rows of each cluster, which is an entry of a batch.
func.func private @routing_transformer_paper_cut(%x: !paper_q, %lists: !paper_lists) -> !paper_cut {
  %0 = tensor.empty() : !paper_rows
  %1 = attn.permute gather %x, %lists outs(%0) : !paper_q, !paper_lists -> !paper_rows
  %2 = tensor.collapse_shape %1 [[0, 1], [2], [3]] : !paper_rows into !paper_flat
  %3 = tensor.expand_shape %2 [[0, 1], [2], [3]] output_shape [264, 1, 33, 64] : !paper_flat into !paper_cut
  return %3 : !paper_cut
}

func.func @routing_transformer_paper(%q: !paper_q, %k: !paper_q, %v: !paper_q, %means: !paper_means) -> !paper_q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_q
  %0 = tensor.empty() : !paper_clusters
  %clusters = linalg.broadcast ins(%means : !paper_means) outs(%0 : !paper_clusters) dimensions = [0]
  %lq = func.call @routing_transformer_paper_members(%q, %clusters) : (!paper_q, !paper_clusters) -> !paper_lists
  %lk = func.call @routing_transformer_paper_members(%k, %clusters) : (!paper_q, !paper_clusters) -> !paper_lists
  %qc = func.call @routing_transformer_paper_cut(%q, %lq) : (!paper_q, !paper_lists) -> !paper_cut
  %kc = func.call @routing_transformer_paper_cut(%k, %lk) : (!paper_q, !paper_lists) -> !paper_cut
  %vc = func.call @routing_transformer_paper_cut(%v, %lk) : (!paper_q, !paper_lists) -> !paper_cut
  %iq = tensor.collapse_shape %lq [[0, 1], [2]] : !paper_lists into !paper_positions
  %ik = tensor.collapse_shape %lk [[0, 1], [2]] : !paper_lists into !paper_positions
  %1 = tensor.empty() : !paper_cut
  %oc = attn.attention %qc, %kc, %vc outs(%1) scale(0.125) mask(causal)
      positions(%iq, %ik : !paper_positions, !paper_positions) : !paper_cut, !paper_cut, !paper_cut -> !paper_cut

  // Back to the tokens, of which some are in no cluster, some in several.
  %2 = tensor.collapse_shape %oc [[0, 1, 2], [3]] : !paper_cut into tensor<8712x64xbf16>
  %found = tensor.expand_shape %2 [[0, 1, 2], [3]] output_shape [1, 8, 1089, 64]
      : tensor<8712x64xbf16> into tensor<1x8x1089x64xbf16>
  %3 = tensor.collapse_shape %lq [[0, 1, 2]] : !paper_lists into tensor<8712xi32>
  %numbers = tensor.expand_shape %3 [[0, 1, 2]] output_shape [1, 8, 1089]
      : tensor<8712xi32> into tensor<1x8x1089xi32>
  %4 = tensor.empty(%length) : !paper_q
  %out = attn.permute mean %found, %numbers outs(%4)
      : tensor<1x8x1089x64xbf16>, tensor<1x8x1089xi32> -> !paper_q
  return %out : !paper_q
}
