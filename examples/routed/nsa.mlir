// Native sparse attention: three branches, each with a gate. With blocks of `size`
// tokens, and kc(c), vc(c) the means of k and v in block c:
//
//   o_c   attention over the kc(c), vc(c) of blocks c that end at i or before
//   p(c)  the weight of block c in that, summed over the query heads of a kv head
//   o_s   attention over tokens up to i in `topk` blocks: the first, the own one and
//         the one before it, then those with the largest p
//   o_w   attention over the last `window` tokens
//   out = sigmoid(gc) o_c + sigmoid(gs) o_s + sigmoid(gw) o_w
//
// Yuan et al. 2025.
//
// A weight is exp(s - lse), of the lse of the first branch. @nsa has blocks of 16,
// topk = 5 and a window of 24, @nsa_paper 64, 16 and 512.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!gate = tensor<?x4x?xf32>
!lse = tensor<?x4x?xf32>
!scores = tensor<?x2x?x?xf32>
!lists = tensor<?x2x?x5xi32>
#ended = #attn.affine<"(b, h, i, c) : (i - 16 * c - 15 >= 0)">
#begun = #attn.affine<"(b, h, i, c) : (i - 16 * c >= 0)">
#forced = #attn.or<sink<1>, affine<"(b, h, i, c) : (i - 16 * c >= 0, 16 * c + 31 - i >= 0)">>
#rows = affine_map<(b, h, i, d) -> (b, h, i)>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>

