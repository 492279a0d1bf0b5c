// Titans with a linear memory: a matrix, trained on the tokens as they come with
// momentum and forgetting; gradients are those at the beginning of each 16 tokens.
//
//   g_t = M^T k_t - v_t,    M the memory at the beginning of the 16
//   S_t = eta_t S_{t-1} - 2 theta_t k_t g_t^T
//   M_t = (1 - alpha_t) M_{t-1} + S_t,    o_t = M_t^T q_t
//
// Behrouz et al. 2025 (Titans). Gradients of 16 tokens are one product; the two
// matrices then go token by token. Tokens behind the end change nothing that is read.

#id = affine_map<(i, e, d) -> (i, d)>
#de = affine_map<(i, e, d) -> (d, e)>
#ie = affine_map<(i, e, d) -> (i, e)>
#by_key = affine_map<(d, e) -> (d)>
#by_value = affine_map<(d, e) -> (e)>
#state = affine_map<(d, e) -> (d, e)>
#read_key = affine_map<(e, d) -> (d)>
#read_value = affine_map<(e, d) -> (e)>
#read_state = affine_map<(e, d) -> (d, e)>

!tokens = tensor<?x2x?x32xf32>
!rates = tensor<?x2x?xf32>
!batch = tensor<16x32xf32>
!map = tensor<32x32xf32>
!row = tensor<32xf32>

func.func @titans_linear(%q: !tokens, %k: !tokens, %v: !tokens, %alpha: !rates, %eta: !rates, %theta: !rates) -> !tokens {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %f0 = arith.constant 0.0 : f32
  %f1 = arith.constant 1.0 : f32
  %two = arith.constant -2.0 : f32
  %batch = tensor.dim %q, %c0 : !tokens
  %length = tensor.dim %q, %c2 : !tokens
  %batches = arith.ceildivui %length, %c16 : index
  %padded = arith.muli %batches, %c16 : index
  %pad_init = tensor.empty(%batch, %padded) : !tokens
  %pad = linalg.fill ins(%f0 : f32) outs(%pad_init : !tokens) -> !tokens
  %ks = tensor.insert_slice %k into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %vs = tensor.insert_slice %v into %pad[0, 0, 0, 0] [%batch, 2, %length, 32] [1, 1, 1, 1] : !tokens into !tokens
  %init = tensor.empty(%batch, %length) : !tokens
  %read = scf.forall (%n, %h) in (%batch, 2) shared_outs(%outs = %init) -> (!tokens) {
    %rows = tensor.extract_slice %outs[%n, %h, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : !tokens to tensor<?x32xf32>
    %map_init = tensor.empty() : !map
    %nothing = linalg.fill ins(%f0 : f32) outs(%map_init : !map) -> !map
    %batch_init = tensor.empty() : !batch
    %zeros = linalg.fill ins(%f0 : f32) outs(%batch_init : !batch) -> !batch
    %row_init = tensor.empty() : !row
    %row_zeros = linalg.fill ins(%f0 : f32) outs(%row_init : !row) -> !row
    %done, %m_last, %s_last = scf.for %first = %c0 to %length step %c16
        iter_args(%o = %rows, %m = %nothing, %s = %nothing) -> (tensor<?x32xf32>, !map, !map) {
      // The gradients of 16 tokens.
      %kt = tensor.extract_slice %ks[%n, %h, %first, 0] [1, 1, 16, 32] [1, 1, 1, 1] : !tokens to !batch
      %vt = tensor.extract_slice %vs[%n, %h, %first, 0] [1, 1, 16, 32] [1, 1, 1, 1] : !tokens to !batch
      %found = linalg.contract indexing_maps = [#id, #de, #ie] ins(%kt, %m : !batch, !map) outs(%zeros : !batch) -> !batch
      %grads = linalg.sub ins(%found, %vt : !batch, !batch) outs(%batch_init : !batch) -> !batch
      %left = arith.subi %length, %first : index
      %count = arith.minui %left, %c16 : index
      %o2, %m2, %s2 = scf.for %i = %c0 to %count step %c1
          iter_args(%oi = %o, %mi = %m, %si = %s) -> (tensor<?x32xf32>, !map, !map) {
        %t = arith.addi %first, %i : index
        %key = tensor.extract_slice %kt[%i, 0] [1, 32] [1, 1] : !batch to !row
        %grad = tensor.extract_slice %grads[%i, 0] [1, 32] [1, 1] : !batch to !row
        %query = tensor.extract_slice %q[%n, %h, %t, 0] [1, 1, 1, 32] [1, 1, 1, 1] : !tokens to !row
        %a = tensor.extract %alpha[%n, %h, %t] : !rates
        %e = tensor.extract %eta[%n, %h, %t] : !rates
        %th = tensor.extract %theta[%n, %h, %t] : !rates
        %step = arith.mulf %two, %th : f32
        %keep = arith.subf %f1, %a : f32
        %s_next = linalg.generic {indexing_maps = [#by_key, #by_value, #state], iterator_types = ["parallel", "parallel"]}
            ins(%key, %grad : !row, !row) outs(%si : !map) {
        ^bb0(%x: f32, %y: f32, %old: f32):
          %kept = arith.mulf %e, %old : f32
          %xy = arith.mulf %x, %y : f32
          %p = arith.mulf %step, %xy : f32
          %z = arith.addf %kept, %p : f32
          linalg.yield %z : f32
        } -> !map
        %m_next = linalg.generic {indexing_maps = [#state, #state], iterator_types = ["parallel", "parallel"]}
            ins(%s_next : !map) outs(%mi : !map) {
        ^bb0(%x: f32, %old: f32):
          %kept = arith.mulf %keep, %old : f32
          %z = arith.addf %kept, %x : f32
          linalg.yield %z : f32
        } -> !map
        %out = linalg.generic {indexing_maps = [#read_key, #read_state, #read_value], iterator_types = ["parallel", "reduction"]}
            ins(%query, %m_next : !row, !map) outs(%row_zeros : !row) {
        ^bb0(%x: f32, %y: f32, %sum: f32):
          %p = arith.mulf %x, %y : f32
          %z = arith.addf %sum, %p : f32
          linalg.yield %z : f32
        } -> !row
        %o_next = tensor.insert_slice %out into %oi[%t, 0] [1, 32] [1, 1] : !row into tensor<?x32xf32>
        scf.yield %o_next, %m_next, %s_next : tensor<?x32xf32>, !map, !map
      }
      scf.yield %o2, %m2, %s2 : tensor<?x32xf32>, !map, !map
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %done into %outs[%n, %h, 0, 0] [1, 1, %length, 32] [1, 1, 1, 1] : tensor<?x32xf32> into !tokens
    }
  }
  return %read : !tokens
}
