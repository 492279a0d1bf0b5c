// RUN: attn-opt %s --attn-bound-segments --split-input-file | FileCheck %s

// The smallest and the largest id of each tile of 32 keys, then what a tile of 48
// rows has to do with them.
// CHECK-LABEL: func @documents
// CHECK-SAME: %[[Q:.*]]: tensor<2x4x?x32xf32>, %[[IDS:.*]]: tensor<2x?xi32>
// CHECK: %[[RANGES:.*]] = linalg.generic
// CHECK:   scf.for
// CHECK:     tensor.extract %[[IDS]]
// CHECK:     arith.minsi
// CHECK:     arith.maxsi
// CHECK: %[[BOUNDS:.*]] = tensor.generate
// CHECK:   scf.for
// CHECK:     tensor.extract %[[IDS]]
// CHECK:   scf.for
// CHECK:     tensor.extract %[[RANGES]]
// CHECK: attn.attention {{.*}} segments(%[[IDS]], %[[IDS]] : {{.*}}) segment_bounds(%[[BOUNDS]] : tensor<?x?x4xi32>)
func.func @documents(%q: tensor<2x4x?x32xf32>, %ids: tensor<2x?xi32>) -> tensor<2x4x?x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, segment>)
    segments(%ids, %ids : tensor<2x?xi32>, tensor<2x?xi32>) schedule(<rows = 48, cols = 32>)
    : tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32> -> tensor<2x4x?x32xf32>
  return %r : tensor<2x4x?x32xf32>
}

// -----

// Without a schedule there are no tiles; positions make them mean nothing.
// CHECK-LABEL: func @alone
// CHECK-NOT: segment_bounds
func.func @alone(%q: tensor<2x4x?x32xf32>, %ids: tensor<2x?xi32>) -> (tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>) {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, segment>)
    segments(%ids, %ids : tensor<2x?xi32>, tensor<2x?xi32>)
    : tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32> -> tensor<2x4x?x32xf32>
  %s = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, segment>)
    segments(%ids, %ids : tensor<2x?xi32>, tensor<2x?xi32>)
    positions(%ids, %ids : tensor<2x?xi32>, tensor<2x?xi32>) schedule(<rows = 48, cols = 32>)
    : tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32> -> tensor<2x4x?x32xf32>
  return %r, %s : tensor<2x4x?x32xf32>, tensor<2x4x?x32xf32>
}
