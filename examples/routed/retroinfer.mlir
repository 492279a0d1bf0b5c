// RetroInfer: tokens of the best clusters of keys, and means in place of those of the
// next. The query decodes: it has all keys. The first `sinks` and the last `local` keys
// are in no cluster. The others are in those of their segment of `segment` keys, which has
// a cluster for each `stride` keys: the means m(c) begin as the keys c `stride`; then,
// `rounds` times:
//
//   cluster(j) = argmax over the c of the segment of j of k[j] . m(c) / |m(c)|
//   m(c) = the mean of the keys of cluster c, or as it was if it has none
//
// With vm(c) the mean of the values of cluster c and n(c) how many there are, and the
// clusters that have some in the order of q . m(c), the largest first, one softmax over
//
//   steady     the keys in no cluster
//   retrieved  the keys of the first `retrieved` clusters
//   estimated  the next `estimated` clusters: logit scale q . m(c) + ln n(c), value vm(c)
//
// Chen et al. 2025, without its cache of blocks.
//
// Segments are the mask of clusters. The keys and the estimated
// clusters are merged by their lse. @retroinfer has 4 sinks, 16 local keys, segments of
// 64, a stride of 16, two rounds, 3 retrieved and 5 estimated clusters; @retroinfer_paper
// 4, 64, 8192, 16, 4, and 1.8 and 23.2 % of the clusters of 4011 keys, 5 and 58.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x2x?x32xf32>
!means = tensor<2x2x?x32xf32>
!sizes = tensor<2x2x?xf32>
!clusters = tensor<2x2x?xi32>
!scores = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x8xi32>
!rest = tensor<2x4x1x5xi32>
!tokens = tensor<2x4x1x?xi32>
!sum = tensor<2x4x1xf32>
#all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#row = affine_map<(b, h, c, d) -> (b, h, c)>
#segment = #attn.affine<"(b, h, j, c) : (j floordiv 64 - c floordiv 4 == 0)">

// The means of the rows of each cluster, or those that were, and how many there are.
func.func private @retroinfer_mean(%k: !kv, %of: !clusters, %m: !means) -> (!means, !sizes) {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %count = tensor.dim %m, %c2 : !means
  %0 = tensor.empty(%count) : !means
  %1 = tensor.empty(%count) : !sizes
  %none = linalg.fill ins(%zero : f32) outs(%1 : !sizes) -> !sizes
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
  return %next, %sizes : !means, !sizes
}

