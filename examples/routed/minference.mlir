// MInference: each head has one of three patterns, by what was found for it beforehand.
// Query i sees keys j <= i: in the first `a_shape` heads
//
//   those with j < sinks or i - j < local
//
// in the next `vertical_slash` heads, with p(r, .) = softmax of the logits of the `last`
// queries r and the keys up to each,
//
//   v(j) = sum_r p(r, j),  s(t) = sum_r p(r, r - t)
//   those with j among the `columns` best v or i - j among the `lines` best s, where
//   the first `first` columns and the first `near` lines rank before all others
//
// and in the other heads, with qm(n) and km(c) the means of the blocks of `size` tokens,
//
//   those in the `topk` blocks c <= n with the largest qm(n) . km(c), n the block of i
//
// Jiang et al. 2024; their kernel widens lines to blocks. There are `last` tokens or more.
//
// A region tests for columns and lines; a selection of all blocks that have some leaves
// out what has none. @minference has two heads of each kind, 4 sinks and 24 local tokens,
// last = 16, 12 columns (3 forced), 14 lines (5 forced), and 4 blocks of 16;
// @minference_paper 8, 16 and 8 heads, 128 sinks and 1024 local tokens, last = 64, 100
// columns (30), 800 lines (100), and 100 blocks of 64. ptxas refuses that one
// for now: scores of means of 128 channels in f32 do not fit the registers of a GPU.

!q = tensor<1x6x?x32xf32>
!kv = tensor<1x3x?x32xf32>
!aq = tensor<1x2x?x32xf32>
!akv = tensor<1x1x?x32xf32>
!vq = tensor<1x2x?x32xf32>
!vkv = tensor<1x1x?x32xf32>
!vlast = tensor<1x2x16x32xf32>
!vfew = tensor<1x1x?x16xf32>
!vo = tensor<1x2x16x16xf32>
!vlse = tensor<1x2x16xf32>
!weights = tensor<1x2x16x?xf32>
!sums = tensor<1x2x1x?xf32>
!columns = tensor<1x2x1x12xi32>
!lines = tensor<1x2x1x14xi32>
!bits = tensor<1x2x?xi1>
!vlists = tensor<1x2x?x40xi32>
!bq = tensor<1x2x?x32xf32>
!bkv = tensor<1x1x?x32xf32>
!qm = tensor<1x2x?x32xf32>
!km = tensor<1x1x?x32xf32>
!scores = tensor<1x2x?x?xf32>
!blists = tensor<1x2x?x4xi32>
#all = affine_map<(b, h, n, x) -> (b, h, n, x)>

