// RetrievalAttention: a query sees the keys that a search in an index finds for it. The
// query decodes: it has all keys. The first `sinks` and the last `local` keys are seen by
// all queries. The index has the others in lists, each key in that of the centroid with
// the largest k[j] . centroid[c]. A query searches the `probes` lists with the largest
// q . centroid[c], and sees the `topk` keys in them with the largest q . k[j].
//
// Liu et al. 2024; their index is a graph, searched by the CPU. Here it is lists of
// centroids, which are operands and may be made of queries, as theirs is.
//
// A key outside of the lists that are searched has a score below the threshold; its logit
// is computed, as no list is short by itself. Forced keys come first. @retrievalattention
// has 12 centroids, 3 probes, topk = 20, 4 sinks and 16 local keys,
// @retrievalattention_paper 64, 16, 100, 128 and 512.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x2x?x32xf32>
!centroids = tensor<2x2x12x32xf32>
!near = tensor<2x2x?x12xf32>
!of = tensor<2x2x?x1xi32>
!found = tensor<2x4x1x12xf32>
!probes = tensor<2x4x1x3xi32>
!scores = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x40xi32>

func.func @retrievalattention(%q: !q, %k: !kv, %v: !kv, %centroids: !centroids) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 2 : index
  %probeCount = arith.constant 3 : index
  %false = arith.constant false
  %low = arith.constant 0xFF7FFFFF : f32
  %length = tensor.dim %k, %c2 : !kv
  %last = arith.subi %length, %c1 : index

  // The index, and the lists of it that a query searches.
  %0 = tensor.empty(%length) : !near
  %near = attn.route_score sum %k, %centroids outs(%0) scale(1.0) : !kv, !centroids -> !near
  %1 = tensor.empty(%length) : !of
  %of = attn.select %near outs(%1) : !near -> !of
  %2 = tensor.empty() : !found
  %found = attn.route_score sum %q, %centroids outs(%2) scale(1.0) : !q, !centroids -> !found
  %3 = tensor.empty() : !probes
  %probes = attn.select %found outs(%3) : !found -> !probes

  %4 = tensor.empty(%length) : !scores
  %scores = attn.route_score sum %q, %k outs(%4) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %g = arith.divui %h, %group : index
    %own = tensor.extract %of[%b, %g, %j, %c0] : !of
    %isSearched = scf.for %n = %c0 to %probeCount step %c1 iter_args(%is = %false) -> i1 {
      %id = tensor.extract %probes[%b, %h, %c0, %n] : !probes
      %same = arith.cmpi eq, %id, %own : i32
      %either = arith.ori %is, %same : i1
      scf.yield %either : i1
    }
    %t = arith.select %isSearched, %s, %low : f32
    attn.yield %t : f32
  } : !q, !kv -> !scores
  %5 = tensor.empty() : !lists
  %lists = attn.select %scores outs(%5) force(or<window<16>, sink<4>>) threshold(-1.0e+30) offset(%last) : !scores -> !lists
  %6 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%6) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_centroids = tensor<1x8x64x128xbf16>
!paper_near = tensor<1x8x?x64xf32>
!paper_of = tensor<1x8x?x1xi32>
!paper_found = tensor<1x32x1x64xf32>
!paper_probes = tensor<1x32x1x16xi32>
!paper_scores = tensor<1x32x1x?xf32>
!paper_lists = tensor<1x32x1x740xi32>

func.func @retrievalattention_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %centroids: !paper_centroids) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 4 : index
  %probeCount = arith.constant 16 : index
  %false = arith.constant false
  %low = arith.constant 0xFF7FFFFF : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %last = arith.subi %length, %c1 : index

  // The index, and the lists of it that a query searches.
  %0 = tensor.empty(%length) : !paper_near
  %near = attn.route_score sum %k, %centroids outs(%0) scale(1.0) : !paper_kv, !paper_centroids -> !paper_near
  %1 = tensor.empty(%length) : !paper_of
  %of = attn.select %near outs(%1) : !paper_near -> !paper_of
  %2 = tensor.empty() : !paper_found
  %found = attn.route_score sum %q, %centroids outs(%2) scale(1.0) : !paper_q, !paper_centroids -> !paper_found
  %3 = tensor.empty() : !paper_probes
  %probes = attn.select %found outs(%3) : !paper_found -> !paper_probes

  %4 = tensor.empty(%length) : !paper_scores
  %scores = attn.route_score sum %q, %k outs(%4) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %g = arith.divui %h, %group : index
    %own = tensor.extract %of[%b, %g, %j, %c0] : !paper_of
    %isSearched = scf.for %n = %c0 to %probeCount step %c1 iter_args(%is = %false) -> i1 {
      %id = tensor.extract %probes[%b, %h, %c0, %n] : !paper_probes
      %same = arith.cmpi eq, %id, %own : i32
      %either = arith.ori %is, %same : i1
      scf.yield %either : i1
    }
    %t = arith.select %isSearched, %s, %low : f32
    attn.yield %t : f32
  } : !paper_q, !paper_kv -> !paper_scores
  %5 = tensor.empty() : !paper_lists
  %lists = attn.select %scores outs(%5) force(or<window<512>, sink<128>>) threshold(-1.0e+30) offset(%last) : !paper_scores -> !paper_lists
  %6 = tensor.empty() : !paper_q
  %out = attn.attention %q, %k, %v outs(%6) scale(0.08838834764831845)
      select(%lists : !paper_lists) blocks(1, 1) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
