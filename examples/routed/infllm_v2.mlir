// InfLLM-v2: windows of keys score the blocks that they overlap. With k1(w) the mean of
// k over the `kernel` tokens from w stride on:
//
//   p(h, .) = softmax over the windows w that end at i or before of q[h, i] . k1(w)
//   g(w) = sum of p(h, w) over the query heads h of a kv head
//   m(c) = the largest g(w) of the windows that overlap block c of `size` tokens
//   see the first `init` blocks, the own one and the local - 1 before it, and those with
//   the largest m, `topk` in all, up to i
//
// MiniCPM team 2025.
//
// @infllm_v2 has windows of 8 by 4, blocks of 16, topk = 5, the first block and two
// local ones, @infllm_v2_paper 32 by 16, 64, 64, one and 32.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!lse = tensor<?x4x?xf32>
!scores = tensor<?x2x?x?xf32>
!lists = tensor<?x2x?x5xi32>
#ended = #attn.affine<"(b, h, i, w) : (i - 4 * w - 7 >= 0)">
#begun = #attn.affine<"(b, h, i, c) : (i - 16 * c >= 0)">
#forced = #attn.or<sink<1>, affine<"(b, h, i, c) : (i - 16 * c >= 0, 16 * c + 31 - i >= 0)">>
#all = affine_map<(b, g, i, c) -> (b, g, i, c)>

func.func @infllm_v2(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %stride = arith.constant 4 : index
  %size = arith.constant 16 : index
  %none = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %windows = arith.ceildivui %length, %stride : index
  %blocks = arith.ceildivui %length, %size : index
  %e = tensor.empty(%batch, %length) : !q

  // Of the attention over windows only the lse counts.
  %0 = tensor.empty(%batch, %windows) : !kv
  %k1 = attn.pool mean %k outs(%0) window(8) stride(4) : !kv -> !kv
  %1 = tensor.empty(%batch, %length) : !lse
  %o, %lse = attn.attention %q, %k1, %k1 outs(%e, %1) scale(0.1767766952966369) mask(#ended)
      : !q, !kv, !kv -> !q, !lse
  %2 = tensor.empty(%batch, %length, %windows) : !scores
  %weights = attn.route_score sum %q, %k1 outs(%2) scale(0.1767766952966369) mask(#ended) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %w: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !q, !kv -> !scores

  // The windows that overlap a block: 4 that begin in it, and 1 before these.
  %3 = tensor.empty(%batch, %length, %blocks) : !scores
  %largest = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%3 : !scores) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %g = linalg.index 1 : index
    %i = linalg.index 2 : index
    %c = linalg.index 3 : index
    %first = affine.max affine_map<(c) -> (c * 4 - 1, 0)>(%c)
    %end = affine.min affine_map<(c)[n] -> (c * 4 + 4, n)>(%c)[%windows]
    %m = scf.for %w = %first to %end step %c1 iter_args(%most = %none) -> f32 {
      %x = tensor.extract %weights[%b, %g, %i, %w] : !scores
      %y = arith.maximumf %most, %x : f32
      scf.yield %y : f32
    }
    linalg.yield %m : f32
  } -> !scores
  %4 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %largest outs(%4) mask(#begun) force(#forced) : !scores -> !lists
  %out = attn.attention %q, %k, %v outs(%e) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(1, 16) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x2x?x128xbf16>
!paper_lse = tensor<?x32x?xf32>
!paper_scores = tensor<?x2x?x?xf32>
!paper_lists = tensor<?x2x?x64xi32>
#paper_ended = #attn.affine<"(b, h, i, w) : (i - 16 * w - 31 >= 0)">
#paper_begun = #attn.affine<"(b, h, i, c) : (i - 64 * c >= 0)">
#paper_forced = #attn.or<sink<1>, affine<"(b, h, i, c) : (i - 64 * c >= 0, 64 * c + 2047 - i >= 0)">>
#paper_all = affine_map<(b, g, i, c) -> (b, g, i, c)>

func.func @infllm_v2_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %stride = arith.constant 16 : index
  %size = arith.constant 64 : index
  %none = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %windows = arith.ceildivui %length, %stride : index
  %blocks = arith.ceildivui %length, %size : index
  %e = tensor.empty(%batch, %length) : !paper_q

  // Of the attention over windows only the lse counts.
  %0 = tensor.empty(%batch, %windows) : !paper_kv
  %k1 = attn.pool mean %k outs(%0) window(32) stride(16) : !paper_kv -> !paper_kv
  %1 = tensor.empty(%batch, %length) : !paper_lse
  %o, %lse = attn.attention %q, %k1, %k1 outs(%e, %1) scale(0.08838834764831845) mask(#paper_ended)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q, !paper_lse
  %2 = tensor.empty(%batch, %length, %windows) : !paper_scores
  %weights = attn.route_score sum %q, %k1 outs(%2) scale(0.08838834764831845) mask(#paper_ended) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %w: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !paper_lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_q, !paper_kv -> !paper_scores

  // The windows that overlap a block: 4 that begin in it, and 1 before these.
  %3 = tensor.empty(%batch, %length, %blocks) : !paper_scores
  %largest = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%3 : !paper_scores) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %g = linalg.index 1 : index
    %i = linalg.index 2 : index
    %c = linalg.index 3 : index
    %first = affine.max affine_map<(c) -> (c * 4 - 1, 0)>(%c)
    %end = affine.min affine_map<(c)[n] -> (c * 4 + 4, n)>(%c)[%windows]
    %m = scf.for %w = %first to %end step %c1 iter_args(%most = %none) -> f32 {
      %x = tensor.extract %weights[%b, %g, %i, %w] : !paper_scores
      %y = arith.maximumf %most, %x : f32
      scf.yield %y : f32
    }
    linalg.yield %m : f32
  } -> !paper_scores
  %4 = tensor.empty(%batch, %length) : !paper_lists
  %lists = attn.select %largest outs(%4) mask(#paper_begun) force(#paper_forced) : !paper_scores -> !paper_lists
  %out = attn.attention %q, %k, %v outs(%e) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_lists) blocks(1, 64) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
