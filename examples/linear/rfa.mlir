// Random feature attention: random Fourier features of the Gaussian kernel between
// unit vectors, in a state with a gate.
//
//   phi(x) = F^-1/2 [sin(W_h x / |x|), cos(W_h x / |x|)],    f_t = exp(g_t)
//   S_t = f_t S_{t-1} + (1 - f_t) phi(k_t) v_t^T,    z_t = f_t z_{t-1} + (1 - f_t) phi(k_t)
//   o_t = S_t^T phi(q_t) / z_t^T phi(q_t)
//
// Peng et al. 2021 (RFA).
//
// @rfa_paper has 8 heads of 64, with 64 sines and 64 cosines.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#row = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtd5 = affine_map<(b, h, t, f, d) -> (b, h, t, d)>
#hfd5 = affine_map<(b, h, t, f, d) -> (h, f, d)>
#bhtf5 = affine_map<(b, h, t, f, d) -> (b, h, t, f)>
#bhtf = affine_map<(b, h, t, s, f) -> (b, h, t, f)>
#row5 = affine_map<(b, h, t, s, f) -> (b, h, t)>
#bhtsf = affine_map<(b, h, t, s, f) -> (b, h, t, s, f)>

!keys = tensor<?x4x?x32xf32>
!angles = tensor<?x4x?x32xf32>
!pairs = tensor<?x4x?x2x32xf32>
!features = tensor<?x4x?x64xf32>
!rows = tensor<?x4x?xf32>

