// Linear transformer: attention with the kernel phi(q)^T phi(k), phi = elu + 1.
//
//   S_t = S_{t-1} + phi(k_t) v_t^T,    z_t = z_{t-1} + phi(k_t)
//   o_t = S_t^T phi(q_t) / z_t^T phi(q_t)
//
// Katharopoulos et al. 2020.
//
// @linear_transformer_paper has 8 heads of 64.

#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>

!keys = tensor<?x4x?x32xf32>

func.func private @features(%x: !keys) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %phi = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : !keys) outs(%init : !keys) {
  ^bb0(%a: f32, %unused: f32):
    %above = arith.cmpf ogt, %a, %zero : f32
    %more = arith.addf %a, %one : f32
    %below = arith.minimumf %a, %zero : f32
    %less = math.exp %below : f32
    %y = arith.select %above, %more, %less : f32
    linalg.yield %y : f32
  } -> !keys
  return %phi : !keys
}

func.func @linear_transformer(%q: !keys, %k: !keys, %v: !keys) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %fq = call @features(%q) : (!keys) -> !keys
  %fk = call @features(%k) : (!keys) -> !keys
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x64xbf16>

func.func private @paper_features(%x: !paper_keys) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %phi = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : !paper_keys) outs(%init : !paper_keys) {
  ^bb0(%a: bf16, %unused: bf16):
    %af = arith.extf %a : bf16 to f32
    %above = arith.cmpf ogt, %af, %zero : f32
    %more = arith.addf %af, %one : f32
    %below = arith.minimumf %af, %zero : f32
    %less = math.exp %below : f32
    %y = arith.select %above, %more, %less : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_keys
  return %phi : !paper_keys
}

func.func @linear_transformer_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %fq = call @paper_features(%q) : (!paper_keys) -> !paper_keys
  %fk = call @paper_features(%k) : (!paper_keys) -> !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !paper_keys, !paper_keys, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
