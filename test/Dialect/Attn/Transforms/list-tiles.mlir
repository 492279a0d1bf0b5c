// RUN: attn-opt %s --attn-list-tiles --split-input-file --verify-diagnostics | FileCheck %s
// RUN: attn-opt %s --attn-list-tiles --split-input-file --remarks-filter=attn-list-tiles -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK --allow-empty

// Tiles that lie in one block each are not tested (test-tiles.mlir).
// REMARK-NOT: remark

// Lists are sorted, one for each block of 64 rows; then, for each tile of 32 rows,
// those of the two tiles of a block that the mask shows a part of, and all of.
// CHECK-LABEL: func @blocks
// CHECK-SAME: %[[Q:.*]]: tensor<2x4x?x32xf32>, %[[IDS:.*]]: tensor<2x2x?x8xi32>
// CHECK: %[[SORTED:.*]] = scf.forall {{.*}} -> (tensor<2x2x?x8xi32>)
// CHECK:   scf.for
// CHECK:     scf.for
// CHECK:       tensor.extract %[[IDS]]
// CHECK: %[[LISTS:.*]] = scf.forall {{.*}} -> (tensor<2x4x?x?xi32>)
// CHECK-COUNT-2: tensor.extract %[[SORTED]]
// CHECK-NOT: where
// CHECK: attn.attention {{.*}} select(%[[IDS]] : {{.*}}) blocks(64, 64) tile_lists(%[[LISTS]] : tensor<2x4x?x?xi32>)
func.func @blocks(%q: tensor<2x4x?x32xf32>, %ids: tensor<2x2x?x8xi32>) -> tensor<2x4x?x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) select(%ids : tensor<2x2x?x8xi32>) blocks(64, 64)
    schedule(<rows = 32, cols = 32>)
    : tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32> -> tensor<2x4x?x32xf32>
  return %r : tensor<2x4x?x32xf32>
}

// -----

// A region leaves no tile full: there is one loop over the list. No list is longer
// than there are tiles.
// CHECK-LABEL: func @where
// CHECK: %[[SORTED:.*]] = scf.forall {{.*}} -> (tensor<1x1x2x8xi32>)
// CHECK: scf.forall {{.*}} -> (tensor<1x4x3x5xi32>)
// CHECK: tensor.extract %[[SORTED]]
// CHECK-NOT: tensor.extract %[[SORTED]]
func.func @where(%q: tensor<1x4x96x32xf32>, %ids: tensor<1x1x2x8xi32>) -> tensor<1x4x96x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) select(%ids : tensor<1x1x2x8xi32>) blocks(64, 64)
    schedule(<rows = 32, cols = 32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %y = arith.cmpi ne, %i, %j : index
    attn.yield %y : i1
  } : tensor<1x4x96x32xf32>, tensor<1x4x96x32xf32>, tensor<1x4x96x32xf32> -> tensor<1x4x96x32xf32>
  return %r : tensor<1x4x96x32xf32>
}

// -----

// Without a schedule there are no tiles.
// CHECK-LABEL: func @alone
// CHECK-NOT: tile_lists
func.func @alone(%q: tensor<1x4x?x32xf32>, %ids: tensor<1x2x?x8xi32>) -> tensor<1x4x?x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) select(%ids : tensor<1x2x?x8xi32>) blocks(64, 64)
    : tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32> -> tensor<1x4x?x32xf32>
  return %r : tensor<1x4x?x32xf32>
}
