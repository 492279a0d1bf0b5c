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
// The rounds of a head are a group of heads. Sorted tokens keep their positions, which
// the mask and the score see; chunks are blocks of places. Heads have orders of their
// own, so they are entries of a batch. @reformer has two rounds, 12 buckets and chunks
// of 16, @reformer_paper 4, 512 and 64.

!q = tensor<?x2x?x32xf32>
!norms = tensor<?x2x?xf32>
!rotations = tensor<1x4x6x32xf32>
!order = tensor<?x4x?xi32>
!rounds = tensor<?x4x?x32xf32>
!lses = tensor<?x4x?xf32>
!flat = tensor<?x?x32xf32>
!sorted = tensor<?x1x?x32xf32>
!sums = tensor<?x1x?xf32>
!positions = tensor<?x?xi32>
!lists = tensor<?x1x?x2xi32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

// Rows of x in the order of each head, which is an entry of a batch.
func.func private @reformer_sorted(%x: !q, %order: !order) -> !sorted {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !q
  %entries = affine.apply affine_map<(b) -> (b * 4)>(%batch)
  %length = tensor.dim %x, %c2 : !q
  %0 = tensor.empty(%batch, %length) : !rounds
  %1 = attn.permute gather %x, %order outs(%0) : !q, !order -> !rounds
  %2 = tensor.collapse_shape %1 [[0, 1], [2], [3]] : !rounds into !flat
  %3 = tensor.expand_shape %2 [[0, 1], [2], [3]] output_shape [%entries, 1, %length, 32] : !flat into !sorted
  return %3 : !sorted
}

// What round r of each head made, where its tokens were.
func.func private @reformer_round(%o: !rounds, %l: !lses, %back: !order, %r: index) -> (!q, !norms) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %o, %c0 : !rounds
  %length = tensor.dim %o, %c2 : !rounds
  %or = tensor.extract_slice %o[0, %r, 0, 0] [%batch, 2, %length, 32] [1, 2, 1, 1] : !rounds to !q
  %lr = tensor.extract_slice %l[0, %r, 0] [%batch, 2, %length] [1, 2, 1] : !lses to !norms
  %nr = tensor.extract_slice %back[0, %r, 0] [%batch, 2, %length] [1, 2, 1] : !order to tensor<?x2x?xi32>
  %0 = tensor.empty(%batch, %length) : !q
  %1 = tensor.empty(%batch, %length) : !norms
  %out = attn.permute gather %or, %nr outs(%0) : !q, tensor<?x2x?xi32> -> !q
  %lse = attn.permute gather %lr, %nr outs(%1) : !norms, tensor<?x2x?xi32> -> !norms
  return %out, %lse : !q, !norms
}

func.func @reformer(%q: !q, %v: !q, %rotations: !rotations) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %itself = arith.constant -5.0e+04 : f32
  %batch = tensor.dim %q, %c0 : !q
  %entries = affine.apply affine_map<(b) -> (b * 4)>(%batch)
  %length = tensor.dim %q, %c2 : !q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)
  %0 = tensor.empty(%batch, %length) : !norms
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !norms) -> !norms
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !q) outs(%1 : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !norms
  %2 = tensor.empty(%batch, %length) : !q
  %k = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %squares : !q, !norms) outs(%2 : !q) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %norm = math.sqrt %square : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !q

  %3 = tensor.empty(%batch, %length) : !order
  %buckets = attn.cluster rotated %q, %rotations outs(%3) : !q, !rotations -> !order
  %order = attn.sort %buckets outs(%3) : !order -> !order
  %back = attn.sort %order outs(%3) : !order -> !order
  %qs = func.call @reformer_sorted(%q, %order) : (!q, !order) -> !sorted
  %ks = func.call @reformer_sorted(%k, %order) : (!q, !order) -> !sorted
  %vs = func.call @reformer_sorted(%v, %order) : (!q, !order) -> !sorted
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
  %6 = tensor.empty(%entries, %length) : !sums
  %os, %ls = attn.attention %qs, %ks, %vs outs(%5, %6) scale(0.1767766952966369) mask(causal)
      positions(%positions, %positions : !positions, !positions) select(%lists : !lists) blocks(16, 16) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %same = arith.cmpi eq, %i, %j : index
    %t = arith.select %same, %itself, %s : f32
    attn.yield %t : f32
  } : !sorted, !sorted, !sorted -> !sorted, !sums

  %7 = tensor.collapse_shape %os [[0, 1], [2], [3]] : !sorted into !flat
  %o = tensor.expand_shape %7 [[0, 1], [2], [3]] output_shape [%batch, 4, %length, 32] : !flat into !rounds
  %8 = tensor.collapse_shape %ls [[0, 1], [2]] : !sums into tensor<?x?xf32>
  %l = tensor.expand_shape %8 [[0, 1], [2]] output_shape [%batch, 4, %length] : tensor<?x?xf32> into !lses
  %o0, %l0 = func.call @reformer_round(%o, %l, %back, %c0) : (!rounds, !lses, !order, index) -> (!q, !norms)
  %o1, %l1 = func.call @reformer_round(%o, %l, %back, %c1) : (!rounds, !lses, !order, index) -> (!q, !norms)
  %out = linalg.generic {indexing_maps = [#all, #all, #row, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o0, %o1, %l0, %l1 : !q, !q, !norms, !norms) outs(%2 : !q) {
  ^bb0(%x0: f32, %x1: f32, %s0: f32, %s1: f32, %init: f32):
    %top1 = arith.maximumf %s0, %s1 : f32
    %d0 = arith.subf %s0, %top1 : f32
    %w0 = math.exp %d0 : f32
    %y0 = arith.mulf %w0, %x0 : f32
    %d1 = arith.subf %s1, %top1 : f32
    %w1 = math.exp %d1 : f32
    %y1 = arith.mulf %w1, %x1 : f32
    %den1 = arith.addf %w0, %w1 : f32
    %num1 = arith.addf %y0, %y1 : f32
    %z = arith.divf %num1, %den1 : f32
    linalg.yield %z : f32
  } -> !q
  return %out : !q
}

