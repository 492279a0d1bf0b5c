// FastGen: each head keeps the cheapest kinds of keys that its prompt has paid attention
// to. The query decodes behind a prompt, whose queries qp are operands, too. With A(i, .)
// = softmax of the logits of qp[i] and the keys up to i, and w(j) = sum over i of A(i, j),
// policies are
//
//   0  special tokens (kind 1)
//   1  and punctuation (kind 2)
//   2  and the `frequent` tokens with the largest w
//   3  and local ones: i - j < local
//   4  all
//
// The policy of a head is the first that keeps a share of at least `share` of A: the mean
// over i of what A(i, .) has in its tokens; 4 if there is none. q is at the last position.
//
// Ge et al. 2024, from its description: details differ between implementations.
//
// The weights of the prompt are written out, and summed by key. A list has a place for
// each key: its number, or -1. @fastgen has 20 frequent and 16 local tokens and a share of
// 0.8, @fastgen_paper 330 (30 % of 1100 tokens), 330 and 0.95.

!q = tensor<1x5x1x32xf32>
!kv = tensor<1x5x?x32xf32>
!kinds = tensor<1x?xi32>
!few = tensor<1x5x?x16xf32>
!lse = tensor<1x5x?xf32>
!weights = tensor<1x5x?x?xf32>
!sums = tensor<1x5x1x?xf32>
!frequent = tensor<1x5x1x20xi32>
!policies = tensor<1x5x?xi32>
!shares = tensor<1x5xf32>
!lists = tensor<1x5x1x?xi32>
#keys = affine_map<(b, h, j) -> (b, h, j)>
#one = affine_map<(b, h, j) -> (b, h, 0, j)>
#part = affine_map<(b, h, j, i) -> (b, h, i, j)>
#whole = affine_map<(b, h, j, i) -> (b, h, 0, j)>
#head = affine_map<(b, h, j) -> (b, h)>
#all = affine_map<(b, h, i, j) -> (b, h, i, j)>

