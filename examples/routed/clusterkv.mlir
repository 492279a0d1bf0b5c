// ClusterKV: a query sees the tokens of the clusters of keys that it scores best. The
// query decodes: it has all keys. The first `sinks` and the last `local` keys are in no
// cluster. The means m(c) of the others begin as the keys c `stride`; then, `rounds`
// times:
//
//   cluster(j) = argmax over c of k[j] . m(c) / |m(c)|
//   m(c) = the mean of the keys of cluster c, or as it was if it has none
//
// The tokens are ordered by q . m(cluster), the largest first, in a cluster by position;
// q sees the first `budget` of them, and those in no cluster.
//
// Liu et al. 2024; its clusters are made once for many queries, and new keys get clusters
// of their own after some steps.
//
// Tokens of a cluster have equal scores, and equal scores are
// selected by position: the last cluster is cut where the budget ends. @clusterkv has 4
// sinks, 8 local keys, a stride of 16, two rounds and a budget of 48, @clusterkv_paper 16,
// 64, 80, 4 and 1024.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x2x?x32xf32>
!means = tensor<2x2x?x32xf32>
!sizes = tensor<2x2x?xf32>
!clusters = tensor<2x2x?xi32>
!row = tensor<2x4x?xf32>
!scores = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x60xi32>
#all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#row = affine_map<(b, h, c, d) -> (b, h, c)>

