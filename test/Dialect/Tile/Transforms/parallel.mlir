// RUN: attn-opt %s --tile-parallel --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

#schedule = #attn.schedule<rows = 96, cols = 256, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>, longest_first = true>

// Loops count tiles from 0 with step 1; a kv head serves its group of heads.

// CHECK-DAG: #[[$TILES:.*]] = affine_map<()[s0] -> (s0 ceildiv 96)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0) -> (d0 * 96)>
// CHECK-DAG: #[[$SIZE:.*]] = affine_map<(d0)[s0] -> (d0 * -96 + s0, 96)>
// CHECK-DAG: #[[$GROUP:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @grouped
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x?x64xf32>, %[[K:.*]]: tensor<2x2x?x64xf32>, %{{.*}}, %[[O:.*]]: tensor<2x4x?x64xf32>)
// CHECK: %[[N:.*]] = affine.apply #[[$TILES]]
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[T:.*]]) in (2, 4, %[[N]]) shared_outs(%[[OUT:.*]] = %[[O]])
// CHECK: %[[I:.*]] = affine.apply #[[$ROW]](%[[T]])
// CHECK: %[[M:.*]] = affine.min #[[$SIZE]](%[[T]])
// CHECK: %[[G:.*]] = affine.apply #[[$GROUP]](%[[H]])
// CHECK: tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 1, %[[M]], 64]
// CHECK: tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, %{{.*}}, 64]
// CHECK: attn.attention {{.*}} origin(%[[B]], %[[H]], %[[I]])
// CHECK: {tile.task_order = #tile.task_order<reversed>}
func.func @grouped(%q: tensor<2x4x?x64xf32>, %k: tensor<2x2x?x64xf32>,
    %v: tensor<2x2x?x64xf32>, %o: tensor<2x4x?x64xf32>) -> tensor<2x4x?x64xf32> {
  %r = attn.attention %q, %k, %v outs(%o) scale(0.125) mask(causal) schedule(#schedule)
    : tensor<2x4x?x64xf32>, tensor<2x2x?x64xf32>, tensor<2x2x?x64xf32> -> tensor<2x4x?x64xf32>
  return %r : tensor<2x4x?x64xf32>
}

// -----

// Without a schedule there is nothing to obey.

// CHECK-LABEL: func @no_schedule
// CHECK-NOT: scf.forall
func.func @no_schedule(%q: tensor<1x1x8x16xf32>) -> tensor<1x1x8x16xf32> {
  // expected-remark @below {{has no schedule and is left alone}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25)
    : tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32> -> tensor<1x1x8x16xf32>
  return %r : tensor<1x1x8x16xf32>
}
