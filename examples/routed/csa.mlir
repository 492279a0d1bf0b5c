// Compressed sparse attention: one softmax over a window of tokens and over compressed
// entries that an index chooses. With windows of `size` tokens, each token compressed
// twice (ca, cb with logits za, zb), and by channel:
//
//   e(c) = sum over the tokens j of window c of weight ca[j], and over those of window
//          c - 1 of weight cb[j]; the weights are one softmax over the za of the first
//          and the zb of the second
//   entry(c) = e(c) / sqrt(mean of e(c)^2 + 1e-6)
//   index(c) = the same of ica, iza, icb, izb
//   I(i, c) = sum_n w[n, i] max(0, qi[n, i] . index(c))
//   query i sees the tokens i - window < j <= i, and of the windows that end at i or
//   before the `topk` entries with the largest I(i, c)
//
// A token, or entry, is key and value; exp(sink) is added to the denominator.
//
// DeepSeek-AI 2026, without its rotations: queries, tokens and outputs are rotated
// outside.
//
// The entries continue the state of the window, so there is one denominator. @csa has
// windows of 4, topk = 10 and 24 tokens; @csa_paper 4, 512 and 128, and heads of 128, for
// those of 512 that the model has fit no schedule of a GPU.

!q = tensor<1x4x?x32xf32>
!kv = tensor<1x1x?x32xf32>
!entries = tensor<1x1x?x32xf32>
!norms = tensor<1x1x?xf32>
!qi = tensor<1x3x?x32xf32>
!w = tensor<1x3x?xf32>
!acc = tensor<1x4x?x32xf32>
!sum = tensor<1x4x?xf32>
!scores = tensor<1x1x?x?xf32>
!lists = tensor<1x1x?x10xi32>
#ended = #attn.affine<"(b, h, i, c) : (i - 4 * c - 3 >= 0)">
#all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#row = affine_map<(b, h, c, d) -> (b, h, c)>

func.func private @csa_compress(%ca: !kv, %za: !kv, %cb: !kv, %zb: !kv) -> !entries {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF7FFFFF : f32
  %width = arith.constant 32.0 : f32
  %small = arith.constant 1.0e-06 : f32
  %length = tensor.dim %ca, %c2 : !kv
  %count = arith.divui %length, %size : index
  %0 = tensor.empty(%count) : !entries
  %pooled = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !entries) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %hasBefore = arith.cmpi ugt, %c, %c0 : index
    %top = scf.for %r = %c0 to %size step %c1 iter_args(%most = %low) -> f32 {
      %j = affine.apply affine_map<(c, r) -> (c * 4 + r)>(%c, %r)
      %i = affine.max affine_map<(c, r) -> (c * 4 + r - 4, 0)>(%c, %r)
      %za0 = tensor.extract %za[%b, %c0, %j, %d] : !kv
      %zb0 = tensor.extract %zb[%b, %c0, %i, %d] : !kv
      %before = arith.select %hasBefore, %zb0, %low : f32
      %both = arith.maximumf %za0, %before : f32
      %more = arith.maximumf %most, %both : f32
      scf.yield %more : f32
    }
    %sums:2 = scf.for %r = %c0 to %size step %c1 iter_args(%num = %zero, %den = %zero) -> (f32, f32) {
      %j = affine.apply affine_map<(c, r) -> (c * 4 + r)>(%c, %r)
      %i = affine.max affine_map<(c, r) -> (c * 4 + r - 4, 0)>(%c, %r)
      %za1 = tensor.extract %za[%b, %c0, %j, %d] : !kv
      %ca1 = tensor.extract %ca[%b, %c0, %j, %d] : !kv
      %zb1 = tensor.extract %zb[%b, %c0, %i, %d] : !kv
      %cb1 = tensor.extract %cb[%b, %c0, %i, %d] : !kv
      %xa = arith.subf %za1, %top : f32
      %xb = arith.subf %zb1, %top : f32
      %wa = math.exp %xa : f32
      %eb = math.exp %xb : f32
      %wb = arith.select %hasBefore, %eb, %zero : f32
      %pa = arith.mulf %wa, %ca1 : f32
      %pb = arith.mulf %wb, %cb1 : f32
      %num0 = arith.addf %num, %pa : f32
      %num1 = arith.addf %num0, %pb : f32
      %den0 = arith.addf %den, %wa : f32
      %den1 = arith.addf %den0, %wb : f32
      scf.yield %num1, %den1 : f32, f32
    }
    %e = arith.divf %sums#0, %sums#1 : f32
    linalg.yield %e : f32
  } -> !entries
  %1 = tensor.empty(%count) : !norms
  %2 = linalg.fill ins(%zero : f32) outs(%1 : !norms) -> !norms
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%pooled : !entries) outs(%2 : !norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !norms
  %out = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%pooled, %squares : !entries, !norms) outs(%0 : !entries) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %mean = arith.divf %square, %width : f32
    %some = arith.addf %mean, %small : f32
    %norm = math.sqrt %some : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !entries
  return %out : !entries
}

