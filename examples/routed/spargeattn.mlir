// SpargeAttn: means of blocks choose where blocks are alike; others are kept whole. With
// blocks of `rows` queries and `cols` keys, qm(n) and km(c) their means, and alike(.) the
// mean cosine of all pairs of tokens of a block:
//
//   p(n, .) = softmax of qm(n) . km(c) / sqrt(D) over the key blocks c that begin before
//             query block n ends and are alike: alike(c) > `threshold`
//   a block of queries sees the key blocks that it shares a token with, the others with
//   the largest p while what it has is less than `mass`, and all that are not alike;
//   a block of queries that is not alike sees all; each query the keys up to its own
//
// Zhang et al. 2025, without the quantisation, and without leaving out tiles by their
// maxima.
//
// The mean cosine is the square of the mean of unit vectors. A list is what was chosen
// and, behind it, what is kept: a selection is a set. @spargeattn has blocks of 64 x 32, a
// threshold of 0.5 and a mass of 0.7.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!qn = tensor<?x4x?xf32>
!kn = tensor<?x2x?xf32>
!scores = tensor<?x4x?x?xf32>
!lists = tensor<?x4x?x?xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>
#begun = #attn.affine<"(b, h, n, c) : (64 * n + 63 - 32 * c >= 0)">
#shared = #attn.affine<"(b, h, n, c) : (64 * n + 63 - 32 * c >= 0, 32 * c + 31 - 64 * n >= 0)">

func.func @spargeattn(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %threshold = arith.constant 0.5 : f32
  %no = arith.constant -1 : i32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %n = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)
  %m = affine.apply affine_map<(s) -> (s ceildiv 32)>(%length)
  %twice = affine.apply affine_map<(m) -> (m * 2)>(%m)

  %eq = tensor.empty(%batch, %length) : !q
  %ek = tensor.empty(%batch, %length) : !kv
  %0 = tensor.empty(%batch, %length) : !qn
  %1 = tensor.empty(%batch, %length) : !kn
  %zerosq = linalg.fill ins(%zero : f32) outs(%0 : !qn) -> !qn
  %zerosk = linalg.fill ins(%zero : f32) outs(%1 : !kn) -> !kn
  %sq = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !q) outs(%zerosq : !qn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !qn
  %unitq = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %sq : !q, !qn) outs(%eq : !q) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !q
  %sk = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%k : !kv) outs(%zerosk : !kn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !kn
  %unitk = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sk : !kv, !kn) outs(%ek : !kv) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !kv

  %2 = tensor.empty(%batch, %n) : !q
  %3 = tensor.empty(%batch, %m) : !kv
  %4 = tensor.empty(%batch, %n) : !qn
  %5 = tensor.empty(%batch, %m) : !kn
  %noneq = linalg.fill ins(%zero : f32) outs(%4 : !qn) -> !qn
  %nonek = linalg.fill ins(%zero : f32) outs(%5 : !kn) -> !kn
  %directionq = attn.pool mean %unitq outs(%2) window(64) stride(64) : !q -> !q
  %directionk = attn.pool mean %unitk outs(%3) window(32) stride(32) : !kv -> !kv
  %alikeq = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%directionq : !q) outs(%noneq : !qn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !qn
  %alikek = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%directionk : !kv) outs(%nonek : !kn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !kn

  %qm = attn.pool mean %q outs(%2) window(64) stride(64) : !q -> !q
  %km = attn.pool mean %k outs(%3) window(32) stride(32) : !kv -> !kv
  %o, %lse = attn.attention %qm, %km, %km outs(%2, %4) scale(0.1767766952966369) mask(#begun) where {
  ^bb0(%b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %c2 : index
    %x = tensor.extract %alikek[%b, %g, %c] : !kn
    %y = arith.cmpf ogt, %x, %threshold : f32
    attn.yield %y : i1
  } : !q, !kv, !kv -> !q, !qn
  %6 = tensor.empty(%batch, %n, %m) : !scores
  %weights = attn.route_score sum %qm, %km outs(%6) scale(0.1767766952966369) mask(#begun) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %g = arith.divui %h, %c2 : index
    %a = tensor.extract %alikek[%b, %g, %c] : !kn
    %isAlike = arith.cmpf ogt, %a, %threshold : f32
    %sum = tensor.extract %lse[%b, %h, %i] : !qn
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    %y = arith.select %isAlike, %p, %zero : f32
    attn.yield %y : f32
  } : !q, !kv -> !scores
  %7 = tensor.empty(%batch, %n, %m) : !lists
  %chosen = attn.select %weights outs(%7) mask(#begun) force(#shared) mass(0.7) : !scores -> !lists
  %kept = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%7 : !lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %c = linalg.index 3 : index
    %g = arith.divui %h, %c2 : index
    %x = tensor.extract %alikeq[%b, %h, %i] : !qn
    %y = tensor.extract %alikek[%b, %g, %c] : !kn
    %xs = arith.cmpf ule, %x, %threshold : f32
    %ys = arith.cmpf ule, %y, %threshold : f32
    %keeps = arith.ori %xs, %ys : i1
    %number = arith.index_cast %c : index to i32
    %id = arith.select %keeps, %number, %no : i32
    linalg.yield %id : i32
  } -> !lists
  %8 = tensor.empty(%batch, %n, %twice) : !lists
  %9 = tensor.insert_slice %chosen into %8[0, 0, 0, 0] [%batch, 4, %n, %m] [1, 1, 1, 1] : !lists into !lists
  %lists = tensor.insert_slice %kept into %9[0, 0, 0, %m] [%batch, 4, %n, %m] [1, 1, 1, 1] : !lists into !lists
  %out = attn.attention %q, %k, %v outs(%eq) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(64, 32) : !q, !kv, !kv -> !q
  return %out : !q
}
