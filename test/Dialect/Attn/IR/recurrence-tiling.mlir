// RUN: attn-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics --mlir-print-local-scope | FileCheck %s

// A recurrence is cut along batch, state heads and columns of the state; tokens
// stay whole. Key heads are fewer, query and output heads are more.
// CHECK-LABEL: func @groups
// CHECK-SAME: (%[[Q:.*]]: tensor<2x8x64x16xf32>, %[[K:.*]]: tensor<2x2x64x16xf32>, %[[V:.*]]: tensor<2x4x64x12xf32>, %[[O:.*]]: tensor<2x8x64x12xf32>, %[[S:.*]]: tensor<2x4x16x12xf32>, %[[G:.*]]: tensor<2x4x64xf32>, %[[BE:.*]]: tensor<2x4x64xf32>)
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 4, 3) shared_outs(%[[OO:.*]] = %[[O]], %[[SS:.*]] = %[[S]])
// CHECK-DAG: %[[E:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>(%[[N]])
// CHECK-DAG: %[[HQ:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>(%[[H]])
// CHECK-DAG: %[[HK:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%[[H]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[HQ]], 0, 0] [1, 2, 64, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[HK]], 0, 0] [1, 1, 64, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[H]], 0, %[[E]]] [1, 1, 64, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[OT:.*]] = tensor.extract_slice %[[OO]][%[[B]], %[[HQ]], 0, %[[E]]] [1, 2, 64, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[ST:.*]] = tensor.extract_slice %[[SS]][%[[B]], %[[H]], 0, %[[E]]] [1, 1, 16, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[IT:.*]] = tensor.extract_slice %[[S]][%[[B]], %[[H]], 0, %[[E]]] [1, 1, 16, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[GT:.*]] = tensor.extract_slice %[[G]][%[[B]], %[[H]], 0] [1, 1, 64] [1, 1, 1]
// CHECK-DAG: %[[BT:.*]] = tensor.extract_slice %[[BE]][%[[B]], %[[H]], 0] [1, 1, 64] [1, 1, 1]
// CHECK: %[[R:.*]]:2 = attn.recurrence %[[QT]], %[[KT]], %[[VT]] outs(%[[OT]], %[[ST]]) scale(2.500000e-01) decay(scalar %[[GT]] : tensor<1x1x64xf32>) update(delta %[[BT]] : tensor<1x1x64xf32>) init(%[[IT]] : tensor<1x1x16x4xf32>)
// CHECK: tensor.parallel_insert_slice %[[R]]#0 into %[[OO]][%[[B]], %[[HQ]], 0, %[[E]]] [1, 2, 64, 4] [1, 1, 1, 1]
// CHECK: tensor.parallel_insert_slice %[[R]]#1 into %[[SS]][%[[B]], %[[H]], 0, %[[E]]] [1, 1, 16, 4] [1, 1, 1, 1]
func.func @groups(%q: tensor<2x8x64x16xf32>, %k: tensor<2x2x64x16xf32>, %v: tensor<2x4x64x12xf32>,
    %o: tensor<2x8x64x12xf32>, %s: tensor<2x4x16x12xf32>, %g: tensor<2x4x64xf32>, %beta: tensor<2x4x64xf32>)
    -> (tensor<2x8x64x12xf32>, tensor<2x4x16x12xf32>) {
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.25) decay(scalar %g : tensor<2x4x64xf32>)
      update(delta %beta : tensor<2x4x64xf32>) init(%s : tensor<2x4x16x12xf32>)
    : tensor<2x8x64x16xf32>, tensor<2x2x64x16xf32>, tensor<2x4x64x12xf32> -> tensor<2x8x64x12xf32>, tensor<2x4x16x12xf32>
  return %r#0, %r#1 : tensor<2x8x64x12xf32>, tensor<2x4x16x12xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.recurrence"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Several states have one query head; a gate of values is cut as these are,
// one of keys is not.
// CHECK-LABEL: func @values
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 4, 3)
// CHECK-DAG: %[[E:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>(%[[N]])
// CHECK-DAG: %[[HQ:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%[[H]])
// CHECK-DAG: tensor.extract_slice %{{.*}}[%[[B]], %[[HQ]], 0, 0] [1, 1, 64, 16] [1, 1, 1, 1]
// CHECK-DAG: tensor.extract_slice %{{.*}}[%[[B]], %[[H]], 0, 0] [1, 1, 64, 16] [1, 1, 1, 1]
// CHECK-DAG: tensor.extract_slice %{{.*}}[%[[B]], 0] [1, 64] [1, 1]
// CHECK: attn.recurrence {{.*}} decay(value %{{.*}} : tensor<1x1x64x4xf32>) update(dplr %{{.*}}, %{{.*}} : tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) segments(%{{.*}} : tensor<1x64xi32>)
func.func @values(%q: tensor<2x1x64x16xf32>, %v: tensor<2x4x64x12xf32>, %a: tensor<2x4x64x16xf32>, %ids: tensor<2x64xi32>)
    -> tensor<2x4x64x12xf32> {
  %r = attn.recurrence %q, %q, %v outs(%v) scale(0.25) decay(value %v : tensor<2x4x64x12xf32>)
      update(dplr %a, %a : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>) segments(%ids : tensor<2x64xi32>)
    : tensor<2x1x64x16xf32>, tensor<2x1x64x16xf32>, tensor<2x4x64x12xf32> -> tensor<2x4x64x12xf32>
  return %r : tensor<2x4x64x12xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.recurrence"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
