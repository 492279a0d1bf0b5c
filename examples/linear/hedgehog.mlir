// Hedgehog: features that are learned to make weights like those of a softmax.
//
//   phi(x) = softmax([W_h x, -W_h x]), with a W for queries and one for keys
//   S_t = S_{t-1} + phi(k_t) v_t^T,    z_t = z_{t-1} + phi(k_t)
//   o_t = S_t^T phi(q_t) / z_t^T phi(q_t)
//
// Zhang et al. 2024 (Hedgehog).
//
// @hedgehog_paper has 8 heads of 64, with 128 features.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#row = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtd5 = affine_map<(b, h, t, f, d) -> (b, h, t, d)>
#hfd5 = affine_map<(b, h, t, f, d) -> (h, f, d)>
#bhtf5 = affine_map<(b, h, t, f, d) -> (b, h, t, f)>
#bhtf = affine_map<(b, h, t, s, f) -> (b, h, t, f)>
#row5 = affine_map<(b, h, t, s, f) -> (b, h, t)>
#bhtsf = affine_map<(b, h, t, s, f) -> (b, h, t, s, f)>

!keys = tensor<?x4x?x32xf32>
!mirrored = tensor<?x4x?x2x32xf32>
!features = tensor<?x4x?x64xf32>
!rows = tensor<?x4x?xf32>

// softmax([W x, -W x]): no element of W x is larger than the largest absolute one.
func.func private @features(%x: !keys, %w: tensor<4x32x32xf32>) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %rows_init = tensor.empty(%batch, %length) : !rows
  %rows_zero = linalg.fill ins(%zero : f32) outs(%rows_init : !rows) -> !rows
  %projected_init = tensor.empty(%batch, %length) : !keys
  %none = linalg.fill ins(%zero : f32) outs(%projected_init : !keys) -> !keys
  %projected = linalg.generic {indexing_maps = [#bhtd5, #hfd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !keys, tensor<4x32x32xf32>) outs(%none : !keys) {
  ^bb0(%a: f32, %weight: f32, %sum: f32):
    %m = arith.mulf %a, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !keys
  %tops = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%projected : !keys) outs(%rows_zero : !rows) {
  ^bb0(%a: f32, %top: f32):
    %size = math.absf %a : f32
    %y = arith.maximumf %size, %top : f32
    linalg.yield %y : f32
  } -> !rows
  %sums = linalg.generic {indexing_maps = [#bhtd, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%projected, %tops : !keys, !rows) outs(%rows_zero : !rows) {
  ^bb0(%a: f32, %top: f32, %sum: f32):
    %minus = arith.negf %a : f32
    %d0 = arith.subf %a, %top : f32
    %d1 = arith.subf %minus, %top : f32
    %e0 = math.exp %d0 : f32
    %e1 = math.exp %d1 : f32
    %both = arith.addf %e0, %e1 : f32
    %y = arith.addf %sum, %both : f32
    linalg.yield %y : f32
  } -> !rows
  %init = tensor.empty(%batch, %length) : !mirrored
  %mirrored = linalg.generic {indexing_maps = [#bhtf, #row5, #row5, #bhtsf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%projected, %tops, %sums : !keys, !rows, !rows) outs(%init : !mirrored) {
  ^bb0(%a: f32, %top: f32, %sum: f32, %unused: f32):
    %s = linalg.index 3 : index
    %s32 = arith.index_cast %s : index to i32
    %number = arith.sitofp %s32 : i32 to f32
    %twice = arith.mulf %two, %a : f32
    %back = arith.mulf %number, %twice : f32
    %signed = arith.subf %a, %back : f32
    %d = arith.subf %signed, %top : f32
    %e = math.exp %d : f32
    %y = arith.divf %e, %sum : f32
    linalg.yield %y : f32
  } -> !mirrored
  %phi = tensor.collapse_shape %mirrored [[0], [1], [2], [3, 4]] : !mirrored into !features
  return %phi : !features
}

func.func @hedgehog(%q: !keys, %k: !keys, %v: !keys, %wq: tensor<4x32x32xf32>, %wk: tensor<4x32x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %fq = call @features(%q, %wq) : (!keys, tensor<4x32x32xf32>) -> !features
  %fk = call @features(%k, %wk) : (!keys, tensor<4x32x32xf32>) -> !features
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !features, !features, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x64xbf16>
!paper_projected = tensor<?x8x?x64xf32>
!paper_mirrored = tensor<?x8x?x2x64xbf16>
!paper_features = tensor<?x8x?x128xbf16>
!paper_rows = tensor<?x8x?xf32>

// softmax([W x, -W x]): no element of W x is larger than the largest absolute one.
func.func private @paper_features(%x: !paper_keys, %w: tensor<8x64x64xf32>) -> !paper_features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %rows_init = tensor.empty(%batch, %length) : !paper_rows
  %rows_zero = linalg.fill ins(%zero : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %projected_init = tensor.empty(%batch, %length) : !paper_projected
  %none = linalg.fill ins(%zero : f32) outs(%projected_init : !paper_projected) -> !paper_projected
  %projected = linalg.generic {indexing_maps = [#bhtd5, #hfd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !paper_keys, tensor<8x64x64xf32>) outs(%none : !paper_projected) {
  ^bb0(%a: bf16, %weight: f32, %sum: f32):
    %af = arith.extf %a : bf16 to f32
    %m = arith.mulf %af, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !paper_projected
  %tops = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%projected : !paper_projected) outs(%rows_zero : !paper_rows) {
  ^bb0(%a: f32, %top: f32):
    %size = math.absf %a : f32
    %y = arith.maximumf %size, %top : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %sums = linalg.generic {indexing_maps = [#bhtd, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%projected, %tops : !paper_projected, !paper_rows) outs(%rows_zero : !paper_rows) {
  ^bb0(%a: f32, %top: f32, %sum: f32):
    %minus = arith.negf %a : f32
    %d0 = arith.subf %a, %top : f32
    %d1 = arith.subf %minus, %top : f32
    %e0 = math.exp %d0 : f32
    %e1 = math.exp %d1 : f32
    %both = arith.addf %e0, %e1 : f32
    %y = arith.addf %sum, %both : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %init = tensor.empty(%batch, %length) : !paper_mirrored
  %mirrored = linalg.generic {indexing_maps = [#bhtf, #row5, #row5, #bhtsf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%projected, %tops, %sums : !paper_projected, !paper_rows, !paper_rows) outs(%init : !paper_mirrored) {
  ^bb0(%a: f32, %top: f32, %sum: f32, %unused: bf16):
    %s = linalg.index 3 : index
    %s32 = arith.index_cast %s : index to i32
    %number = arith.sitofp %s32 : i32 to f32
    %twice = arith.mulf %two, %a : f32
    %back = arith.mulf %number, %twice : f32
    %signed = arith.subf %a, %back : f32
    %d = arith.subf %signed, %top : f32
    %e = math.exp %d : f32
    %y = arith.divf %e, %sum : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_mirrored
  %phi = tensor.collapse_shape %mirrored [[0], [1], [2], [3, 4]] : !paper_mirrored into !paper_features
  return %phi : !paper_features
}

func.func @hedgehog_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %wq: tensor<8x64x64xf32>, %wk: tensor<8x64x64xf32>) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %fq = call @paper_features(%q, %wq) : (!paper_keys, tensor<8x64x64xf32>) -> !paper_features
  %fk = call @paper_features(%k, %wk) : (!paper_keys, tensor<8x64x64xf32>) -> !paper_features
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !paper_features, !paper_features, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
