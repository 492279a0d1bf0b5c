// LoLCATs: softmax over a window of 64 tokens and linear attention to what is
// before it, with one denominator.
//
//           sum_{near j} exp(D^-0.5 q_i.k_j) v_j + sum_{far j} phi(q_i).phi(k_j) v_j
//   o_i  =  ------------------------------------------------------------------------
//           sum_{near j} exp(D^-0.5 q_i.k_j)     + sum_{far j} phi(q_i).phi(k_j)
//
//   near: 0 <= i - j < 64,    far: i - j >= 64,    phi(x) = (exp(W x), exp(-W x))
//
// Zhang et al. 2024 (LoLCATs), Zhang et al. 2024 (Hedgehog: phi). Both parts are
// states that merge; the state of the linear part lags by the window.

#bhtfd_bhtd = affine_map<(b, h, t, f, d) -> (b, h, t, d)>
#bhtfd_bhtf = affine_map<(b, h, t, f, d) -> (b, h, t, f)>
#bhtfd_hdf = affine_map<(b, h, t, f, d) -> (h, d, f)>
#bhtpf = affine_map<(b, h, t, p, f) -> (b, h, t, p, f)>
#bhtpf_bhtf = affine_map<(b, h, t, p, f) -> (b, h, t, f)>

!queries = tensor<?x8x?x32xf32>
!keys = tensor<?x2x?x32xf32>
!map = tensor<8x32x16xf32>
!projected_queries = tensor<?x8x?x16xf32>
!projected_keys = tensor<?x2x?x16xf32>
!query_pairs = tensor<?x8x?x2x16xf32>
!key_pairs = tensor<?x2x?x2x16xf32>
!query_features = tensor<?x8x?x32xf32>
!extended = tensor<?x2x?x33xf32>
!read = tensor<?x8x?x33xf32>
!rows = tensor<?x8x?xf32>

