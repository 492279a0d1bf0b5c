// TTT-Linear: the state is a linear map, trained on the tokens as they come by steps of
// gradient descent, one for a mini-batch of 16.
//
//   f(x) = norm(x W + b),    loss_t = |f(k_t) - (v_t - k_t)|^2 / 2
//   W_t = W - tok_i sum_{j <= i} lr_j k_j^T G_j,    b_t = b - tok_i sum_{j <= i} lr_j G_j
//   o_t = q_t + norm(q_t W_t + b_t)
//
// with i the place of t in its mini-batch, W and b those at its beginning, and G_j the
// gradient of loss_j there with respect to k_j W + b. All of a mini-batch at once:
//
//   z = q W + b - (eta * tril(q k^T + 1)) G,    eta[i, j] = tok_i lr_j
//
// Sun et al. 2024 (TTT). norm has a weight and a bias for each head. Tokens behind the
// end have a rate of 0 and train nothing.

#row = affine_map<(i, d) -> (i)>
#col = affine_map<(i, d) -> (d)>
#all = affine_map<(i, d) -> (i, d)>
#ie = affine_map<(i, e, d) -> (i, e)>
#id = affine_map<(i, e, d) -> (i, d)>
#de = affine_map<(i, e, d) -> (d, e)>
#ed = affine_map<(i, e, d) -> (e, d)>
#di = affine_map<(i, e, d) -> (d, i)>

!tokens = tensor<?x2x?x32xf32>
!rates = tensor<?x2x?xf32>
!batch = tensor<16x32xf32>
!pairs = tensor<16x16xf32>
!map = tensor<32x32xf32>
!row = tensor<32xf32>
!col = tensor<16xf32>

