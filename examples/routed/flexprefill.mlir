// FlexPrefill: each head finds at run time whether to see lines of blocks or single
// blocks. With blocks of `size` tokens, p(r, .) = softmax of the logits of the last `size`
// queries r and the keys up to each, km(c) the mean of the keys of block c, qm(n) of the
// queries of block n, ql of the last `size` queries, and scale = 1 / sqrt(D):
//
//   v(j) = mean over r of p(r, j),  s(t) = mean over r of p(r, r - t)
//   a = softmax over c of scale ql . km(c),  a'(c) = sum of v(j) over the keys of block c
//
// if sqrt of the Jensen-Shannon divergence of a and a' is less than `tau`, the pairs
// (n, c) of blocks, c <= n, with the largest
//
//   w(n, c) = softmax over c <= n of scale qm(n) . km(c)
//
// while what was taken is less than `mass` of all of them; else the pairs with c among
// the N(v) best columns of blocks, or n - c among the N(s) best lines of blocks, by the
// sums of v and s over a block, those of block 0 first, where
//
//   N(x) = max(least, n(x) // size + 1),  n(x) as many of the largest x as have `mass`
//
// In any case c = 0 and c = n. Query i of block n sees the keys j <= i of these blocks c.
//
// Lai et al. 2025; without a limit on N(x) from above. There are `size` tokens or more.
//
// The pairs of a head are one row of scores. @flexprefill has blocks of 16, tau = 0.11, a
// mass of 0.6 and least = 2, @flexprefill_paper 128, 0.1, 0.9 and 2. ptxas refuses
// that one for now: scores of means of 128 channels in f32 do not fit the registers of a
// GPU.

!q = tensor<1x6x?x32xf32>
!kv = tensor<1x3x?x32xf32>
!last = tensor<1x6x16x32xf32>
!few = tensor<1x3x?x16xf32>
!lasto = tensor<1x6x16x16xf32>
!lastlse = tensor<1x6x16xf32>
!weights = tensor<1x6x16x?xf32>
!sums = tensor<1x6x1x?xf32>
!ids = tensor<1x6x1x?xi32>
!counts = tensor<1x6xi32>
!numbers = tensor<1x6xf32>
!qm = tensor<1x6x?x32xf32>
!ql = tensor<1x6x1x32xf32>
!km = tensor<1x3x?x32xf32>
!lse = tensor<1x6x?xf32>
!onelse = tensor<1x6x1xf32>
!scores = tensor<1x6x?x?xf32>
!pairs = tensor<1x6x?xf32>
!kept = tensor<1x6x?xi32>
!lists = tensor<1x6x?x?xi32>
#all = affine_map<(b, h, n, x) -> (b, h, n, x)>
#head = affine_map<(b, h, n, x) -> (b, h)>

// The blocks in the order of their sums, and how many of them to take.
func.func private @flexprefill_lines(%x: !sums) -> (!sums, !ids, !counts) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %size = arith.constant 16 : index
  %size32 = arith.constant 16 : i32
  %least = arith.constant 2 : i32
  %one = arith.constant 1 : i32
  %none = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %x, %c3 : !sums
  %blocks = arith.ceildivui %length, %size : index
  %0 = tensor.empty(%blocks) : !sums
  %sums = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 3 : index
    %first = affine.apply affine_map<(c) -> (c * 16)>(%c)
    %end = affine.min affine_map<(c)[s] -> (c * 16 + 16, s)>(%c)[%length]
    %y = scf.for %j = %first to %end step %c1 iter_args(%sum = %zero) -> f32 {
      %p = tensor.extract %x[%b, %h, %c0, %j] : !sums
      %z = arith.addf %sum, %p : f32
      scf.yield %z : f32
    }
    linalg.yield %y : f32
  } -> !sums
  %1 = tensor.empty(%blocks) : !ids
  %order = attn.select %sums outs(%1) force(sink<1>) : !sums -> !ids

  %2 = tensor.empty(%length) : !ids
  %taken = attn.select %x outs(%2) mass(0.6) : !sums -> !ids
  %3 = tensor.empty() : !counts
  %4 = linalg.fill ins(%none : i32) outs(%3 : !counts) -> !counts
  %found = linalg.generic {indexing_maps = [#all, #head], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%taken : !ids) outs(%4 : !counts) {
  ^bb0(%id: i32, %n: i32):
    %exists = arith.cmpi sge, %id, %none : i32
    %more = arith.addi %n, %one : i32
    %y = arith.select %exists, %more, %n : i32
    linalg.yield %y : i32
  } -> !counts
  %counts = linalg.generic {
      indexing_maps = [affine_map<(b, h) -> (b, h)>, affine_map<(b, h) -> (b, h)>], iterator_types = ["parallel", "parallel"]}
      ins(%found : !counts) outs(%3 : !counts) {
  ^bb0(%n: i32, %init: i32):
    %whole = arith.divui %n, %size32 : i32
    %more = arith.addi %whole, %one : i32
    %y = arith.maxui %more, %least : i32
    linalg.yield %y : i32
  } -> !counts
  return %sums, %order, %counts : !sums, !ids, !counts
}

