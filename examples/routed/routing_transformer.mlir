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
// Clusters score tokens, in place of tokens blocks. Clusters are entries of a batch, whose
// tokens keep their positions. @routing_transformer has 9 clusters of 24 tokens.

!q = tensor<?x2x?x32xf32>
!norms = tensor<?x2x?xf32>
!means = tensor<2x9x32xf32>
!clusters = tensor<?x2x9x32xf32>
!scores = tensor<?x2x9x?xf32>
!members = tensor<?x2x9x24xi32>
!cut = tensor<?x1x24x32xf32>
!positions = tensor<?x24xi32>
!places = tensor<?x?xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>
#mean = affine_map<(b, h, c, d) -> (h, c, d)>
#cluster = affine_map<(b, h, i, d, c) -> (h, c, d)>
#perCluster = affine_map<(b, h, i, d, c) -> (b, h, i, d)>
#ofCluster = affine_map<(b, h, i, c) -> (h, c, 0)>
#token = affine_map<(b, h, i, c) -> (b, h, i)>

// The members of each cluster.
func.func private @gather(%x: !q, %positions: !positions) -> !cut {
  %c0 = arith.constant 0 : index
  %entries = tensor.dim %positions, %c0 : !positions
  %0 = tensor.empty(%entries) : !cut
  %cut = linalg.generic {
      indexing_maps = [affine_map<(n, one, i, d) -> (n, i)>, affine_map<(n, one, i, d) -> (n, one, i, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%positions : !positions) outs(%0 : !cut) {
  ^bb0(%number: i32, %init: f32):
    %n = linalg.index 0 : index
    %d = linalg.index 3 : index
    %b = affine.apply affine_map<(n) -> (n floordiv 18)>(%n)
    %h = affine.apply affine_map<(n) -> ((n floordiv 9) mod 2)>(%n)
    %from = arith.index_cast %number : i32 to index
    %y = tensor.extract %x[%b, %h, %from, %d] : !q
    linalg.yield %y : f32
  } -> !cut
  return %cut : !cut
}

func.func @routing_transformer(%q: !q, %k: !q, %v: !q, %means: !means) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %first = arith.constant 0 : i32
  %minus = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %entries = affine.apply affine_map<(b) -> (b * 18)>(%batch)
  %e = tensor.empty(%batch, %length) : !q
  %0 = tensor.empty(%batch, %length) : !norms
  %zeros = linalg.fill ins(%zero : f32) outs(%0 : !norms) -> !norms

  %1 = tensor.empty(%batch) : !clusters
  %clusters = linalg.generic {indexing_maps = [#mean, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%means : !means) outs(%1 : !clusters) {
  ^bb0(%x: f32, %init: f32):
    linalg.yield %x : f32
  } -> !clusters
  %2 = tensor.empty(%batch, %length) : !scores
  %3 = tensor.empty(%batch) : !members
  %sq = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !q) outs(%zeros : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !norms
  %unitq = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %sq : !q, !norms) outs(%e : !q) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !q
  %nearq = attn.route_score sum %clusters, %unitq outs(%2) scale(1.0) : !clusters, !q -> !scores
  %listq = attn.select %nearq outs(%3) : !scores -> !members
  %sk = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k : !q) outs(%zeros : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !norms
  %unitk = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sk : !q, !norms) outs(%e : !q) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !q
  %neark = attn.route_score sum %clusters, %unitk outs(%2) scale(1.0) : !clusters, !q -> !scores
  %listk = attn.select %neark outs(%3) : !scores -> !members

  %iq = tensor.collapse_shape %listq [[0, 1, 2], [3]] : !members into !positions
  %ik = tensor.collapse_shape %listk [[0, 1, 2], [3]] : !members into !positions
  %qc = func.call @gather(%q, %iq) : (!q, !positions) -> !cut
  %kc = func.call @gather(%k, %ik) : (!q, !positions) -> !cut
  %vc = func.call @gather(%v, %ik) : (!q, !positions) -> !cut
  %4 = tensor.empty(%entries) : !cut
  %oc = attn.attention %qc, %kc, %vc outs(%4) scale(0.1767766952966369) mask(causal)
      positions(%iq, %ik : !positions, !positions) : !cut, !cut, !cut -> !cut

  // Which place of a cluster a token has, or -1.
  %5 = tensor.empty(%entries, %length) : !places
  %nowhere = linalg.fill ins(%minus : i32) outs(%5 : !places) -> !places
  %place = scf.forall (%n, %w) in (%entries, 24) shared_outs(%to = %nowhere) -> (!places) {
    %number = tensor.extract %iq[%n, %w] : !positions
    %i = arith.index_cast %number : i32 to index
    %w32 = arith.index_cast %w : index to i32
    %old = tensor.extract_slice %to[%n, %i] [1, 1] [1, 1] : !places to tensor<1xi32>
    %new = tensor.insert %w32 into %old[%c0] : tensor<1xi32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %new into %to[%n, %i] [1, 1] [1, 1] : tensor<1xi32> into !places
    }
  }
  // Sums over the clusters that have a token, and how many there are.
  %6 = linalg.fill ins(%zero : f32) outs(%e : !q) -> !q
  %sums = linalg.generic {indexing_maps = [#cluster, #perCluster], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%means : !means) outs(%6 : !q) {
  ^bb0(%mean: f32, %sum: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %d = linalg.index 3 : index
    %c = linalg.index 4 : index
    %n = affine.apply affine_map<(b, h, c) -> (b * 18 + h * 9 + c)>(%b, %h, %c)
    %w32 = tensor.extract %place[%n, %i] : !places
    %isIn = arith.cmpi sge, %w32, %first : i32
    %y = scf.if %isIn -> (f32) {
      %w = arith.index_cast %w32 : i32 to index
      %o = tensor.extract %oc[%n, %c0, %w, %d] : !cut
      scf.yield %o : f32
    } else {
      scf.yield %zero : f32
    }
    %more = arith.addf %sum, %y : f32
    linalg.yield %more : f32
  } -> !q
  %counts = linalg.generic {indexing_maps = [#ofCluster, #token], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%means : !means) outs(%zeros : !norms) {
  ^bb0(%mean: f32, %sum: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %c = linalg.index 3 : index
    %n = affine.apply affine_map<(b, h, c) -> (b * 18 + h * 9 + c)>(%b, %h, %c)
    %w32 = tensor.extract %place[%n, %i] : !places
    %isIn = arith.cmpi sge, %w32, %first : i32
    %y = arith.uitofp %isIn : i1 to f32
    %more = arith.addf %sum, %y : f32
    linalg.yield %more : f32
  } -> !norms
  %out = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%sums, %counts : !q, !norms) outs(%e : !q) {
  ^bb0(%x: f32, %n: f32, %init: f32):
    %some = arith.maximumf %n, %one : f32
    %y = arith.divf %x, %some : f32
    linalg.yield %y : f32
  } -> !q
  return %out : !q
}
