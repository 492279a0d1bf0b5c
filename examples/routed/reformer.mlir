// Reformer: tokens that hash alike attend to each other, in several rounds. With
// k[i] = q[i] / |q[i]| (one projection for both), and for each round a matrix R:
//
//   bucket(i) = argmax of [q[i] R; -q[i] R]
//   tokens are ordered by (bucket, i) and cut into chunks of `chunk`
//   i sees the tokens j <= i of its chunk and of the one before it (of the first: the
//   last), itself with a logit of -50000
//   out = sum over rounds of exp(lse of the round - lse of all) out of the round
//
// Kitaev et al. 2020, without the correction for tokens that are seen in several rounds.
//
// The argmax is a list of one. Sorted tokens keep their positions, which the mask and
// the score see; chunks are blocks of places. Heads have orders of their own, so they
// are entries of a batch. @reformer has two rounds, 12 buckets and chunks of 16.

!q = tensor<?x2x?x32xf32>
!rotations = tensor<2x2x6x32xf32>
!rotation = tensor<2x6x32xf32>
!planes = tensor<?x2x12x32xf32>
!hashes = tensor<?x2x?x12xf32>
!buckets = tensor<?x2x?x1xi32>
!order = tensor<?x2x?xi32>
!sorted = tensor<?x1x?x32xf32>
!positions = tensor<?x?xi32>
!lists = tensor<?x1x?x2xi32>
!lses = tensor<?x1x?xf32>
!lse = tensor<?x2x?xf32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

// One head in place of two, row order[i] in place of row i.
func.func private @gather(%x: !q, %order: !order) -> !sorted {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !q
  %length = tensor.dim %x, %c2 : !q
  %entries = affine.apply affine_map<(b) -> (b * 2)>(%batch)
  %0 = tensor.empty(%entries, %length) : !sorted
  %sorted = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !sorted) {
  ^bb0(%init: f32):
    %n = linalg.index 0 : index
    %i = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = affine.apply affine_map<(n) -> (n floordiv 2)>(%n)
    %h = affine.apply affine_map<(n) -> (n mod 2)>(%n)
    %number = tensor.extract %order[%b, %h, %i] : !order
    %from = arith.index_cast %number : i32 to index
    %y = tensor.extract %x[%b, %h, %from, %d] : !q
    linalg.yield %y : f32
  } -> !sorted
  return %sorted : !sorted
}

