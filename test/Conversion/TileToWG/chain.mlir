// Two products with element-wise work between them: what has been computed stays
// in registers as the left operand, vectors are had by row and by column, and a
// result that no column has is a reduction.

// RUN: attn-opt %s --convert-tile-to-wg --canonicalize --cse | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#j = affine_map<(i, j) -> (j)>

// CHECK-LABEL: func @chain
func.func @chain(%a: tensor<?x64xbf16>, %b: tensor<64x64xbf16>, %g: tensor<?xf32>, %out: tensor<?x64xf32>,
    %sums: tensor<?xf32>, %rows: index) -> (tensor<?x64xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %r:2 = scf.forall (%n) in (2) shared_outs(%o = %out, %s = %sums) -> (tensor<?x64xf32>, tensor<?xf32>) {
    %I = tile.coords %c0 limit(%rows) : <64>
    %J = tile.coords %c0 limit(%c64) complete : <64>
    // CHECK-DAG: %[[A:.*]] = wg.copy %{{.*}}[] from %{{.*}} limit %{{.*}} : tensor<?x64xbf16> -> <64x64xbf16>
    // CHECK-DAG: %[[B:.*]] = wg.copy %{{.*}}[] from %{{[^ ]*}} : tensor<64x64xbf16> -> <64x64xbf16>
    // CHECK-DAG: %[[ROWS:.*]] = wg.load %{{.*}}[] from %{{.*}} limit %{{.*}} : tensor<?xf32> -> <64xf32, rows>
    // CHECK-DAG: %[[COLS:.*]] = wg.load %{{.*}}[] from %{{.*}} limit %{{.*}} : tensor<?xf32> -> <64xf32, cols>
    %at = tile.rows %a[] at %I : tensor<?x64xbf16>, !tile.coords<64> -> tensor<64x64xbf16>
    %bt = tile.rows %b[] at %J : tensor<64x64xbf16>, !tile.coords<64> -> tensor<64x64xbf16>
    %gt = tile.rows %g[] at %I : tensor<?xf32>, !tile.coords<64> -> tensor<64xf32>
    %e = tensor.empty() : tensor<64x64xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
    // CHECK: %[[S:.*]] = wg.mma %[[A]], %[[B]] transposed, %{{.*}} : !wg.shared<64x64xbf16>, <64x64xbf16>, <64x64xf32>
    %x = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%at, %bt : tensor<64x64xbf16>, tensor<64x64xbf16>)
        outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
    // CHECK: %[[P:.*]]:2 = wg.map ins(%[[S]], %[[ROWS]], %[[COLS]] : {{.*}}) -> !wg.tile<64x64xbf16>, !wg.tile<64x64xf32> {
    // CHECK-NEXT: ^bb0(%[[R:.*]]: index, %[[C:.*]]: index, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
    // CHECK-NEXT: arith.cmpi sle, %[[C]], %[[R]]
    // CHECK-NOT: arith.addf
    // CHECK: wg.yield
    %v = tensor.empty() : tensor<64xf32>
    %vz = linalg.fill ins(%zero : f32) outs(%v : tensor<64xf32>) -> tensor<64xf32>
    %h = tensor.empty() : tensor<64x64xbf16>
    %p:2 = linalg.generic {indexing_maps = [#ij, #i, #j, #ij, #i], iterator_types = ["parallel", "reduction"]}
        ins(%x, %gt, %gt : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>)
        outs(%h, %vz : tensor<64x64xbf16>, tensor<64xf32>) {
    ^bb0(%s0: f32, %gi: f32, %gj: f32, %unused: bf16, %sum: f32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %lower = arith.cmpi sle, %j, %i : index
      %d = arith.subf %gi, %gj : f32
      %y = arith.mulf %s0, %d : f32
      %w = arith.select %lower, %y, %zero : f32
      %t = arith.truncf %w : f32 to bf16
      %sum1 = arith.addf %sum, %w : f32
      linalg.yield %t, %sum1 : bf16, f32
    } -> (tensor<64x64xbf16>, tensor<64xf32>)
    // CHECK: %[[SUM:.*]] = wg.reduce <add> %[[P]]#1, %{{.*}} : <64x64xf32>, <64xf32, rows>
    // CHECK: %[[O:.*]] = wg.mma %[[P]]#0, %[[B]], %{{.*}} : !wg.tile<64x64xbf16>, <64x64xbf16>, <64x64xf32>
    %y = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%p#0, %bt : tensor<64x64xbf16>, tensor<64x64xbf16>)
        outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
    // CHECK: wg.store %[[O]] into
    // CHECK: wg.store %[[SUM]] into
    %o1 = tile.insert %y into %o[] at %I : tensor<64x64xf32> into tensor<?x64xf32>, <64>
    %s1 = tile.insert %p#1 into %s[] at %I : tensor<64xf32> into tensor<?xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [%rows, 64] [1, 1] : tensor<?x64xf32> into tensor<?x64xf32>
      tensor.parallel_insert_slice %s1 into %s[0] [%rows] [1] : tensor<?xf32> into tensor<?xf32>
    }
  }
  // CHECK: wg.warps = 4 : i32
  return %r#0, %r#1 : tensor<?x64xf32>, tensor<?xf32>
}

// A left operand that is used transposed goes to shared memory, whatever made it;
// branches carry tiles.
// CHECK-LABEL: func @branch
func.func @branch(%a: tensor<64x64xf32>, %out: tensor<64x64xf32>, %flag: i1) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf32>) {
    %I = tile.coords %c0 limit(%c64) complete : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xf32>, !tile.coords<64> -> tensor<64x64xf32>
    %h = tensor.empty() : tensor<64x64xbf16>
    // CHECK: %[[P:.*]] = wg.map
    %p = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%at : tensor<64x64xf32>) outs(%h : tensor<64x64xbf16>) {
    ^bb0(%x: f32, %unused: bf16):
      %t = arith.truncf %x : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<64x64xbf16>
    // CHECK: %[[S:.*]] = wg.to_shared %[[P]] : <64x64xbf16> -> <64x64xbf16>
    // CHECK: %[[R:.*]] = scf.if %{{.*}} -> (!wg.tile<64x64xf32>) {
    // CHECK:   wg.mma %[[S]] transposed, %[[S]], %{{.*}}
    // CHECK: } else {
    // CHECK: }
    %y = scf.if %flag -> (tensor<64x64xf32>) {
      %d = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, #kn, #mn]
          ins(%p, %p : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%at : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %d : tensor<64x64xf32>
    } else {
      scf.yield %at : tensor<64x64xf32>
    }
    // CHECK: wg.store %[[R]] into
    %o1 = tile.insert %y into %o[] at %I : tensor<64x64xf32> into tensor<64x64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}