func.func @nsa(%q: !q, %k: !kv, %v: !kv, %gc: !gate, %gs: !gate, %gw: !gate) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 16 : index
  %one = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %blocks = arith.ceildivui %length, %size : index
  %e = tensor.empty(%batch, %length) : !q

  // Blocks as one token each.
  %0 = tensor.empty(%batch, %blocks) : !kv
  %kc = attn.pool mean %k outs(%0) window(16) stride(16) : !kv -> !kv
  %vc = attn.pool mean %v outs(%0) window(16) stride(16) : !kv -> !kv
  %1 = tensor.empty(%batch, %length) : !lse
  %oc, %lse = attn.attention %q, %kc, %vc outs(%e, %1) scale(0.1767766952966369) mask(#ended)
      : !q, !kv, !kv -> !q, !lse

  // Their weights choose the blocks of tokens.
  %2 = tensor.empty(%batch, %length, %blocks) : !scores
  %scores = attn.route_score sum %q, %kc outs(%2) scale(0.1767766952966369) mask(#ended) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !q, !kv -> !scores
  %3 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %scores outs(%3) mask(#begun) force(#forced) : !scores -> !lists
  %os = attn.attention %q, %k, %v outs(%e) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(1, 16) : !q, !kv, !kv -> !q

  %ow = attn.attention %q, %k, %v outs(%e) scale(0.1767766952966369) mask(window<24>) : !q, !kv, !kv -> !q

  %out = linalg.generic {
      indexing_maps = [#all, #all, #all, #rows, #rows, #rows, #all],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%oc, %os, %ow, %gc, %gs, %gw : !q, !q, !q, !gate, !gate, !gate) outs(%e : !q) {
  ^bb0(%o0: f32, %o1: f32, %o2: f32, %g0: f32, %g1: f32, %g2: f32, %init: f32):
    %n0 = arith.negf %g0 : f32
    %e0 = math.exp %n0 : f32
    %d0 = arith.addf %e0, %one : f32
    %p0 = arith.divf %o0, %d0 : f32
    %n1 = arith.negf %g1 : f32
    %e1 = math.exp %n1 : f32
    %d1 = arith.addf %e1, %one : f32
    %p1 = arith.divf %o1, %d1 : f32
    %n2 = arith.negf %g2 : f32
    %e2 = math.exp %n2 : f32
    %d2 = arith.addf %e2, %one : f32
    %p2 = arith.divf %o2, %d2 : f32
    %two = arith.addf %p0, %p1 : f32
    %sum = arith.addf %two, %p2 : f32
    linalg.yield %sum : f32
  } -> !q
  return %out : !q
}

!paper_q = tensor<?x64x?x128xbf16>
!paper_kv = tensor<?x4x?x128xbf16>
!paper_gate = tensor<?x64x?xbf16>
!paper_lse = tensor<?x64x?xf32>
!paper_scores = tensor<?x4x?x?xf32>
!paper_lists = tensor<?x4x?x16xi32>
#paper_ended = #attn.affine<"(b, h, i, c) : (i - 64 * c - 63 >= 0)">
#paper_begun = #attn.affine<"(b, h, i, c) : (i - 64 * c >= 0)">
#paper_forced = #attn.or<sink<1>, affine<"(b, h, i, c) : (i - 64 * c >= 0, 64 * c + 127 - i >= 0)">>
#paper_rows = affine_map<(b, h, i, d) -> (b, h, i)>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>

func.func @nsa_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %gc: !paper_gate, %gs: !paper_gate, %gw: !paper_gate) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 64 : index
  %one = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %blocks = arith.ceildivui %length, %size : index
  %e = tensor.empty(%batch, %length) : !paper_q

  // Blocks as one token each.
  %0 = tensor.empty(%batch, %blocks) : !paper_kv
  %kc = attn.pool mean %k outs(%0) window(64) stride(64) : !paper_kv -> !paper_kv
  %vc = attn.pool mean %v outs(%0) window(64) stride(64) : !paper_kv -> !paper_kv
  %1 = tensor.empty(%batch, %length) : !paper_lse
  %oc, %lse = attn.attention %q, %kc, %vc outs(%e, %1) scale(0.08838834764831845) mask(#paper_ended)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q, !paper_lse

  // Their weights choose the blocks of tokens.
  %2 = tensor.empty(%batch, %length, %blocks) : !paper_scores
  %scores = attn.route_score sum %q, %kc outs(%2) scale(0.08838834764831845) mask(#paper_ended) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !paper_lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_q, !paper_kv -> !paper_scores
  %3 = tensor.empty(%batch, %length) : !paper_lists
  %lists = attn.select %scores outs(%3) mask(#paper_begun) force(#paper_forced) : !paper_scores -> !paper_lists
  %os = attn.attention %q, %k, %v outs(%e) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_lists) blocks(1, 64) : !paper_q, !paper_kv, !paper_kv -> !paper_q

  %ow = attn.attention %q, %k, %v outs(%e) scale(0.08838834764831845) mask(window<512>) : !paper_q, !paper_kv, !paper_kv -> !paper_q

  %out = linalg.generic {
      indexing_maps = [#paper_all, #paper_all, #paper_all, #paper_rows, #paper_rows, #paper_rows, #paper_all],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%oc, %os, %ow, %gc, %gs, %gw : !paper_q, !paper_q, !paper_q, !paper_gate, !paper_gate, !paper_gate) outs(%e : !paper_q) {
  ^bb0(%o0: bf16, %o1: bf16, %o2: bf16, %g0: bf16, %g1: bf16, %g2: bf16, %init: bf16):
    %g0w = arith.extf %g0 : bf16 to f32
    %o0w = arith.extf %o0 : bf16 to f32
    %n0 = arith.negf %g0w : f32
    %e0 = math.exp %n0 : f32
    %d0 = arith.addf %e0, %one : f32
    %p0 = arith.divf %o0w, %d0 : f32
    %g1w = arith.extf %g1 : bf16 to f32
    %o1w = arith.extf %o1 : bf16 to f32
    %n1 = arith.negf %g1w : f32
    %e1 = math.exp %n1 : f32
    %d1 = arith.addf %e1, %one : f32
    %p1 = arith.divf %o1w, %d1 : f32
    %g2w = arith.extf %g2 : bf16 to f32
    %o2w = arith.extf %o2 : bf16 to f32
    %n2 = arith.negf %g2w : f32
    %e2 = math.exp %n2 : f32
    %d2 = arith.addf %e2, %one : f32
    %p2 = arith.divf %o2w, %d2 : f32
    %two = arith.addf %p0, %p1 : f32
    %sum = arith.addf %two, %p2 : f32
    %y = arith.truncf %sum : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_q
  return %out : !paper_q
}
