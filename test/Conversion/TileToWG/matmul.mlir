// A product of two matrices, with no operation of the tensor level: operands that
// are read go to shared memory, the accumulator is carried in registers.

// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(tile-fold-versions,canonicalize,cse,tile-expand-ops{keep-memory},canonicalize,cse,convert-tile-to-wg),canonicalize,cse)" | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<1000x512xbf16>, %b: tensor<512x384xbf16>, %out: tensor<1000x384xf32> {bufferization.writable = true}) -> tensor<1000x384xf32> {
  %c0 = arith.constant 0 : index
  %m = arith.constant 1000 : index
  %n = arith.constant 384 : index
  %k = arith.constant 512 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) = (0, 0) to (1000, 384) step (128, 128) shared_outs(%[[OUT:.*]] = %{{.*}})
  // CHECK: %[[ZERO:.*]] = wg.splat %{{.*}} : f32 -> <128x128xf32>
  // CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %[[ZERO]]) -> (!wg.tile<128x128xf32>)
  // CHECK: %[[A:.*]] = wg.copy %{{.*}}[] from %[[I]] limit %{{.*}} columns_from %[[K:.*]] : tensor<1000x512xbf16> -> <128x64xbf16>
  // CHECK: %[[B:.*]] = wg.copy %{{.*}}[] from %[[K]] columns_from %[[J]] columns_limit %{{.*}} : tensor<512x384xbf16> -> <64x128xbf16>
  // CHECK: %[[C:.*]] = wg.mma %[[A]], %[[B]], %[[ACC]] : !wg.shared<128x64xbf16>, <64x128xbf16>, <128x128xf32>
  // CHECK: scf.yield %[[C]]
  // CHECK: wg.store %[[SUM]] into %{{.*}}[] from %[[I]] limit %{{.*}} : <128x128xf32> into tensor<1000x128xf32> -> tensor<1000x128xf32>
  // Two groups of four warps for 128 rows.
  // CHECK: wg.warps = 8 : i32
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
