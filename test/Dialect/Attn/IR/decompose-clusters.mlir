// RUN: attn-opt %s --tile-decompose --canonicalize --cse | FileCheck %s

// The largest product of each row and its number are carried from tile to tile of
// those centroids that the mask shows; products are written nowhere. A NaN, or what is
// hidden, is never the largest; of equal ones the smallest number stays.
// CHECK-LABEL: func @nearest
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x4x100x16xf32>, %[[C:[^:]*]]: tensor<1x2x?x16xf32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %{{.*}}) in (2, 4, 2)
// CHECK: %[[ROWS:.*]] = tile.rows %[[X]][%[[B]], %[[H]]]
// CHECK: %[[DOMAIN:.*]] = tile.domain %{{.*}} mask(#attn.causal rows
// CHECK: %[[BEST:.*]]:2 = tile.fold free (%[[J:.*]], partial = %[[PARTIAL:.*]]) in %[[DOMAIN]] {{.*}}tensor<64xf32>, tensor<64xi32>
// CHECK: %[[GROUP:.*]] = arith.divui %[[H]], %c2
// CHECK: %[[COLS:.*]] = tile.rows %[[C]][%c0, %[[GROUP]]] at %[[J]]
// CHECK: linalg.contract {{.*}} ins(%[[ROWS]], %[[COLS]] :
// CHECK: scf.if %[[PARTIAL]]
// CHECK: tile.predicate #attn.causal
// CHECK: arith.maxnumf
// CHECK: tile.positions %[[J]]
// CHECK: arith.cmpf oeq
// CHECK: arith.minsi
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpi slt
// CHECK: tile.yield
// CHECK: linalg.generic {{.*}} ins(%[[BEST]]#1
// CHECK: arith.select %{{.*}}, %c-1_i32
// CHECK: tile.insert
func.func @nearest(%x: tensor<2x4x100x16xf32>, %c: tensor<1x2x?x16xf32>, %e: tensor<2x4x100xi32>) -> tensor<2x4x100xi32> {
  %r = attn.cluster nearest %x, %c outs(%e) mask(causal) : tensor<2x4x100x16xf32>, tensor<1x2x?x16xf32> -> tensor<2x4x100xi32>
  return %r : tensor<2x4x100xi32>
}

// Both signs of a product: the larger size, and whose it is.
// CHECK-LABEL: func @rotated
// CHECK: tile.domain %{{.*}} : <16>
// CHECK: math.absf
// CHECK: arith.maxnumf
// CHECK: arith.negf
// CHECK: arith.addi %{{.*}}, %c6_i32
func.func @rotated(%x: tensor<1x1x64x16xf32>, %c: tensor<1x1x6x16xf32>, %e: tensor<1x1x64xi32>) -> tensor<1x1x64xi32> {
  %r = attn.cluster rotated %x, %c outs(%e) : tensor<1x1x64x16xf32>, tensor<1x1x6x16xf32> -> tensor<1x1x64xi32>
  return %r : tensor<1x1x64xi32>
}

// Rows are read at numbers, where these are numbers of rows. Back, each number is put
// where it points, or behind the end, and rows are read again.
// CHECK-LABEL: func @there_and_back
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x2x?x16xbf16>, %[[N:[^:]*]]: tensor<1x4x?xi32>
// CHECK: %[[SIZE:.*]] = tensor.dim %[[X]], %c2
// CHECK: %[[THERE:.*]] = linalg.generic {{.*}} ins(%[[N]]
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %{{.*}}, %[[SIZE]]
// CHECK: %[[HEAD:.*]] = arith.divui %{{.*}}, %c2
// CHECK: scf.if %[[EXISTS]] -> (bf16)
// CHECK: tensor.extract %[[X]][%c0, %[[HEAD]], %{{.*}}, %{{.*}}]
// CHECK: %[[PLACES:.*]] = scf.forall
// CHECK: %[[IS_ROW:.*]] = arith.cmpi ult, %[[PLACE:.*]], %[[END:.*]] : index
// CHECK: %[[TO:.*]] = arith.select %[[IS_ROW]], %[[PLACE]], %[[END]]
// CHECK: tensor.parallel_insert_slice {{.*}}, %[[TO]]]
// CHECK: linalg.generic
// CHECK: tensor.extract %[[PLACES]]
// CHECK: tensor.extract %[[THERE]]
func.func @there_and_back(%x: tensor<1x2x?x16xbf16>, %n: tensor<1x4x?xi32>, %e: tensor<1x4x?x16xbf16>) -> tensor<1x4x?x16xbf16> {
  %0 = attn.permute gather %x, %n outs(%e) : tensor<1x2x?x16xbf16>, tensor<1x4x?xi32> -> tensor<1x4x?x16xbf16>
  %1 = attn.permute inverse %0, %n outs(%e) : tensor<1x4x?x16xbf16>, tensor<1x4x?xi32> -> tensor<1x4x?x16xbf16>
  return %1 : tensor<1x4x?x16xbf16>
}
