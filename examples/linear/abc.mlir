// Attention with bounded-memory control: softmax attention over a fixed number of
// slots, each an average of the tokens, by weights that the tokens say.
//
//   w_t = exp(clamp(s_t, -32, 32)),    z_t = z_{t-1} + w_t
//   K_t = K_{t-1} + k_t w_t^T,    p_t = softmax(D^-0.5 (K_t^T q_t) / z_t)
//   V_t = V_{t-1} + w_t v_t^T,    o_t = V_t^T (p_t / z_t)
//
// Peng et al. 2022 (ABC). The clamp, which programs for it have, keeps sums of
// weights in the range of bf16 and f32; without it averages would have to decay.
//
// @abc_paper has 4 heads of 64 and 64 slots.

#row = affine_map<(b, h, t, m) -> (b, h, t)>
#bhtm = affine_map<(b, h, t, m) -> (b, h, t, m)>

!keys = tensor<?x4x?x32xf32>
!slots = tensor<?x4x?x16xf32>
!ones = tensor<?x4x?x1xf32>
!rows = tensor<?x4x?xf32>

func.func @abc(%q: !keys, %k: !keys, %v: !keys, %s: !slots) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %most = arith.constant 32.0 : f32
  %least = arith.constant -32.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%batch, %length) : !keys
  %slots_init = tensor.empty(%batch, %length) : !slots
  %rows_init = tensor.empty(%batch, %length) : !rows
  %w = linalg.generic {indexing_maps = [#bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s : !slots) outs(%slots_init : !slots) {
  ^bb0(%x: f32, %unused: f32):
    %low = arith.maximumf %x, %least : f32
    %clamped = arith.minimumf %low, %most : f32
    %y = math.exp %clamped : f32
    linalg.yield %y : f32
  } -> !slots
  %read = attn.recurrence %q, %k, %w outs(%slots_init) scale(0.1767766952966369)
    : !keys, !keys, !slots -> !slots
  // A sum over tokens is what a query of one reads of keys of one.
  %ones_init = tensor.empty(%batch, %length) : !ones
  %ones = linalg.fill ins(%one : f32) outs(%ones_init : !ones) -> !ones
  %totals = attn.recurrence %ones, %ones, %w outs(%slots_init) scale(1.0)
    : !ones, !ones, !slots -> !slots
  %logits = linalg.generic {indexing_maps = [#bhtm, #bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %totals : !slots, !slots) outs(%slots_init : !slots) {
  ^bb0(%x: f32, %z: f32, %unused: f32):
    %y = arith.divf %x, %z : f32
    linalg.yield %y : f32
  } -> !slots
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
  // p_t / z_t.
  %shares = linalg.generic {indexing_maps = [#bhtm, #row, #row, #bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%logits, %tops, %sums, %totals : !slots, !rows, !rows, !slots) outs(%slots_init : !slots) {
  ^bb0(%x: f32, %top: f32, %sum: f32, %z: f32, %unused: f32):
    %d = arith.subf %x, %top : f32
    %e = math.exp %d : f32
    %p = arith.divf %e, %sum : f32
    %y = arith.divf %p, %z : f32
    linalg.yield %y : f32
  } -> !slots
  %out = attn.recurrence %shares, %w, %v outs(%init) scale(1.0)
    : !slots, !slots, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x4x?x64xbf16>
!paper_slots = tensor<?x4x?x64xbf16>
!paper_ones = tensor<?x4x?x1xbf16>
!paper_rows = tensor<?x4x?xf32>
!paper_wide = tensor<?x4x?x64xf32>

func.func @abc_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys, %s: !paper_wide) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : bf16
  %most = arith.constant 32.0 : f32
  %least = arith.constant -32.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %init = tensor.empty(%batch, %length) : !paper_keys
  %slots_init = tensor.empty(%batch, %length) : !paper_slots
  %rows_init = tensor.empty(%batch, %length) : !paper_rows
  %w = linalg.generic {indexing_maps = [#bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s : !paper_wide) outs(%slots_init : !paper_slots) {
  ^bb0(%x: f32, %unused: bf16):
    %low = arith.maximumf %x, %least : f32
    %clamped = arith.minimumf %low, %most : f32
    %y = math.exp %clamped : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_slots
  %read = attn.recurrence %q, %k, %w outs(%slots_init) scale(0.125)
    : !paper_keys, !paper_keys, !paper_slots -> !paper_slots
  // A sum over tokens is what a query of one reads of keys of one.
  %ones_init = tensor.empty(%batch, %length) : !paper_ones
  %ones = linalg.fill ins(%one : bf16) outs(%ones_init : !paper_ones) -> !paper_ones
  %totals = attn.recurrence %ones, %ones, %w outs(%slots_init) scale(1.0)
    : !paper_ones, !paper_ones, !paper_slots -> !paper_slots
  %logits_init = tensor.empty(%batch, %length) : !paper_wide
  %logits = linalg.generic {indexing_maps = [#bhtm, #bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%read, %totals : !paper_slots, !paper_slots) outs(%logits_init : !paper_wide) {
  ^bb0(%x: bf16, %z: bf16, %unused: f32):
    %xf = arith.extf %x : bf16 to f32
    %zf = arith.extf %z : bf16 to f32
    %y = arith.divf %xf, %zf : f32
    linalg.yield %y : f32
  } -> !paper_wide
  // The softmax of slots.
  %tops_init = linalg.fill ins(%lowest : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %tops = linalg.generic {indexing_maps = [#bhtm, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%logits : !paper_wide) outs(%tops_init : !paper_rows) {
  ^bb0(%x: f32, %top: f32):
    %y = arith.maximumf %x, %top : f32
    linalg.yield %y : f32
  } -> !paper_rows
  %sums_init = linalg.fill ins(%zero : f32) outs(%rows_init : !paper_rows) -> !paper_rows
  %sums = linalg.generic {indexing_maps = [#bhtm, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%logits, %tops : !paper_wide, !paper_rows) outs(%sums_init : !paper_rows) {
  ^bb0(%x: f32, %top: f32, %sum: f32):
    %d = arith.subf %x, %top : f32
    %e = math.exp %d : f32
    %y = arith.addf %sum, %e : f32
    linalg.yield %y : f32
  } -> !paper_rows
  // p_t / z_t.
  %shares = linalg.generic {indexing_maps = [#bhtm, #row, #row, #bhtm, #bhtm], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%logits, %tops, %sums, %totals : !paper_wide, !paper_rows, !paper_rows, !paper_slots) outs(%slots_init : !paper_slots) {
  ^bb0(%x: f32, %top: f32, %sum: f32, %z: bf16, %unused: bf16):
    %zf = arith.extf %z : bf16 to f32
    %d = arith.subf %x, %top : f32
    %e = math.exp %d : f32
    %p = arith.divf %e, %sum : f32
    %y = arith.divf %p, %zf : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_slots
  %out = attn.recurrence %shares, %w, %v outs(%init) scale(1.0)
    : !paper_slots, !paper_slots, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
