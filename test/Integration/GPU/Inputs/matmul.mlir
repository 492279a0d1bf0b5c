// A product of two matrices, 128 x 128 at a time, with tails: no attention.

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

func.func @matmul(%a: tensor<1000x512xbf16>, %b: tensor<512x384xbf16>) -> tensor<1000x384xf32> {
  %m = arith.constant 1000 : index
  %n = arith.constant 384 : index
  %k = arith.constant 512 : index
  %zero = arith.constant 0.0 : f32
  %out = tensor.empty() : tensor<1000x384xf32>
  %r = scf.forall (%i, %j) = (0, 0) to (1000, 384) step (128, 128) shared_outs(%o = %out) -> (tensor<1000x384xf32>) {
    %I = tile.coords %i limit(%m) : <128>
    %J = tile.coords %j limit(%n) : <128>
    %e = tensor.empty() : tensor<128x128xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<128x128xf32>) -> tensor<128x128xf32>
    %domain = tile.domain %k : <64>
    %acc = tile.fold free (%K, partial = %p) in %domain iter(%c = %z) : !tile.domain<64>, tensor<128x128xf32> {
      %at = tile.rows %a[] at %I columns %K : !tile.coords<64> : tensor<1000x512xbf16>, !tile.coords<128> -> tensor<128x64xbf16>
      %bt = tile.rows %b[] at %K columns %J : !tile.coords<128> : tensor<512x384xbf16>, !tile.coords<64> -> tensor<64x128xbf16>
      %d = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%at, %bt : tensor<128x64xbf16>, tensor<64x128xbf16>) outs(%c : tensor<128x128xf32>) -> tensor<128x128xf32>
      tile.yield %d : tensor<128x128xf32>
    }
    %slice = tensor.extract_slice %o[0, %j] [1000, 128] [1, 1] : tensor<1000x384xf32> to tensor<1000x128xf32>
    %w = tile.insert %acc into %slice[] at %I : tensor<128x128xf32> into tensor<1000x128xf32>, <128>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[0, %j] [1000, 128] [1, 1] : tensor<1000x128xf32> into tensor<1000x384xf32>
    }
  }
  return %r : tensor<1000x384xf32>
}