func.func @lolcats(%q: !queries, %k: !keys, %v: !keys, %wq: !map, %wk: tensor<2x32x16xf32>) -> !queries {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %c0_0f = arith.constant 0.0 : f32
  %c0xFEFFFFFFf = arith.constant 0xFEFFFFFF : f32
  %c1_0f = arith.constant 1.0 : f32
  %batch = tensor.dim %q, %c0 : !queries
  %length = tensor.dim %q, %c2 : !queries
  %late = arith.addi %length, %c64 : index
  // Softmax over the window, as a state.
  %init0 = tensor.empty(%batch, %length) : !queries
  %acc0 = linalg.fill ins(%c0_0f : f32) outs(%init0 : !queries) -> !queries
  %init1 = tensor.empty(%batch, %length) : !rows
  %sum0 = linalg.fill ins(%c0_0f : f32) outs(%init1 : !rows) -> !rows
  %ref0 = linalg.fill ins(%c0xFEFFFFFFf : f32) outs(%init1 : !rows) -> !rows
  %near:3 = attn.partial %q, %k, %v outs(%acc0, %ref0, %sum0) scale(0.1767766952966369)
      mask(#attn.window<64>)
    : !queries, !keys, !keys -> !queries, !rows, !rows
  // phi(x) = (exp(W x), exp(-W x)) of queries, and of keys 64 tokens later.
  %init2 = tensor.empty(%batch, %length) : !projected_queries
  %zeros_init2 = linalg.fill ins(%c0_0f : f32) outs(%init2 : !projected_queries) -> !projected_queries
  %xq = linalg.contract indexing_maps = [#bhtfd_bhtd, #bhtfd_hdf, #bhtfd_bhtf]
      ins(%q, %wq : !queries, !map) outs(%zeros_init2 : !projected_queries) -> !projected_queries
  %init4 = tensor.empty(%batch, %length) : !projected_keys
  %zeros_init4 = linalg.fill ins(%c0_0f : f32) outs(%init4 : !projected_keys) -> !projected_keys
  %xk = linalg.contract indexing_maps = [#bhtfd_bhtd, #bhtfd_hdf, #bhtfd_bhtf]
      ins(%k, %wk : !keys, tensor<2x32x16xf32>) outs(%zeros_init4 : !projected_keys) -> !projected_keys
  %init6 = tensor.empty(%batch, %length) : !query_pairs
  %fq_pairs = linalg.generic {indexing_maps = [#bhtpf_bhtf, #bhtpf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%xq : !projected_queries) outs(%init6 : !query_pairs) {
  ^bb0(%in0: f32, %unused: f32):
    %p = linalg.index 3 : index
    %isFirst = arith.cmpi eq, %p, %c0 : index
    %minus = arith.negf %in0 : f32
    %z = arith.select %isFirst, %in0, %minus : f32
    %y = math.exp %z : f32
    linalg.yield %y : f32
  } -> !query_pairs
  %fq = tensor.collapse_shape %fq_pairs [[0], [1], [2], [3, 4]] : !query_pairs into !query_features
  %init7 = tensor.empty(%batch, %length) : !key_pairs
  %fk_pairs = linalg.generic {indexing_maps = [#bhtpf_bhtf, #bhtpf], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%xk : !projected_keys) outs(%init7 : !key_pairs) {
  ^bb0(%in0: f32, %unused: f32):
    %p = linalg.index 3 : index
    %isFirst = arith.cmpi eq, %p, %c0 : index
    %minus = arith.negf %in0 : f32
    %z = arith.select %isFirst, %in0, %minus : f32
    %y = math.exp %z : f32
    linalg.yield %y : f32
  } -> !key_pairs
  %fk = tensor.collapse_shape %fk_pairs [[0], [1], [2], [3, 4]] : !key_pairs into !keys
  %late_keys_init = tensor.empty(%batch, %late) : !keys
  %late_keys_fill = linalg.fill ins(%c0_0f : f32) outs(%late_keys_init : !keys) -> !keys
  %late_keys_put = tensor.insert_slice %fk into %late_keys_fill[0, 0, 64, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !keys into !keys
  %late_keys = tensor.extract_slice %late_keys_put[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !keys to !keys
  // Values with a column of ones, which sums the weights.
  %late_values_init = tensor.empty(%batch, %late) : !extended
  %late_values_fill = linalg.fill ins(%c1_0f : f32) outs(%late_values_init : !extended) -> !extended
  %late_values_put = tensor.insert_slice %v into %late_values_fill[0, 0, 64, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !keys into !extended
  %late_values = tensor.extract_slice %late_values_put[0, 0, 0, 0] [%batch, 2, %length, 33] [1, 1, 1, 1] : !extended to !extended
  %read_init = tensor.empty(%batch, %length) : !read
  %far = attn.recurrence %fq, %late_keys, %late_values outs(%read_init) scale(1.0)
    : !query_features, !keys, !extended -> !read
  %far_acc = tensor.extract_slice %far[0, 0, 0, 0] [%batch, 8, %length, 32] [1, 1, 1, 1] : !read to !queries
  %far_sum = tensor.extract_slice %far[0, 0, 0, 32] [%batch, 8, %length, 1] [1, 1, 1, 1] : !read to !rows
  // One denominator: weights of the linear part are relative to exp(0).
  %far_ref = linalg.fill ins(%c0_0f : f32) outs(%init1 : !rows) -> !rows
  %merged_acc = tensor.empty(%batch, %length) : !queries
  %merged_ref = tensor.empty(%batch, %length) : !rows
  %merged_sum = tensor.empty(%batch, %length) : !rows
  %both:3 = attn.merge %near#0, %near#1, %near#2, %far_acc, %far_ref, %far_sum
      outs(%merged_acc, %merged_ref, %merged_sum)
    : !queries, !rows, !rows, !queries, !rows, !rows -> !queries, !rows, !rows
  %out_init = tensor.empty(%batch, %length) : !queries
  %out = attn.finalize %both#0, %both#1, %both#2 outs(%out_init) : !queries, !rows, !rows -> !queries
  return %out : !queries
}
