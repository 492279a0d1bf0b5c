// MagicPIG: keys are sampled by hashing, and logits corrected by the probability of that.
// The query decodes: it has all keys. With kc[j] = k[j] - mean of all k, and `tables`
// times `bits` random planes:
//
//   hash(x, l) = the signs of x . planes[l bits], ..., x . planes[l bits + bits - 1]
//   p(j) = 1 - acos(cos(q, kc[j])) / pi, the probability that a sign agrees
//   u(j) = 1 - (1 - p^bits)^tables - tables p^bits (1 - p^bits)^(tables - 1)
//
// q sees the first `sinks` and the last `local` keys, and of the others those with
// hash(q, l) = hash(kc[j], l) for two tables l or more, with the logit s(j) - ln u(j).
//
// Chen et al. 2024. The planes are operands, so a run can be repeated.
//
// A list has one place for each key: its number, or -1. acos(x) is
// 2 atan(sqrt((1 - x) / (1 + x))), and u(j) with x = p^bits is
//
//   -expm1((tables - 1) log1p(-x) + log1p((tables - 1) x))
//
// which has no difference of two numbers near 1. @magicpig has 16 tables of 4 bits, 3 sinks and 16 local
// keys, @magicpig_paper 150 of 10, 4 and 64.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x2x?x32xf32>
!planes = tensor<2x1x64x32xf32>
!mean = tensor<2x2x32xf32>
!centred = tensor<2x2x?x32xf32>
!kn = tensor<2x2x?xf32>
!qn = tensor<2x4x1xf32>
!qsigns = tensor<2x4x1x64xf32>
!ksigns = tensor<2x2x?x64xf32>
!terms = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x?xi32>
#all = affine_map<(b, h, j, d) -> (b, h, j, d)>
#row = affine_map<(b, h, j, d) -> (b, h, j)>
#channel = affine_map<(b, h, j, d) -> (b, h, d)>

func.func @magicpig(%q: !q, %k: !kv, %v: !kv, %planes: !planes) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 2 : index
  %bits = arith.constant 4 : index
  %tables = arith.constant 16 : index
  %sinks = arith.constant 3 : index
  %local = arith.constant 16 : index
  %true = arith.constant true
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %overpi = arith.constant 0.63661977236758138 : f32
  %less = arith.constant 15.0 : f32
  %length = tensor.dim %k, %c2 : !kv
  %recent = arith.subi %length, %local : index
  %length64 = arith.index_cast %length : index to i64
  %lengthf = arith.sitofp %length64 : i64 to f32

  // Keys around their mean, and how long they are.
  %0 = tensor.empty() : !mean
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !mean) -> !mean
  %sums = linalg.generic {indexing_maps = [affine_map<(b, h, d, j) -> (b, h, j, d)>, affine_map<(b, h, d, j) -> (b, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%k : !kv) outs(%1 : !mean) {
  ^bb0(%x: f32, %sum: f32):
    %y = arith.addf %sum, %x : f32
    linalg.yield %y : f32
  } -> !mean
  %2 = tensor.empty(%length) : !centred
  %kc = linalg.generic {indexing_maps = [#all, #channel, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sums : !kv, !mean) outs(%2 : !centred) {
  ^bb0(%x: f32, %sum: f32, %init: f32):
    %mean = arith.divf %sum, %lengthf : f32
    %y = arith.subf %x, %mean : f32
    linalg.yield %y : f32
  } -> !centred
  %3 = tensor.empty(%length) : !kn
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !kn) -> !kn
  %kn = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%kc : !centred) outs(%4 : !kn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !kn
  %5 = tensor.empty() : !qn
  %6 = linalg.fill ins(%zero : f32) outs(%5 : !qn) -> !qn
  %qn = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !q) outs(%6 : !qn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !qn

  // A key is listed if its hashes meet those of the query in two tables.
  %7 = tensor.empty() : !qsigns
  %8 = tensor.empty(%length) : !ksigns
  %qs = attn.route_score sum %q, %planes outs(%7) scale(1.0) : !q, !planes -> !qsigns
  %ks = attn.route_score sum %kc, %planes outs(%8) scale(1.0) : !centred, !planes -> !ksigns
  %9 = tensor.empty(%length) : !lists
  %lists = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%9 : !lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %g = arith.divui %h, %group : index
    %hits = scf.for %l = %c0 to %tables step %c1 iter_args(%n = %c0) -> index {
      %meets = scf.for %m = %c0 to %bits step %c1 iter_args(%same = %true) -> i1 {
        %x = affine.apply affine_map<(l, m) -> (l * 4 + m)>(%l, %m)
        %qx = tensor.extract %qs[%b, %h, %c0, %x] : !qsigns
        %kx = tensor.extract %ks[%b, %g, %j, %x] : !ksigns
        %qsign = arith.cmpf oge, %qx, %zero : f32
        %ksign = arith.cmpf oge, %kx, %zero : f32
        %agrees = arith.cmpi eq, %qsign, %ksign : i1
        %both = arith.andi %same, %agrees : i1
        scf.yield %both : i1
      }
      %more = arith.addi %n, %c1 : index
      %next = arith.select %meets, %more, %n : index
      scf.yield %next : index
    }
    %isSampled = arith.cmpi uge, %hits, %c2 : index
    %isSink = arith.cmpi ult, %j, %sinks : index
    %isRecent = arith.cmpi sge, %j, %recent : index
    %isStatic = arith.ori %isSink, %isRecent : i1
    %isSeen = arith.ori %isStatic, %isSampled : i1
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isSeen, %number, %no : i32
    linalg.yield %id : i32
  } -> !lists

  // ln u.
  %10 = tensor.empty(%length) : !terms
  %terms = attn.route_score sum %q, %kc outs(%10) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %g = arith.divui %h, %group : index
    %q2 = tensor.extract %qn[%b, %h, %c0] : !qn
    %k2 = tensor.extract %kn[%b, %g, %j] : !kn
    %ql = math.sqrt %q2 : f32
    %kl = math.sqrt %k2 : f32
    %norms = arith.mulf %ql, %kl : f32
    %cosine = arith.divf %s, %norms : f32
    %below = arith.subf %one, %cosine : f32
    %above = arith.addf %one, %cosine : f32
    %tan2 = arith.divf %below, %above : f32
    %tan = math.sqrt %tan2 : f32
    %angle = math.atan %tan : f32
    %part = arith.mulf %angle, %overpi : f32
    %p = arith.subf %one, %part : f32
    %meets = scf.for %m = %c0 to %bits step %c1 iter_args(%power = %one) -> f32 {
      %x = arith.mulf %power, %p : f32
      scf.yield %x : f32
    }
    %minus = arith.negf %meets : f32
    %ln = math.log1p %minus : f32
    %times = arith.mulf %ln, %less : f32
    %each = arith.mulf %less, %meets : f32
    %once = math.log1p %each : f32
    %few = arith.addf %times, %once : f32
    %most = math.expm1 %few : f32
    %u = arith.negf %most : f32
    %t = math.log %u : f32
    attn.yield %t : f32
  } : !q, !centred -> !terms

  %11 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%11) scale(0.1767766952966369) select(%lists : !lists) blocks(1, 1) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %isSink = arith.cmpi ult, %j, %sinks : index
    %isRecent = arith.cmpi sge, %j, %recent : index
    %isStatic = arith.ori %isSink, %isRecent : i1
    %t = scf.if %isStatic -> f32 {
      scf.yield %s : f32
    } else {
      %term = tensor.extract %terms[%b, %h, %c0, %j] : !terms
      %y = arith.subf %s, %term : f32
      scf.yield %y : f32
    }
    attn.yield %t : f32
  } : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<1x32x1x128xbf16>
