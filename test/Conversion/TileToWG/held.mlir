// What is done again if a vector says so: the test is one of all warps, and the
// end of a loop stays unknown.

// RUN: attn-opt %s --convert-tile-to-wg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @again
func.func @again(%g: tensor<?xf32>, %out: tensor<?x8xf32>, %rows: index) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<?x8xf32>) {
    %I = tile.coords %c0 limit(%rows) : <64>
    // CHECK: %[[G:.*]] = wg.load %{{.*}} -> <64xf32, rows>
    %gt = tile.rows %g[] at %I : tensor<?xf32>, !tile.coords<64> -> tensor<64xf32>
    %e = tensor.empty() : tensor<64x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x8xf32>) -> tensor<64x8xf32>
    // CHECK: %[[END:.*]] = wg.again %c1 : index
    %end = tile.opaque %c1
    // CHECK: %[[X:.*]] = scf.for %{{.*}} = %c0 to %[[END]] step %c1
    %x = scf.for %i = %c0 to %end step %c1 iter_args(%a = %o) -> tensor<?x8xf32> {
      %o1 = tile.insert %z into %a[] at %I : tensor<64x8xf32> into tensor<?x8xf32>, <64>
      scf.yield %o1 : tensor<?x8xf32>
    }
    // CHECK: %[[ANY:.*]] = wg.any %[[G]] : <64xf32, rows>
    %any = tile.any %gt : tensor<64xf32>
    // CHECK: scf.if %[[ANY]]
    // CHECK-NEXT: wg.store %{{.*}} into %[[X]]
    %y = scf.if %any -> tensor<?x8xf32> {
      %o1 = tile.insert %z into %x[] at %I : tensor<64x8xf32> into tensor<?x8xf32>, <64>
      scf.yield %o1 : tensor<?x8xf32>
    } else {
      scf.yield %x : tensor<?x8xf32>
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %y into %o[0, 0] [%rows, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    }
  }
  return %r : tensor<?x8xf32>
}
