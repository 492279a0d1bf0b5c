// A gated delta rule over chunks of 64 tokens, written in the tiled level: a
// body unlike softmax (ordered, a matrix as its state, a triangular inverse).
// With log decays g, their running sum c in the chunk and the state S at its
// start:
//
//   T = (I + [beta_i (k_i . k_j) exp(c_i - c_j)]_{j < i})^-1
//   X = T [beta_i (v_i - exp(c_i) S^T k_i)]
//   o_i = scale (exp(c_i) S^T q_i + sum_{j <= i} (q_i . k_j) exp(c_i - c_j) X_j)
//   S' = exp(c_64) S + sum_j exp(c_64 - c_j) k_j X_j^T
//
// Operands of products are bf16, rounded where they are computed; sums, the
// state, the decays and the inverse are f32.

!keys = tensor<?x?x64xbf16> // heads, tokens, Dk
!values = tensor<?x?x64xbf16> // heads, tokens, Dv
!states = tensor<?x64x64xf32> // heads, Dk, Dv
!gates = tensor<?x?xf32> // heads, tokens
!head_values = tensor<?x64xbf16> // tokens, Dv
!head_state = tensor<64x64xf32> // Dk, Dv
!head_state16 = tensor<64x64xbf16> // Dk, Dv
!key_tile = tensor<64x64xbf16> // chunk, Dk
!value_tile = tensor<64x64xbf16> // chunk, Dv
!value_sums = tensor<64x64xf32> // chunk, Dv
!square = tensor<64x64xf32> // chunk, chunk
!square16 = tensor<64x64xbf16> // chunk, chunk
!vector = tensor<64xf32> // chunk
!state_rows = !tile.coords<64> // Dk

#mk = affine_map<(m, n, k) -> (m, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>

