// RUN: attn-opt %s --attn-list-tiles | FileCheck %s
// RUN: attn-opt %s --attn-list-tiles --remarks-filter=attn-list-tiles -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Tiles with parts of several blocks are visited if any of their pairs is selected,
// and each position is tested, behind the shift of positions. Those of which all pairs
// are selected and visible (2) come behind the others (1).
// CHECK-LABEL: func @tested
// CHECK-SAME: %[[IDS:[a-z0-9]*]]: tensor<1x2x?x8xi32>, %[[OFF:[a-z0-9]*]]: index
// CHECK: %[[PAIRS:.*]] = scf.forall {{.*}} -> (tensor<1x2x?x?xi1>)
// CHECK: %[[STATES:.*]] = scf.forall {{.*}} -> (tensor<1x2x?x?x1xi8>)
// CHECK:   %[[HAS:.*]] = tensor.extract %[[PAIRS]]
// CHECK:   arith.ori %{{.*}}, %[[HAS]]
// CHECK:   arith.andi %{{.*}}, %[[HAS]]
// CHECK: scf.forall {{.*}} -> (tensor<1x4x?x?xi32>)
// CHECK:   scf.for
// CHECK:     %[[PART:.*]] = tensor.extract %[[STATES]]
// CHECK:     arith.minui %[[PART]]
// CHECK:     arith.constant 1 : i8
// CHECK-NEXT: arith.cmpi eq
// CHECK:   scf.for
// CHECK:     tensor.extract %[[STATES]]
// CHECK:     arith.constant 2 : i8
// CHECK-NEXT: arith.cmpi eq
// CHECK: attn.attention {{.*}} where {
// CHECK: ^bb0(%[[B:.*]]: index, %[[H:.*]]: index, %[[I:.*]]: index, %[[J:.*]]: index):
// CHECK:   tensor.extract %[[PAIRS]][%[[B]],
// CHECK:   attn.yield
// REMARK: tested-tiles | Category:attn-list-tiles | Reason="tiles of 32 x 32 have parts of several blocks of 48 x 64: all that some row selects are visited
func.func @tested(%q: tensor<1x4x?x32xf32>, %ids: tensor<1x2x?x8xi32>, %off: index) -> tensor<1x4x?x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) offset(%off : index) select(%ids : tensor<1x2x?x8xi32>) blocks(48, 64)
    schedule(<rows = 32, cols = 32>)
    : tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32> -> tensor<1x4x?x32xf32>
  return %r : tensor<1x4x?x32xf32>
}
