// A gated delta rule over chunks of 64 tokens, written in the tiled level: a
// body unlike softmax (ordered, a matrix as its state, a triangular inverse)
// that goes through the same passes. With log decays g, their running sum c in
// the chunk and the state S at its start:
//
//   T = (I + [beta_i (k_i . k_j) exp(c_i - c_j)]_{j < i})^-1
//   X = T [beta_i (v_i - exp(c_i) S^T k_i)]
//   o_i = scale (exp(c_i) S^T q_i + sum_{j <= i} (q_i . k_j) exp(c_i - c_j) X_j)
//   S' = exp(c_64) S + sum_j exp(c_64 - c_j) k_j X_j^T

#mk = affine_map<(m, n, k) -> (m, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>

func.func @gated_delta(%q: tensor<?x32xf32>, %k: tensor<?x32xf32>,
    %v: tensor<?x48xf32>, %g: tensor<?xf32>, %beta: tensor<?xf32>,
    %state: tensor<32x48xf32>, %out: tensor<?x48xf32>)
    -> (tensor<?x48xf32>, tensor<32x48xf32>) {
  %c0 = arith.constant 0 : index
  %c63 = arith.constant 63 : index
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 0.17677669 : f32
  %length = tensor.dim %q, %c0 : tensor<?x32xf32>
  %square = tensor.empty() : tensor<64x64xf32>
  %square0 = linalg.fill ins(%zero : f32) outs(%square : tensor<64x64xf32>) -> tensor<64x64xf32>
  %wide = tensor.empty() : tensor<64x48xf32>
  %wide0 = linalg.fill ins(%zero : f32) outs(%wide : tensor<64x48xf32>) -> tensor<64x48xf32>
  %domain = tile.domain %length : !tile.domain<64>
  %r:2 = tile.fold ordered (%J, partial = %p) in %domain iter(%O = %out, %S = %state)
      micro(#tile.micro_tile<rows = 6, cols = 16, lanes = 8>)
      : !tile.domain<64>, tensor<?x48xf32>, tensor<32x48xf32> {
    %qt = tile.rows %q[] at %J : tensor<?x32xf32>, !tile.coords<64> -> tensor<64x32xf32>
    %kt = tile.rows %k[] at %J : tensor<?x32xf32>, !tile.coords<64> -> tensor<64x32xf32>
    %vt = tile.rows %v[] at %J : tensor<?x48xf32>, !tile.coords<64> -> tensor<64x48xf32>
    %gt = tile.rows %g[] at %J : tensor<?xf32>, !tile.coords<64> -> tensor<64xf32>
    %bt = tile.rows %beta[] at %J : tensor<?xf32>, !tile.coords<64> -> tensor<64xf32>
    %c = tile.scan %gt : tensor<64xf32>
    %last = tensor.extract %c[%c63] : tensor<64xf32>

    // A_ij = beta_i (k_i . k_j) exp(c_i - c_j); tri_inverse reads j < i only.
    %kk = linalg.contract indexing_maps = [#mk, #nk, #mn]
        ins(%kt, %kt : tensor<64x32xf32>, tensor<64x32xf32>)
        outs(%square0 : tensor<64x64xf32>) -> tensor<64x64xf32>
    %a = linalg.generic {indexing_maps = [#ij, #i, #i, #j, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%kk, %bt, %c, %c : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
        outs(%square : tensor<64x64xf32>) {
    ^bb0(%x: f32, %b: f32, %ci: f32, %cj: f32, %o: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %lower = arith.cmpi slt, %j, %i : index
      %difference = arith.subf %ci, %cj : f32
      %exponent = arith.select %lower, %difference, %zero : f32
      %decay = math.exp %exponent : f32
      %bx = arith.mulf %b, %x : f32
      %y = arith.mulf %bx, %decay : f32
      linalg.yield %y : f32
    } -> tensor<64x64xf32>
    %t = tile.tri_inverse %a : tensor<64x64xf32>

    // P_ij = scale (q_i . k_j) exp(c_i - c_j) for j <= i.
    %qk = linalg.contract indexing_maps = [#mk, #nk, #mn]
        ins(%qt, %kt : tensor<64x32xf32>, tensor<64x32xf32>)
        outs(%square0 : tensor<64x64xf32>) -> tensor<64x64xf32>
    %weights = linalg.generic {indexing_maps = [#ij, #i, #j, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%qk, %c, %c : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>)
        outs(%square : tensor<64x64xf32>) {
    ^bb0(%x: f32, %ci: f32, %cj: f32, %o: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %lower = arith.cmpi sle, %j, %i : index
      %difference = arith.subf %ci, %cj : f32
      %exponent = arith.select %lower, %difference, %zero : f32
      %decay = math.exp %exponent : f32
      %sx = arith.mulf %scale, %x : f32
      %y = arith.mulf %sx, %decay : f32
      %z = arith.select %lower, %y, %zero : f32
      linalg.yield %z : f32
    } -> tensor<64x64xf32>

    // X = T [beta (v - exp(c) k S)].
    %ks = linalg.contract indexing_maps = [#mk, #kn, #mn]
        ins(%kt, %S : tensor<64x32xf32>, tensor<32x48xf32>)
        outs(%wide0 : tensor<64x48xf32>) -> tensor<64x48xf32>
    %rhs = linalg.generic {indexing_maps = [#ij, #ij, #i, #i, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%vt, %ks, %c, %bt : tensor<64x48xf32>, tensor<64x48xf32>, tensor<64xf32>, tensor<64xf32>)
        outs(%wide : tensor<64x48xf32>) {
    ^bb0(%x: f32, %s: f32, %ci: f32, %b: f32, %o: f32):
      %decay = math.exp %ci : f32
      %seen = arith.mulf %decay, %s : f32
      %error = arith.subf %x, %seen : f32
      %y = arith.mulf %b, %error : f32
      linalg.yield %y : f32
    } -> tensor<64x48xf32>
    %x = linalg.contract indexing_maps = [#mk, #kn, #mn]
        ins(%t, %rhs : tensor<64x64xf32>, tensor<64x48xf32>)
        outs(%wide0 : tensor<64x48xf32>) -> tensor<64x48xf32>

    // o = scale exp(c) q S + P X.
    %qs = linalg.contract indexing_maps = [#mk, #kn, #mn]
        ins(%qt, %S : tensor<64x32xf32>, tensor<32x48xf32>)
        outs(%wide0 : tensor<64x48xf32>) -> tensor<64x48xf32>
    %decayed = linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%c : tensor<64xf32>) outs(%qs : tensor<64x48xf32>) {
    ^bb0(%ci: f32, %s: f32):
      %decay = math.exp %ci : f32
      %f = arith.mulf %scale, %decay : f32
      %y = arith.mulf %f, %s : f32
      linalg.yield %y : f32
    } -> tensor<64x48xf32>
    %o = linalg.contract indexing_maps = [#mk, #kn, #mn]
        ins(%weights, %x : tensor<64x64xf32>, tensor<64x48xf32>)
        outs(%decayed : tensor<64x48xf32>) -> tensor<64x48xf32>
    %O1 = tile.insert %o into %O[] at %J : tensor<64x48xf32> into tensor<?x48xf32>, !tile.coords<64>

    // S' = exp(last) S + (k exp(last - c))^T X.
    %kd = linalg.generic {indexing_maps = [#ij, #i, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%kt, %c : tensor<64x32xf32>, tensor<64xf32>) outs(%kt : tensor<64x32xf32>) {
    ^bb0(%y: f32, %ci: f32, %unused: f32):
      %difference = arith.subf %last, %ci : f32
      %decay = math.exp %difference : f32
      %z = arith.mulf %y, %decay : f32
      linalg.yield %z : f32
    } -> tensor<64x32xf32>
    %carried = linalg.generic {indexing_maps = [#ij], iterator_types = ["parallel", "parallel"]}
        outs(%S : tensor<32x48xf32>) {
    ^bb0(%s: f32):
      %decay = math.exp %last : f32
      %y = arith.mulf %decay, %s : f32
      linalg.yield %y : f32
    } -> tensor<32x48xf32>
    %S1 = linalg.contract indexing_maps = [#km, #kn, #mn]
        ins(%kd, %x : tensor<64x32xf32>, tensor<64x48xf32>)
        outs(%carried : tensor<32x48xf32>) -> tensor<32x48xf32>
    tile.yield %O1, %S1 : tensor<?x48xf32>, tensor<32x48xf32>
  }
  return %r#0, %r#1 : tensor<?x48xf32>, tensor<32x48xf32>
}
