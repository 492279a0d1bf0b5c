// Performer: positive random features (FAVOR+) of the exponential kernel.
//
//   x' = D^-1/4 x,    phi(x) = F^-1/2 (exp(W x' - |x'|^2 / 2 - c) + 1e-4)
//   S_t = S_{t-1} + phi(k_t) v_t^T,    z_t = z_{t-1} + phi(k_t)
//   o_t = S_t^T phi(q_t) / z_t^T phi(q_t)
//
// c is the largest exponent of a query, and 0 for keys, whose exponents are at most
// |w|^2 / 2; the rows of W, drawn outside, have a length of about sqrt(D).
//
// Choromanski et al. 2021 (Performer).
//
// @performer_paper has 8 heads of 64 and 128 features.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>
#row = affine_map<(b, h, t, d) -> (b, h, t)>
#bhtd5 = affine_map<(b, h, t, f, d) -> (b, h, t, d)>
#fd5 = affine_map<(b, h, t, f, d) -> (f, d)>
#bhtf5 = affine_map<(b, h, t, f, d) -> (b, h, t, f)>

!keys = tensor<?x4x?x32xf32>
!features = tensor<?x4x?x64xf32>
!rows = tensor<?x4x?xf32>

// W x' - |x'|^2 / 2.
func.func private @exponents(%x: !keys, %w: tensor<64x32xf32>) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %root = arith.constant 0.42044820762685725 : f32
  %half = arith.constant 0.08838834764831845 : f32
  %rows_init = tensor.empty(%batch, %length) : !rows
  %rows_zero = linalg.fill ins(%zero : f32) outs(%rows_init : !rows) -> !rows
  %squares = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x : !keys) outs(%rows_zero : !rows) {
  ^bb0(%a: f32, %sum: f32):
    %m = arith.mulf %a, %a : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !rows
  %init = tensor.empty(%batch, %length) : !features
  %none = linalg.fill ins(%zero : f32) outs(%init : !features) -> !features
  %products = linalg.generic {indexing_maps = [#bhtd5, #fd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !keys, tensor<64x32xf32>) outs(%none : !features) {
  ^bb0(%a: f32, %weight: f32, %sum: f32):
    %m = arith.mulf %a, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !features
  %exponents = linalg.generic {indexing_maps = [#bhtd, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%products, %squares : !features, !rows) outs(%init : !features) {
  ^bb0(%a: f32, %square: f32, %unused: f32):
    %m = arith.mulf %a, %root : f32
    %s = arith.mulf %square, %half : f32
    %y = arith.subf %m, %s : f32
    linalg.yield %y : f32
  } -> !features
  return %exponents : !features
}

// The features of exponents, less a number for each row.
func.func private @features(%x: !features, %least: !rows) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !features
  %length = tensor.dim %x, %c2 : !features
  %constant = arith.constant 1.0e-4 : f32
  %factor = arith.constant 0.125 : f32
  %init = tensor.empty(%batch, %length) : !features
  %phi = linalg.generic {indexing_maps = [#bhtd, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %least : !features, !rows) outs(%init : !features) {
  ^bb0(%a: f32, %c: f32, %unused: f32):
    %d = arith.subf %a, %c : f32
    %e = math.exp %d : f32
    %m = arith.addf %e, %constant : f32
    %y = arith.mulf %factor, %m : f32
    linalg.yield %y : f32
  } -> !features
  return %phi : !features
}

func.func @performer(%q: !keys, %k: !keys, %v: !keys, %w: tensor<64x32xf32>) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %eq = call @exponents(%q, %w) : (!keys, tensor<64x32xf32>) -> !features
  %ek = call @exponents(%k, %w) : (!keys, tensor<64x32xf32>) -> !features
  %rows_init = tensor.empty(%batch, %length) : !rows
  %none = linalg.fill ins(%zero : f32) outs(%rows_init : !rows) -> !rows
  %rows_lowest = linalg.fill ins(%lowest : f32) outs(%rows_init : !rows) -> !rows
  %tops = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%eq : !features) outs(%rows_lowest : !rows) {
  ^bb0(%a: f32, %top: f32):
    %y = arith.maximumf %a, %top : f32
    linalg.yield %y : f32
  } -> !rows
  %fq = call @features(%eq, %tops) : (!features, !rows) -> !features
  %fk = call @features(%ek, %none) : (!features, !rows) -> !features
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !features, !features, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x64xbf16>
!paper_features = tensor<?x8x?x128xbf16>
!paper_exponents = tensor<?x8x?x128xf32>
!paper_rows = tensor<?x8x?xf32>

// W x' - |x'|^2 / 2.
func.func private @paper_exponents(%x: !paper_keys, %w: tensor<128x64xf32>) -> !paper_exponents {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %root = arith.constant 0.3535533905932738 : f32
  %half = arith.constant 0.0625 : f32
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
  %init = tensor.empty(%batch, %length) : !paper_exponents
  %none = linalg.fill ins(%zero : f32) outs(%init : !paper_exponents) -> !paper_exponents
  %products = linalg.generic {indexing_maps = [#bhtd5, #fd5, #bhtf5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : !paper_keys, tensor<128x64xf32>) outs(%none : !paper_exponents) {
  ^bb0(%a: bf16, %weight: f32, %sum: f32):
    %af = arith.extf %a : bf16 to f32
    %m = arith.mulf %af, %weight : f32
    %y = arith.addf %sum, %m : f32
    linalg.yield %y : f32
  } -> !paper_exponents
  %exponents = linalg.generic {indexing_maps = [#bhtd, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%products, %squares : !paper_exponents, !paper_rows) outs(%init : !paper_exponents) {
  ^bb0(%a: f32, %square: f32, %unused: f32):
    %m = arith.mulf %a, %root : f32
    %s = arith.mulf %square, %half : f32
    %y = arith.subf %m, %s : f32
    linalg.yield %y : f32
  } -> !paper_exponents
  return %exponents : !paper_exponents
}

// The features of exponents, less a number for each row.
func.func private @paper_features(%x: !paper_exponents, %least: !paper_rows) -> !paper_features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_exponents
  %length = tensor.dim %x, %c2 : !paper_exponents
  %constant = arith.constant 1.0e-4 : f32
  %factor = arith.constant 0.08838834764831845 : f32
  %init = tensor.empty(%batch, %length) : !paper_features
  %phi = linalg.generic {indexing_maps = [#bhtd, #row, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %least : !paper_exponents, !paper_rows) outs(%init : !paper_features) {
  ^bb0(%a: f32, %c: f32, %unused: bf16):
    %d = arith.subf %a, %c : f32
    %e = math.exp %d : f32
    %m = arith.addf %e, %constant : f32
    %y = arith.mulf %factor, %m : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_features
  return %phi : !paper_features
}

func.func @performer_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %w: tensor<128x64xf32>) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %eq = call @paper_exponents(%q, %w) : (!paper_keys, tensor<128x64xf32>) -> !paper_exponents
  %ek = call @paper_exponents(%k, %w) : (!paper_keys, tensor<128x64xf32>) -> !paper_exponents
  %rows_init = tensor.empty(%batch, %length) : !paper_rows
  %none = linalg.fill ins(%zero : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %rows_lowest = linalg.fill ins(%lowest : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %tops = linalg.generic {indexing_maps = [#bhtd, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%eq : !paper_exponents) outs(%rows_lowest : !paper_rows) {
  ^bb0(%a: f32, %top: f32):
    %y = arith.maximumf %a, %top : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %fq = call @paper_features(%eq, %tops) : (!paper_exponents, !paper_rows) -> !paper_features
  %fk = call @paper_features(%ek, %none) : (!paper_exponents, !paper_rows) -> !paper_features
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !paper_features, !paper_features, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
