// RUN: attn-opt %s --tile-contractions --remarks-filter=tile-contractions 2>&1 | FileCheck %s

// CHECK: is multiplied by single threads: tensor cores do not multiply f64 and f64 to f64
// CHECK: is multiplied by single threads: an extent is 8, less than 16
// CHECK: is multiplied by single threads: it adds to something

#en = affine_map<(b, n, d, s) -> (n, s)>
#xs = affine_map<(b, n, d, s) -> (b, s, d)>
#out = affine_map<(b, n, d, s) -> (b, n, d)>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

// A projection along the sequence, the same for all entries of the batch.
// CHECK-LABEL: func @project
// CHECK: scf.forall (%[[B:.*]], %{{.*}}, %{{.*}}) in (%{{.*}}, 4, 1)
// CHECK: tile.domain %{{.*}} : <64>
// CHECK: tile.fold free (%[[K:.*]]) in
// CHECK: tile.rows %{{.*}}[] at %{{.*}} columns %[[K]] : {{.*}} -> tensor<64x64xbf16>
// CHECK: tile.rows %{{.*}}[%[[B]]] at %[[K]] columns %{{.*}} -> tensor<64x32xbf16>
// CHECK: linalg.contract
// CHECK: tile.insert
// CHECK-NOT: linalg.contract
func.func @project(%e: tensor<200x?xbf16>, %x: tensor<?x?x32xbf16>, %b: index) -> tensor<?x200x32xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty(%b) : tensor<?x200x32xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<?x200x32xf32>) -> tensor<?x200x32xf32>
  %r = linalg.contract indexing_maps = [#en, #xs, #out] ins(%e, %x : tensor<200x?xbf16>, tensor<?x?x32xbf16>)
    outs(%1 : tensor<?x200x32xf32>) -> tensor<?x200x32xf32>
  return %r : tensor<?x200x32xf32>
}

// The right operand lies the other way round.
// CHECK-LABEL: func @turned
// CHECK: tile.fold
// CHECK: linalg.transpose
func.func @turned(%a: tensor<64x96xf32>, %b: tensor<64x96xf32>) -> tensor<64x64xf32> {
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<64x96xf32>, tensor<64x96xf32>)
    outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// CHECK-LABEL: func @wide
// CHECK-NOT: tile.fold
func.func @wide(%a: tensor<64x64xf64>) -> tensor<64x64xf64> {
  %zero = arith.constant dense<0.0> : tensor<64x64xf64>
  %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf64>, tensor<64x64xf64>)
    outs(%zero : tensor<64x64xf64>) -> tensor<64x64xf64>
  return %r : tensor<64x64xf64>
}

// CHECK-LABEL: func @small
// CHECK-NOT: tile.fold
func.func @small(%a: tensor<8x64xf32>, %b: tensor<64x64xf32>) -> tensor<8x64xf32> {
  %zero = arith.constant dense<0.0> : tensor<8x64xf32>
  %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %b : tensor<8x64xf32>, tensor<64x64xf32>)
    outs(%zero : tensor<8x64xf32>) -> tensor<8x64xf32>
  return %r : tensor<8x64xf32>
}

// CHECK-LABEL: func @more
// CHECK-NOT: tile.fold
func.func @more(%a: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