func.func @fastgen(%q: !q, %k: !kv, %v: !kv, %qp: !kv, %kinds: !kinds) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %frequentCount = arith.constant 20 : index
  %local = arith.constant 16 : index
  %false = arith.constant false
  %no = arith.constant -1 : i32
  %isSpecial = arith.constant 1 : i32
  %isMark = arith.constant 2 : i32
  %p0 = arith.constant 0 : i32
  %p1 = arith.constant 1 : i32
  %p2 = arith.constant 2 : i32
  %p3 = arith.constant 3 : i32
  %p4 = arith.constant 4 : i32
  %zero = arith.constant 0.0 : f32
  %share = arith.constant 0.8 : f32
  %length = tensor.dim %k, %c2 : !kv
  %recent = arith.subi %length, %local : index
  %length64 = arith.index_cast %length : index to i64
  %lengthf = arith.sitofp %length64 : i64 to f32
  %least = arith.mulf %share, %lengthf : f32

  // What the prompt has seen of each key; a few columns of values are enough for the lse.
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 5, %length, 16] [1, 1, 1, 1] : !kv to !few
  %0 = tensor.empty(%length) : !few
  %1 = tensor.empty(%length) : !lse
  %o, %lse = attn.attention %qp, %k, %few outs(%0, %1) scale(0.1767766952966369) mask(causal) : !kv, !kv, !few -> !few, !lse
  %2 = tensor.empty(%length, %length) : !weights
  %weights = attn.route_score sum %qp, %k outs(%2) scale(0.1767766952966369) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !kv, !kv -> !weights
  %9 = tensor.empty(%length) : !sums
  %none = linalg.fill ins(%zero : f32) outs(%9 : !sums) -> !sums
  %seen, %near = linalg.generic {
      indexing_maps = [#part, #whole, #whole], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%weights : !weights) outs(%none, %none : !sums, !sums) {
  ^bb0(%x: f32, %s: f32, %t: f32):
    %j = linalg.index 2 : index
    %i = linalg.index 3 : index
    %distance = arith.subi %i, %j : index
    %isNear = arith.cmpi slt, %distance, %local : index
    %y = arith.select %isNear, %x, %zero : f32
    %z = arith.addf %s, %x : f32
    %w = arith.addf %t, %y : f32
    linalg.yield %z, %w : f32, f32
  } -> (!sums, !sums)
  %3 = tensor.empty() : !frequent
  %frequent = attn.select %seen outs(%3) : !sums -> !frequent

  // The first policy that keeps a key wherever the query is.
  %4 = tensor.empty(%length) : !policies
  %needs = linalg.generic {indexing_maps = [affine_map<(b, h, j) -> (b, j)>, #keys], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%kinds : !kinds) outs(%4 : !policies) {
  ^bb0(%kind: i32, %init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 2 : index
    %number = arith.index_cast %j : index to i32
    %isFrequent = scf.for %n = %c0 to %frequentCount step %c1 iter_args(%found = %false) -> i1 {
      %id = tensor.extract %frequent[%b, %h, %c0, %n] : !frequent
      %same = arith.cmpi eq, %id, %number : i32
      %either = arith.ori %found, %same : i1
      scf.yield %either : i1
    }
    %special = arith.cmpi eq, %kind, %isSpecial : i32
    %mark = arith.cmpi eq, %kind, %isMark : i32
    %x = arith.select %isFrequent, %p2, %p4 : i32
    %y = arith.select %mark, %p1, %x : i32
    %z = arith.select %special, %p0, %y : i32
    linalg.yield %z : i32
  } -> !policies

  // What the policies keep of the prompt, and the first that keeps enough.
  %5 = tensor.empty() : !shares
  %6 = linalg.fill ins(%zero : f32) outs(%5 : !shares) -> !shares
  %shares:4 = linalg.generic {
      indexing_maps = [#keys, #one, #one, #head, #head, #head, #head], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%needs, %seen, %near : !policies, !sums, !sums) outs(%6, %6, %6, %6 : !shares, !shares, !shares, !shares) {
  ^bb0(%need: i32, %all: f32, %close: f32, %s0: f32, %s1: f32, %s2: f32, %s3: f32):
    %has0 = arith.cmpi ule, %need, %p0 : i32
    %has1 = arith.cmpi ule, %need, %p1 : i32
    %has2 = arith.cmpi ule, %need, %p2 : i32
    %x0 = arith.select %has0, %all, %zero : f32
    %x1 = arith.select %has1, %all, %zero : f32
    %x2 = arith.select %has2, %all, %zero : f32
    %x3 = arith.select %has2, %all, %close : f32
    %y0 = arith.addf %s0, %x0 : f32
    %y1 = arith.addf %s1, %x1 : f32
    %y2 = arith.addf %s2, %x2 : f32
    %y3 = arith.addf %s3, %x3 : f32
    linalg.yield %y0, %y1, %y2, %y3 : f32, f32, f32, f32
  } -> (!shares, !shares, !shares, !shares)
  %7 = tensor.empty(%length) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%7 : !lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %s0 = tensor.extract %shares#0[%b, %h] : !shares
    %s1 = tensor.extract %shares#1[%b, %h] : !shares
    %s2 = tensor.extract %shares#2[%b, %h] : !shares
    %s3 = tensor.extract %shares#3[%b, %h] : !shares
    %is0 = arith.cmpf oge, %s0, %least : f32
    %is1 = arith.cmpf oge, %s1, %least : f32
    %is2 = arith.cmpf oge, %s2, %least : f32
    %is3 = arith.cmpf oge, %s3, %least : f32
    %x3 = arith.select %is3, %p3, %p4 : i32
    %x2 = arith.select %is2, %p2, %x3 : i32
    %x1 = arith.select %is1, %p1, %x2 : i32
    %policy = arith.select %is0, %p0, %x1 : i32
    %need = tensor.extract %needs[%b, %h, %j] : !policies
    %isRecent = arith.cmpi sge, %j, %recent : index
    %sooner = arith.minui %need, %p3 : i32
    %needed = arith.select %isRecent, %sooner, %need : i32
    %isKept = arith.cmpi ule, %needed, %policy : i32
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isKept, %number, %no : i32
    linalg.yield %id : i32
  } -> !lists
  %8 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%8) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x32x?x128xbf16>
!paper_kinds = tensor<1x?xi32>
!paper_few = tensor<1x32x?x16xbf16>
!paper_lse = tensor<1x32x?xf32>
!paper_weights = tensor<1x32x?x?xf32>
!paper_sums = tensor<1x32x1x?xf32>
!paper_frequent = tensor<1x32x1x330xi32>
!paper_policies = tensor<1x32x?xi32>
!paper_shares = tensor<1x32xf32>
!paper_lists = tensor<1x32x1x?xi32>
#paper_keys = affine_map<(b, h, j) -> (b, h, j)>
#paper_one = affine_map<(b, h, j) -> (b, h, 0, j)>
#paper_part = affine_map<(b, h, j, i) -> (b, h, i, j)>
#paper_whole = affine_map<(b, h, j, i) -> (b, h, 0, j)>
#paper_head = affine_map<(b, h, j) -> (b, h)>
#paper_all = affine_map<(b, h, i, j) -> (b, h, i, j)>

func.func @fastgen_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %qp: !paper_kv, %kinds: !paper_kinds) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %frequentCount = arith.constant 330 : index
  %local = arith.constant 330 : index
  %false = arith.constant false
  %no = arith.constant -1 : i32
  %isSpecial = arith.constant 1 : i32
  %isMark = arith.constant 2 : i32
  %p0 = arith.constant 0 : i32
  %p1 = arith.constant 1 : i32
  %p2 = arith.constant 2 : i32
  %p3 = arith.constant 3 : i32
  %p4 = arith.constant 4 : i32
  %zero = arith.constant 0.0 : f32
  %share = arith.constant 0.95 : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %recent = arith.subi %length, %local : index
  %length64 = arith.index_cast %length : index to i64
  %lengthf = arith.sitofp %length64 : i64 to f32
  %least = arith.mulf %share, %lengthf : f32

  // What the prompt has seen of each key; a few columns of values are enough for the lse.
  %few = tensor.extract_slice %k[0, 0, 0, 0] [1, 32, %length, 16] [1, 1, 1, 1] : !paper_kv to !paper_few
  %0 = tensor.empty(%length) : !paper_few
  %1 = tensor.empty(%length) : !paper_lse
  %o, %lse = attn.attention %qp, %k, %few outs(%0, %1) scale(0.08838834764831845) mask(causal) : !paper_kv, !paper_kv, !paper_few -> !paper_few, !paper_lse
  %2 = tensor.empty(%length, %length) : !paper_weights
  %weights = attn.route_score sum %qp, %k outs(%2) scale(0.08838834764831845) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !paper_lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !paper_kv, !paper_kv -> !paper_weights
  %9 = tensor.empty(%length) : !paper_sums
  %none = linalg.fill ins(%zero : f32) outs(%9 : !paper_sums) -> !paper_sums
  %seen, %near = linalg.generic {
      indexing_maps = [#paper_part, #paper_whole, #paper_whole], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%weights : !paper_weights) outs(%none, %none : !paper_sums, !paper_sums) {
  ^bb0(%x: f32, %s: f32, %t: f32):
    %j = linalg.index 2 : index
    %i = linalg.index 3 : index
    %distance = arith.subi %i, %j : index
    %isNear = arith.cmpi slt, %distance, %local : index
    %y = arith.select %isNear, %x, %zero : f32
    %z = arith.addf %s, %x : f32
    %w = arith.addf %t, %y : f32
    linalg.yield %z, %w : f32, f32
  } -> (!paper_sums, !paper_sums)
  %3 = tensor.empty() : !paper_frequent
  %frequent = attn.select %seen outs(%3) : !paper_sums -> !paper_frequent

  // The first policy that keeps a key wherever the query is.
  %4 = tensor.empty(%length) : !paper_policies
  %needs = linalg.generic {indexing_maps = [affine_map<(b, h, j) -> (b, j)>, #paper_keys], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%kinds : !paper_kinds) outs(%4 : !paper_policies) {
  ^bb0(%kind: i32, %init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 2 : index
    %number = arith.index_cast %j : index to i32
    %isFrequent = scf.for %n = %c0 to %frequentCount step %c1 iter_args(%found = %false) -> i1 {
      %id = tensor.extract %frequent[%b, %h, %c0, %n] : !paper_frequent
      %same = arith.cmpi eq, %id, %number : i32
      %either = arith.ori %found, %same : i1
      scf.yield %either : i1
    }
    %special = arith.cmpi eq, %kind, %isSpecial : i32
    %mark = arith.cmpi eq, %kind, %isMark : i32
    %x = arith.select %isFrequent, %p2, %p4 : i32
    %y = arith.select %mark, %p1, %x : i32
    %z = arith.select %special, %p0, %y : i32
    linalg.yield %z : i32
  } -> !paper_policies

  // What the policies keep of the prompt, and the first that keeps enough.
  %5 = tensor.empty() : !paper_shares
  %6 = linalg.fill ins(%zero : f32) outs(%5 : !paper_shares) -> !paper_shares
  %shares:4 = linalg.generic {
      indexing_maps = [#paper_keys, #paper_one, #paper_one, #paper_head, #paper_head, #paper_head, #paper_head], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%needs, %seen, %near : !paper_policies, !paper_sums, !paper_sums) outs(%6, %6, %6, %6 : !paper_shares, !paper_shares, !paper_shares, !paper_shares) {
  ^bb0(%need: i32, %all: f32, %close: f32, %s0: f32, %s1: f32, %s2: f32, %s3: f32):
    %has0 = arith.cmpi ule, %need, %p0 : i32
    %has1 = arith.cmpi ule, %need, %p1 : i32
    %has2 = arith.cmpi ule, %need, %p2 : i32
    %x0 = arith.select %has0, %all, %zero : f32
    %x1 = arith.select %has1, %all, %zero : f32
    %x2 = arith.select %has2, %all, %zero : f32
    %x3 = arith.select %has2, %all, %close : f32
    %y0 = arith.addf %s0, %x0 : f32
    %y1 = arith.addf %s1, %x1 : f32
    %y2 = arith.addf %s2, %x2 : f32
    %y3 = arith.addf %s3, %x3 : f32
    linalg.yield %y0, %y1, %y2, %y3 : f32, f32, f32, f32
  } -> (!paper_shares, !paper_shares, !paper_shares, !paper_shares)
  %7 = tensor.empty(%length) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%7 : !paper_lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %s0 = tensor.extract %shares#0[%b, %h] : !paper_shares
    %s1 = tensor.extract %shares#1[%b, %h] : !paper_shares
    %s2 = tensor.extract %shares#2[%b, %h] : !paper_shares
    %s3 = tensor.extract %shares#3[%b, %h] : !paper_shares
    %is0 = arith.cmpf oge, %s0, %least : f32
    %is1 = arith.cmpf oge, %s1, %least : f32
    %is2 = arith.cmpf oge, %s2, %least : f32
    %is3 = arith.cmpf oge, %s3, %least : f32
    %x3 = arith.select %is3, %p3, %p4 : i32
    %x2 = arith.select %is2, %p2, %x3 : i32
    %x1 = arith.select %is1, %p1, %x2 : i32
    %policy = arith.select %is0, %p0, %x1 : i32
    %need = tensor.extract %needs[%b, %h, %j] : !paper_policies
    %isRecent = arith.cmpi sge, %j, %recent : index
    %sooner = arith.minui %need, %p3 : i32
    %needed = arith.select %isRecent, %sooner, %need : i32
    %isKept = arith.cmpi ule, %needed, %policy : i32
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isKept, %number, %no : i32
    linalg.yield %id : i32
  } -> !paper_lists
  %8 = tensor.empty() : !paper_q
  %out = attn.attention %q, %k, %v outs(%8) scale(0.08838834764831845)
      select(%lists : !paper_lists) blocks(1, 1) : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
