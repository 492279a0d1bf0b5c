// H3: keys are shifted by a filter, and each product of a key and a value goes
// through a diagonal state space model of its head, with complex decays.
//
//   k'_t[i]    = sum_j taps[i, j] k_{t-j}[i]
//   x_t[n]     = exp(-alpha[n] + i omega[n]) x_{t-1}[n] + k'_t[i] v_t[j]
//   y_t[i, j]  = Re(sum_n c[n] x_t[n]) + d k'_t[i] v_t[j]
//   o_t[j]     = sum_i q_t[i] y_t[i, j]
//
// Fu et al. 2023 (H3). A complex decay is a real one between two turns: the state
// turned back by omega t has the decay exp(-alpha), so keys are (cos, -sin) of omega
// t and queries those times c. Nothing is approximated. taps[W - 1 - j] here, the
// oldest first.
//
// @h3_paper has 96 heads of 8 and 64 complex numbers for each state.

#late = affine_map<(b, h, t, i, j) -> (b, h, t + j, i)>
#tap = affine_map<(b, h, t, i, j) -> (h, i, j)>
#at = affine_map<(b, h, t, i, j) -> (b, h, t, i)>
#left = affine_map<(b, h, t, i, j) -> (b, h, t, i)>
#right = affine_map<(b, h, t, i, j) -> (b, h, t, j)>
#both = affine_map<(b, h, t, i, j) -> (b, h, t, i, j)>
#hn = affine_map<(b, h, t, p, n) -> (h, n)>
#pairs = affine_map<(b, h, t, p, n) -> (b, h, t, p, n)>
#rate = affine_map<(h, p, n, c) -> (h, n)>
#rates = affine_map<(h, p, n, c) -> (h, p, n, c)>
#summed = affine_map<(b, h, t, j, i) -> (b, h, t, i)>
#both_summed = affine_map<(b, h, t, j, i) -> (b, h, t, i, j)>
#head = affine_map<(b, h, t, j, i) -> (h)>
#out = affine_map<(b, h, t, j, i) -> (b, h, t, j)>
#bhtd = affine_map<(b, h, t, d) -> (b, h, t, d)>

!heads = tensor<?x2x?x8xf32>
!padded = tensor<?x2x?x8xf32>
!products = tensor<?x2x?x8x8xf32>
!channels = tensor<?x2x?x64xf32>
!pairs = tensor<?x2x?x2x16xf32>
!keys = tensor<?x2x?x32xf32>
!rate_pairs = tensor<2x2x16x64xf32>
!rates = tensor<2x32x64xf32>

