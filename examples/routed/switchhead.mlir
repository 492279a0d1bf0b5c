// SwitchHead: few heads, whose projections of values and outputs are mixtures of experts.
// With x the input, and for each head h and expert e the projections wv, wo and the
// routers rv, ro, for token i:
//
//   a(i, h, e) = sigmoid(x[i] . rv[h, e]) of the `topk` experts with the largest
//                x[i] . rv[h, e]
//   v[h, i] = sum over these e of a(i, h, e) x[i] wv[h, e]
//   y[h, i] = causal softmax attention of q[h], k[h], v[h]
//   b(i, h, e) = the same with ro
//   out[i] = sum over h and these e of b(i, h, e) y[h, i] wo[h, e]
//
// Csordas et al. 2024. q and k are projected outside.
//
// Only chosen experts are evaluated: the weights of a product are read at their numbers.
// @switchhead has two of four experts, two heads and 48 channels, @switchhead_paper two of
// four, four and 1024.

!q = tensor<1x2x?x32xf32>
!x = tensor<1x1x?x48xf32>
!wv = tensor<2x4x48x32xf32>
!wo = tensor<2x4x32x48xf32>
!router = tensor<2x4x48xf32>
!logits = tensor<1x2x?x4xf32>
!experts = tensor<1x2x?x2xi32>
!gates = tensor<1x2x?x2xf32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>

// The best experts of each token and head, and how much they count.
func.func private @switchhead_route(%x: !x, %router: !router) -> (!experts, !gates) {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %length = tensor.dim %x, %c2 : !x
  %0 = tensor.empty(%length) : !logits
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !logits) -> !logits
  %logits = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, e, m) -> (b, 0, i, m)>, affine_map<(b, h, i, e, m) -> (h, e, m)>, affine_map<(b, h, i, e, m) -> (b, h, i, e)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%x, %router : !x, !router) outs(%1 : !logits) {
  ^bb0(%a: f32, %r: f32, %sum: f32):
    %p = arith.mulf %a, %r : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !logits
  %2 = tensor.empty(%length) : !experts
  %experts = attn.select %logits outs(%2) : !logits -> !experts
  %3 = tensor.empty(%length) : !gates
  %gates = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%experts : !experts) outs(%3 : !gates) {
  ^bb0(%id: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %logits[%b, %h, %i, %e] : !logits
    %minus = arith.negf %s : f32
    %power = math.exp %minus : f32
    %den = arith.addf %one, %power : f32
    %y = arith.divf %one, %den : f32
    linalg.yield %y : f32
  } -> !gates
  return %experts, %gates : !experts, !gates
}

func.func @switchhead(%q: !q, %k: !q, %x: !x, %wv: !wv, %wo: !wo, %rv: !router, %ro: !router) -> !x {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %q, %c2 : !q
  %vexperts, %vgates = func.call @switchhead_route(%x, %rv) : (!x, !router) -> (!experts, !gates)
  %oexperts, %ogates = func.call @switchhead_route(%x, %ro) : (!x, !router) -> (!experts, !gates)

  %0 = tensor.empty(%length) : !q
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !q) -> !q
  %values = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, d, n, m) -> (b, h, i, n)>, affine_map<(b, h, i, d, n, m) -> (b, h, i, n)>,
                       affine_map<(b, h, i, d, n, m) -> (b, 0, i, m)>, affine_map<(b, h, i, d, n, m) -> (b, h, i, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%vexperts, %vgates, %x : !experts, !gates, !x) outs(%1 : !q) {
  ^bb0(%id: i32, %g: f32, %a: f32, %sum: f32):
    %h = linalg.index 1 : index
    %d = linalg.index 3 : index
    %m = linalg.index 5 : index
    %e = arith.index_cast %id : i32 to index
    %w = tensor.extract %wv[%h, %e, %m, %d] : !wv
    %weighted = arith.mulf %g, %a : f32
    %p = arith.mulf %weighted, %w : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !q
  %2 = tensor.empty(%length) : !q
  %heads = attn.attention %q, %k, %values outs(%2) scale(0.1767766952966369) mask(causal) : !q, !q, !q -> !q

  %3 = tensor.empty(%length) : !x
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !x) -> !x
  %mixed = linalg.generic {
      indexing_maps = [affine_map<(b, o, i, m, h, n, d) -> (b, h, i, n)>, affine_map<(b, o, i, m, h, n, d) -> (b, h, i, n)>,
                       affine_map<(b, o, i, m, h, n, d) -> (b, h, i, d)>, affine_map<(b, o, i, m, h, n, d) -> (b, o, i, m)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%oexperts, %ogates, %heads : !experts, !gates, !q) outs(%4 : !x) {
  ^bb0(%id: i32, %g: f32, %a: f32, %sum: f32):
    %m = linalg.index 3 : index
    %h = linalg.index 4 : index
    %d = linalg.index 6 : index
    %e = arith.index_cast %id : i32 to index
    %w = tensor.extract %wo[%h, %e, %d, %m] : !wo
    %weighted = arith.mulf %g, %a : f32
    %p = arith.mulf %weighted, %w : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !x
  return %mixed : !x
}

!paper_q = tensor<1x4x?x128xbf16>
!paper_x = tensor<1x1x?x1024xbf16>
!paper_wv = tensor<4x4x1024x128xbf16>
!paper_wo = tensor<4x4x128x1024xbf16>
!paper_router = tensor<4x4x1024xbf16>
!paper_logits = tensor<1x4x?x4xf32>
!paper_experts = tensor<1x4x?x2xi32>
!paper_gates = tensor<1x4x?x2xf32>
!paper_heads = tensor<1x4x?x128xf32>
!paper_sums = tensor<1x1x?x1024xf32>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>

// The best experts of each token and head, and how much they count.
func.func private @switchhead_paper_route(%x: !paper_x, %router: !paper_router) -> (!paper_experts, !paper_gates) {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %length = tensor.dim %x, %c2 : !paper_x
  %0 = tensor.empty(%length) : !paper_logits
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_logits) -> !paper_logits
  %logits = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, e, m) -> (b, 0, i, m)>, affine_map<(b, h, i, e, m) -> (h, e, m)>, affine_map<(b, h, i, e, m) -> (b, h, i, e)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%x, %router : !paper_x, !paper_router) outs(%1 : !paper_logits) {
  ^bb0(%a: bf16, %r: bf16, %sum: f32):
    %aw = arith.extf %a : bf16 to f32
    %rw = arith.extf %r : bf16 to f32
    %p = arith.mulf %aw, %rw : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !paper_logits
  %2 = tensor.empty(%length) : !paper_experts
  %experts = attn.select %logits outs(%2) : !paper_logits -> !paper_experts
  %3 = tensor.empty(%length) : !paper_gates
  %gates = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%experts : !paper_experts) outs(%3 : !paper_gates) {
  ^bb0(%id: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %logits[%b, %h, %i, %e] : !paper_logits
    %minus = arith.negf %s : f32
    %power = math.exp %minus : f32
    %den = arith.addf %one, %power : f32
    %y = arith.divf %one, %den : f32
    linalg.yield %y : f32
  } -> !paper_gates
  return %experts, %gates : !paper_experts, !paper_gates
}