!paper_q = tensor<1x8x?x64xbf16>
!paper_norms = tensor<1x8x?xf32>
!paper_rotations = tensor<1x32x256x64xbf16>
!paper_order = tensor<1x32x?xi32>
!paper_rounds = tensor<1x32x?x64xbf16>
!paper_lses = tensor<1x32x?xf32>
!paper_flat = tensor<32x?x64xbf16>
!paper_sorted = tensor<32x1x?x64xbf16>
!paper_sums = tensor<32x1x?xf32>
!paper_positions = tensor<32x?xi32>
!paper_lists = tensor<32x1x?x2xi32>
#paper_all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#paper_row = affine_map<(b, h, i, d) -> (b, h, i)>

// Rows of x in the order of each head, which is an entry of a batch.
func.func private @reformer_paper_sorted(%x: !paper_q, %order: !paper_order) -> !paper_sorted {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %x, %c2 : !paper_q
  %0 = tensor.empty(%length) : !paper_rounds
  %1 = attn.permute gather %x, %order outs(%0) : !paper_q, !paper_order -> !paper_rounds
  %2 = tensor.collapse_shape %1 [[0, 1], [2], [3]] : !paper_rounds into !paper_flat
  %3 = tensor.expand_shape %2 [[0, 1], [2], [3]] output_shape [32, 1, %length, 64] : !paper_flat into !paper_sorted
  return %3 : !paper_sorted
}

// What round r of each head made, where its tokens were.
func.func private @reformer_paper_round(%o: !paper_rounds, %l: !paper_lses, %back: !paper_order, %r: index) -> (!paper_q, !paper_norms) {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %o, %c2 : !paper_rounds
  %or = tensor.extract_slice %o[0, %r, 0, 0] [1, 8, %length, 64] [1, 4, 1, 1] : !paper_rounds to !paper_q
  %lr = tensor.extract_slice %l[0, %r, 0] [1, 8, %length] [1, 4, 1] : !paper_lses to !paper_norms
  %nr = tensor.extract_slice %back[0, %r, 0] [1, 8, %length] [1, 4, 1] : !paper_order to tensor<1x8x?xi32>
  %0 = tensor.empty(%length) : !paper_q
  %1 = tensor.empty(%length) : !paper_norms
  %out = attn.permute gather %or, %nr outs(%0) : !paper_q, tensor<1x8x?xi32> -> !paper_q
  %lse = attn.permute gather %lr, %nr outs(%1) : !paper_norms, tensor<1x8x?xi32> -> !paper_norms
  return %out, %lse : !paper_q, !paper_norms
}

