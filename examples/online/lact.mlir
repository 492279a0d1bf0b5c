// LaCT: the state is a gated network, trained on a chunk of 64 tokens at a time; a chunk
// is read before it is learnt.
//
//   f(x) = W1 (silu(W0 x) * (W2 x)),    o_t = f(q_t), with the weights before its chunk
//   G_n  = sum_j lr_n,j d <f(k_j), v_j> / d W_n  +  m G_n of the chunk before
//   W_n  = rows(W_n + muon(G_n)),    m the mean of momentum_j over the chunk
//
// muon makes singular values about 1, by 5 steps of Newton and Schulz; rows gives each row
// the norm that it began with. The last chunk teaches nothing that is read.
//
// Zhang et al. 2025 (LaCT). Chunks of the method are of 2048 tokens, next to attention
// to a window, which is another operation. Tokens behind the end have a rate of 0.

#i_d = affine_map<(i, e, d) -> (i, d)>
#e_d = affine_map<(i, e, d) -> (e, d)>
#d_e = affine_map<(i, e, d) -> (d, e)>
#d_i = affine_map<(i, e, d) -> (d, i)>
#i_e = affine_map<(i, e, d) -> (i, e)>
#all = affine_map<(i, d) -> (i, d)>
#row = affine_map<(i, d) -> (i)>
#none = affine_map<(i, d) -> ()>
#line = affine_map<(i) -> (i)>
#point = affine_map<(i) -> ()>

!tokens = tensor<?x2x?x32xf32>
!rates = tensor<?x2x?xf32>
!chunk = tensor<64x32xf32>
!hidden = tensor<64x48xf32>
!up = tensor<48x32xf32>
!down = tensor<32x48xf32>
!gram = tensor<32x32xf32>
!rate = tensor<64xf32>