func.func @switchhead_paper(%q: !paper_q, %k: !paper_q, %x: !paper_x, %wv: !paper_wv, %wo: !paper_wo, %rv: !paper_router, %ro: !paper_router) -> !paper_x {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %q, %c2 : !paper_q
  %vexperts, %vgates = func.call @switchhead_paper_route(%x, %rv) : (!paper_x, !paper_router) -> (!paper_experts, !paper_gates)
  %oexperts, %ogates = func.call @switchhead_paper_route(%x, %ro) : (!paper_x, !paper_router) -> (!paper_experts, !paper_gates)

  %0 = tensor.empty(%length) : !paper_heads
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_heads) -> !paper_heads
  %wide = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, d, n, m) -> (b, h, i, n)>, affine_map<(b, h, i, d, n, m) -> (b, h, i, n)>,
                       affine_map<(b, h, i, d, n, m) -> (b, 0, i, m)>, affine_map<(b, h, i, d, n, m) -> (b, h, i, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%vexperts, %vgates, %x : !paper_experts, !paper_gates, !paper_x) outs(%1 : !paper_heads) {
  ^bb0(%id: i32, %g: f32, %a: bf16, %sum: f32):
    %h = linalg.index 1 : index
    %d = linalg.index 3 : index
    %m = linalg.index 5 : index
    %e = arith.index_cast %id : i32 to index
    %w = tensor.extract %wv[%h, %e, %m, %d] : !paper_wv
    %ax = arith.extf %a : bf16 to f32
    %wx = arith.extf %w : bf16 to f32
    %weighted = arith.mulf %g, %ax : f32
    %p = arith.mulf %weighted, %wx : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !paper_heads
  %2 = tensor.empty(%length) : !paper_q
  %values = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%wide : !paper_heads) outs(%2 : !paper_q) {
  ^bb0(%a: f32, %init: bf16):
    %y = arith.truncf %a : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_q
  %heads = attn.attention %q, %k, %values outs(%2) scale(0.08838834764831845) mask(causal) : !paper_q, !paper_q, !paper_q -> !paper_q

  %3 = tensor.empty(%length) : !paper_sums
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !paper_sums) -> !paper_sums
  %mixed = linalg.generic {
      indexing_maps = [affine_map<(b, o, i, m, h, n, d) -> (b, h, i, n)>, affine_map<(b, o, i, m, h, n, d) -> (b, h, i, n)>,
                       affine_map<(b, o, i, m, h, n, d) -> (b, h, i, d)>, affine_map<(b, o, i, m, h, n, d) -> (b, o, i, m)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%oexperts, %ogates, %heads : !paper_experts, !paper_gates, !paper_q) outs(%4 : !paper_sums) {
  ^bb0(%id: i32, %g: f32, %a: bf16, %sum: f32):
    %m = linalg.index 3 : index
    %h = linalg.index 4 : index
    %d = linalg.index 6 : index
    %e = arith.index_cast %id : i32 to index
    %w = tensor.extract %wo[%h, %e, %d, %m] : !paper_wo
    %ay = arith.extf %a : bf16 to f32
    %wy = arith.extf %w : bf16 to f32
    %weighted = arith.mulf %g, %ay : f32
    %p = arith.mulf %weighted, %wy : f32
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !paper_sums
  %5 = tensor.empty(%length) : !paper_x
  %out = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%mixed : !paper_sums) outs(%5 : !paper_x) {
  ^bb0(%a: f32, %init: bf16):
    %y = arith.truncf %a : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_x
  return %out : !paper_x
}