func.func @h3(%q: !heads, %k: !heads, %v: !heads, %taps: tensor<2x8x4xf32>, %alpha: tensor<2x16xf32>, %omega: tensor<2x16xf32>, %c_re: tensor<2x16xf32>, %c_im: tensor<2x16xf32>, %d: tensor<2xf32>) -> !heads {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !heads
  %length = tensor.dim %q, %c2 : !heads
  %before = arith.constant 3 : index
  %none = arith.constant 0.0 : f32
  %f0 = arith.constant 0.0 : f32
  // k'_t = sum_j taps[j] k_{t-j}: behind as many zeros as there are tokens before.
  %padded_length = arith.addi %length, %before : index
  %padded_init = tensor.empty(%batch, %padded_length) : !padded
  %zeros = linalg.fill ins(%none : f32) outs(%padded_init : !padded) -> !padded
  %padded = tensor.insert_slice %k into %zeros[0, 0, 3, 0] [%batch, 2, %length, 8] [1, 1, 1, 1] : !heads into !padded
  %wide_init = tensor.empty(%batch, %length) : tensor<?x2x?x8xf32>
  %wide_zeros = linalg.fill ins(%f0 : f32) outs(%wide_init : tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %shifted = linalg.generic {indexing_maps = [#late, #tap, #at], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%padded, %taps : !padded, tensor<2x8x4xf32>) outs(%wide_zeros : tensor<?x2x?x8xf32>) {
  ^bb0(%x: f32, %tap: f32, %sum: f32):
    %y = arith.mulf %tap, %x : f32
    %z = arith.addf %sum, %y : f32
    linalg.yield %z : f32
  } -> tensor<?x2x?x8xf32>
  // k'_t v_t^T, the channels of a state space model.
  %products_init = tensor.empty(%batch, %length) : !products
  %products = linalg.generic {indexing_maps = [#left, #right, #both], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%shifted, %v : tensor<?x2x?x8xf32>, !heads) outs(%products_init : !products) {
  ^bb0(%x: f32, %z: f32, %unused: f32):
    %y = arith.mulf %x, %z : f32
    linalg.yield %y : f32
  } -> !products
  %channels = tensor.collapse_shape %products [[0], [1], [2], [3, 4]] : !products into !channels
  // The turns of the complex decays, undone in front of a real state and done again behind it.
  %keys_init = tensor.empty(%batch, %length) : !pairs
  %keys_pairs = linalg.generic {indexing_maps = [#hn, #pairs], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%omega : tensor<2x16xf32>) outs(%keys_init : !pairs) {
  ^bb0(%omega_: f32, %unused: f32):
    %t = linalg.index 2 : index
    %p = linalg.index 3 : index
    %zero = arith.constant 0 : index
    %isReal = arith.cmpi eq, %p, %zero : index
    // In f64: a phase of many turns.
    %ti = arith.index_cast %t : index to i64
    %td = arith.sitofp %ti : i64 to f64
    %wd = arith.extf %omega_ : f32 to f64
    %phase = arith.mulf %td, %wd : f64
    %cd = math.cos %phase : f64
    %sd = math.sin %phase : f64
    %c = arith.truncf %cd : f64 to f32
    %s = arith.truncf %sd : f64 to f32
    %im = arith.negf %s : f32
    %y = arith.select %isReal, %c, %im : f32
    linalg.yield %y : f32
  } -> !pairs
  %keys = tensor.collapse_shape %keys_pairs [[0], [1], [2], [3, 4]] : !pairs into !keys
  %queries_pairs = linalg.generic {indexing_maps = [#hn, #hn, #hn, #pairs], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%omega, %c_re, %c_im : tensor<2x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>) outs(%keys_init : !pairs) {
  ^bb0(%omega_: f32, %c_re_: f32, %c_im_: f32, %unused: f32):
    %t = linalg.index 2 : index
    %p = linalg.index 3 : index
    %zero = arith.constant 0 : index
    %isReal = arith.cmpi eq, %p, %zero : index
    // In f64: a phase of many turns.
    %ti = arith.index_cast %t : index to i64
    %td = arith.sitofp %ti : i64 to f64
    %wd = arith.extf %omega_ : f32 to f64
    %phase = arith.mulf %td, %wd : f64
    %cd = math.cos %phase : f64
    %sd = math.sin %phase : f64
    %c = arith.truncf %cd : f64 to f32
    %s = arith.truncf %sd : f64 to f32
    %rc = arith.mulf %c_re_, %c : f32
    %is = arith.mulf %c_im_, %s : f32
    %re = arith.subf %rc, %is : f32
    %rs = arith.mulf %c_re_, %s : f32
    %ic = arith.mulf %c_im_, %c : f32
    %both = arith.addf %rs, %ic : f32
    %im = arith.negf %both : f32
    %y = arith.select %isReal, %re, %im : f32
    linalg.yield %y : f32
  } -> !pairs
  %queries = tensor.collapse_shape %queries_pairs [[0], [1], [2], [3, 4]] : !pairs into !keys
  %rates_init = tensor.empty() : !rate_pairs
  %rate_pairs = linalg.generic {indexing_maps = [#rate, #rates], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%alpha : tensor<2x16xf32>) outs(%rates_init : !rate_pairs) {
  ^bb0(%x: f32, %unused: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  } -> !rate_pairs
  %rates = tensor.collapse_shape %rate_pairs [[0], [1, 2], [3]] : !rate_pairs into !rates
  %read_init = tensor.empty(%batch, %length) : !channels
  %read = attn.scan %channels outs(%read_init) key(%keys : !keys) query(%queries : !keys) rate(%rates : !rates)
    : !channels -> !channels
  // o_t = sum_i q_t[i] (y_t[i, :] + d k'_t[i] v_t).
  %read_products = tensor.expand_shape %read [[0], [1], [2], [3, 4]] output_shape [%batch, 2, %length, 8, 8] : !channels into !products
  %sums = linalg.generic {indexing_maps = [#summed, #both_summed, #both_summed, #head, #out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %read_products, %products, %d : !heads, !products, !products, tensor<2xf32>) outs(%wide_zeros : tensor<?x2x?x8xf32>) {
  ^bb0(%x: f32, %r: f32, %z: f32, %skip: f32, %sum: f32):
    %own = arith.mulf %skip, %z : f32
    %seen = arith.addf %r, %own : f32
    %y = arith.mulf %x, %seen : f32
    %next = arith.addf %sum, %y : f32
    linalg.yield %next : f32
  } -> tensor<?x2x?x8xf32>
  return %sums : !heads
}

!paper_heads = tensor<?x96x?x8xbf16>
!paper_padded = tensor<?x96x?x8xbf16>
!paper_products = tensor<?x96x?x8x8xbf16>
!paper_channels = tensor<?x96x?x64xbf16>
!paper_pairs = tensor<?x96x?x2x64xbf16>
!paper_keys = tensor<?x96x?x128xbf16>
!paper_rate_pairs = tensor<96x2x64x64xf32>
!paper_rates = tensor<96x128x64xf32>

func.func @h3_paper(%q: !paper_heads, %k: !paper_heads, %v: !paper_heads, %taps: tensor<96x8x4xf32>, %alpha: tensor<96x64xf32>, %omega: tensor<96x64xf32>, %c_re: tensor<96x64xf32>, %c_im: tensor<96x64xf32>, %d: tensor<96xf32>) -> !paper_heads {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_heads
  %length = tensor.dim %q, %c2 : !paper_heads
  %before = arith.constant 3 : index
  %none = arith.constant 0.0 : bf16
  %f0 = arith.constant 0.0 : f32
  // k'_t = sum_j taps[j] k_{t-j}: behind as many zeros as there are tokens before.
  %padded_length = arith.addi %length, %before : index
  %padded_init = tensor.empty(%batch, %padded_length) : !paper_padded
  %zeros = linalg.fill ins(%none : bf16) outs(%padded_init : !paper_padded) -> !paper_padded
  %padded = tensor.insert_slice %k into %zeros[0, 0, 3, 0] [%batch, 96, %length, 8] [1, 1, 1, 1] : !paper_heads into !paper_padded
  %wide_init = tensor.empty(%batch, %length) : tensor<?x96x?x8xf32>
  %wide_zeros = linalg.fill ins(%f0 : f32) outs(%wide_init : tensor<?x96x?x8xf32>) -> tensor<?x96x?x8xf32>
  %shifted = linalg.generic {indexing_maps = [#late, #tap, #at], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%padded, %taps : !paper_padded, tensor<96x8x4xf32>) outs(%wide_zeros : tensor<?x96x?x8xf32>) {
  ^bb0(%x: bf16, %tap: f32, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %y = arith.mulf %tap, %xw : f32
    %z = arith.addf %sum, %y : f32
    linalg.yield %z : f32
  } -> tensor<?x96x?x8xf32>
  // k'_t v_t^T, the channels of a state space model.
  %products_init = tensor.empty(%batch, %length) : !paper_products
  %products = linalg.generic {indexing_maps = [#left, #right, #both], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%shifted, %v : tensor<?x96x?x8xf32>, !paper_heads) outs(%products_init : !paper_products) {
  ^bb0(%x: f32, %z: bf16, %unused: bf16):
    %zw = arith.extf %z : bf16 to f32
    %y = arith.mulf %x, %zw : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_products
  %channels = tensor.collapse_shape %products [[0], [1], [2], [3, 4]] : !paper_products into !paper_channels
  // The turns of the complex decays, undone in front of a real state and done again behind it.
  %keys_init = tensor.empty(%batch, %length) : !paper_pairs
  %keys_pairs = linalg.generic {indexing_maps = [#hn, #pairs], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%omega : tensor<96x64xf32>) outs(%keys_init : !paper_pairs) {
  ^bb0(%omega_: f32, %unused: bf16):
    %t = linalg.index 2 : index
    %p = linalg.index 3 : index
    %zero = arith.constant 0 : index
    %isReal = arith.cmpi eq, %p, %zero : index
    // In f64: a phase of many turns.
    %ti = arith.index_cast %t : index to i64
    %td = arith.sitofp %ti : i64 to f64
    %wd = arith.extf %omega_ : f32 to f64
    %phase = arith.mulf %td, %wd : f64
    %cd = math.cos %phase : f64
    %sd = math.sin %phase : f64
    %c = arith.truncf %cd : f64 to f32
    %s = arith.truncf %sd : f64 to f32
    %im = arith.negf %s : f32
    %y = arith.select %isReal, %c, %im : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %keys = tensor.collapse_shape %keys_pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_keys
  %queries_pairs = linalg.generic {indexing_maps = [#hn, #hn, #hn, #pairs], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%omega, %c_re, %c_im : tensor<96x64xf32>, tensor<96x64xf32>, tensor<96x64xf32>) outs(%keys_init : !paper_pairs) {
  ^bb0(%omega_: f32, %c_re_: f32, %c_im_: f32, %unused: bf16):
    %t = linalg.index 2 : index
    %p = linalg.index 3 : index
    %zero = arith.constant 0 : index
    %isReal = arith.cmpi eq, %p, %zero : index
    // In f64: a phase of many turns.
    %ti = arith.index_cast %t : index to i64
    %td = arith.sitofp %ti : i64 to f64
    %wd = arith.extf %omega_ : f32 to f64
    %phase = arith.mulf %td, %wd : f64
    %cd = math.cos %phase : f64
    %sd = math.sin %phase : f64
    %c = arith.truncf %cd : f64 to f32
    %s = arith.truncf %sd : f64 to f32
    %rc = arith.mulf %c_re_, %c : f32
    %is = arith.mulf %c_im_, %s : f32
    %re = arith.subf %rc, %is : f32
    %rs = arith.mulf %c_re_, %s : f32
    %ic = arith.mulf %c_im_, %c : f32
    %both = arith.addf %rs, %ic : f32
    %im = arith.negf %both : f32
    %y = arith.select %isReal, %re, %im : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %queries = tensor.collapse_shape %queries_pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_keys
  %rates_init = tensor.empty() : !paper_rate_pairs
  %rate_pairs = linalg.generic {indexing_maps = [#rate, #rates], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%alpha : tensor<96x64xf32>) outs(%rates_init : !paper_rate_pairs) {
  ^bb0(%x: f32, %unused: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  } -> !paper_rate_pairs
  %rates = tensor.collapse_shape %rate_pairs [[0], [1, 2], [3]] : !paper_rate_pairs into !paper_rates
  %read_init = tensor.empty(%batch, %length) : !paper_channels
  %read = attn.scan %channels outs(%read_init) key(%keys : !paper_keys) query(%queries : !paper_keys) rate(%rates : !paper_rates)
    : !paper_channels -> !paper_channels
  // o_t = sum_i q_t[i] (y_t[i, :] + d k'_t[i] v_t).
  %read_products = tensor.expand_shape %read [[0], [1], [2], [3, 4]] output_shape [%batch, 96, %length, 8, 8] : !paper_channels into !paper_products
  %sums = linalg.generic {indexing_maps = [#summed, #both_summed, #both_summed, #head, #out], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %read_products, %products, %d : !paper_heads, !paper_products, !paper_products, tensor<96xf32>) outs(%wide_zeros : tensor<?x96x?x8xf32>) {
  ^bb0(%x: bf16, %r: bf16, %z: bf16, %skip: f32, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %rw = arith.extf %r : bf16 to f32
    %zw = arith.extf %z : bf16 to f32
    %own = arith.mulf %skip, %zw : f32
    %seen = arith.addf %rw, %own : f32
    %y = arith.mulf %xw, %seen : f32
    %next = arith.addf %sum, %y : f32
    linalg.yield %next : f32
  } -> tensor<?x96x?x8xf32>
  %init = tensor.empty(%batch, %length) : !paper_heads
  %out = linalg.generic {indexing_maps = [#bhtd, #bhtd], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%sums : tensor<?x96x?x8xf32>) outs(%init : !paper_heads) {
  ^bb0(%x: f32, %unused: bf16):
    %y = arith.truncf %x : f32 to bf16
    linalg.yield %y : bf16
  } -> !paper_heads
  return %out : !paper_heads
}
