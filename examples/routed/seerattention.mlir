// SeerAttention: a learned gate scores pairs of blocks. With blocks of `size` tokens, c
// their numbers, and a rotary position R(c):
//
//   gq(n) = R(n) (mean of q in block n) wq
//   gk(c) = R(c) (max of k in block c, min, mean) wk
//   a block of queries sees the `topk` blocks c <= n with the largest gq(n) . gk(c);
//   in them each query sees the keys up to its own
//
// Gao et al. 2024.
//
// @seerattention has blocks of 32 and topk = 3.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!gq = tensor<?x4x?x16xf32>
!gk = tensor<?x2x?x16xf32>
!wq = tensor<4x32x16xf32>
!wk = tensor<3x2x32x16xf32>
!w = tensor<2x32x16xf32>
!angles = tensor<?x8xf32>
!scores = tensor<?x4x?x?xf32>
!lists = tensor<?x4x?x3xi32>
#pooled = affine_map<(b, h, n, g, d) -> (b, h, n, d)>
#weight = affine_map<(b, h, n, g, d) -> (h, d, g)>
#gate = affine_map<(b, h, n, g, d) -> (b, h, n, g)>
#all = affine_map<(b, h, n, g) -> (b, h, n, g)>

func.func @seerattention(%q: !q, %k: !kv, %v: !kv, %wq: !wq, %wk: !wk, %cos: !angles, %sin: !angles) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %size = arith.constant 32 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %blocks = arith.ceildivui %length, %size : index

  %0 = tensor.empty(%batch, %blocks) : !q
  %1 = tensor.empty(%batch, %blocks) : !kv
  %queries = attn.pool mean %q outs(%0) window(32) stride(32) : !q -> !q
  %largest = attn.pool max %k outs(%1) window(32) stride(32) : !kv -> !kv
  %smallest = attn.pool min %k outs(%1) window(32) stride(32) : !kv -> !kv
  %means = attn.pool mean %k outs(%1) window(32) stride(32) : !kv -> !kv
  %w0 = tensor.extract_slice %wk[0, 0, 0, 0] [1, 2, 32, 16] [1, 1, 1, 1] : !wk to !w
  %w1 = tensor.extract_slice %wk[1, 0, 0, 0] [1, 2, 32, 16] [1, 1, 1, 1] : !wk to !w
  %w2 = tensor.extract_slice %wk[2, 0, 0, 0] [1, 2, 32, 16] [1, 1, 1, 1] : !wk to !w
  %2 = tensor.empty(%batch, %blocks) : !gq
  %3 = tensor.empty(%batch, %blocks) : !gk
  %4 = linalg.fill ins(%zero : f32) outs(%2 : !gq) -> !gq
  %5 = linalg.fill ins(%zero : f32) outs(%3 : !gk) -> !gk
  %6 = linalg.contract indexing_maps = [#pooled, #weight, #gate] ins(%queries, %wq : !q, !wq) outs(%4 : !gq) -> !gq
  %7 = linalg.contract indexing_maps = [#pooled, #weight, #gate] ins(%largest, %w0 : !kv, !w) outs(%5 : !gk) -> !gk
  %8 = linalg.contract indexing_maps = [#pooled, #weight, #gate] ins(%smallest, %w1 : !kv, !w) outs(%7 : !gk) -> !gk
  %9 = linalg.contract indexing_maps = [#pooled, #weight, #gate] ins(%means, %w2 : !kv, !w) outs(%8 : !gk) -> !gk

  // R(n): channels g and g + 8 are a pair.
  %gq = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%6 : !gq) outs(%2 : !gq) {
  ^bb0(%x: f32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %g = linalg.index 3 : index
    %pair = affine.apply affine_map<(g) -> ((g + 8) mod 16)>(%g)
    %angle = affine.apply affine_map<(g) -> (g mod 8)>(%g)
    %y = tensor.extract %6[%b, %h, %n, %pair] : !gq
    %c = tensor.extract %cos[%n, %angle] : !angles
    %s = tensor.extract %sin[%n, %angle] : !angles
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %y, %s : f32
    %minus = arith.subf %xc, %ys : f32
    %plus = arith.addf %xc, %ys : f32
    %isFirst = arith.cmpi ult, %g, %c8 : index
    %z = arith.select %isFirst, %minus, %plus : f32
    linalg.yield %z : f32
  } -> !gq
  %gk = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%9 : !gk) outs(%3 : !gk) {
  ^bb0(%x: f32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %g = linalg.index 3 : index
    %pair = affine.apply affine_map<(g) -> ((g + 8) mod 16)>(%g)
    %angle = affine.apply affine_map<(g) -> (g mod 8)>(%g)
    %y = tensor.extract %9[%b, %h, %n, %pair] : !gk
    %c = tensor.extract %cos[%n, %angle] : !angles
    %s = tensor.extract %sin[%n, %angle] : !angles
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %y, %s : f32
    %minus = arith.subf %xc, %ys : f32
    %plus = arith.addf %xc, %ys : f32
    %isFirst = arith.cmpi ult, %g, %c8 : index
    %z = arith.select %isFirst, %minus, %plus : f32
    linalg.yield %z : f32
  } -> !gk

  %10 = tensor.empty(%batch, %blocks, %blocks) : !scores
  %scores = attn.route_score sum %gq, %gk outs(%10) scale(1.0) : !gq, !gk -> !scores
  %11 = tensor.empty(%batch, %blocks) : !lists
  %lists = attn.select %scores outs(%11) mask(causal) : !scores -> !lists
  %12 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%12) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(32, 32) : !q, !kv, !kv -> !q
  return %out : !q
}