// Heads that see columns and lines.
func.func private @minference_lines(%q: !vq, %k: !vkv, %v: !vkv) -> !vq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %columnCount = arith.constant 12 : index
  %last = arith.constant 16 : index
  %no = arith.constant false
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %q, %c2 : !vq
  %before = arith.subi %length, %last : index
  %blocks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  // Weights of the last queries, by their lse: a few columns of values are enough.
  %lastq = tensor.extract_slice %q[0, 0, %before, 0] [1, 2, 16, 32] [1, 1, 1, 1] : !vq to !vlast
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 1, %length, 16] [1, 1, 1, 1] : !vkv to !vfew
  %0 = tensor.empty() : !vo
  %1 = tensor.empty() : !vlse
  %o, %lse = attn.attention %lastq, %k, %few outs(%0, %1) scale(0.1767766952966369) mask(causal) align(bottom_right)
      : !vlast, !vkv, !vfew -> !vo, !vlse
  %2 = tensor.empty(%length) : !weights
  %weights = attn.route_score sum %lastq, %k outs(%2) scale(0.1767766952966369) mask(causal) offset(%before) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = arith.subi %i, %before : index
    %sum = tensor.extract %lse[%b, %h, %r] : !vlse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !vlast, !vkv -> !weights

  %3 = tensor.empty(%length) : !sums
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !sums) -> !sums
  %bycolumn = linalg.generic {
      indexing_maps = [affine_map<(b, h, j, r) -> (b, h, r, j)>, affine_map<(b, h, j, r) -> (b, h, 0, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights : !weights) outs(%4 : !sums) {
  ^bb0(%p: f32, %sum: f32):
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !sums
  %byline = linalg.generic {
      indexing_maps = [affine_map<(b, h, n, t) -> (b, h, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%3 : !sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 3 : index
    %y = scf.for %r = %c0 to %last step %c1 iter_args(%sum = %zero) -> f32 {
      %i = arith.addi %before, %r : index
      %exists = arith.cmpi uge, %i, %t : index
      %p = scf.if %exists -> f32 {
        %j = arith.subi %i, %t : index
        %x = tensor.extract %weights[%b, %h, %r, %j] : !weights
        scf.yield %x : f32
      } else {
        scf.yield %zero : f32
      }
      %z = arith.addf %sum, %p : f32
      scf.yield %z : f32
    }
    linalg.yield %y : f32
  } -> !sums
  %5 = tensor.empty() : !columns
  %6 = tensor.empty() : !lines
  %columns = attn.select %bycolumn outs(%5) force(sink<3>) : !sums -> !columns
  %lines = attn.select %byline outs(%6) force(sink<5>) : !sums -> !lines

  %7 = tensor.empty(%length) : !bits
  %none = linalg.fill ins(%no : i1) outs(%7 : !bits) -> !bits
  %iscolumn = linalg.generic {
      indexing_maps = [affine_map<(b, h, j, x) -> (b, h, 0, x)>, affine_map<(b, h, j, x) -> (b, h, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%columns : !columns) outs(%none : !bits) {
  ^bb0(%id: i32, %found: i1):
    %j = linalg.index 2 : index
    %number = arith.index_cast %j : index to i32
    %same = arith.cmpi eq, %id, %number : i32
    %either = arith.ori %found, %same : i1
    linalg.yield %either : i1
  } -> !bits
  %isline = linalg.generic {
      indexing_maps = [affine_map<(b, h, t, x) -> (b, h, 0, x)>, affine_map<(b, h, t, x) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%lines : !lines) outs(%none : !bits) {
  ^bb0(%id: i32, %found: i1):
    %t = linalg.index 2 : index
    %number = arith.index_cast %t : index to i32
    %same = arith.cmpi eq, %id, %number : i32
    %either = arith.ori %found, %same : i1
    linalg.yield %either : i1
  } -> !bits

  // The block of each column, and the two that each line crosses.
  %8 = tensor.empty(%blocks) : !vlists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%8 : !vlists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %x = linalg.index 3 : index
    %isColumn = arith.cmpi ult, %x, %columnCount : index
    %c = scf.if %isColumn -> index {
      %id = tensor.extract %columns[%b, %h, %c0, %x] : !columns
      %j = arith.index_cast %id : i32 to index
      %y = affine.apply affine_map<(j) -> (j floordiv 16)>(%j)
      scf.yield %y : index
    } else {
      %m = affine.apply affine_map<(x) -> ((x - 12) mod 14)>(%x)
      %side = affine.apply affine_map<(x) -> ((x - 12) floordiv 14)>(%x)
      %id = tensor.extract %lines[%b, %h, %c0, %m] : !lines
      %t = arith.index_cast %id : i32 to index
      %y = affine.apply affine_map<(n, t, side) -> ((n * 16 + side * 15 - t) floordiv 16)>(%n, %t, %side)
      scf.yield %y : index
    }
    %number = arith.index_cast %c : index to i32
    linalg.yield %number : i32
  } -> !vlists
  %9 = tensor.empty(%length) : !vq
  %out = attn.attention %q, %k, %v outs(%9) scale(0.1767766952966369) mask(causal)
      select(%lists : !vlists) blocks(16, 16) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %far = arith.subi %i, %j : index
    %t = arith.maxsi %far, %c0 : index
    %one = tensor.extract %iscolumn[%b, %h, %j] : !bits
    %other = tensor.extract %isline[%b, %h, %t] : !bits
    %either = arith.ori %one, %other : i1
    attn.yield %either : i1
  } : !vq, !vkv, !vkv -> !vq
  return %out : !vq
}

// Heads that see the best blocks.
func.func private @minference_blocks(%q: !bq, %k: !bkv, %v: !bkv) -> !bq {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !bq
  %blocks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)
  %0 = tensor.empty(%blocks) : !qm
  %1 = tensor.empty(%blocks) : !km
  %qm = attn.pool mean %q outs(%0) window(16) stride(16) : !bq -> !qm
  %km = attn.pool mean %k outs(%1) window(16) stride(16) : !bkv -> !km
  %2 = tensor.empty(%blocks, %blocks) : !scores
  %scores = attn.route_score sum %qm, %km outs(%2) scale(1.0) mask(causal) : !qm, !km -> !scores
  %3 = tensor.empty(%blocks) : !blists
  %lists = attn.select %scores outs(%3) mask(causal) : !scores -> !blists
  %4 = tensor.empty(%length) : !bq
  %out = attn.attention %q, %k, %v outs(%4) scale(0.1767766952966369) mask(causal)
      select(%lists : !blists) blocks(16, 16) : !bq, !bkv, !bkv -> !bq
  return %out : !bq
}

func.func @minference(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !q
  %aq = tensor.extract_slice %q[0, 0, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !q to !aq
  %ak = tensor.extract_slice %k[0, 0, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !akv
  %av = tensor.extract_slice %v[0, 0, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !akv
  %vq = tensor.extract_slice %q[0, 2, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !q to !vq
  %vk = tensor.extract_slice %k[0, 1, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !vkv
  %vv = tensor.extract_slice %v[0, 1, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !vkv
  %bq = tensor.extract_slice %q[0, 4, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !q to !bq
  %bk = tensor.extract_slice %k[0, 2, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !bkv
  %bv = tensor.extract_slice %v[0, 2, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !kv to !bkv
  %0 = tensor.empty(%length) : !aq
  %ao = attn.attention %aq, %ak, %av outs(%0) scale(0.1767766952966369) mask(and<causal, or<window<24>, sink<4>>>)
      : !aq, !akv, !akv -> !aq
  %vo = func.call @minference_lines(%vq, %vk, %vv) : (!vq, !vkv, !vkv) -> !vq
  %bo = func.call @minference_blocks(%bq, %bk, %bv) : (!bq, !bkv, !bkv) -> !bq
  %1 = tensor.empty(%length) : !q
  %2 = tensor.insert_slice %ao into %1[0, 0, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !aq into !q
  %3 = tensor.insert_slice %vo into %2[0, 2, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !vq into !q
  %out = tensor.insert_slice %bo into %3[0, 4, 0, 0] [1, 2, %length, 32] [1, 1, 1, 1] : !bq into !q
  return %out : !q
}

!paper_q = tensor<1x32x?x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_aq = tensor<1x8x?x128xbf16>
!paper_akv = tensor<1x2x?x128xbf16>
!paper_vq = tensor<1x16x?x128xbf16>
!paper_vkv = tensor<1x4x?x128xbf16>
!paper_vlast = tensor<1x16x64x128xbf16>
!paper_vfew = tensor<1x4x?x16xbf16>
!paper_vo = tensor<1x16x64x16xbf16>
!paper_vlse = tensor<1x16x64xf32>
!paper_weights = tensor<1x16x64x?xf32>
!paper_sums = tensor<1x16x1x?xf32>
!paper_columns = tensor<1x16x1x100xi32>
!paper_lines = tensor<1x16x1x800xi32>
!paper_bits = tensor<1x16x?xi1>
!paper_vlists = tensor<1x16x?x1700xi32>
!paper_bq = tensor<1x8x?x128xbf16>
!paper_bkv = tensor<1x2x?x128xbf16>
!paper_qm = tensor<1x8x?x128xf32>
!paper_km = tensor<1x2x?x128xf32>
!paper_scores = tensor<1x8x?x?xf32>
!paper_blists = tensor<1x8x?x100xi32>
#paper_all = affine_map<(b, h, n, x) -> (b, h, n, x)>

// Heads that see columns and lines.
func.func private @minference_paper_lines(%q: !paper_vq, %k: !paper_vkv, %v: !paper_vkv) -> !paper_vq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %columnCount = arith.constant 100 : index
  %last = arith.constant 64 : index
  %no = arith.constant false
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %q, %c2 : !paper_vq
  %before = arith.subi %length, %last : index
  %blocks = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)

  // Weights of the last queries, by their lse: a few columns of values are enough.
  %lastq = tensor.extract_slice %q[0, 0, %before, 0] [1, 16, 64, 128] [1, 1, 1, 1] : !paper_vq to !paper_vlast
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 4, %length, 16] [1, 1, 1, 1] : !paper_vkv to !paper_vfew
  %0 = tensor.empty() : !paper_vo
  %1 = tensor.empty() : !paper_vlse
  %o, %lse = attn.attention %lastq, %k, %few outs(%0, %1) scale(0.08838834764831845) mask(causal) align(bottom_right)
      : !paper_vlast, !paper_vkv, !paper_vfew -> !paper_vo, !paper_vlse
  %2 = tensor.empty(%length) : !paper_weights
  %weights = attn.route_score sum %lastq, %k outs(%2) scale(0.08838834764831845) mask(causal) offset(%before) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = arith.subi %i, %before : index
    %sum = tensor.extract %lse[%b, %h, %r] : !paper_vlse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_vlast, !paper_vkv -> !paper_weights

  %3 = tensor.empty(%length) : !paper_sums
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !paper_sums) -> !paper_sums
  %bycolumn = linalg.generic {
      indexing_maps = [affine_map<(b, h, j, r) -> (b, h, r, j)>, affine_map<(b, h, j, r) -> (b, h, 0, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights : !paper_weights) outs(%4 : !paper_sums) {
  ^bb0(%p: f32, %sum: f32):
    %y = arith.addf %sum, %p : f32
    linalg.yield %y : f32
  } -> !paper_sums
  %byline = linalg.generic {
      indexing_maps = [affine_map<(b, h, n, t) -> (b, h, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%3 : !paper_sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 3 : index
    %y = scf.for %r = %c0 to %last step %c1 iter_args(%sum = %zero) -> f32 {
      %i = arith.addi %before, %r : index
      %exists = arith.cmpi uge, %i, %t : index
      %p = scf.if %exists -> f32 {
        %j = arith.subi %i, %t : index
        %x = tensor.extract %weights[%b, %h, %r, %j] : !paper_weights
        scf.yield %x : f32
      } else {
        scf.yield %zero : f32
      }
      %z = arith.addf %sum, %p : f32
      scf.yield %z : f32
    }
    linalg.yield %y : f32
  } -> !paper_sums
  %5 = tensor.empty() : !paper_columns
  %6 = tensor.empty() : !paper_lines
  %columns = attn.select %bycolumn outs(%5) force(sink<30>) : !paper_sums -> !paper_columns
  %lines = attn.select %byline outs(%6) force(sink<100>) : !paper_sums -> !paper_lines

  %7 = tensor.empty(%length) : !paper_bits
  %none = linalg.fill ins(%no : i1) outs(%7 : !paper_bits) -> !paper_bits
  %iscolumn = linalg.generic {
      indexing_maps = [affine_map<(b, h, j, x) -> (b, h, 0, x)>, affine_map<(b, h, j, x) -> (b, h, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%columns : !paper_columns) outs(%none : !paper_bits) {
  ^bb0(%id: i32, %found: i1):
    %j = linalg.index 2 : index
    %number = arith.index_cast %j : index to i32
    %same = arith.cmpi eq, %id, %number : i32
    %either = arith.ori %found, %same : i1
    linalg.yield %either : i1
  } -> !paper_bits
  %isline = linalg.generic {
      indexing_maps = [affine_map<(b, h, t, x) -> (b, h, 0, x)>, affine_map<(b, h, t, x) -> (b, h, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%lines : !paper_lines) outs(%none : !paper_bits) {
  ^bb0(%id: i32, %found: i1):
    %t = linalg.index 2 : index
    %number = arith.index_cast %t : index to i32
    %same = arith.cmpi eq, %id, %number : i32
    %either = arith.ori %found, %same : i1
    linalg.yield %either : i1
  } -> !paper_bits

  // The block of each column, and the two that each line crosses.
  %8 = tensor.empty(%blocks) : !paper_vlists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%8 : !paper_vlists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %x = linalg.index 3 : index
    %isColumn = arith.cmpi ult, %x, %columnCount : index
    %c = scf.if %isColumn -> index {
      %id = tensor.extract %columns[%b, %h, %c0, %x] : !paper_columns
      %j = arith.index_cast %id : i32 to index
      %y = affine.apply affine_map<(j) -> (j floordiv 64)>(%j)
      scf.yield %y : index
    } else {
      %m = affine.apply affine_map<(x) -> ((x - 100) mod 800)>(%x)
      %side = affine.apply affine_map<(x) -> ((x - 100) floordiv 800)>(%x)
      %id = tensor.extract %lines[%b, %h, %c0, %m] : !paper_lines
      %t = arith.index_cast %id : i32 to index
      %y = affine.apply affine_map<(n, t, side) -> ((n * 64 + side * 63 - t) floordiv 64)>(%n, %t, %side)
      scf.yield %y : index
    }
    %number = arith.index_cast %c : index to i32
    linalg.yield %number : i32
  } -> !paper_vlists
  %9 = tensor.empty(%length) : !paper_vq
  %out = attn.attention %q, %k, %v outs(%9) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_vlists) blocks(64, 64) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %far = arith.subi %i, %j : index
    %t = arith.maxsi %far, %c0 : index
    %one = tensor.extract %iscolumn[%b, %h, %j] : !paper_bits
    %other = tensor.extract %isline[%b, %h, %t] : !paper_bits
    %either = arith.ori %one, %other : i1
    attn.yield %either : i1
  } : !paper_vq, !paper_vkv, !paper_vkv -> !paper_vq
  return %out : !paper_vq
}

// Heads that see the best blocks.
func.func private @minference_paper_blocks(%q: !paper_bq, %k: !paper_bkv, %v: !paper_bkv) -> !paper_bq {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_bq
  %blocks = affine.apply affine_map<(s) -> (s ceildiv 64)>(%length)
  %0 = tensor.empty(%blocks) : !paper_qm
  %1 = tensor.empty(%blocks) : !paper_km
  %qm = attn.pool mean %q outs(%0) window(64) stride(64) : !paper_bq -> !paper_qm
  %km = attn.pool mean %k outs(%1) window(64) stride(64) : !paper_bkv -> !paper_km
  %2 = tensor.empty(%blocks, %blocks) : !paper_scores
  %scores = attn.route_score sum %qm, %km outs(%2) scale(1.0) mask(causal) : !paper_qm, !paper_km -> !paper_scores
  %3 = tensor.empty(%blocks) : !paper_blists
  %lists = attn.select %scores outs(%3) mask(causal) : !paper_scores -> !paper_blists
  %4 = tensor.empty(%length) : !paper_bq
  %out = attn.attention %q, %k, %v outs(%4) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_blists) blocks(64, 64) : !paper_bq, !paper_bkv, !paper_bkv -> !paper_bq
  return %out : !paper_bq
}

func.func @minference_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_q
  %aq = tensor.extract_slice %q[0, 0, 0, 0] [1, 8, %length, 128] [1, 1, 1, 1] : !paper_q to !paper_aq
  %ak = tensor.extract_slice %k[0, 0, 0, 0] [1, 2, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_akv
  %av = tensor.extract_slice %v[0, 0, 0, 0] [1, 2, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_akv
  %vq = tensor.extract_slice %q[0, 8, 0, 0] [1, 16, %length, 128] [1, 1, 1, 1] : !paper_q to !paper_vq
  %vk = tensor.extract_slice %k[0, 2, 0, 0] [1, 4, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_vkv
  %vv = tensor.extract_slice %v[0, 2, 0, 0] [1, 4, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_vkv
  %bq = tensor.extract_slice %q[0, 24, 0, 0] [1, 8, %length, 128] [1, 1, 1, 1] : !paper_q to !paper_bq
  %bk = tensor.extract_slice %k[0, 6, 0, 0] [1, 2, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_bkv
  %bv = tensor.extract_slice %v[0, 6, 0, 0] [1, 2, %length, 128] [1, 1, 1, 1] : !paper_kv to !paper_bkv
  %0 = tensor.empty(%length) : !paper_aq
  %ao = attn.attention %aq, %ak, %av outs(%0) scale(0.08838834764831845) mask(and<causal, or<window<1024>, sink<128>>>)
      : !paper_aq, !paper_akv, !paper_akv -> !paper_aq
  %vo = func.call @minference_paper_lines(%vq, %vk, %vv) : (!paper_vq, !paper_vkv, !paper_vkv) -> !paper_vq
  %bo = func.call @minference_paper_blocks(%bq, %bk, %bv) : (!paper_bq, !paper_bkv, !paper_bkv) -> !paper_bq
  %1 = tensor.empty(%length) : !paper_q
  %2 = tensor.insert_slice %ao into %1[0, 0, 0, 0] [1, 8, %length, 128] [1, 1, 1, 1] : !paper_aq into !paper_q
  %3 = tensor.insert_slice %vo into %2[0, 8, 0, 0] [1, 16, %length, 128] [1, 1, 1, 1] : !paper_vq into !paper_q
  %out = tensor.insert_slice %bo into %3[0, 24, 0, 0] [1, 8, %length, 128] [1, 1, 1, 1] : !paper_bq into !paper_q
  return %out : !paper_q
}