// The clusters of the keys by the means m, and their means.
func.func private @clusterkv_round(%k: !kv, %m: !means) -> (!means, !clusters) {
  %c2 = arith.constant 2 : index
  %sinks = arith.constant 4 : index
  %local = arith.constant 8 : index
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %length = tensor.dim %k, %c2 : !kv
  %count = tensor.dim %m, %c2 : !means
  %recent = arith.subi %length, %local : index
  %0 = tensor.empty(%count) : !means
  %1 = tensor.empty(%count) : !sizes
  %4 = tensor.empty(%length) : !clusters
  %none = linalg.fill ins(%zero : f32) outs(%1 : !sizes) -> !sizes
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%m : !means) outs(%none : !sizes) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !sizes
  %2 = tensor.empty(%count) : !means
  %unit = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%m, %squares : !means, !sizes) outs(%2 : !means) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !means
  %nearest = attn.cluster nearest %k, %unit outs(%4) : !kv, !means -> !clusters
  %of = linalg.generic {
      indexing_maps = [affine_map<(b, h, j) -> (b, h, j)>, affine_map<(b, h, j) -> (b, h, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%nearest : !clusters) outs(%4 : !clusters) {
  ^bb0(%id: i32, %init: i32):
    %j = linalg.index 2 : index
    %isBefore = arith.cmpi ult, %j, %sinks : index
    %isBehind = arith.cmpi sge, %j, %recent : index
    %isNone = arith.ori %isBefore, %isBehind : i1
    %y = arith.select %isNone, %no, %id : i32
    linalg.yield %y : i32
  } -> !clusters
  %sizes = linalg.generic {
      indexing_maps = [affine_map<(b, h, c, j) -> (b, h, j)>, affine_map<(b, h, c, j) -> (b, h, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%of : !clusters) outs(%none : !sizes) {
  ^bb0(%id: i32, %n: f32):
    %c = linalg.index 2 : index
    %number = arith.index_cast %c : index to i32
    %isMember = arith.cmpi eq, %id, %number : i32
    %x = arith.select %isMember, %one, %zero : f32
    %y = arith.addf %n, %x : f32
    linalg.yield %y : f32
  } -> !sizes
  %found = attn.permute mean %k, %of outs(%0) : !kv, !clusters -> !means
  %next = linalg.generic {indexing_maps = [#all, #all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%found, %m, %sizes : !means, !means, !sizes) outs(%0 : !means) {
  ^bb0(%mean: f32, %old: f32, %n: f32, %init: f32):
    %has = arith.cmpf ogt, %n, %zero : f32
    %y = arith.select %has, %mean, %old : f32
    linalg.yield %y : f32
  } -> !means
  return %next, %of : !means, !clusters
}

func.func @clusterkv(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %length = tensor.dim %k, %c2 : !kv
  %last = arith.subi %length, %c1 : index
  %count = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  %0 = tensor.empty(%count) : !means
  %seeds = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !means) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %j = affine.apply affine_map<(c) -> (c * 16)>(%c)
    %x = tensor.extract %k[%b, %h, %j, %d] : !kv
    linalg.yield %x : f32
  } -> !means
  %m1, %of1 = func.call @clusterkv_round(%k, %seeds) : (!kv, !means) -> (!means, !clusters)
  %means, %clusters = func.call @clusterkv_round(%k, %m1) : (!kv, !means) -> (!means, !clusters)
  // A token has the score of its cluster, 0 in none.
  %5 = tensor.empty(%count) : !scores
  %scores = attn.route_score sum %q, %means outs(%5) scale(1.0) : !q, !means -> !scores
  %of = tensor.collapse_shape %scores [[0], [1, 2], [3]] : !scores into !row
  %6 = tensor.empty(%length) : !row
  %each = attn.permute gather %of, %clusters outs(%6) : !row, !clusters -> !row
  %tokens = tensor.expand_shape %each [[0], [1, 2], [3]] output_shape [2, 4, 1, %length] : !row into !scores
  %7 = tensor.empty() : !lists
  %lists = attn.select %tokens outs(%7) force(or<window<8>, sink<4>>) offset(%last) : !scores -> !lists
  %8 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%8) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_rows = tensor<1x8x?x128xf32>
!paper_means = tensor<1x8x?x128xf32>
!paper_sizes = tensor<1x8x?xf32>
!paper_clusters = tensor<1x8x?xi32>
!paper_row = tensor<1x32x?xf32>
!paper_scores = tensor<1x32x1x?xf32>
!paper_lists = tensor<1x32x1x1104xi32>
#paper_all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#paper_row = affine_map<(b, h, c, d) -> (b, h, c)>

// The clusters of the keys by the means m, and their means.
func.func private @clusterkv_paper_round(%k: !paper_kv, %m: !paper_means) -> (!paper_means, !paper_clusters) {
  %c2 = arith.constant 2 : index
  %sinks = arith.constant 16 : index
  %local = arith.constant 64 : index
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %count = tensor.dim %m, %c2 : !paper_means
  %recent = arith.subi %length, %local : index
  %0 = tensor.empty(%count) : !paper_means
  %1 = tensor.empty(%count) : !paper_sizes
  %4 = tensor.empty(%length) : !paper_clusters
  %none = linalg.fill ins(%zero : f32) outs(%1 : !paper_sizes) -> !paper_sizes
  %squares = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%m : !paper_means) outs(%none : !paper_sizes) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_sizes
  %2 = tensor.empty(%count) : !paper_means
  %unit = linalg.generic {indexing_maps = [#paper_all, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%m, %squares : !paper_means, !paper_sizes) outs(%2 : !paper_means) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !paper_means
  %nearest = attn.cluster nearest %k, %unit outs(%4) : !paper_kv, !paper_means -> !paper_clusters
  %of = linalg.generic {
      indexing_maps = [affine_map<(b, h, j) -> (b, h, j)>, affine_map<(b, h, j) -> (b, h, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%nearest : !paper_clusters) outs(%4 : !paper_clusters) {
  ^bb0(%id: i32, %init: i32):
    %j = linalg.index 2 : index
    %isBefore = arith.cmpi ult, %j, %sinks : index
    %isBehind = arith.cmpi sge, %j, %recent : index
    %isNone = arith.ori %isBefore, %isBehind : i1
    %y = arith.select %isNone, %no, %id : i32
    linalg.yield %y : i32
  } -> !paper_clusters
  %sizes = linalg.generic {
      indexing_maps = [affine_map<(b, h, c, j) -> (b, h, j)>, affine_map<(b, h, c, j) -> (b, h, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%of : !paper_clusters) outs(%none : !paper_sizes) {
  ^bb0(%id: i32, %n: f32):
    %c = linalg.index 2 : index
    %number = arith.index_cast %c : index to i32
    %isMember = arith.cmpi eq, %id, %number : i32
    %x = arith.select %isMember, %one, %zero : f32
    %y = arith.addf %n, %x : f32
    linalg.yield %y : f32
  } -> !paper_sizes
  %wide = arith.extf %k : !paper_kv to !paper_rows
  %found = attn.permute mean %wide, %of outs(%0) : !paper_rows, !paper_clusters -> !paper_means
  %next = linalg.generic {indexing_maps = [#paper_all, #paper_all, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%found, %m, %sizes : !paper_means, !paper_means, !paper_sizes) outs(%0 : !paper_means) {
  ^bb0(%mean: f32, %old: f32, %n: f32, %init: f32):
    %has = arith.cmpf ogt, %n, %zero : f32
    %y = arith.select %has, %mean, %old : f32
    linalg.yield %y : f32
  } -> !paper_means
  return %next, %of : !paper_means, !paper_clusters
}

func.func @clusterkv_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %length = tensor.dim %k, %c2 : !paper_kv
  %last = arith.subi %length, %c1 : index
  %count = affine.apply affine_map<(s) -> (s ceildiv 80)>(%length)

  %0 = tensor.empty(%count) : !paper_means
  %seeds = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !paper_means) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %j = affine.apply affine_map<(c) -> (c * 80)>(%c)
    %x = tensor.extract %k[%b, %h, %j, %d] : !paper_kv
    %xa = arith.extf %x : bf16 to f32
    linalg.yield %xa : f32
  } -> !paper_means
  %m1, %of1 = func.call @clusterkv_paper_round(%k, %seeds) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %m2, %of2 = func.call @clusterkv_paper_round(%k, %m1) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %m3, %of3 = func.call @clusterkv_paper_round(%k, %m2) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %means, %clusters = func.call @clusterkv_paper_round(%k, %m3) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  // A token has the score of its cluster, 0 in none.
  %5 = tensor.empty(%count) : !paper_scores
  %scores = attn.route_score sum %q, %means outs(%5) scale(1.0) : !paper_q, !paper_means -> !paper_scores
  %of = tensor.collapse_shape %scores [[0], [1, 2], [3]] : !paper_scores into !paper_row
  %6 = tensor.empty(%length) : !paper_row
  %each = attn.permute gather %of, %clusters outs(%6) : !paper_row, !paper_clusters -> !paper_row
  %tokens = tensor.expand_shape %each [[0], [1, 2], [3]] output_shape [1, 32, 1, %length] : !paper_row into !paper_scores
  %7 = tensor.empty() : !paper_lists
  %lists = attn.select %tokens outs(%7) force(or<window<64>, sink<16>>) offset(%last) : !paper_scores -> !paper_lists
  %8 = tensor.empty() : !paper_q
  %out = attn.attention %q, %k, %v outs(%8) scale(0.08838834764831845)
      select(%lists : !paper_lists) blocks(1, 1) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
