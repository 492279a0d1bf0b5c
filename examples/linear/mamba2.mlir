// Mamba-2: in the names of attention C is q, B is k and the inputs x are v; heads
// share B and C.
//
//   S_t = exp(dt_t a_h) S_{t-1} + dt_t B_t x_t^T,    y_t = S_t^T C_t + d_h x_t
//
// Dao and Gu 2024 (Mamba-2).
//
// @mamba2_paper has 16 heads of 64 and one group.

#bht = affine_map<(b, h, t) -> (b, h, t)>
#h3 = affine_map<(b, h, t) -> (h)>
#bhte = affine_map<(b, h, t, e) -> (b, h, t, e)>
#bht4 = affine_map<(b, h, t, e) -> (b, h, t)>
#h4 = affine_map<(b, h, t, e) -> (h)>

!keys = tensor<?x2x?x32xf32>
!values = tensor<?x4x?x32xf32>
!gates = tensor<?x4x?xf32>

func.func @mamba2(%q: !keys, %k: !keys, %v: !values, %dt: !gates, %a: tensor<4xf32>, %d: tensor<4xf32>) -> !values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %v, %c0 : !values
  %length = tensor.dim %v, %c2 : !values
  %init = tensor.empty(%batch, %length) : !values
  %gates_init = tensor.empty(%batch, %length) : !gates
  // dt_t a_h, and dt_t x_t.
  %gates = linalg.generic {indexing_maps = [#bht, #h3, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%dt, %a : !gates, tensor<4xf32>) outs(%gates_init : !gates) {
  ^bb0(%step: f32, %rate: f32, %unused: f32):
    %y = arith.mulf %step, %rate : f32
    linalg.yield %y : f32
  } -> !gates
  %written = linalg.generic {indexing_maps = [#bhte, #bht4, #bhte], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%v, %dt : !values, !gates) outs(%init : !values) {
  ^bb0(%x: f32, %step: f32, %unused: f32):
    %w = arith.mulf %step, %x : f32
    linalg.yield %w : f32
  } -> !values
  %read = attn.recurrence %q, %k, %written outs(%init) scale(1.0) decay(scalar %gates : !gates)
    : !keys, !keys, !values -> !values
  // y_t = o_t + d_h x_t.
  %out = linalg.generic {indexing_maps = [#bhte, #bhte, #h4, #bhte], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %v, %d : !values, !values, tensor<4xf32>) outs(%init : !values) {
  ^bb0(%r: f32, %x: f32, %skip: f32, %unused: f32):
    %s = arith.mulf %skip, %x : f32
    %z = arith.addf %r, %s : f32
    linalg.yield %z : f32
  } -> !values
  return %out : !values
}

!paper_keys = tensor<?x1x?x64xbf16>
!paper_values = tensor<?x16x?x64xbf16>
!paper_gates = tensor<?x16x?xf32>

func.func @mamba2_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_values, %dt: !paper_gates, %a: tensor<16xf32>, %d: tensor<16xf32>) -> !paper_values {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %v, %c0 : !paper_values
  %length = tensor.dim %v, %c2 : !paper_values
  %init = tensor.empty(%batch, %length) : !paper_values
  %gates_init = tensor.empty(%batch, %length) : !paper_gates
  // dt_t a_h, and dt_t x_t.
  %gates = linalg.generic {indexing_maps = [#bht, #h3, #bht], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%dt, %a : !paper_gates, tensor<16xf32>) outs(%gates_init : !paper_gates) {
  ^bb0(%step: f32, %rate: f32, %unused: f32):
    %y = arith.mulf %step, %rate : f32
    linalg.yield %y : f32
  } -> !paper_gates
  %written = linalg.generic {indexing_maps = [#bhte, #bht4, #bhte], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%v, %dt : !paper_values, !paper_gates) outs(%init : !paper_values) {
  ^bb0(%x: bf16, %step: f32, %unused: bf16):
    %xf = arith.extf %x : bf16 to f32
    %w = arith.mulf %step, %xf : f32
    %wn = arith.truncf %w : f32 to bf16
    linalg.yield %wn : bf16
  } -> !paper_values
  %read = attn.recurrence %q, %k, %written outs(%init) scale(1.0) decay(scalar %gates : !paper_gates)
    : !paper_keys, !paper_keys, !paper_values -> !paper_values
  // y_t = o_t + d_h x_t.
  %out = linalg.generic {indexing_maps = [#bhte, #bhte, #h4, #bhte], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %v, %d : !paper_values, !paper_values, tensor<16xf32>) outs(%init : !paper_values) {
  ^bb0(%r: bf16, %x: bf16, %skip: f32, %unused: bf16):
    %xf = arith.extf %x : bf16 to f32
    %rf = arith.extf %r : bf16 to f32
    %s = arith.mulf %skip, %xf : f32
    %z = arith.addf %rf, %s : f32
    %zn = arith.truncf %z : f32 to bf16
    linalg.yield %zn : bf16
  } -> !paper_values
  return %out : !paper_values
}
