// Two products with element-wise work between them, and a sum beside the second:
//
//     p(i, j) = max(sum_d a(i, d) * b(j, d), 0) * g(j)   rounded to bf16
//     out(i, e) = sum_j p(i, j) * v(j, e)
//     sums(i) = sum_j p(i, j)                            before it is rounded

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>

func.func @chain(%a: tensor<777x128xbf16>, %b: tensor<1000x128xbf16>, %v: tensor<1000x96xbf16>, %g: tensor<1000xf32>)
    -> (tensor<777x96xf32>, tensor<777xf32>) {
  %m = arith.constant 777 : index
  %n = arith.constant 1000 : index
  %zero = arith.constant 0.0 : f32
  %out = tensor.empty() : tensor<777x96xf32>
  %sums = tensor.empty() : tensor<777xf32>
  %r:2 = scf.forall (%i) = (0) to (777) step (64) shared_outs(%o = %out, %s = %sums) -> (tensor<777x96xf32>, tensor<777xf32>) {
    %I = tile.coords %i limit(%m) : <64>
    %e = tensor.empty() : tensor<64x96xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x96xf32>) -> tensor<64x96xf32>
    %es = tensor.empty() : tensor<64x64xf32>
    %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<64x64xf32>) -> tensor<64x64xf32>
    %ev = tensor.empty() : tensor<64xf32>
    %zv = linalg.fill ins(%zero : f32) outs(%ev : tensor<64xf32>) -> tensor<64xf32>
    %ep = tensor.empty() : tensor<64x64xbf16>
    %K = arith.constant 128 : index
    %c0 = arith.constant 0 : index
    %domain = tile.domain %n : <64>
    %acc, %sum = tile.fold free (%J, partial = %p) in %domain iter(%c = %z, %t = %zv) : !tile.domain<64>, tensor<64x96xf32>, tensor<64xf32> {
      %at = tile.rows %a[] at %I : tensor<777x128xbf16>, !tile.coords<64> -> tensor<64x128xbf16>
      %bt = tile.rows %b[] at %J : tensor<1000x128xbf16>, !tile.coords<64> -> tensor<64x128xbf16>
      %vt = tile.rows %v[] at %J : tensor<1000x96xbf16>, !tile.coords<64> -> tensor<64x96xbf16>
      %gt = tile.rows %g[] at %J : tensor<1000xf32>, !tile.coords<64> -> tensor<64xf32>
      %d = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%at, %bt : tensor<64x128xbf16>, tensor<64x128xbf16>) outs(%zs : tensor<64x64xf32>) -> tensor<64x64xf32>
      %q:2 = linalg.generic {indexing_maps = [#ij, #j, #ij, #i], iterator_types = ["parallel", "reduction"]}
          ins(%d, %gt : tensor<64x64xf32>, tensor<64xf32>) outs(%ep, %t : tensor<64x64xbf16>, tensor<64xf32>) {
      ^bb0(%x: f32, %w: f32, %unused: bf16, %total: f32):
        %y = arith.maxnumf %x, %zero : f32
        %yw = arith.mulf %y, %w : f32
        %h = arith.truncf %yw : f32 to bf16
        %next = arith.addf %total, %yw : f32
        linalg.yield %h, %next : bf16, f32
      } -> (tensor<64x64xbf16>, tensor<64xf32>)
      %f = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%q#0, %vt : tensor<64x64xbf16>, tensor<64x96xbf16>) outs(%c : tensor<64x96xf32>) -> tensor<64x96xf32>
      tile.yield %f, %q#1 : tensor<64x96xf32>, tensor<64xf32>
    }
    %o1 = tile.insert %acc into %o[] at %I : tensor<64x96xf32> into tensor<777x96xf32>, <64>
    %s1 = tile.insert %sum into %s[] at %I : tensor<64xf32> into tensor<777xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [777, 96] [1, 1] : tensor<777x96xf32> into tensor<777x96xf32>
      tensor.parallel_insert_slice %s1 into %s[0] [777] [1] : tensor<777xf32> into tensor<777xf32>
    }
  }
  return %r#0, %r#1 : tensor<777x96xf32>, tensor<777xf32>
}