// [sin(W x / |x|), cos(W x / |x|)], times a number for each row.
func.func private @features(%x: !keys, %w: tensor<4x32x32xf32>, %factors: !rows) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 1.57079637 : f32
  %norm = arith.constant 0.1767766952966369 : f32
  %rows_init = tensor.empty(%batch, %length) : !rows
  %rows_zero = linalg.fill ins(%zero : f32) outs(%rows_init : !rows) -> !rows
  %squares = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x : !keys) outs(%rows_zero : !rows) {
  ^bb0(%a: f32, %sum: f32):
    %m = arith.mulf %a, %a : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !rows
  %angles_init = tensor.empty(%batch, %length) : !angles
  %angles_zero = linalg.fill ins(%zero : f32) outs(%angles_init : !angles) -> !angles
  %products = linalg.generic {indexing_maps = [#bhtd5, #hfd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !keys, tensor<4x32x32xf32>) outs(%angles_zero : !angles) {
  ^bb0(%a: f32, %weight: f32, %sum: f32):
    %m = arith.mulf %a, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !angles
  // A cosine is a sine a quarter of a turn further.
  %init = tensor.empty(%batch, %length) : !pairs
  %pairs = linalg.generic {indexing_maps = [#bhtf, #row5, #row5, #bhtsf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%products, %squares, %factors : !angles, !rows, !rows) outs(%init : !pairs) {
  ^bb0(%a: f32, %square: f32, %factor: f32, %unused: f32):
    %size = math.sqrt %square : f32
    %angle = arith.divf %a, %size : f32
    %number = linalg.index 3 : index
    %integer = arith.index_cast %number : index to i32
    %turns = arith.sitofp %integer : i32 to f32
    %shift = arith.mulf %turns, %quarter : f32
    %shifted = arith.addf %angle, %shift : f32
    %s = math.sin %shifted : f32
    %f = arith.mulf %norm, %factor : f32
    %y = arith.mulf %f, %s : f32
    linalg.yield %y : f32
  } -> !pairs
  %phi = tensor.collapse_shape %pairs [[0], [1], [2], [3, 4]] : !pairs into !features
  return %phi : !features
}

func.func @rfa(%q: !keys, %k: !keys, %v: !keys, %g: !rows, %w: tensor<4x32x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %one = arith.constant 1.0 : f32
  %rows_init = tensor.empty(%batch, %length) : !rows
  %ones = linalg.fill ins(%one : f32) outs(%rows_init : !rows) -> !rows
  // 1 - f_t.
  %written = linalg.generic {indexing_maps = [#bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%g : !rows) outs(%rows_init : !rows) {
  ^bb0(%gate: f32, %unused: f32):
    %forget = math.exp %gate : f32
    %y = arith.subf %one, %forget : f32
    linalg.yield %y : f32
  } -> !rows
  %fq = call @features(%q, %w, %ones) : (!keys, tensor<4x32x32xf32>, !rows) -> !features
  %fk = call @features(%k, %w, %written) : (!keys, tensor<4x32x32xf32>, !rows) -> !features
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) decay(scalar %g : !rows) norm(sum)
    : !features, !features, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x64xbf16>
!paper_angles = tensor<?x8x?x64xf32>
!paper_pairs = tensor<?x8x?x2x64xbf16>
!paper_features = tensor<?x8x?x128xbf16>
!paper_rows = tensor<?x8x?xf32>

// [sin(W x / |x|), cos(W x / |x|)], times a number for each row.
func.func private @paper_features(%x: !paper_keys, %w: tensor<8x64x64xf32>, %factors: !paper_rows) -> !paper_features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 1.57079637 : f32
  %norm = arith.constant 0.125 : f32
  %rows_init = tensor.empty(%batch, %length) : !paper_rows
  %rows_zero = linalg.fill ins(%zero : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %squares = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x : !paper_keys) outs(%rows_zero : !paper_rows) {
  ^bb0(%a: bf16, %sum: f32):
    %af = arith.extf %a : bf16 to f32
    %m = arith.mulf %af, %af : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %angles_init = tensor.empty(%batch, %length) : !paper_angles
  %angles_zero = linalg.fill ins(%zero : f32) outs(%angles_init : !paper_angles) -> !paper_angles
  %products = linalg.generic {indexing_maps = [#bhtd5, #hfd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !paper_keys, tensor<8x64x64xf32>) outs(%angles_zero : !paper_angles) {
  ^bb0(%a: bf16, %weight: f32, %sum: f32):
    %af = arith.extf %a : bf16 to f32
    %m = arith.mulf %af, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !paper_angles
  // A cosine is a sine a quarter of a turn further.
  %init = tensor.empty(%batch, %length) : !paper_pairs
  %pairs = linalg.generic {indexing_maps = [#bhtf, #row5, #row5, #bhtsf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%products, %squares, %factors : !paper_angles, !paper_rows, !paper_rows) outs(%init : !paper_pairs) {
  ^bb0(%a: f32, %square: f32, %factor: f32, %unused: bf16):
    %size = math.sqrt %square : f32
    %angle = arith.divf %a, %size : f32
    %number = linalg.index 3 : index
    %integer = arith.index_cast %number : index to i32
    %turns = arith.sitofp %integer : i32 to f32
    %shift = arith.mulf %turns, %quarter : f32
    %shifted = arith.addf %angle, %shift : f32
    %s = math.sin %shifted : f32
    %f = arith.mulf %norm, %factor : f32
    %y = arith.mulf %f, %s : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %phi = tensor.collapse_shape %pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_features
  return %phi : !paper_features
}

func.func @rfa_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %g: !paper_rows, %w: tensor<8x64x64xf32>) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %one = arith.constant 1.0 : f32
  %rows_init = tensor.empty(%batch, %length) : !paper_rows
  %ones = linalg.fill ins(%one : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  // 1 - f_t.
  %written = linalg.generic {indexing_maps = [#bht, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%g : !paper_rows) outs(%rows_init : !paper_rows) {
  ^bb0(%gate: f32, %unused: f32):
    %forget = math.exp %gate : f32
    %y = arith.subf %one, %forget : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %fq = call @paper_features(%q, %w, %ones) : (!paper_keys, tensor<8x64x64xf32>, !paper_rows) -> !paper_features
  %fk = call @paper_features(%k, %w, %written) : (!paper_keys, tensor<8x64x64xf32>, !paper_rows) -> !paper_features
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) decay(scalar %g : !paper_rows) norm(sum)
    : !paper_features, !paper_features, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