!paper_kv = tensor<1x8x?x128xbf16>
!paper_planes = tensor<1x1x1500x128xbf16>
!paper_mean = tensor<1x8x128xf32>
!paper_centred = tensor<1x8x?x128xf32>
!paper_kn = tensor<1x8x?xf32>
!paper_qn = tensor<1x32x1xf32>
!paper_qsigns = tensor<1x32x1x1500xf32>
!paper_ksigns = tensor<1x8x?x1500xf32>
!paper_terms = tensor<1x32x1x?xf32>
!paper_lists = tensor<1x32x1x?xi32>
#paper_all = affine_map<(b, h, j, d) -> (b, h, j, d)>
#paper_row = affine_map<(b, h, j, d) -> (b, h, j)>
#paper_channel = affine_map<(b, h, j, d) -> (b, h, d)>

func.func @magicpig_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv, %planes: !paper_planes) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %group = arith.constant 4 : index
  %bits = arith.constant 10 : index
  %tables = arith.constant 150 : index
  %sinks = arith.constant 4 : index
  %local = arith.constant 64 : index
  %true = arith.constant true
  %no = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %overpi = arith.constant 0.63661977236758138 : f32
  %less = arith.constant 149.0 : f32
  %length = tensor.dim %k, %c2 : !paper_kv
  %recent = arith.subi %length, %local : index
  %length64 = arith.index_cast %length : index to i64
  %lengthf = arith.sitofp %length64 : i64 to f32

  // Keys around their mean, and how long they are.
  %0 = tensor.empty() : !paper_mean
  %1 = linalg.fill ins(%zero : f32) outs(%0 : !paper_mean) -> !paper_mean
  %sums = linalg.generic {indexing_maps = [affine_map<(b, h, d, j) -> (b, h, j, d)>, affine_map<(b, h, d, j) -> (b, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%k : !paper_kv) outs(%1 : !paper_mean) {
  ^bb0(%x: bf16, %sum: f32):
    %xa = arith.extf %x : bf16 to f32
    %y = arith.addf %sum, %xa : f32
    linalg.yield %y : f32
  } -> !paper_mean
  %2 = tensor.empty(%length) : !paper_centred
  %kc = linalg.generic {indexing_maps = [#paper_all, #paper_channel, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k, %sums : !paper_kv, !paper_mean) outs(%2 : !paper_centred) {
  ^bb0(%x: bf16, %sum: f32, %init: f32):
    %xb = arith.extf %x : bf16 to f32
    %mean = arith.divf %sum, %lengthf : f32
    %y = arith.subf %xb, %mean : f32
    linalg.yield %y : f32
  } -> !paper_centred
  %3 = tensor.empty(%length) : !paper_kn
  %4 = linalg.fill ins(%zero : f32) outs(%3 : !paper_kn) -> !paper_kn
  %kn = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%kc : !paper_centred) outs(%4 : !paper_kn) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_kn
  %5 = tensor.empty() : !paper_qn
  %6 = linalg.fill ins(%zero : f32) outs(%5 : !paper_qn) -> !paper_qn
  %qn = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q : !paper_q) outs(%6 : !paper_qn) {
  ^bb0(%x: bf16, %sum: f32):
    %xc = arith.extf %x : bf16 to f32
    %square = arith.mulf %xc, %xc : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_qn

  // A key is listed if its hashes meet those of the query in two tables.
  %7 = tensor.empty() : !paper_qsigns
  %8 = tensor.empty(%length) : !paper_ksigns
  %qs = attn.route_score sum %q, %planes outs(%7) scale(1.0) : !paper_q, !paper_planes -> !paper_qsigns
  %ks = attn.route_score sum %kc, %planes outs(%8) scale(1.0) : !paper_centred, !paper_planes -> !paper_ksigns
  %9 = tensor.empty(%length) : !paper_lists
  %lists = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%9 : !paper_lists) {
  ^bb0(%init: i32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %g = arith.divui %h, %group : index
    %hits = scf.for %l = %c0 to %tables step %c1 iter_args(%n = %c0) -> index {
      %meets = scf.for %m = %c0 to %bits step %c1 iter_args(%same = %true) -> i1 {
        %x = affine.apply affine_map<(l, m) -> (l * 10 + m)>(%l, %m)
        %qx = tensor.extract %qs[%b, %h, %c0, %x] : !paper_qsigns
        %kx = tensor.extract %ks[%b, %g, %j, %x] : !paper_ksigns
        %qsign = arith.cmpf oge, %qx, %zero : f32
        %ksign = arith.cmpf oge, %kx, %zero : f32
        %agrees = arith.cmpi eq, %qsign, %ksign : i1
        %both = arith.andi %same, %agrees : i1
        scf.yield %both : i1
      }
      %more = arith.addi %n, %c1 : index
      %next = arith.select %meets, %more, %n : index
      scf.yield %next : index
    }
    %isSampled = arith.cmpi uge, %hits, %c2 : index
    %isSink = arith.cmpi ult, %j, %sinks : index
    %isRecent = arith.cmpi sge, %j, %recent : index
    %isStatic = arith.ori %isSink, %isRecent : i1
    %isSeen = arith.ori %isStatic, %isSampled : i1
    %number = arith.index_cast %j : index to i32
    %id = arith.select %isSeen, %number, %no : i32
    linalg.yield %id : i32
  } -> !paper_lists

  // ln u.
  %10 = tensor.empty(%length) : !paper_terms
  %terms = attn.route_score sum %q, %kc outs(%10) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %g = arith.divui %h, %group : index
    %q2 = tensor.extract %qn[%b, %h, %c0] : !paper_qn
    %k2 = tensor.extract %kn[%b, %g, %j] : !paper_kn
    %ql = math.sqrt %q2 : f32
    %kl = math.sqrt %k2 : f32
    %norms = arith.mulf %ql, %kl : f32
    %cosine = arith.divf %s, %norms : f32
    %below = arith.subf %one, %cosine : f32
    %above = arith.addf %one, %cosine : f32
    %tan2 = arith.divf %below, %above : f32
    %tan = math.sqrt %tan2 : f32
    %angle = math.atan %tan : f32
    %part = arith.mulf %angle, %overpi : f32
    %p = arith.subf %one, %part : f32
    %meets = scf.for %m = %c0 to %bits step %c1 iter_args(%power = %one) -> f32 {
      %x = arith.mulf %power, %p : f32
      scf.yield %x : f32
    }
    %minus = arith.negf %meets : f32
    %ln = math.log1p %minus : f32
    %times = arith.mulf %ln, %less : f32
    %each = arith.mulf %less, %meets : f32
    %once = math.log1p %each : f32
    %few = arith.addf %times, %once : f32
    %most = math.expm1 %few : f32
    %u = arith.negf %most : f32
    %t = math.log %u : f32
    attn.yield %t : f32
  } : !paper_q, !paper_centred -> !paper_terms

  %11 = tensor.empty() : !paper_q
  %out = attn.attention %q, %k, %v outs(%11) scale(0.08838834764831845) select(%lists : !paper_lists) blocks(1, 1) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %isSink = arith.cmpi ult, %j, %sinks : index
    %isRecent = arith.cmpi sge, %j, %recent : index
    %isStatic = arith.ori %isSink, %isRecent : i1
    %t = scf.if %isStatic -> f32 {
      scf.yield %s : f32
    } else {
      %term = tensor.extract %terms[%b, %h, %c0, %j] : !paper_terms
      %y = arith.subf %s, %term : f32
      scf.yield %y : f32
    }
    attn.yield %t : f32
  } : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