func.func @lact(%q: !tokens, %k: !tokens, %v: !tokens, %lr0: !rates, %lr1: !rates, %lr2: !rates, %momentum: !rates,
    %w0_all: tensor<2x48x32xf32>, %w1_all: tensor<2x32x48xf32>, %w2_all: tensor<2x48x32xf32>) -> !tokens {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %size = arith.constant 64 : index
  %f0 = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %count = arith.constant 64.0 : f32
  %tiny = arith.constant 1.0e-7 : f32
  // Of the polynomial a x + b x^3 + c x^5.
  %na = arith.constant 3.4445 : f32
  %nb = arith.constant -4.7750 : f32
  %nc = arith.constant 2.0315 : f32
  %batch = tensor.dim %q, %c0 : !tokens
  %length = tensor.dim %q, %c2 : !tokens
  %chunks = arith.ceildivui %length, %size : index
  %padded = arith.muli %chunks, %size : index
  %pad_init = tensor.empty(%batch, %padded) : !tokens
  %pad = linalg.fill ins(%f0 : f32) outs(%pad_init : !tokens) -> !tokens
  %rate_init = tensor.empty(%batch, %padded) : !rates
  %rate_pad = linalg.fill ins(%f0 : f32) outs(%rate_init : !rates) -> !rates
  %qs = tensor.insert_slice %q into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %ks = tensor.insert_slice %k into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %vs = tensor.insert_slice %v into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %lr0s = tensor.insert_slice %lr0 into %rate_pad[0, 0, 0] [%batch, 2, %length] [1, 1, 1] : !rates into !rates
  %lr1s = tensor.insert_slice %lr1 into %rate_pad[0, 0, 0] [%batch, 2, %length] [1, 1, 1] : !rates into !rates
  %lr2s = tensor.insert_slice %lr2 into %rate_pad[0, 0, 0] [%batch, 2, %length] [1, 1, 1] : !rates into !rates
  %momentums = tensor.insert_slice %momentum into %rate_pad[0, 0, 0] [%batch, 2, %length] [1, 1, 1] : !rates into !rates

  %read = scf.forall (%entry, %h) in (%batch, 2) shared_outs(%outs = %pad_init) -> (!tokens) {
    %rows = tensor.extract_slice %outs[%entry, %h, 0, 0] [1, 1, %padded, 32] [1, 1, 1, 1] : !tokens to tensor<?x32xf32>
    %w0_start = tensor.extract_slice %w0_all[%h, 0, 0] [1, 48, 32] [1, 1, 1] : tensor<2x48x32xf32> to !up
    %w1_start = tensor.extract_slice %w1_all[%h, 0, 0] [1, 32, 48] [1, 1, 1] : tensor<2x32x48xf32> to !down
    %w2_start = tensor.extract_slice %w2_all[%h, 0, 0] [1, 48, 32] [1, 1, 1] : tensor<2x48x32xf32> to !up
    %init_x = tensor.empty() : !chunk
    %zeros_x = linalg.fill ins(%f0 : f32) outs(%init_x : !chunk) -> !chunk
    %init_h = tensor.empty() : !hidden
    %zeros_h = linalg.fill ins(%f0 : f32) outs(%init_h : !hidden) -> !hidden
    %init_d0 = tensor.empty() : !up
    %zeros_d0 = linalg.fill ins(%f0 : f32) outs(%init_d0 : !up) -> !up
    %init_d1 = tensor.empty() : !down
    %zeros_d1 = linalg.fill ins(%f0 : f32) outs(%init_d1 : !down) -> !down
    %init_d2 = tensor.empty() : !up
    %zeros_d2 = linalg.fill ins(%f0 : f32) outs(%init_d2 : !up) -> !up
    %init_s = tensor.empty() : !gram
    %zeros_s = linalg.fill ins(%f0 : f32) outs(%init_s : !gram) -> !gram
    %init_f = tensor.empty() : tensor<48xf32>
    %zeros_f = linalg.fill ins(%f0 : f32) outs(%init_f : tensor<48xf32>) -> tensor<48xf32>
    %init_c = tensor.empty() : tensor<32xf32>
    %zeros_c = linalg.fill ins(%f0 : f32) outs(%init_c : tensor<32xf32>) -> tensor<32xf32>
    %zero_init = tensor.empty() : tensor<f32>
    %zero = linalg.fill ins(%f0 : f32) outs(%zero_init : tensor<f32>) -> tensor<f32>
    %w0_first = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
        ins(%w0_start : !up) outs(%zeros_f : tensor<48xf32>) {
    ^bb0(%a: f32, %old: f32):
      %p = arith.mulf %a, %a : f32
      %y = arith.addf %old, %p : f32
      linalg.yield %y : f32
    } -> tensor<48xf32>
    %w1_first = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
        ins(%w1_start : !down) outs(%zeros_c : tensor<32xf32>) {
    ^bb0(%a: f32, %old: f32):
      %p = arith.mulf %a, %a : f32
      %y = arith.addf %old, %p : f32
      linalg.yield %y : f32
    } -> tensor<32xf32>
    %w2_first = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
        ins(%w2_start : !up) outs(%zeros_f : tensor<48xf32>) {
    ^bb0(%a: f32, %old: f32):
      %p = arith.mulf %a, %a : f32
      %y = arith.addf %old, %p : f32
      linalg.yield %y : f32
    } -> tensor<48xf32>
    %done:7 = scf.for %t = %c0 to %padded step %size
        iter_args(%o = %rows, %w0 = %w0_start, %w1 = %w1_start, %w2 = %w2_start, %g0 = %zeros_d0, %g1 = %zeros_d1, %g2 = %zeros_d2)
        -> (tensor<?x32xf32>, !up, !down, !up, !up, !down, !up) {
      %qt = tensor.extract_slice %qs[%entry, %h, %t, 0] [1, 1, 64, 32] [1, 1, 1, 1] : !tokens to !chunk
      %kt = tensor.extract_slice %ks[%entry, %h, %t, 0] [1, 1, 64, 32] [1, 1, 1, 1] : !tokens to !chunk
      %vt = tensor.extract_slice %vs[%entry, %h, %t, 0] [1, 1, 64, 32] [1, 1, 1, 1] : !tokens to !chunk
      %lr0t = tensor.extract_slice %lr0s[%entry, %h, %t] [1, 1, 64] [1, 1, 1] : !rates to !rate
      %lr1t = tensor.extract_slice %lr1s[%entry, %h, %t] [1, 1, 64] [1, 1, 1] : !rates to !rate
      %lr2t = tensor.extract_slice %lr2s[%entry, %h, %t] [1, 1, 64] [1, 1, 1] : !rates to !rate
      %momentumt = tensor.extract_slice %momentums[%entry, %h, %t] [1, 1, 64] [1, 1, 1] : !rates to !rate
      // Read.
      %q_gate = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
          ins(%qt, %w0 : !chunk, !up) outs(%zeros_h : !hidden) -> !hidden
      %q_lift = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
          ins(%qt, %w2 : !chunk, !up) outs(%zeros_h : !hidden) -> !hidden
      %q_inner = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%q_gate, %q_lift : !hidden, !hidden) outs(%init_h : !hidden) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %n = arith.negf %a : f32
        %e = math.exp %n : f32
        %b1 = arith.addf %one, %e : f32
        %s = arith.divf %one, %b1 : f32
        %g = arith.mulf %a, %s : f32
        %y = arith.mulf %g, %b : f32
        linalg.yield %y : f32
      } -> !hidden
      %out = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
          ins(%q_inner, %w1 : !hidden, !down) outs(%zeros_x : !chunk) -> !chunk
      %o_next = tensor.insert_slice %out into %o[%t, 0] [64, 32] [1, 1] : !chunk into tensor<?x32xf32>
      // Learn: the gradients of <f(k), v>.
      %k_gate = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
          ins(%kt, %w0 : !chunk, !up) outs(%zeros_h : !hidden) -> !hidden
      %k_lift = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
          ins(%kt, %w2 : !chunk, !up) outs(%zeros_h : !hidden) -> !hidden
      %k_inner = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%k_gate, %k_lift : !hidden, !hidden) outs(%init_h : !hidden) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %n = arith.negf %a : f32
        %e = math.exp %n : f32
        %b1 = arith.addf %one, %e : f32
        %s = arith.divf %one, %b1 : f32
        %g = arith.mulf %a, %s : f32
        %y = arith.mulf %g, %b : f32
        linalg.yield %y : f32
      } -> !hidden
      %d_inner = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
          ins(%vt, %w1 : !chunk, !down) outs(%zeros_h : !hidden) -> !hidden
      %d_lift = linalg.generic {indexing_maps = [#all, #all, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%k_gate, %d_inner, %lr2t : !hidden, !hidden, !rate) outs(%init_h : !hidden) {
      ^bb0(%a: f32, %b: f32, %c: f32, %old: f32):
        %n = arith.negf %a : f32
        %e = math.exp %n : f32
        %b1 = arith.addf %one, %e : f32
        %s = arith.divf %one, %b1 : f32
        %g = arith.mulf %a, %s : f32
        %p = arith.mulf %b, %g : f32
        %y = arith.mulf %c, %p : f32
        linalg.yield %y : f32
      } -> !hidden
      %d_gate = linalg.generic {indexing_maps = [#all, #all, #all, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%k_gate, %d_inner, %k_lift, %lr0t : !hidden, !hidden, !hidden, !rate) outs(%init_h : !hidden) {
      ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %old: f32):
        %n = arith.negf %a : f32
        %e = math.exp %n : f32
        %b1 = arith.addf %one, %e : f32
        %s = arith.divf %one, %b1 : f32
        %r = arith.subf %one, %s : f32
        %ar = arith.mulf %a, %r : f32
        %u = arith.addf %one, %ar : f32
        %slope = arith.mulf %s, %u : f32
        %p = arith.mulf %b, %c : f32
        %ps = arith.mulf %p, %slope : f32
        %y = arith.mulf %d, %ps : f32
        linalg.yield %y : f32
      } -> !hidden
      %scaled = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%vt, %lr1t : !chunk, !rate) outs(%init_x : !chunk) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %y = arith.mulf %a, %b : f32
        linalg.yield %y : f32
      } -> !chunk
      %mean = linalg.generic {indexing_maps = [#line, #point], iterator_types = ["reduction"]} ins(%momentumt : !rate) outs(%zero : tensor<f32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.divf %a, %count : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<f32>
      %m = tensor.extract %mean[] : tensor<f32>
      %kept0 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%g0 : !up) outs(%init_d0 : !up) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.mulf %m, %a : f32
        linalg.yield %y : f32
      } -> !up
      %kept1 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%g1 : !down) outs(%init_d1 : !down) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.mulf %m, %a : f32
        linalg.yield %y : f32
      } -> !down
      %kept2 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%g2 : !up) outs(%init_d2 : !up) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.mulf %m, %a : f32
        linalg.yield %y : f32
      } -> !up
      %d0 = linalg.contract indexing_maps = [#d_i, #d_e, #i_e]
          ins(%d_gate, %kt : !hidden, !chunk) outs(%kept0 : !up) -> !up
      %d1 = linalg.contract indexing_maps = [#d_i, #d_e, #i_e]
          ins(%scaled, %k_inner : !chunk, !hidden) outs(%kept1 : !down) -> !down
      %d2 = linalg.contract indexing_maps = [#d_i, #d_e, #i_e]
          ins(%d_lift, %kt : !hidden, !chunk) outs(%kept2 : !up) -> !up
      %d0_square = linalg.generic {indexing_maps = [#all, #none], iterator_types = ["reduction", "reduction"]}
          ins(%d0 : !up) outs(%zero : tensor<f32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<f32>
      %d0_sum = tensor.extract %d0_square[] : tensor<f32>
      %d0_root = math.sqrt %d0_sum : f32
      %d0_norm = arith.addf %d0_root, %tiny : f32
      %d0_unit = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%d0 : !up) outs(%init_d0 : !up) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.divf %a, %d0_norm : f32
        linalg.yield %y : f32
      } -> !up
      %d0_o = scf.for %i_d0 = %c0 to %c5 step %c1 iter_args(%x = %d0_unit) -> (!up) {
        %d0_a = linalg.contract indexing_maps = [#d_i, #d_e, #i_e]
            ins(%x, %x : !up, !up) outs(%zeros_s : !gram) -> !gram
        %d0_aa = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%d0_a, %d0_a : !gram, !gram) outs(%zeros_s : !gram) -> !gram
        %d0_b = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%d0_a, %d0_aa : !gram, !gram) outs(%init_s : !gram) {
        ^bb0(%a: f32, %b: f32, %old: f32):
          %p = arith.mulf %nb, %a : f32
          %q1 = arith.mulf %nc, %b : f32
          %y = arith.addf %p, %q1 : f32
          linalg.yield %y : f32
        } -> !gram
        %d0_ax = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%x : !up) outs(%init_d0 : !up) {
        ^bb0(%a: f32, %old: f32):
          %y = arith.mulf %na, %a : f32
          linalg.yield %y : f32
        } -> !up
        %d0_next = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%x, %d0_b : !up, !gram) outs(%d0_ax : !up) -> !up
        scf.yield %d0_next : !up
      }
      %d1_square = linalg.generic {indexing_maps = [#all, #none], iterator_types = ["reduction", "reduction"]}
          ins(%d1 : !down) outs(%zero : tensor<f32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<f32>
      %d1_sum = tensor.extract %d1_square[] : tensor<f32>
      %d1_root = math.sqrt %d1_sum : f32
      %d1_norm = arith.addf %d1_root, %tiny : f32
      %d1_unit = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%d1 : !down) outs(%init_d1 : !down) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.divf %a, %d1_norm : f32
        linalg.yield %y : f32
      } -> !down
      %d1_o = scf.for %i_d1 = %c0 to %c5 step %c1 iter_args(%x = %d1_unit) -> (!down) {
        %d1_a = linalg.contract indexing_maps = [#i_d, #e_d, #i_e]
            ins(%x, %x : !down, !down) outs(%zeros_s : !gram) -> !gram
        %d1_aa = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%d1_a, %d1_a : !gram, !gram) outs(%zeros_s : !gram) -> !gram
        %d1_b = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%d1_a, %d1_aa : !gram, !gram) outs(%init_s : !gram) {
        ^bb0(%a: f32, %b: f32, %old: f32):
          %p = arith.mulf %nb, %a : f32
          %q1 = arith.mulf %nc, %b : f32
          %y = arith.addf %p, %q1 : f32
          linalg.yield %y : f32
        } -> !gram
        %d1_ax = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%x : !down) outs(%init_d1 : !down) {
        ^bb0(%a: f32, %old: f32):
          %y = arith.mulf %na, %a : f32
          linalg.yield %y : f32
        } -> !down
        %d1_next = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%d1_b, %x : !gram, !down) outs(%d1_ax : !down) -> !down
        scf.yield %d1_next : !down
      }
      %d2_square = linalg.generic {indexing_maps = [#all, #none], iterator_types = ["reduction", "reduction"]}
          ins(%d2 : !up) outs(%zero : tensor<f32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<f32>
      %d2_sum = tensor.extract %d2_square[] : tensor<f32>
      %d2_root = math.sqrt %d2_sum : f32
      %d2_norm = arith.addf %d2_root, %tiny : f32
      %d2_unit = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%d2 : !up) outs(%init_d2 : !up) {
      ^bb0(%a: f32, %old: f32):
        %y = arith.divf %a, %d2_norm : f32
        linalg.yield %y : f32
      } -> !up
      %d2_o = scf.for %i_d2 = %c0 to %c5 step %c1 iter_args(%x = %d2_unit) -> (!up) {
        %d2_a = linalg.contract indexing_maps = [#d_i, #d_e, #i_e]
            ins(%x, %x : !up, !up) outs(%zeros_s : !gram) -> !gram
        %d2_aa = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%d2_a, %d2_a : !gram, !gram) outs(%zeros_s : !gram) -> !gram
        %d2_b = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%d2_a, %d2_aa : !gram, !gram) outs(%init_s : !gram) {
        ^bb0(%a: f32, %b: f32, %old: f32):
          %p = arith.mulf %nb, %a : f32
          %q1 = arith.mulf %nc, %b : f32
          %y = arith.addf %p, %q1 : f32
          linalg.yield %y : f32
        } -> !gram
        %d2_ax = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
            ins(%x : !up) outs(%init_d2 : !up) {
        ^bb0(%a: f32, %old: f32):
          %y = arith.mulf %na, %a : f32
          linalg.yield %y : f32
        } -> !up
        %d2_next = linalg.contract indexing_maps = [#i_d, #d_e, #i_e]
            ins(%x, %d2_b : !up, !gram) outs(%d2_ax : !up) -> !up
        scf.yield %d2_next : !up
      }
      %w0_moved = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w0, %d0_o : !up, !up) outs(%init_d0 : !up) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %y = arith.addf %a, %b : f32
        linalg.yield %y : f32
      } -> !up
      %w0_norms = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%w0_moved : !up) outs(%zeros_f : tensor<48xf32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<48xf32>
      %w0_next = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w0_moved, %w0_norms, %w0_first : !up, tensor<48xf32>, tensor<48xf32>) outs(%init_d0 : !up) {
      ^bb0(%a: f32, %b: f32, %c: f32, %old: f32):
        %n = math.sqrt %b : f32
        %safe = arith.addf %n, %tiny : f32
        %s = math.sqrt %c : f32
        %u = arith.divf %a, %safe : f32
        %y = arith.mulf %u, %s : f32
        linalg.yield %y : f32
      } -> !up
      %w1_moved = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w1, %d1_o : !down, !down) outs(%init_d1 : !down) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %y = arith.addf %a, %b : f32
        linalg.yield %y : f32
      } -> !down
      %w1_norms = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%w1_moved : !down) outs(%zeros_c : tensor<32xf32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<32xf32>
      %w1_next = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w1_moved, %w1_norms, %w1_first : !down, tensor<32xf32>, tensor<32xf32>) outs(%init_d1 : !down) {
      ^bb0(%a: f32, %b: f32, %c: f32, %old: f32):
        %n = math.sqrt %b : f32
        %safe = arith.addf %n, %tiny : f32
        %s = math.sqrt %c : f32
        %u = arith.divf %a, %safe : f32
        %y = arith.mulf %u, %s : f32
        linalg.yield %y : f32
      } -> !down
      %w2_moved = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w2, %d2_o : !up, !up) outs(%init_d2 : !up) {
      ^bb0(%a: f32, %b: f32, %old: f32):
        %y = arith.addf %a, %b : f32
        linalg.yield %y : f32
      } -> !up
      %w2_norms = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
          ins(%w2_moved : !up) outs(%zeros_f : tensor<48xf32>) {
      ^bb0(%a: f32, %old: f32):
        %p = arith.mulf %a, %a : f32
        %y = arith.addf %old, %p : f32
        linalg.yield %y : f32
      } -> tensor<48xf32>
      %w2_next = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
          ins(%w2_moved, %w2_norms, %w2_first : !up, tensor<48xf32>, tensor<48xf32>) outs(%init_d2 : !up) {
      ^bb0(%a: f32, %b: f32, %c: f32, %old: f32):
        %n = math.sqrt %b : f32
        %safe = arith.addf %n, %tiny : f32
        %s = math.sqrt %c : f32
        %u = arith.divf %a, %safe : f32
        %y = arith.mulf %u, %s : f32
        linalg.yield %y : f32
      } -> !up
      scf.yield %o_next, %w0_next, %w1_next, %w2_next, %d0, %d1, %d2 : tensor<?x32xf32>, !up, !down, !up, !up, !down, !up
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %done#0 into %outs[%entry, %h, 0, 0] [1, 1, %padded, 32] [1, 1, 1, 1] : tensor<?x32xf32> into !tokens
    }
  }
  %result = tensor.extract_slice %read[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens to !tokens
  return %result : !tokens
}