func.func @flexprefill(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %sizef = arith.constant 16.0 : f32
  %tau2 = arith.constant 0.0121 : f32
  %no = arith.constant -1 : i32
  %none = arith.constant 0 : i32
  %false = arith.constant false
  %length = tensor.dim %q, %c2 : !q
  %before = arith.subi %length, %size : index
  %blocks = arith.ceildivui %length, %size : index
  %square = arith.muli %blocks, %blocks : index

  // Weights of the last queries, by their lse: a few columns of values are enough.
  %lastq = tensor.extract_slice %q[0, 0, %before, 0] [1, 6, 16, 32] [1, 1, 1, 1] : !q to !last
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 3, %length, 16] [1, 1, 1, 1] : !kv to !few
  %0 = tensor.empty() : !lasto
  %1 = tensor.empty() : !lastlse
  %o, %lse = attn.attention %lastq, %k, %few outs(%0, %1) scale(0.1767766952966369) mask(causal) align(bottom_right)
      : !last, !kv, !few -> !lasto, !lastlse
  %2 = tensor.empty(%length) : !weights
  %weights = attn.route_score sum %lastq, %k outs(%2) scale(0.1767766952966369) mask(causal) offset(%before) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = arith.subi %i, %before : index
    %sum = tensor.extract %lse[%b, %h, %r] : !lastlse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    %mean = arith.divf %p, %sizef : f32
    attn.yield %mean : f32
  } : !last, !kv -> !weights
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
      indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%3 : !sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 3 : index
    %y = scf.for %r = %c0 to %size step %c1 iter_args(%sum = %zero) -> f32 {
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
  %columnSums, %columns, %columnCounts = func.call @flexprefill_lines(%bycolumn) : (!sums) -> (!sums, !ids, !counts)
  %lineSums, %lines, %lineCounts = func.call @flexprefill_lines(%byline) : (!sums) -> (!sums, !ids, !counts)

  // How well means of blocks say what the last queries see.
  %5 = tensor.empty() : !ql
  %6 = tensor.empty(%blocks) : !km
  %7 = tensor.empty(%blocks) : !qm
  %ql = attn.pool mean %lastq outs(%5) window(16) stride(16) : !last -> !ql
  %km = attn.pool mean %k outs(%6) window(16) stride(16) : !kv -> !km
  %qm = attn.pool mean %q outs(%7) window(16) stride(16) : !q -> !qm
  %8 = tensor.empty() : !onelse
  %ol, %lsel = attn.attention %ql, %km, %km outs(%5, %8) scale(0.1767766952966369) : !ql, !km, !km -> !ql, !onelse
  %9 = tensor.empty(%blocks) : !sums
  %estimates = attn.route_score sum %ql, %km outs(%9) scale(0.1767766952966369) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lsel[%b, %h, %i] : !onelse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !ql, !km -> !sums
  %10 = tensor.empty() : !numbers
  %11 = linalg.fill ins(%zero : f32) outs(%10 : !numbers) -> !numbers
  %far = linalg.generic {indexing_maps = [#all, #all, #head], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%estimates, %columnSums : !sums, !sums) outs(%11 : !numbers) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %two = arith.addf %x, %y : f32
    %m = arith.mulf %two, %half : f32
    %hasX = arith.cmpf ogt, %x, %zero : f32
    %hasY = arith.cmpf ogt, %y, %zero : f32
    %xm = arith.divf %x, %m : f32
    %ym = arith.divf %y, %m : f32
    %xr = arith.select %hasX, %xm, %one : f32
    %yr = arith.select %hasY, %ym, %one : f32
    %xl = math.log %xr : f32
    %yl = math.log %yr : f32
    %xp = arith.mulf %x, %xl : f32
    %yp = arith.mulf %y, %yl : f32
    %both = arith.addf %xp, %yp : f32
    %part = arith.mulf %both, %half : f32
    %z = arith.addf %sum, %part : f32
    linalg.yield %z : f32
  } -> !numbers

  // Pairs of blocks, as one row.
  %12 = tensor.empty(%blocks) : !lse
  %om, %lsem = attn.attention %qm, %km, %km outs(%7, %12) scale(0.1767766952966369) mask(causal) : !qm, !km, !km -> !qm, !lse
  %13 = tensor.empty(%blocks, %blocks) : !scores
  %scores = attn.route_score sum %qm, %km outs(%13) scale(0.1767766952966369) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lsem[%b, %h, %i] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !qm, !km -> !scores
  %row = tensor.collapse_shape %scores [[0], [1], [2, 3]] : !scores into !pairs
  %pairs = tensor.expand_shape %row [[0], [1], [2, 3]] output_shape [1, 6, 1, %square] : !pairs into !sums
  %14 = tensor.empty(%square) : !ids
  %chosen = attn.select %pairs outs(%14) mass(0.6) : !sums -> !ids
  %15 = tensor.empty(%square) : !kept
  %16 = linalg.fill ins(%no : i32) outs(%15 : !kept) -> !kept
  %kept = scf.forall (%h) in (6) shared_outs(%to = %16) -> !kept {
    %own = tensor.extract_slice %to[0, %h, 0] [1, 1, %square] [1, 1, 1] : !kept to tensor<?xi32>
    %all = scf.for %m = %c0 to %square step %c1 iter_args(%some = %own) -> tensor<?xi32> {
      %id = tensor.extract %chosen[%c0, %h, %c0, %m] : !ids
      %exists = arith.cmpi sge, %id, %none : i32
      %next = scf.if %exists -> tensor<?xi32> {
        %place = arith.index_cast %id : i32 to index
        %more = tensor.insert %id into %some[%place] : tensor<?xi32>
        scf.yield %more : tensor<?xi32>
      } else {
        scf.yield %some : tensor<?xi32>
      }
      scf.yield %next : tensor<?xi32>
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %all into %to[0, %h, 0] [1, 1, %square] [1, 1, 1] : tensor<?xi32> into !kept
    }
  }

  %17 = tensor.empty(%blocks, %blocks) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%17 : !lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %c = linalg.index 3 : index
    %number = arith.index_cast %c : index to i32
    %distance = arith.subi %n, %c : index
    %line = arith.index_cast %distance : index to i32
    %js = tensor.extract %far[%b, %h] : !numbers
    %isAlike = arith.cmpf olt, %js, %tau2 : f32
    %isChosen = scf.if %isAlike -> i1 {
      %place = affine.apply affine_map<(n, c)[m] -> (n * m + c)>(%n, %c)[%blocks]
      %id = tensor.extract %kept[%b, %h, %place] : !kept
      %exists = arith.cmpi sge, %id, %none : i32
      scf.yield %exists : i1
    } else {
      %cn32 = tensor.extract %columnCounts[%b, %h] : !counts
      %cn = arith.index_cast %cn32 : i32 to index
      %cm = arith.minui %cn, %blocks : index
      %isColumn = scf.for %r = %c0 to %cm step %c1 iter_args(%found = %false) -> i1 {
        %id = tensor.extract %columns[%b, %h, %c0, %r] : !ids
        %same = arith.cmpi eq, %id, %number : i32
        %either = arith.ori %found, %same : i1
        scf.yield %either : i1
      }
      %ln32 = tensor.extract %lineCounts[%b, %h] : !counts
      %ln = arith.index_cast %ln32 : i32 to index
      %lm = arith.minui %ln, %blocks : index
      %isLine = scf.for %r = %c0 to %lm step %c1 iter_args(%found = %false) -> i1 {
        %id = tensor.extract %lines[%b, %h, %c0, %r] : !ids
        %same = arith.cmpi eq, %id, %line : i32
        %either = arith.ori %found, %same : i1
        scf.yield %either : i1
      }
      %either = arith.ori %isColumn, %isLine : i1
      scf.yield %either : i1
    }
    %isFirst = arith.cmpi eq, %c, %c0 : index
    %isOwn = arith.cmpi eq, %c, %n : index
    %isForced = arith.ori %isFirst, %isOwn : i1
    %isKept = arith.ori %isForced, %isChosen : i1
    %id = arith.select %isKept, %number, %no : i32
    linalg.yield %id : i32
  } -> !lists
  %18 = tensor.empty(%length) : !q
  %out = attn.attention %q, %k, %v outs(%18) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(16, 16) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x?x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_last = tensor<1x32x128x128xbf16>
!paper_few = tensor<1x8x?x16xbf16>
!paper_lasto = tensor<1x32x128x16xbf16>
!paper_lastlse = tensor<1x32x128xf32>
!paper_weights = tensor<1x32x128x?xf32>
!paper_sums = tensor<1x32x1x?xf32>
!paper_ids = tensor<1x32x1x?xi32>
!paper_counts = tensor<1x32xi32>
!paper_numbers = tensor<1x32xf32>
!paper_qm = tensor<1x32x?x128xf32>
!paper_ql = tensor<1x32x1x128xf32>
!paper_km = tensor<1x8x?x128xf32>
!paper_lse = tensor<1x32x?xf32>
!paper_onelse = tensor<1x32x1xf32>
!paper_scores = tensor<1x32x?x?xf32>
!paper_pairs = tensor<1x32x?xf32>
!paper_kept = tensor<1x32x?xi32>
!paper_lists = tensor<1x32x?x?xi32>
#paper_all = affine_map<(b, h, n, x) -> (b, h, n, x)>
#paper_head = affine_map<(b, h, n, x) -> (b, h)>

// The blocks in the order of their sums, and how many of them to take.
func.func private @flexprefill_paper_lines(%x: !paper_sums) -> (!paper_sums, !paper_ids, !paper_counts) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %size = arith.constant 128 : index
  %size32 = arith.constant 128 : i32
  %least = arith.constant 2 : i32
  %one = arith.constant 1 : i32
  %none = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %length = tensor.dim %x, %c3 : !paper_sums
  %blocks = arith.ceildivui %length, %size : index
  %0 = tensor.empty(%blocks) : !paper_sums
  %sums = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !paper_sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 3 : index
    %first = affine.apply affine_map<(c) -> (c * 128)>(%c)
    %end = affine.min affine_map<(c)[s] -> (c * 128 + 128, s)>(%c)[%length]
    %y = scf.for %j = %first to %end step %c1 iter_args(%sum = %zero) -> f32 {
      %p = tensor.extract %x[%b, %h, %c0, %j] : !paper_sums
      %z = arith.addf %sum, %p : f32
      scf.yield %z : f32
    }
    linalg.yield %y : f32
  } -> !paper_sums
  %1 = tensor.empty(%blocks) : !paper_ids
  %order = attn.select %sums outs(%1) force(sink<1>) : !paper_sums -> !paper_ids

  %2 = tensor.empty(%length) : !paper_ids
  %taken = attn.select %x outs(%2) mass(0.9) : !paper_sums -> !paper_ids
  %3 = tensor.empty() : !paper_counts
  %4 = linalg.fill ins(%none : i32) outs(%3 : !paper_counts) -> !paper_counts
  %found = linalg.generic {indexing_maps = [#paper_all, #paper_head], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%taken : !paper_ids) outs(%4 : !paper_counts) {
  ^bb0(%id: i32, %n: i32):
    %exists = arith.cmpi sge, %id, %none : i32
    %more = arith.addi %n, %one : i32
    %y = arith.select %exists, %more, %n : i32
    linalg.yield %y : i32
  } -> !paper_counts
  %counts = linalg.generic {
      indexing_maps = [affine_map<(b, h) -> (b, h)>, affine_map<(b, h) -> (b, h)>], iterator_types = ["parallel", "parallel"]}
      ins(%found : !paper_counts) outs(%3 : !paper_counts) {
  ^bb0(%n: i32, %init: i32):
    %whole = arith.divui %n, %size32 : i32
    %more = arith.addi %whole, %one : i32
    %y = arith.maxui %more, %least : i32
    linalg.yield %y : i32
  } -> !paper_counts
  return %sums, %order, %counts : !paper_sums, !paper_ids, !paper_counts
}

