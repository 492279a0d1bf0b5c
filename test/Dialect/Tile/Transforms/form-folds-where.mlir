// RUN: attn-opt %s --tile-form-folds | FileCheck %s

// A table that is read by the block which the columns of a tile lie in is read once for
// each row: with the number of the tile's first column, and not under the mask.
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[QUOTIENT:.*]] = affine_map<(d0) -> (d0 floordiv 64)>
// CHECK-LABEL: func @by_block
// CHECK: tile.fold free (%[[COLS:[^,]*]],
// CHECK: %[[COLUMN:.*]] = tile.origin %[[COLS]]
// CHECK: %[[TEST:.*]] = linalg.generic {indexing_maps = [{{[^,]*, [^,]*}}], iterator_types = ["parallel"]}
// CHECK-NEXT: ^bb0(%[[R:.*]]: i32, %{{.*}}: i32):
// CHECK:   %[[I:.*]] = arith.index_cast %[[R]]
// CHECK:   %[[BLOCK:.*]] = affine.apply #[[QUOTIENT]](%[[COLUMN]])
// CHECK:   %[[X:.*]] = tensor.extract %{{.*}}[%{{.*}}, %[[I]], %[[BLOCK]]]
// CHECK:   arith.extui %[[X]] : i1 to i32
// CHECK: linalg.generic {indexing_maps = [{{.*}}#[[ROW]]{{.*}}], iterator_types = ["parallel", "parallel"]}
// CHECK-SAME: %[[TEST]]
// CHECK-NOT: scf.if {{.*}} -> (i1)
// CHECK: return
func.func @by_block(%q: tensor<1x1x32x16xf32>, %k: tensor<1x1x256x16xf32>, %table: tensor<1x32x4xi1>) -> tensor<1x1x32x16xf32> {
  %c0 = arith.constant 0 : index
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(causal) origin(%c0, %c0, %c0) schedule(<rows = 32, cols = 32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c = affine.apply affine_map<(j) -> (j floordiv 64)>(%j)
    %x = tensor.extract %table[%b, %i, %c] : tensor<1x32x4xi1>
    attn.yield %x : i1
  } : tensor<1x1x32x16xf32>, tensor<1x1x256x16xf32>, tensor<1x1x256x16xf32> -> tensor<1x1x32x16xf32>
  return %r : tensor<1x1x32x16xf32>
}

// Not where tiles have columns of several blocks, ...
// CHECK-LABEL: func @several
// CHECK-NOT: tile.origin
// CHECK: scf.if {{.*}} -> (i1)
// CHECK: return
func.func @several(%q: tensor<1x1x32x16xf32>, %k: tensor<1x1x256x16xf32>, %table: tensor<1x32x6xi1>) -> tensor<1x1x32x16xf32> {
  %c0 = arith.constant 0 : index
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(causal) origin(%c0, %c0, %c0) schedule(<rows = 32, cols = 32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c = affine.apply affine_map<(j) -> (j floordiv 48)>(%j)
    %x = tensor.extract %table[%b, %i, %c] : tensor<1x32x6xi1>
    attn.yield %x : i1
  } : tensor<1x1x32x16xf32>, tensor<1x1x256x16xf32>, tensor<1x1x256x16xf32> -> tensor<1x1x32x16xf32>
  return %r : tensor<1x1x32x16xf32>
}

// ... nor where an entry exists because of the mask only.
// CHECK-LABEL: func @distance
// CHECK-NOT: tile.origin
// CHECK: scf.if {{.*}} -> (i1)
// CHECK: return
func.func @distance(%q: tensor<1x1x32x16xf32>, %k: tensor<1x1x256x16xf32>, %table: tensor<32xi1>) -> tensor<1x1x32x16xf32> {
  %c0 = arith.constant 0 : index
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(causal) origin(%c0, %c0, %c0) schedule(<rows = 32, cols = 32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c = affine.apply affine_map<(i, j) -> (i - j)>(%i, %j)
    %x = tensor.extract %table[%c] : tensor<32xi1>
    attn.yield %x : i1
  } : tensor<1x1x32x16xf32>, tensor<1x1x256x16xf32>, tensor<1x1x256x16xf32> -> tensor<1x1x32x16xf32>
  return %r : tensor<1x1x32x16xf32>
}