func.func @ttt_linear(%q: !tokens, %k: !tokens, %v: !tokens, %lr: !rates, %tok: !col, %weight: tensor<2x32xf32>,
    %bias: tensor<2x32xf32>, %w0: tensor<2x32x32xf32>, %b0: tensor<2x32xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %f0 = arith.constant 0.0 : f32
  %width = arith.constant 32.0 : f32
  %eps = arith.constant 1.0e-6 : f32
  %batch = tensor.dim %q, %c0 : !tokens
  %length = tensor.dim %q, %c2 : !tokens
  // Whole mini-batches.
  %batches = arith.ceildivui %length, %c16 : index
  %padded = arith.muli %batches, %c16 : index
  %pad_init = tensor.empty(%batch, %padded) : !tokens
  %pad = linalg.fill ins(%f0 : f32) outs(%pad_init : !tokens) -> !tokens
  %lr_init = tensor.empty(%batch, %padded) : !rates
  %lr_pad = linalg.fill ins(%f0 : f32) outs(%lr_init : !rates) -> !rates
  %qs = tensor.insert_slice %q into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %ks = tensor.insert_slice %k into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %vs = tensor.insert_slice %v into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %lrs = tensor.insert_slice %lr into %lr_pad[0, 0, 0] [%batch, 2, %length] [1, 1, 1] : !rates into !rates

  %read = scf.forall (%n, %h) in (%batch, 2) shared_outs(%outs = %pad_init) -> (!tokens) {
    %gamma = tensor.extract_slice %weight[%h, 0] [1, 32] [1, 1] : tensor<2x32xf32> to !row
    %delta = tensor.extract_slice %bias[%h, 0] [1, 32] [1, 1] : tensor<2x32xf32> to !row
    %w1 = tensor.extract_slice %w0[%h, 0, 0] [1, 32, 32] [1, 1, 1] : tensor<2x32x32xf32> to !map
    %b1 = tensor.extract_slice %b0[%h, 0] [1, 32] [1, 1] : tensor<2x32xf32> to !row
    %rows = tensor.extract_slice %outs[%n, %h, 0, 0] [1, 1, %padded, 32] [1, 1, 1, 1] : !tokens to tensor<?x32xf32>
    %batch_init = tensor.empty() : !batch
    %zeros = linalg.fill ins(%f0 : f32) outs(%batch_init : !batch) -> !batch
    %pairs_init = tensor.empty() : !pairs
    %pairs_zeros = linalg.fill ins(%f0 : f32) outs(%pairs_init : !pairs) -> !pairs
    %col_init = tensor.empty() : !col
    %col_zeros = linalg.fill ins(%f0 : f32) outs(%col_init : !col) -> !col
    %done, %w_last, %b_last = scf.for %t = %c0 to %padded step %c16
        iter_args(%o = %rows, %w = %w1, %b = %b1) -> (tensor<?x32xf32>, !map, !row) {
      %qt = tensor.extract_slice %qs[%n, %h, %t, 0] [1, 1, 16, 32] [1, 1, 1, 1] : !tokens to !batch
      %kt = tensor.extract_slice %ks[%n, %h, %t, 0] [1, 1, 16, 32] [1, 1, 1, 1] : !tokens to !batch
      %vt = tensor.extract_slice %vs[%n, %h, %t, 0] [1, 1, 16, 32] [1, 1, 1, 1] : !tokens to !batch
      %lrt = tensor.extract_slice %lrs[%n, %h, %t] [1, 1, 16] [1, 1, 1] : !rates to !col
      // The gradient: of the norm of k W + b, with respect to it.
      %kw = linalg.contract indexing_maps = [#id, #de, #ie] ins(%kt, %w : !batch, !map) outs(%zeros : !batch) -> !batch
      %zk = linalg.generic {indexing_maps = [#all, #col, #all], iterator_types = ["parallel", "parallel"]}
          ins(%kw, %b : !batch, !row) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %y: f32, %unused: f32):
        %z = arith.addf %x, %y : f32
        linalg.yield %z : f32
      } -> !batch
      %mean = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%zk : !batch) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %sum: f32):
        %y = arith.divf %x, %width : f32
        %z = arith.addf %sum, %y : f32
        linalg.yield %z : f32
      } -> !col
      %variance = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
          ins(%zk, %mean : !batch, !col) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %m: f32, %sum: f32):
        %c = arith.subf %x, %m : f32
        %s = arith.mulf %c, %c : f32
        %y = arith.divf %s, %width : f32
        %z = arith.addf %sum, %y : f32
        linalg.yield %z : f32
      } -> !col
      %normed = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%zk, %mean, %variance : !batch, !col, !col) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %m: f32, %var: f32, %unused: f32):
        %c = arith.subf %x, %m : f32
        %e = arith.addf %var, %eps : f32
        %s = math.sqrt %e : f32
        %z = arith.divf %c, %s : f32
        linalg.yield %z : f32
      } -> !batch
      // gamma (gamma n + delta - (v - k)).
      %error = linalg.generic {indexing_maps = [#all, #all, #all, #col, #col, #all], iterator_types = ["parallel", "parallel"]}
          ins(%normed, %vt, %kt, %gamma, %delta : !batch, !batch, !batch, !row, !row) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %value: f32, %key: f32, %g: f32, %d: f32, %unused: f32):
        %target = arith.subf %value, %key : f32
        %gx = arith.mulf %g, %x : f32
        %y = arith.addf %gx, %d : f32
        %e = arith.subf %y, %target : f32
        %z = arith.mulf %g, %e : f32
        linalg.yield %z : f32
      } -> !batch
      %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%error : !batch) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %s: f32):
        %z = arith.addf %s, %x : f32
        linalg.yield %z : f32
      } -> !col
      %dot = linalg.generic {indexing_maps = [#all, #all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%error, %normed : !batch, !batch) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %y: f32, %s: f32):
        %p = arith.mulf %x, %y : f32
        %z = arith.addf %s, %p : f32
        linalg.yield %z : f32
      } -> !col
      %grad = linalg.generic {indexing_maps = [#all, #all, #row, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%error, %normed, %sum, %dot, %variance : !batch, !batch, !col, !col, !col) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %y: f32, %s: f32, %d: f32, %var: f32, %unused: f32):
        %yd = arith.mulf %y, %d : f32
        %both = arith.addf %s, %yd : f32
        %part = arith.divf %both, %width : f32
        %rest = arith.subf %x, %part : f32
        %e = arith.addf %var, %eps : f32
        %std = math.sqrt %e : f32
        %z = arith.divf %rest, %std : f32
        linalg.yield %z : f32
      } -> !batch
      // What a query sees: W and b, less what the keys up to its own have taught.
      %scores = linalg.contract indexing_maps = [#id, #ed, #ie] ins(%qt, %kt : !batch, !batch) outs(%pairs_zeros : !pairs) -> !pairs
      %steps = linalg.generic {indexing_maps = [#all, #row, #col, #all], iterator_types = ["parallel", "parallel"]}
          ins(%scores, %tok, %lrt : !pairs, !col, !col) outs(%pairs_init : !pairs) {
      ^bb0(%x: f32, %at: f32, %rate: f32, %unused: f32):
        %one = arith.constant 1.0 : f32
        %i = linalg.index 0 : index
        %j = linalg.index 1 : index
        %seen = arith.cmpi ule, %j, %i : index
        %y = arith.addf %x, %one : f32
        %eta = arith.mulf %at, %rate : f32
        %p = arith.mulf %eta, %y : f32
        %minus = arith.negf %p : f32
        %z = arith.select %seen, %minus, %f0 : f32
        linalg.yield %z : f32
      } -> !pairs
      %taught = linalg.contract indexing_maps = [#id, #de, #ie] ins(%steps, %grad : !pairs, !batch) outs(%zeros : !batch) -> !batch
      %qw = linalg.contract indexing_maps = [#id, #de, #ie] ins(%qt, %w : !batch, !map) outs(%taught : !batch) -> !batch
      %zq = linalg.generic {indexing_maps = [#all, #col, #all], iterator_types = ["parallel", "parallel"]}
          ins(%qw, %b : !batch, !row) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %y: f32, %unused: f32):
        %z = arith.addf %x, %y : f32
        linalg.yield %z : f32
      } -> !batch
      %mean_q = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%zq : !batch) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %s: f32):
        %y = arith.divf %x, %width : f32
        %z = arith.addf %s, %y : f32
        linalg.yield %z : f32
      } -> !col
      %variance_q = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
          ins(%zq, %mean_q : !batch, !col) outs(%col_zeros : !col) {
      ^bb0(%x: f32, %m: f32, %sq: f32):
        %c = arith.subf %x, %m : f32
        %s = arith.mulf %c, %c : f32
        %y = arith.divf %s, %width : f32
        %z = arith.addf %sq, %y : f32
        linalg.yield %z : f32
      } -> !col
      %out = linalg.generic {indexing_maps = [#all, #all, #row, #row, #col, #col, #all], iterator_types = ["parallel", "parallel"]}
          ins(%zq, %qt, %mean_q, %variance_q, %gamma, %delta : !batch, !batch, !col, !col, !row, !row) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %query: f32, %m: f32, %var: f32, %g: f32, %d: f32, %unused: f32):
        %c = arith.subf %x, %m : f32
        %e = arith.addf %var, %eps : f32
        %s = math.sqrt %e : f32
        %nx = arith.divf %c, %s : f32
        %gx = arith.mulf %g, %nx : f32
        %y = arith.addf %gx, %d : f32
        %z = arith.addf %query, %y : f32
        linalg.yield %z : f32
      } -> !batch
      %o1 = tensor.insert_slice %out into %o[%t, 0] [16, 32] [1, 1] : !batch into tensor<?x32xf32>
      // The step of the whole mini-batch, with the rates of its last token.
      %c15 = arith.constant 15 : index
      %last = tensor.extract %tok[%c15] : !col
      %scaled = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%grad, %lrt : !batch, !col) outs(%batch_init : !batch) {
      ^bb0(%x: f32, %rate: f32, %unused: f32):
        %eta = arith.mulf %last, %rate : f32
        %p = arith.mulf %eta, %x : f32
        %z = arith.negf %p : f32
        linalg.yield %z : f32
      } -> !batch
      %w2 = linalg.contract indexing_maps = [#di, #de, #ie] ins(%kt, %scaled : !batch, !batch) outs(%w : !map) -> !map
      %b2 = linalg.generic {indexing_maps = [#all, #col], iterator_types = ["reduction", "parallel"]}
          ins(%scaled : !batch) outs(%b : !row) {
      ^bb0(%x: f32, %s: f32):
        %z = arith.addf %s, %x : f32
        linalg.yield %z : f32
      } -> !row
      scf.yield %o1, %w2, %b2 : tensor<?x32xf32>, !map, !row
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %done into %outs[%n, %h, 0, 0] [1, 1, %padded, 32] [1, 1, 1, 1] : tensor<?x32xf32> into !tokens
    }
  }
  %result = tensor.extract_slice %read[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens to !tokens
  return %result : !tokens
}