func.func @flexprefill_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 128 : index
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %sizef = arith.constant 128.0 : f32
  %tau2 = arith.constant 0.01 : f32
  %no = arith.constant -1 : i32
  %none = arith.constant 0 : i32
  %false = arith.constant false
  %length = tensor.dim %q, %c2 : !paper_q
  %before = arith.subi %length, %size : index
  %blocks = arith.ceildivui %length, %size : index
  %square = arith.muli %blocks, %blocks : index

  // Weights of the last queries, by their lse: a few columns of values are enough.
  %lastq = tensor.extract_slice %q[0, 0, %before, 0] [1, 32, 128, 128] [1, 1, 1, 1] : !paper_q to !paper_last
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 8, %length, 16] [1, 1, 1, 1] : !paper_kv to !paper_few
  %0 = tensor.empty() : !paper_lasto
  %1 = tensor.empty() : !paper_lastlse
  %o, %lse = attn.attention %lastq, %k, %few outs(%0, %1) scale(0.08838834764831845) mask(causal) align(bottom_right)
      : !paper_last, !paper_kv, !paper_few -> !paper_lasto, !paper_lastlse
  %2 = tensor.empty(%length) : !paper_weights
  %weights = attn.route_score sum %lastq, %k outs(%2) scale(0.08838834764831845) mask(causal) offset(%before) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = arith.subi %i, %before : index
    %sum = tensor.extract %lse[%b, %h, %r] : !paper_lastlse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    %mean = arith.divf %p, %sizef : f32
    attn.yield %mean : f32
  } : !paper_last, !paper_kv -> !paper_weights
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
      indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%3 : !paper_sums) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 3 : index
    %y = scf.for %r = %c0 to %size step %c1 iter_args(%sum = %zero) -> f32 {
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
  %columnSums, %columns, %columnCounts = func.call @flexprefill_paper_lines(%bycolumn) : (!paper_sums) -> (!paper_sums, !paper_ids, !paper_counts)
  %lineSums, %lines, %lineCounts = func.call @flexprefill_paper_lines(%byline) : (!paper_sums) -> (!paper_sums, !paper_ids, !paper_counts)

  // How well means of blocks say what the last queries see.
  %5 = tensor.empty() : !paper_ql
  %6 = tensor.empty(%blocks) : !paper_km
  %7 = tensor.empty(%blocks) : !paper_qm
  %ql = attn.pool mean %lastq outs(%5) window(128) stride(128) : !paper_last -> !paper_ql
  %km = attn.pool mean %k outs(%6) window(128) stride(128) : !paper_kv -> !paper_km
  %qm = attn.pool mean %q outs(%7) window(128) stride(128) : !paper_q -> !paper_qm
  %8 = tensor.empty() : !paper_onelse
  %ol, %lsel = attn.attention %ql, %km, %km outs(%5, %8) scale(0.08838834764831845) : !paper_ql, !paper_km, !paper_km -> !paper_ql, !paper_onelse
  %9 = tensor.empty(%blocks) : !paper_sums
  %estimates = attn.route_score sum %ql, %km outs(%9) scale(0.08838834764831845) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lsel[%b, %h, %i] : !paper_onelse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_ql, !paper_km -> !paper_sums
  %10 = tensor.empty() : !paper_numbers
  %11 = linalg.fill ins(%zero : f32) outs(%10 : !paper_numbers) -> !paper_numbers
  %far = linalg.generic {indexing_maps = [#paper_all, #paper_all, #paper_head], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%estimates, %columnSums : !paper_sums, !paper_sums) outs(%11 : !paper_numbers) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %two = arith.addf %x, %y : f32
    %m = arith.mulf %two, %half : f32
    %hasX = arith.cmpf ogt, %x, %zero : f32
    %hasY = arith.cmpf ogt, %y, %zero : f32
    %xm = arith.divf %x, %m : f32
    %ym = arith.divf %y, %m : f32
    %xr = arith.select %hasX, %xm, %one : f32
    %yr = arith.select %hasY, %ym, %one : f32
    %xl = math.log %xr : f32
    %yl = math.log %yr : f32
    %xp = arith.mulf %x, %xl : f32
    %yp = arith.mulf %y, %yl : f32
    %both = arith.addf %xp, %yp : f32
    %part = arith.mulf %both, %half : f32
    %z = arith.addf %sum, %part : f32
    linalg.yield %z : f32
  } -> !paper_numbers

  // Pairs of blocks, as one row.
  %12 = tensor.empty(%blocks) : !paper_lse
  %om, %lsem = attn.attention %qm, %km, %km outs(%7, %12) scale(0.08838834764831845) mask(causal) : !paper_qm, !paper_km, !paper_km -> !paper_qm, !paper_lse
  %13 = tensor.empty(%blocks, %blocks) : !paper_scores
  %scores = attn.route_score sum %qm, %km outs(%13) scale(0.08838834764831845) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lsem[%b, %h, %i] : !paper_lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_qm, !paper_km -> !paper_scores
  %row = tensor.collapse_shape %scores [[0], [1], [2, 3]] : !paper_scores into !paper_pairs
  %pairs = tensor.expand_shape %row [[0], [1], [2, 3]] output_shape [1, 32, 1, %square] : !paper_pairs into !paper_sums
  %14 = tensor.empty(%square) : !paper_ids
  %chosen = attn.select %pairs outs(%14) mass(0.9) : !paper_sums -> !paper_ids
  %15 = tensor.empty(%square) : !paper_kept
  %16 = linalg.fill ins(%no : i32) outs(%15 : !paper_kept) -> !paper_kept
  %kept = scf.forall (%h) in (32) shared_outs(%to = %16) -> !paper_kept {
    %own = tensor.extract_slice %to[0, %h, 0] [1, 1, %square] [1, 1, 1] : !paper_kept to tensor<?xi32>
    %all = scf.for %m = %c0 to %square step %c1 iter_args(%some = %own) -> tensor<?xi32> {
      %id = tensor.extract %chosen[%c0, %h, %c0, %m] : !paper_ids
      %exists = arith.cmpi sge, %id, %none : i32
      %next = scf.if %exists -> tensor<?xi32> {
        %place = arith.index_cast %id : i32 to index
        %more = tensor.insert %id into %some[%place] : tensor<?xi32>
        scf.yield %more : tensor<?xi32>
      } else {
        scf.yield %some : tensor<?xi32>
      }
      scf.yield %next : tensor<?xi32>
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %all into %to[0, %h, 0] [1, 1, %square] [1, 1, 1] : tensor<?xi32> into !paper_kept
    }
  }

  %17 = tensor.empty(%blocks, %blocks) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%17 : !paper_lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %n = linalg.index 2 : index
    %c = linalg.index 3 : index
    %number = arith.index_cast %c : index to i32
    %distance = arith.subi %n, %c : index
    %line = arith.index_cast %distance : index to i32
    %js = tensor.extract %far[%b, %h] : !paper_numbers
    %isAlike = arith.cmpf olt, %js, %tau2 : f32
    %isChosen = scf.if %isAlike -> i1 {
      %place = affine.apply affine_map<(n, c)[m] -> (n * m + c)>(%n, %c)[%blocks]
      %id = tensor.extract %kept[%b, %h, %place] : !paper_kept
      %exists = arith.cmpi sge, %id, %none : i32
      scf.yield %exists : i1
    } else {
      %cn32 = tensor.extract %columnCounts[%b, %h] : !paper_counts
      %cn = arith.index_cast %cn32 : i32 to index
      %cm = arith.minui %cn, %blocks : index
      %isColumn = scf.for %r = %c0 to %cm step %c1 iter_args(%found = %false) -> i1 {
        %id = tensor.extract %columns[%b, %h, %c0, %r] : !paper_ids
        %same = arith.cmpi eq, %id, %number : i32
        %either = arith.ori %found, %same : i1
        scf.yield %either : i1
      }
      %ln32 = tensor.extract %lineCounts[%b, %h] : !paper_counts
      %ln = arith.index_cast %ln32 : i32 to index
      %lm = arith.minui %ln, %blocks : index
      %isLine = scf.for %r = %c0 to %lm step %c1 iter_args(%found = %false) -> i1 {
        %id = tensor.extract %lines[%b, %h, %c0, %r] : !paper_ids
        %same = arith.cmpi eq, %id, %line : i32
        %either = arith.ori %found, %same : i1
        scf.yield %either : i1
      }
      %either = arith.ori %isColumn, %isLine : i1
      scf.yield %either : i1
    }
    %isFirst = arith.cmpi eq, %c, %c0 : index
    %isOwn = arith.cmpi eq, %c, %n : index
    %isForced = arith.ori %isFirst, %isOwn : i1
    %isKept = arith.ori %isForced, %isChosen : i1
    %id = arith.select %isKept, %number, %no : i32
    linalg.yield %id : i32
  } -> !paper_lists
  %18 = tensor.empty(%length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%18) scale(0.08838834764831845) mask(causal)
      select(%lists : !paper_lists) blocks(128, 128) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