func.func @csa(%q: !q, %kv: !kv, %ca: !kv, %za: !kv, %cb: !kv, %zb: !kv, %ica: !kv, %iza: !kv, %icb: !kv, %izb: !kv,
    %qi: !qi, %w: !w, %sink: tensor<4xf32>) -> !q {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.7014117e+38 : f32
  %length = tensor.dim %q, %c2 : !q
  %entries = func.call @csa_compress(%ca, %za, %cb, %zb) : (!kv, !kv, !kv, !kv) -> !entries
  %index = func.call @csa_compress(%ica, %iza, %icb, %izb) : (!kv, !kv, !kv, !kv) -> !entries
  %count = tensor.dim %entries, %c2 : !entries
  %0 = tensor.empty(%length, %count) : !scores
  %scores = attn.route_score sum %qi, %index outs(%0) scale(1.0) mask(#ended) score {
  ^bb0(%s: f32, %b: index, %n: index, %i: index, %c: index):
    %positive = arith.maximumf %s, %zero : f32
    %weight = tensor.extract %w[%b, %n, %i] : !w
    %t = arith.mulf %weight, %positive : f32
    attn.yield %t : f32
  } : !qi, !entries -> !scores
  %1 = tensor.empty(%length) : !lists
  %lists = attn.select %scores outs(%1) mask(#ended) : !scores -> !lists

  %2 = tensor.empty(%length) : !acc
  %3 = tensor.empty(%length) : !sum
  %acc = linalg.fill ins(%zero : f32) outs(%2 : !acc) -> !acc
  %ref = linalg.fill ins(%low : f32) outs(%3 : !sum) -> !sum
  %sum = linalg.fill ins(%zero : f32) outs(%3 : !sum) -> !sum
  %near:3 = attn.partial %q, %kv, %kv outs(%acc, %ref, %sum) scale(0.1767766952966369) mask(window<24>)
      : !q, !kv, !kv -> !acc, !sum, !sum
  %both:3 = attn.partial %q, %entries, %entries outs(%near#0, %near#1, %near#2) scale(0.1767766952966369) mask(#ended)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !acc, !sum, !sum
  %4 = tensor.empty(%length) : !q
  %out = attn.finalize %both#0, %both#1, %both#2 outs(%4) sink(%sink : tensor<4xf32>) : !acc, !sum, !sum -> !q
  return %out : !q
}

!paper_q = tensor<1x64x?x128xbf16>
!paper_kv = tensor<1x1x?x128xbf16>
!paper_entries = tensor<1x1x?x128xf32>
!paper_norms = tensor<1x1x?xf32>
!paper_qi = tensor<1x64x?x128xbf16>
!paper_w = tensor<1x64x?xbf16>
!paper_acc = tensor<1x64x?x128xf32>
!paper_sum = tensor<1x64x?xf32>
!paper_scores = tensor<1x1x?x?xf32>
!paper_lists = tensor<1x1x?x512xi32>
#paper_ended = #attn.affine<"(b, h, i, c) : (i - 4 * c - 3 >= 0)">
#paper_all = affine_map<(b, h, c, d) -> (b, h, c, d)>
#paper_row = affine_map<(b, h, c, d) -> (b, h, c)>

func.func private @csa_paper_compress(%ca: !paper_kv, %za: !paper_kv, %cb: !paper_kv, %zb: !paper_kv) -> !paper_entries {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %size = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF7FFFFF : f32
  %width = arith.constant 128.0 : f32
  %small = arith.constant 1.0e-06 : f32
  %length = tensor.dim %ca, %c2 : !paper_kv
  %count = arith.divui %length, %size : index
  %0 = tensor.empty(%count) : !paper_entries
  %pooled = linalg.generic {indexing_maps = [#paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !paper_entries) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %hasBefore = arith.cmpi ugt, %c, %c0 : index
    %top = scf.for %r = %c0 to %size step %c1 iter_args(%most = %low) -> f32 {
      %j = affine.apply affine_map<(c, r) -> (c * 4 + r)>(%c, %r)
      %i = affine.max affine_map<(c, r) -> (c * 4 + r - 4, 0)>(%c, %r)
      %za0 = tensor.extract %za[%b, %c0, %j, %d] : !paper_kv
      %zb0 = tensor.extract %zb[%b, %c0, %i, %d] : !paper_kv
      %zaw = arith.extf %za0 : bf16 to f32
      %zbw = arith.extf %zb0 : bf16 to f32
      %before = arith.select %hasBefore, %zbw, %low : f32
      %both = arith.maximumf %zaw, %before : f32
      %more = arith.maximumf %most, %both : f32
      scf.yield %more : f32
    }
    %sums:2 = scf.for %r = %c0 to %size step %c1 iter_args(%num = %zero, %den = %zero) -> (f32, f32) {
      %j = affine.apply affine_map<(c, r) -> (c * 4 + r)>(%c, %r)
      %i = affine.max affine_map<(c, r) -> (c * 4 + r - 4, 0)>(%c, %r)
      %za1 = tensor.extract %za[%b, %c0, %j, %d] : !paper_kv
      %ca1 = tensor.extract %ca[%b, %c0, %j, %d] : !paper_kv
      %zb1 = tensor.extract %zb[%b, %c0, %i, %d] : !paper_kv
      %cb1 = tensor.extract %cb[%b, %c0, %i, %d] : !paper_kv
      %zax = arith.extf %za1 : bf16 to f32
      %cax = arith.extf %ca1 : bf16 to f32
      %zbx = arith.extf %zb1 : bf16 to f32
      %cbx = arith.extf %cb1 : bf16 to f32
      %xa = arith.subf %zax, %top : f32
      %xb = arith.subf %zbx, %top : f32
      %wa = math.exp %xa : f32
      %eb = math.exp %xb : f32
      %wb = arith.select %hasBefore, %eb, %zero : f32
      %pa = arith.mulf %wa, %cax : f32
      %pb = arith.mulf %wb, %cbx : f32
      %num0 = arith.addf %num, %pa : f32
      %num1 = arith.addf %num0, %pb : f32
      %den0 = arith.addf %den, %wa : f32
      %den1 = arith.addf %den0, %wb : f32
      scf.yield %num1, %den1 : f32, f32
    }
    %e = arith.divf %sums#0, %sums#1 : f32
    linalg.yield %e : f32
  } -> !paper_entries
  %1 = tensor.empty(%count) : !paper_norms
  %2 = linalg.fill ins(%zero : f32) outs(%1 : !paper_norms) -> !paper_norms
  %squares = linalg.generic {indexing_maps = [#paper_all, #paper_row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%pooled : !paper_entries) outs(%2 : !paper_norms) {
  ^bb0(%x: f32, %sum: f32):
    %square = arith.mulf %x, %x : f32
    %y = arith.addf %sum, %square : f32
    linalg.yield %y : f32
  } -> !paper_norms
  %out = linalg.generic {indexing_maps = [#paper_all, #paper_row, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%pooled, %squares : !paper_entries, !paper_norms) outs(%0 : !paper_entries) {
  ^bb0(%x: f32, %square: f32, %init: f32):
    %mean = arith.divf %square, %width : f32
    %some = arith.addf %mean, %small : f32
    %norm = math.sqrt %some : f32
    %y = arith.divf %x, %norm : f32
    linalg.yield %y : f32
  } -> !paper_entries
  return %out : !paper_entries
}

func.func @csa_paper(%q: !paper_q, %kv: !paper_kv, %ca: !paper_kv, %za: !paper_kv, %cb: !paper_kv, %zb: !paper_kv, %ica: !paper_kv, %iza: !paper_kv, %icb: !paper_kv, %izb: !paper_kv,
    %qi: !paper_qi, %w: !paper_w, %sink: tensor<64xbf16>) -> !paper_q {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.7014117e+38 : f32
  %length = tensor.dim %q, %c2 : !paper_q
  %wide = func.call @csa_paper_compress(%ca, %za, %cb, %zb) : (!paper_kv, !paper_kv, !paper_kv, !paper_kv) -> !paper_entries
  %index = func.call @csa_paper_compress(%ica, %iza, %icb, %izb) : (!paper_kv, !paper_kv, !paper_kv, !paper_kv) -> !paper_entries
  %count = tensor.dim %wide, %c2 : !paper_entries
  %e = tensor.empty(%count) : !paper_kv
  %entries = linalg.generic {indexing_maps = [#paper_all, #paper_all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%wide : !paper_entries) outs(%e : !paper_kv) {
  ^bb0(%x: f32, %init: bf16):
    %y = arith.truncf %x : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_kv
  %0 = tensor.empty(%length, %count) : !paper_scores
  %scores = attn.route_score sum %qi, %index outs(%0) scale(1.0) mask(#paper_ended) score {
  ^bb0(%s: f32, %b: index, %n: index, %i: index, %c: index):
    %positive = arith.maximumf %s, %zero : f32
    %weight = tensor.extract %w[%b, %n, %i] : !paper_w
    %weightw = arith.extf %weight : bf16 to f32
    %t = arith.mulf %weightw, %positive : f32
    attn.yield %t : f32
  } : !paper_qi, !paper_entries -> !paper_scores
  %1 = tensor.empty(%length) : !paper_lists
  %lists = attn.select %scores outs(%1) mask(#paper_ended) : !paper_scores -> !paper_lists

  %2 = tensor.empty(%length) : !paper_acc
  %3 = tensor.empty(%length) : !paper_sum
  %acc = linalg.fill ins(%zero : f32) outs(%2 : !paper_acc) -> !paper_acc
  %ref = linalg.fill ins(%low : f32) outs(%3 : !paper_sum) -> !paper_sum
  %sum = linalg.fill ins(%zero : f32) outs(%3 : !paper_sum) -> !paper_sum
  %near:3 = attn.partial %q, %kv, %kv outs(%acc, %ref, %sum) scale(0.08838834764831845) mask(window<128>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_acc, !paper_sum, !paper_sum
  %both:3 = attn.partial %q, %entries, %entries outs(%near#0, %near#1, %near#2) scale(0.08838834764831845) mask(#paper_ended)
      select(%lists : !paper_lists) blocks(1, 1) : !paper_q, !paper_kv, !paper_kv -> !paper_acc, !paper_sum, !paper_sum
  %4 = tensor.empty(%length) : !paper_q
  %out = attn.finalize %both#0, %both#1, %both#2 outs(%4) sink(%sink : tensor<64xbf16>) : !paper_acc, !paper_sum, !paper_sum -> !paper_q
  return %out : !paper_q
}