func.func @reformer_paper(%q: !paper_q, %v: !paper_q, %rotations: !paper_rotations) -> !paper_q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %itself = arith.constant -5.0e+04 : f32
  %length = tensor.dim %q, %c2 : !paper_q
  %chunks = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)
  %0 = tensor.empty(%length) : !paper_norms
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_norms) -> !paper_norms
  %squares = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !paper_q) outs(%1 : !paper_norms) {
  ^bb0(%x: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %square = arith.mulf %xw, %xw : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_norms
  %2 = tensor.empty(%length) : !paper_q
  %k = linalg.generic {indexing_maps = [#paper_all, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q, %squares : !paper_q, !paper_norms) outs(%2 : !paper_q) {
  ^bb0(%x: bf16, %square: f32, %init: bf16):
    %xw = arith.extf %x : bf16 to f32
    %norm = math.sqrt %square : f32
    %y = arith.divf %xw, %norm : f32
    %z = arith.truncf %y : f32 to bf16
    linalg.yield %z : bf16
  } -> !paper_q

  %3 = tensor.empty(%length) : !paper_order
  %buckets = attn.cluster rotated %q, %rotations outs(%3) : !paper_q, !paper_rotations -> !paper_order
  %order = attn.sort %buckets outs(%3) : !paper_order -> !paper_order
  %back = attn.sort %order outs(%3) : !paper_order -> !paper_order
  %qs = func.call @reformer_paper_sorted(%q, %order) : (!paper_q, !paper_order) -> !paper_sorted
  %ks = func.call @reformer_paper_sorted(%k, %order) : (!paper_q, !paper_order) -> !paper_sorted
  %vs = func.call @reformer_paper_sorted(%v, %order) : (!paper_q, !paper_order) -> !paper_sorted
  %positions = tensor.collapse_shape %order [[0, 1], [2]] : !paper_order into !paper_positions
  %4 = tensor.empty(%chunks) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%4 : !paper_lists) {
  ^bb0(%init: i32):
    %c = linalg.index 2 : index
    %m = linalg.index 3 : index
    %x = affine.apply affine_map<(c, m)[n] -> ((c - m) mod n)>(%c, %m)[%chunks]
    %y = arith.index_cast %x : index to i32
    linalg.yield %y : i32
  } -> !paper_lists
  %5 = tensor.empty(%length) : !paper_sorted
  %6 = tensor.empty(%length) : !paper_sums
  %os, %ls = attn.attention %qs, %ks, %vs outs(%5, %6) scale(0.125) mask(causal)
      positions(%positions, %positions : !paper_positions, !paper_positions) select(%lists : !paper_lists) blocks(64, 64) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %same = arith.cmpi eq, %i, %j : index
    %t = arith.select %same, %itself, %s : f32
    attn.yield %t : f32
  } : !paper_sorted, !paper_sorted, !paper_sorted -> !paper_sorted, !paper_sums

  %7 = tensor.collapse_shape %os [[0, 1], [2], [3]] : !paper_sorted into !paper_flat
  %o = tensor.expand_shape %7 [[0, 1], [2], [3]] output_shape [1, 32, %length, 64] : !paper_flat into !paper_rounds
  %8 = tensor.collapse_shape %ls [[0, 1], [2]] : !paper_sums into tensor<32x?xf32>
  %l = tensor.expand_shape %8 [[0, 1], [2]] output_shape [1, 32, %length] : tensor<32x?xf32> into !paper_lses
  %o0, %l0 = func.call @reformer_paper_round(%o, %l, %back, %c0) : (!paper_rounds, !paper_lses, !paper_order, index) -> (!paper_q, !paper_norms)
  %o1, %l1 = func.call @reformer_paper_round(%o, %l, %back, %c1) : (!paper_rounds, !paper_lses, !paper_order, index) -> (!paper_q, !paper_norms)
  %o2, %l2 = func.call @reformer_paper_round(%o, %l, %back, %c2) : (!paper_rounds, !paper_lses, !paper_order, index) -> (!paper_q, !paper_norms)
  %o3, %l3 = func.call @reformer_paper_round(%o, %l, %back, %c3) : (!paper_rounds, !paper_lses, !paper_order, index) -> (!paper_q, !paper_norms)
  %out = linalg.generic {indexing_maps = [#paper_all, #paper_all, #paper_all, #paper_all, #paper_row, #paper_row, #paper_row, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o0, %o1, %o2, %o3, %l0, %l1, %l2, %l3 : !paper_q, !paper_q, !paper_q, !paper_q, !paper_norms, !paper_norms, !paper_norms, !paper_norms) outs(%2 : !paper_q) {
  ^bb0(%x0: bf16, %x1: bf16, %x2: bf16, %x3: bf16, %s0: f32, %s1: f32, %s2: f32, %s3: f32, %init: bf16):
    %top1 = arith.maximumf %s0, %s1 : f32
    %top2 = arith.maximumf %top1, %s2 : f32
    %top3 = arith.maximumf %top2, %s3 : f32
    %d0 = arith.subf %s0, %top3 : f32
    %w0 = math.exp %d0 : f32
    %xw0 = arith.extf %x0 : bf16 to f32
    %y0 = arith.mulf %w0, %xw0 : f32
    %d1 = arith.subf %s1, %top3 : f32
    %w1 = math.exp %d1 : f32
    %xw1 = arith.extf %x1 : bf16 to f32
    %y1 = arith.mulf %w1, %xw1 : f32
    %d2 = arith.subf %s2, %top3 : f32
    %w2 = math.exp %d2 : f32
    %xw2 = arith.extf %x2 : bf16 to f32
    %y2 = arith.mulf %w2, %xw2 : f32
    %d3 = arith.subf %s3, %top3 : f32
    %w3 = math.exp %d3 : f32
    %xw3 = arith.extf %x3 : bf16 to f32
    %y3 = arith.mulf %w3, %xw3 : f32
    %den1 = arith.addf %w0, %w1 : f32
    %num1 = arith.addf %y0, %y1 : f32
    %den2 = arith.addf %den1, %w2 : f32
    %num2 = arith.addf %num1, %y2 : f32
    %den3 = arith.addf %den2, %w3 : f32
    %num3 = arith.addf %num2, %y3 : f32
    %z = arith.divf %num3, %den3 : f32
    %zw = arith.truncf %z : f32 to bf16
    linalg.yield %zw : bf16
  } -> !paper_q
  return %out : !paper_q
}
