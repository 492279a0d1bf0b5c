// Based: the second order of the exponential of a logit s = D^-0.5 q^T k.
//
//   phi(x) = [(2 D)^-1/2 x_a^2, D^-1/2 x_a x_b, D^-1/4 x_a, 1]    with each pair a, b once
//   phi(q)^T phi(k) = 1 + s + s^2 / 2
//   S_t = S_{t-1} + phi(k_t) v_t^T,    z_t = z_{t-1} + phi(k_t)
//   o_t = S_t^T phi(q_t) / z_t^T phi(q_t)
//
// The window of softmax attention beside it is another layer. Features of zero make
// their number a multiple of what is multiplied at a time.
//
// Arora et al. 2024 (Based).
//
// @based_paper has 16 heads, of 16 for queries and keys and 64 for values. Its schedule
// is one for a GPU, whose registers hold 32 columns of a state of 192 features.

#bhtf = affine_map<(b, h, t, f) -> (b, h, t, f)>

!keys = tensor<?x4x?x8xf32>
!values = tensor<?x4x?x32xf32>
!features = tensor<?x4x?x48xf32>

// Of 36 pairs feature f is x_a x_b for a = f mod 8, b = (a + f / 8) mod 8; then come
// x_a, 1 and 0.
func.func private @features(%x: !keys) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %depth = arith.constant 8 : index
  %pairs = arith.constant 36 : index
  %count = arith.constant 44 : index
  %of_squares = arith.constant 0.25 : f32
  %of_pairs = arith.constant 0.3535533905932738 : f32
  %of_one = arith.constant 0.5946035575013605 : f32
  %init = tensor.empty(%batch, %length) : !features
  %phi = linalg.generic {indexing_maps = [#bhtf], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%init : !features) {
  ^bb0(%unused: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 2 : index
    %f = linalg.index 3 : index
    %is_square = arith.cmpi ult, %f, %depth : index
    %is_pair = arith.cmpi ult, %f, %pairs : index
    %is_linear = arith.cmpi ult, %f, %count : index
    %is_one = arith.cmpi eq, %f, %count : index
    %behind = arith.subi %f, %pairs : index
    %number = arith.select %is_pair, %f, %behind : index
    %at = arith.remui %number, %depth : index
    %distance = arith.divui %f, %depth : index
    %sum = arith.addi %at, %distance : index
    %other = arith.remui %sum, %depth : index
    %a = tensor.extract %x[%b, %h, %t, %at] : !keys
    %c = tensor.extract %x[%b, %h, %t, %other] : !keys
    %ac = arith.mulf %a, %c : f32
    %weight = arith.select %is_square, %of_squares, %of_pairs : f32
    %pair = arith.mulf %weight, %ac : f32
    %linear = arith.mulf %of_one, %a : f32
    %rest = arith.select %is_one, %one, %zero : f32
    %low = arith.select %is_linear, %linear, %rest : f32
    %y = arith.select %is_pair, %pair, %low : f32
    linalg.yield %y : f32
  } -> !features
  return %phi : !features
}

func.func @based(%q: !keys, %k: !keys, %v: !values) -> !values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %fq = call @features(%q) : (!keys) -> !features
  %fk = call @features(%k) : (!keys) -> !features
  %init = tensor.empty(%batch, %length) : !values
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !features, !features, !values -> !values
  return %out : !values
}

!paper_keys = tensor<?x16x?x16xbf16>
!paper_values = tensor<?x16x?x64xbf16>
!paper_features = tensor<?x16x?x192xbf16>

// Of 136 pairs feature f is x_a x_b for a = f mod 16, b = (a + f / 16) mod 16; then come
// x_a, 1 and 0.
func.func private @paper_features(%x: !paper_keys) -> !paper_features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %depth = arith.constant 16 : index
  %pairs = arith.constant 136 : index
  %count = arith.constant 152 : index
  %of_squares = arith.constant 0.1767766952966369 : f32
  %of_pairs = arith.constant 0.25 : f32
  %of_one = arith.constant 0.5 : f32
  %init = tensor.empty(%batch, %length) : !paper_features
  %phi = linalg.generic {indexing_maps = [#bhtf], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%init : !paper_features) {
  ^bb0(%unused: bf16):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %t = linalg.index 2 : index
    %f = linalg.index 3 : index
    %is_square = arith.cmpi ult, %f, %depth : index
    %is_pair = arith.cmpi ult, %f, %pairs : index
    %is_linear = arith.cmpi ult, %f, %count : index
    %is_one = arith.cmpi eq, %f, %count : index
    %behind = arith.subi %f, %pairs : index
    %number = arith.select %is_pair, %f, %behind : index
    %at = arith.remui %number, %depth : index
    %distance = arith.divui %f, %depth : index
    %sum = arith.addi %at, %distance : index
    %other = arith.remui %sum, %depth : index
    %a = tensor.extract %x[%b, %h, %t, %at] : !paper_keys
    %c = tensor.extract %x[%b, %h, %t, %other] : !paper_keys
    %af = arith.extf %a : bf16 to f32
    %cf = arith.extf %c : bf16 to f32
    %ac = arith.mulf %af, %cf : f32
    %weight = arith.select %is_square, %of_squares, %of_pairs : f32
    %pair = arith.mulf %weight, %ac : f32
    %linear = arith.mulf %of_one, %af : f32
    %rest = arith.select %is_one, %one, %zero : f32
    %low = arith.select %is_linear, %linear, %rest : f32
    %y = arith.select %is_pair, %pair, %low : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_features
  return %phi : !paper_features
}

func.func @based_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_values) -> !paper_values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %fq = call @paper_features(%q) : (!paper_keys) -> !paper_features
  %fk = call @paper_features(%k) : (!paper_keys) -> !paper_features
  %init = tensor.empty(%batch, %length) : !paper_values
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum) schedule(<tokens = 32, columns = 32>)
    : !paper_features, !paper_features, !paper_values -> !paper_values
  return %out : !paper_values
}