func.func private @round(%q: !q, %k: !q, %v: !q, %rotation: !rotation) -> (!q, !lse) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %itself = arith.constant -5.0e+04 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %entries = affine.apply affine_map<(b) -> (b * 2)>(%batch)
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  %0 = tensor.empty(%batch) : !planes
  %planes = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !planes) {
  ^bb0(%init: f32):
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %d = linalg.index 3 : index
    %m = affine.apply affine_map<(n) -> (n mod 6)>(%n)
    %x = tensor.extract %rotation[%h, %m, %d] : !rotation
    %minus = arith.negf %x : f32
    %isFirst = arith.cmpi ult, %n, %c6 : index
    %y = arith.select %isFirst, %x, %minus : f32
    linalg.yield %y : f32
  } -> !planes
  %1 = tensor.empty(%batch, %length) : !hashes
  %hashes = attn.route_score sum %q, %planes outs(%1) scale(1.0) : !q, !planes -> !hashes
  %2 = tensor.empty(%batch, %length) : !buckets
  %best = attn.select %hashes outs(%2) : !hashes -> !buckets
  %buckets = tensor.collapse_shape %best [[0], [1], [2, 3]] : !buckets into !order
  %3 = tensor.empty(%batch, %length) : !order
  %order = attn.sort %buckets outs(%3) : !order -> !order
  %back = attn.sort %order outs(%3) : !order -> !order

  %qs = func.call @gather(%q, %order) : (!q, !order) -> !sorted
  %ks = func.call @gather(%k, %order) : (!q, !order) -> !sorted
  %vs = func.call @gather(%v, %order) : (!q, !order) -> !sorted
  %positions = tensor.collapse_shape %order [[0, 1], [2]] : !order into !positions
  %4 = tensor.empty(%entries, %chunks) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %x = affine.apply affine_map<(c, m)[n] -> ((c - m) mod n)>(%c, %m)[%chunks]
    %y = arith.index_cast %x : index to i32
    linalg.yield %y : i32
  } -> !lists
  %5 = tensor.empty(%entries, %length) : !sorted
  %6 = tensor.empty(%entries, %length) : !lses
  %os, %lses = attn.attention %qs, %ks, %vs outs(%5, %6) scale(0.1767766952966369) mask(causal)
      positions(%positions, %positions : !positions, !positions) select(%lists : !lists) blocks(16, 16) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %same = arith.cmpi eq, %i, %j : index
    %t = arith.select %same, %itself, %s : f32
    attn.yield %t : f32
  } : !sorted, !sorted, !sorted -> !sorted, !lses

  %7 = tensor.empty(%batch, %length) : !q
  %out = linalg.generic {indexing_maps = [#row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%back : !order) outs(%7 : !q) {
  ^bb0(%number: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %d = linalg.index 3 : index
    %n = affine.apply affine_map<(b, h) -> (b * 2 + h)>(%b, %h)
    %from = arith.index_cast %number : i32 to index
    %y = tensor.extract %os[%n, %c0, %from, %d] : !sorted
    linalg.yield %y : f32
  } -> !q
  %8 = tensor.empty(%batch, %length) : !lse
  %lse = linalg.generic {
      indexing_maps = [affine_map<(b, h, i) -> (b, h, i)>, affine_map<(b, h, i) -> (b, h, i)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%back : !order) outs(%8 : !lse) {
  ^bb0(%number: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = affine.apply affine_map<(b, h) -> (b * 2 + h)>(%b, %h)
    %from = arith.index_cast %number : i32 to index
    %y = tensor.extract %lses[%n, %c0, %from] : !lses
    linalg.yield %y : f32
  } -> !lse
  return %out, %lse : !q, !lse
}

func.func @reformer(%q: !q, %v: !q, %rotations: !rotations) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %0 = tensor.empty(%batch, %length) : !lse
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !lse) -> !lse
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !q) outs(%1 : !lse) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !lse
  %2 = tensor.empty(%batch, %length) : !q
  %k = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %squares : !q, !lse) outs(%2 : !q) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !q
  %r0 = tensor.extract_slice %rotations[0, 0, 0, 0] [1, 2, 6, 32] [1, 1, 1, 1] : !rotations to !rotation
  %r1 = tensor.extract_slice %rotations[1, 0, 0, 0] [1, 2, 6, 32] [1, 1, 1, 1] : !rotations to !rotation
  %o0, %l0 = func.call @round(%q, %k, %v, %r0) : (!q, !q, !q, !rotation) -> (!q, !lse)
  %o1, %l1 = func.call @round(%q, %k, %v, %r1) : (!q, !q, !q, !rotation) -> (!q, !lse)
  %out = linalg.generic {indexing_maps = [#all, #all, #row, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o0, %o1, %l0, %l1 : !q, !q, !lse, !lse) outs(%2 : !q) {
  ^bb0(%x0: f32, %x1: f32, %s0: f32, %s1: f32, %init: f32):
    %top = arith.maximumf %s0, %s1 : f32
    %d0 = arith.subf %s0, %top : f32
    %d1 = arith.subf %s1, %top : f32
    %w0 = math.exp %d0 : f32
    %w1 = math.exp %d1 : f32
    %sum = arith.addf %w0, %w1 : f32
    %y0 = arith.mulf %w0, %x0 : f32
    %y1 = arith.mulf %w1, %x1 : f32
    %y = arith.addf %y0, %y1 : f32
    %z = arith.divf %y, %sum : f32
    linalg.yield %z : f32
  } -> !q
  return %out : !q
}
