// Gated slot attention: softmax attention over a fixed number of slots, which tokens
// are written to and forgotten from; s_t = 1 - exp(g_t) is what a token is written
// with. The first recurrence decays the columns of its state, the second the rows.
//
//   K_t = K_{t-1} diag(exp(g_t)) + k_t s_t^T,    p_t = softmax(D^-0.5 K_t^T q_t)
//   V_t = diag(exp(g_t)) V_{t-1} + s_t v_t^T,    o_t = V_t^T p_t
//
// Zhang et al. 2024 (GSA).

#row = affine_map<(b, h, t, m) -> (b, h, t)>
#bhtm = affine_map<(b, h, t, m) -> (b, h, t, m)>

!keys = tensor<?x4x?x32xf32>
!slots = tensor<?x4x?x16xf32>
!rows = tensor<?x4x?xf32>

func.func @gsa(%q: !keys, %k: !keys, %v: !keys, %g: !slots) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %slots_init = tensor.empty(%batch, %length) : !slots
  %rows_init = tensor.empty(%batch, %length) : !rows
  %written = linalg.generic {indexing_maps = [#bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%g : !slots) outs(%slots_init : !slots) {
  ^bb0(%gate: f32, %unused: f32):
    %left = math.exp %gate : f32
    %s = arith.subf %one, %left : f32
    linalg.yield %s : f32
  } -> !slots
  %logits = attn.recurrence %q, %k, %written outs(%slots_init) scale(0.1767766952966369) decay(value %g : !slots)
    : !keys, !keys, !slots -> !slots
  // The softmax of slots.
  %tops_init = linalg.fill ins(%lowest : f32) outs(%rows_init : !rows) -> !rows
  %tops = linalg.generic {indexing_maps = [#bhtm, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%logits : !slots) outs(%tops_init : !rows) {
  ^bb0(%x: f32, %top: f32):
    %y = arith.maximumf %x, %top : f32
    linalg.yield %y : f32
  } -> !rows
  %sums_init = linalg.fill ins(%zero : f32) outs(%rows_init : !rows) -> !rows
  %sums = linalg.generic {indexing_maps = [#bhtm, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%logits, %tops : !slots, !rows) outs(%sums_init : !rows) {
  ^bb0(%x: f32, %top: f32, %sum: f32):
    %d = arith.subf %x, %top : f32
    %e = math.exp %d : f32
    %y = arith.addf %sum, %e : f32
    linalg.yield %y : f32
  } -> !rows
  %weights = linalg.generic {indexing_maps = [#bhtm, #row, #row, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%logits, %tops, %sums : !slots, !rows, !rows) outs(%slots_init : !slots) {
  ^bb0(%x: f32, %top: f32, %sum: f32, %unused: f32):
    %d = arith.subf %x, %top : f32
    %e = math.exp %d : f32
    %y = arith.divf %e, %sum : f32
    linalg.yield %y : f32
  } -> !slots
  %out = attn.recurrence %weights, %written, %v outs(%init) scale(1.0) decay(key %g : !slots)
    : !slots, !slots, !keys -> !keys
  return %out : !keys
}