func.func @gated_delta(%q: !keys, %k: !keys, %v: !values, %g: !gates, %beta: !gates,
    %state: !states, %scale: f32) -> (!values, !states) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c63 = arith.constant 63 : index
  %zero = arith.constant 0.0 : f32
  %heads = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c1 : !keys
  %dk = tensor.dim %state, %c1 : !states
  %out = tensor.empty(%heads, %length) : !values
  %last_state = tensor.empty(%heads) : !states
  %domain = tile.domain %length : !tile.domain<64>
  %K = tile.coords %c0 limit(%dk) complete : !state_rows
  %square = tensor.empty() : !square
  %square0 = linalg.fill ins(%zero : f32) outs(%square : !square) -> !square
  %square16 = tensor.empty() : !square16
  %wide = tensor.empty() : !value_sums
  %wide0 = linalg.fill ins(%zero : f32) outs(%wide : !value_sums) -> !value_sums
  %wide16 = tensor.empty() : !value_tile
  %keys16 = tensor.empty() : !key_tile
  %state16 = tensor.empty() : !head_state16
  %results:2 = scf.forall (%h) in (%heads) shared_outs(%outs = %out, %states = %last_state) -> (!values, !states) {
    %oh = tensor.extract_slice %outs[%h, 0, 0] [1, %length, 64] [1, 1, 1] : !values to !head_values // Dv
    %S0 = tile.rows %state[%h] at %K : !states, !state_rows -> !head_state
    %r:2 = tile.fold ordered (%J, partial = %p) in %domain iter(%O = %oh, %S = %S0)
        : !tile.domain<64>, !head_values, !head_state {
      %qt = tile.rows %q[%h] at %J : !keys, !tile.coords<64> -> !key_tile
      %kt = tile.rows %k[%h] at %J : !keys, !tile.coords<64> -> !key_tile
      %gt = tile.rows %g[%h] at %J : !gates, !tile.coords<64> -> !vector
      %bt = tile.rows %beta[%h] at %J : !gates, !tile.coords<64> -> !vector
      %c = tile.scan %gt : !vector
      %last = tensor.extract %c[%c63] : !vector
      %Sb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%S : !head_state) outs(%state16 : !head_state16) {
      ^bb0(%s: f32, %unused: bf16):
        %y = arith.truncf %s : f32 to bf16
        linalg.yield %y : bf16
      } -> !head_state16

      // A_ij = beta_i (k_i . k_j) exp(c_i - c_j); tri_inverse reads j < i only.
      %kk = linalg.contract indexing_maps = [#mk, #nk, #mn]
          ins(%kt, %kt : !key_tile, !key_tile) outs(%square0 : !square) -> !square
      %a = linalg.generic {indexing_maps = [#ij, #i, #i, #j, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%kk, %bt, %c, %c : !square, !vector, !vector, !vector) outs(%square : !square) {
      ^bb0(%x: f32, %b: f32, %ci: f32, %cj: f32, %unused: f32):
        %i = linalg.index 0 : index
        %j = linalg.index 1 : index
        %lower = arith.cmpi slt, %j, %i : index
        %difference = arith.subf %ci, %cj : f32
        %exponent = arith.select %lower, %difference, %zero : f32
        %decay = math.exp %exponent : f32
        %bx = arith.mulf %b, %x : f32
        %y = arith.mulf %bx, %decay : f32
        linalg.yield %y : f32
      } -> !square
      %t = tile.tri_inverse %a : !square
      %tb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%t : !square) outs(%square16 : !square16) {
      ^bb0(%x: f32, %unused: bf16):
        %y = arith.truncf %x : f32 to bf16
        linalg.yield %y : bf16
      } -> !square16

      // X = T [beta (v - exp(c) k S)].
      %ks = linalg.contract indexing_maps = [#mk, #kn, #mn]
          ins(%kt, %Sb : !key_tile, !head_state16) outs(%wide0 : !value_sums) -> !value_sums
      %vt = tile.rows %v[%h] at %J : !values, !tile.coords<64> -> !value_tile
      %rhs = linalg.generic {indexing_maps = [#ij, #ij, #i, #i, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%vt, %ks, %c, %bt : !value_tile, !value_sums, !vector, !vector) outs(%wide16 : !value_tile) {
      ^bb0(%x: bf16, %s: f32, %ci: f32, %b: f32, %unused: bf16):
        %xf = arith.extf %x : bf16 to f32
        %decay = math.exp %ci : f32
        %seen = arith.mulf %decay, %s : f32
        %error = arith.subf %xf, %seen : f32
        %y = arith.mulf %b, %error : f32
        %z = arith.truncf %y : f32 to bf16
        linalg.yield %z : bf16
      } -> !value_tile
      %xs = linalg.contract indexing_maps = [#mk, #kn, #mn]
          ins(%tb, %rhs : !square16, !value_tile) outs(%wide0 : !value_sums) -> !value_sums
      %x = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%xs : !value_sums) outs(%wide16 : !value_tile) {
      ^bb0(%y: f32, %unused: bf16):
        %z = arith.truncf %y : f32 to bf16
        linalg.yield %z : bf16
      } -> !value_tile

      // P_ij = scale (q_i . k_j) exp(c_i - c_j) for j <= i.
      %qk = linalg.contract indexing_maps = [#mk, #nk, #mn]
          ins(%qt, %kt : !key_tile, !key_tile) outs(%square0 : !square) -> !square
      %weights = linalg.generic {indexing_maps = [#ij, #i, #j, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%qk, %c, %c : !square, !vector, !vector) outs(%square16 : !square16) {
      ^bb0(%y: f32, %ci: f32, %cj: f32, %unused: bf16):
        %i = linalg.index 0 : index
        %j = linalg.index 1 : index
        %lower = arith.cmpi sle, %j, %i : index
        %difference = arith.subf %ci, %cj : f32
        %exponent = arith.select %lower, %difference, %zero : f32
        %decay = math.exp %exponent : f32
        %sx = arith.mulf %scale, %y : f32
        %sd = arith.mulf %sx, %decay : f32
        %z = arith.select %lower, %sd, %zero : f32
        %w = arith.truncf %z : f32 to bf16
        linalg.yield %w : bf16
      } -> !square16

      // o = scale exp(c) q S + P X.
      %qs = linalg.contract indexing_maps = [#mk, #kn, #mn]
          ins(%qt, %Sb : !key_tile, !head_state16) outs(%wide0 : !value_sums) -> !value_sums
      %decayed = linalg.generic {indexing_maps = [#ij, #i, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%qs, %c : !value_sums, !vector) outs(%wide : !value_sums) {
      ^bb0(%s: f32, %ci: f32, %unused: f32):
        %decay = math.exp %ci : f32
        %f = arith.mulf %scale, %decay : f32
        %y = arith.mulf %f, %s : f32
        linalg.yield %y : f32
      } -> !value_sums
      %os = linalg.contract indexing_maps = [#mk, #kn, #mn]
          ins(%weights, %x : !square16, !value_tile) outs(%decayed : !value_sums) -> !value_sums
      %o = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%os : !value_sums) outs(%wide16 : !value_tile) {
      ^bb0(%y: f32, %unused: bf16):
        %z = arith.truncf %y : f32 to bf16
        linalg.yield %z : bf16
      } -> !value_tile
      %O1 = tile.insert %o into %O[] at %J : !value_tile into !head_values, !tile.coords<64>

      // S' = exp(last) S + (k exp(last - c))^T X.
      %kd = linalg.generic {indexing_maps = [#ij, #i, #ij], iterator_types = ["parallel", "parallel"]}
          ins(%kt, %c : !key_tile, !vector) outs(%keys16 : !key_tile) {
      ^bb0(%y: bf16, %ci: f32, %unused: bf16):
        %yf = arith.extf %y : bf16 to f32
        %difference = arith.subf %last, %ci : f32
        %decay = math.exp %difference : f32
        %z = arith.mulf %yf, %decay : f32
        %w = arith.truncf %z : f32 to bf16
        linalg.yield %w : bf16
      } -> !key_tile
      %carried = linalg.generic {indexing_maps = [#ij], iterator_types = ["parallel", "parallel"]}
          outs(%S : !head_state) {
      ^bb0(%s: f32):
        %decay = math.exp %last : f32
        %y = arith.mulf %decay, %s : f32
        linalg.yield %y : f32
      } -> !head_state
      %S1 = linalg.contract indexing_maps = [#km, #kn, #mn]
          ins(%kd, %x : !key_tile, !value_tile) outs(%carried : !head_state) -> !head_state
      tile.yield %O1, %S1 : !head_values, !head_state
    }
    %sh = tensor.extract_slice %states[%h, 0, 0] [1, 64, 64] [1, 1, 1] : !states to !head_state // Dk, Dv
    %s = tile.insert %r#1 into %sh[] at %K : !head_state into !head_state, !state_rows
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %r#0 into %outs[%h, 0, 0] [1, %length, 64] [1, 1, 1] : !head_values into !values // Dv
      tensor.parallel_insert_slice %s into %states[%h, 0, 0] [1, 64, 64] [1, 1, 1] : !head_state into !states // Dk, Dv
    }
  } {mapping = [#gpu.block<linear_dim_0>]}
  return %results#0, %results#1 : !values, !states
}