// The clusters of the keys by the means m, and their means.
func.func private @retroinfer_round(%k: !kv, %m: !means) -> (!means, !clusters) {
  %c2 = arith.constant 2 : index
  %sinks = arith.constant 4 : index
  %local = arith.constant 16 : index
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %k, %c2 : !kv
  %count = tensor.dim %m, %c2 : !means
  %recent = arith.subi %length, %local : index
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
  %nearest = attn.cluster nearest %k, %unit outs(%4) mask(#segment) : !kv, !means -> !clusters
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
  %next, %sizes = func.call @retroinfer_mean(%k, %of, %m) : (!kv, !clusters, !means) -> (!means, !sizes)
  return %next, %of : !means, !clusters
}

func.func @retroinfer(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 2 : index
  %no = arith.constant -1 : i32
  %retrieved = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %low = arith.constant 0xFF7FFFFF : f32
  %length = tensor.dim %k, %c2 : !kv
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
  %m1, %of1 = func.call @retroinfer_round(%k, %seeds) : (!kv, !means) -> (!means, !clusters)
  %means, %clusters = func.call @retroinfer_round(%k, %m1) : (!kv, !means) -> (!means, !clusters)
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !means) -> !means
  %valueMeans, %sizes = func.call @retroinfer_mean(%v, %clusters, %1) : (!kv, !clusters, !means) -> (!means, !sizes)

  // The clusters that have keys, in their order.
  %2 = tensor.empty(%count) : !scores
  %scores = attn.route_score sum %q, %means outs(%2) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %group : index
    %n = tensor.extract %sizes[%b, %g, %c] : !sizes
    %has = arith.cmpf ogt, %n, %zero : f32
    %t = arith.select %has, %s, %low : f32
    attn.yield %t : f32
  } : !q, !means -> !scores
  %3 = tensor.empty() : !lists
  %lists = attn.select %scores outs(%3) threshold(-1.0e+30) : !scores -> !lists
  %4 = tensor.empty(%length) : !tokens
  %exact = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !tokens) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %g = arith.divui %h, %group : index
    %of = tensor.extract %clusters[%b, %g, %j] : !clusters
    %isSteady = arith.cmpi eq, %of, %no : i32
    %isSeen = scf.for %n = %c0 to %retrieved step %c1 iter_args(%found = %isSteady) -> i1 {
      %id = tensor.extract %lists[%b, %h, %c0, %n] : !lists
      %same = arith.cmpi eq, %id, %of : i32
      %either = arith.ori %found, %same : i1
      scf.yield %either : i1
    }
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isSeen, %number, %no : i32
    linalg.yield %id : i32
  } -> !tokens
  %rest = tensor.extract_slice %lists[0, 0, 0, 3] [2, 4, 1, 5] [1, 1, 1, 1] : !lists to !rest

  %5 = tensor.empty() : !q
  %6 = tensor.empty() : !sum
  %keys, %keysLse = attn.attention %q, %k, %v outs(%5, %6) scale(0.1767766952966369)
      select(%exact : !tokens) blocks(1, 1) : !q, !kv, !kv -> !q, !sum
  %rough, %roughLse = attn.attention %q, %means, %valueMeans outs(%5, %6) scale(0.1767766952966369)
      select(%rest : !rest) blocks(1, 1) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %group : index
    %n = tensor.extract %sizes[%b, %g, %c] : !sizes
    %some = arith.maximumf %n, %one : f32
    %ln = math.log %some : f32
    %t = arith.addf %s, %ln : f32
    attn.yield %t : f32
  } : !q, !kv, !kv -> !q, !sum
  %out = linalg.generic {indexing_maps = [#all, #all, #row, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%keys, %rough, %keysLse, %roughLse : !q, !q, !sum, !sum) outs(%5 : !q) {
  ^bb0(%x0: f32, %x1: f32, %s0: f32, %s1: f32, %init: f32):
    %top = arith.maximumf %s0, %s1 : f32
    %d0 = arith.subf %s0, %top : f32
    %d1 = arith.subf %s1, %top : f32
    %w0 = math.exp %d0 : f32
    %w1 = math.exp %d1 : f32
    %den = arith.addf %w0, %w1 : f32
    %y0 = arith.mulf %w0, %x0 : f32
    %y1 = arith.mulf %w1, %x1 : f32
    %y = arith.addf %y0, %y1 : f32
    %z = arith.divf %y, %den : f32
    linalg.yield %z : f32
  } -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_rows = tensor<1x8x?x128xf32>
!paper_means = tensor<1x8x?x128xf32>
!paper_sizes = tensor<1x8x?xf32>
!paper_clusters = tensor<1x8x?xi32>
!paper_scores = tensor<1x32x1x?xf32>
!paper_lists = tensor<1x32x1x63xi32>
!paper_rest = tensor<1x32x1x58xi32>
!paper_tokens = tensor<1x32x1x?xi32>
!paper_sum = tensor<1x32x1xf32>
#paper_all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#paper_row = affine_map<(b, h, c, d) -> (b, h, c)>
#paper_segment = #attn.affine<"(b, h, j, c) : (j floordiv 8192 - c floordiv 512 == 0)">

// The means of the rows of each cluster, or those that were, and how many there are.
func.func private @retroinfer_paper_mean(%k: !paper_kv, %of: !paper_clusters, %m: !paper_means) -> (!paper_means, !paper_sizes) {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %count = tensor.dim %m, %c2 : !paper_means
  %0 = tensor.empty(%count) : !paper_means
  %1 = tensor.empty(%count) : !paper_sizes
  %none = linalg.fill ins(%zero : f32) outs(%1 : !paper_sizes) -> !paper_sizes
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
  return %next, %sizes : !paper_means, !paper_sizes
}

// The clusters of the keys by the means m, and their means.
func.func private @retroinfer_paper_round(%k: !paper_kv, %m: !paper_means) -> (!paper_means, !paper_clusters) {
  %c2 = arith.constant 2 : index
  %sinks = arith.constant 4 : index
  %local = arith.constant 64 : index
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %count = tensor.dim %m, %c2 : !paper_means
  %recent = arith.subi %length, %local : index
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
  %nearest = attn.cluster nearest %k, %unit outs(%4) mask(#paper_segment) : !paper_kv, !paper_means -> !paper_clusters
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
  %next, %sizes = func.call @retroinfer_paper_mean(%k, %of, %m) : (!paper_kv, !paper_clusters, !paper_means) -> (!paper_means, !paper_sizes)
  return %next, %of : !paper_means, !paper_clusters
}

func.func @retroinfer_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 4 : index
  %no = arith.constant -1 : i32
  %retrieved = arith.constant 5 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %low = arith.constant 0xFF7FFFFF : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %count = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  %0 = tensor.empty(%count) : !paper_means
  %seeds = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !paper_means) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %j = affine.apply affine_map<(c) -> (c * 16)>(%c)
    %x = tensor.extract %k[%b, %h, %j, %d] : !paper_kv
    %xa = arith.extf %x : bf16 to f32
    linalg.yield %xa : f32
  } -> !paper_means
  %m1, %of1 = func.call @retroinfer_paper_round(%k, %seeds) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %m2, %of2 = func.call @retroinfer_paper_round(%k, %m1) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %m3, %of3 = func.call @retroinfer_paper_round(%k, %m2) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %means, %clusters = func.call @retroinfer_paper_round(%k, %m3) : (!paper_kv, !paper_means) -> (!paper_means, !paper_clusters)
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_means) -> !paper_means
  %valueMeans, %sizes = func.call @retroinfer_paper_mean(%v, %clusters, %1) : (!paper_kv, !paper_clusters, !paper_means) -> (!paper_means, !paper_sizes)

  // The clusters that have keys, in their order.
  %2 = tensor.empty(%count) : !paper_scores
  %scores = attn.route_score sum %q, %means outs(%2) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %group : index
    %n = tensor.extract %sizes[%b, %g, %c] : !paper_sizes
    %has = arith.cmpf ogt, %n, %zero : f32
    %t = arith.select %has, %s, %low : f32
    attn.yield %t : f32
  } : !paper_q, !paper_means -> !paper_scores
  %3 = tensor.empty() : !paper_lists
  %lists = attn.select %scores outs(%3) threshold(-1.0e+30) : !paper_scores -> !paper_lists
  %4 = tensor.empty(%length) : !paper_tokens
  %exact = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !paper_tokens) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %g = arith.divui %h, %group : index
    %of = tensor.extract %clusters[%b, %g, %j] : !paper_clusters
    %isSteady = arith.cmpi eq, %of, %no : i32
    %isSeen = scf.for %n = %c0 to %retrieved step %c1 iter_args(%found = %isSteady) -> i1 {
      %id = tensor.extract %lists[%b, %h, %c0, %n] : !paper_lists
      %same = arith.cmpi eq, %id, %of : i32
      %either = arith.ori %found, %same : i1
      scf.yield %either : i1
    }
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isSeen, %number, %no : i32
    linalg.yield %id : i32
  } -> !paper_tokens
  %rest = tensor.extract_slice %lists[0, 0, 0, 5] [1, 32, 1, 58] [1, 1, 1, 1] : !paper_lists to !paper_rest
  %nk = tensor.empty(%count) : !paper_kv
  %mk = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%means : !paper_means) outs(%nk : !paper_kv) {
  ^bb0(%x: f32, %init: bf16):
    %y = arith.truncf %x : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_kv
  %mv = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%valueMeans : !paper_means) outs(%nk : !paper_kv) {
  ^bb0(%x: f32, %init: bf16):
    %y = arith.truncf %x : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_kv

  %5 = tensor.empty() : !paper_q
  %6 = tensor.empty() : !paper_sum
  %keys, %keysLse = attn.attention %q, %k, %v outs(%5, %6) scale(0.08838834764831845)
      select(%exact : !paper_tokens) blocks(1, 1) : !paper_q, !paper_kv, !paper_kv -> !paper_q, !paper_sum
  %rough, %roughLse = attn.attention %q, %mk, %mv outs(%5, %6) scale(0.08838834764831845)
      select(%rest : !paper_rest) blocks(1, 1) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %group : index
    %n = tensor.extract %sizes[%b, %g, %c] : !paper_sizes
    %some = arith.maximumf %n, %one : f32
    %ln = math.log %some : f32
    %t = arith.addf %s, %ln : f32
    attn.yield %t : f32
  } : !paper_q, !paper_kv, !paper_kv -> !paper_q, !paper_sum
  %out = linalg.generic {indexing_maps = [#paper_all, #paper_all, #paper_row, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%keys, %rough, %keysLse, %roughLse : !paper_q, !paper_q, !paper_sum, !paper_sum) outs(%5 : !paper_q) {
  ^bb0(%x0: bf16, %x1: bf16, %s0: f32, %s1: f32, %init: bf16):
    %x0w = arith.extf %x0 : bf16 to f32
    %x1w = arith.extf %x1 : bf16 to f32
    %top = arith.maximumf %s0, %s1 : f32
    %d0 = arith.subf %s0, %top : f32
    %d1 = arith.subf %s1, %top : f32
    %w0 = math.exp %d0 : f32
    %w1 = math.exp %d1 : f32
    %den = arith.addf %w0, %w1 : f32
    %y0 = arith.mulf %w0, %x0w : f32
    %y1 = arith.mulf %w1, %x1w : f32
    %y = arith.addf %y0, %y1 : f32
    %z = arith.divf %y, %den : f32
    %zw = arith.truncf %z : f32 to bf16
    linalg.yield %zw : bf16
  } -> !paper_q
  return %out : !paper_q
}
