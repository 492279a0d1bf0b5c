// RUN: attn-opt %s --transform-interpreter --canonicalize --cse --mlir-print-local-scope | FileCheck %s

// A scan is cut along batch, heads and channels; tokens and the numbers of a state
// stay whole. Groups of keys are fewer than heads.
// CHECK-LABEL: func @groups
// CHECK-SAME: (%[[V:.*]]: tensor<2x4x64x12xf32>, %[[K:.*]]: tensor<2x2x64x3xf32>, %[[A:.*]]: tensor<4x3x12xf32>, %[[U:.*]]: tensor<4x12xf32>, %[[S:.*]]: tensor<2x4x3x12xf32>, %[[I:.*]]: tensor<2x64xi32>)
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 4, 3) shared_outs(%[[OO:.*]] = %[[V]], %[[SS:.*]] = %[[S]])
// CHECK-DAG: %[[C:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>(%[[N]])
// CHECK-DAG: %[[G:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%[[H]])
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 64, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, 64, 3] [1, 1, 1, 1]
// CHECK-DAG: %[[AT:.*]] = tensor.extract_slice %[[A]][%[[H]], 0, %[[C]]] [1, 3, 4] [1, 1, 1]
// CHECK-DAG: %[[UT:.*]] = tensor.extract_slice %[[U]][%[[H]], %[[C]]] [1, 4] [1, 1]
// CHECK-DAG: %[[ID:.*]] = tensor.extract_slice %[[I]][%[[B]], 0] [1, 64] [1, 1]
// CHECK-DAG: %[[OT:.*]] = tensor.extract_slice %[[OO]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 64, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[ST:.*]] = tensor.extract_slice %[[SS]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 3, 4] [1, 1, 1, 1]
// CHECK-DAG: %[[IT:.*]] = tensor.extract_slice %[[S]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 3, 4] [1, 1, 1, 1]
// CHECK: %[[R:.*]]:2 = attn.scan %[[VT]] outs(%[[OT]], %[[ST]]) key(%[[KT]] : tensor<1x1x64x3xf32>) query(%[[KT]] : tensor<1x1x64x3xf32>) decay(%[[VT]] : tensor<1x1x64x4xf32>) rate(%[[AT]] : tensor<1x3x4xf32>) bonus(%[[UT]] : tensor<1x4xf32>) init(%[[IT]] : tensor<1x1x3x4xf32>) segments(%[[ID]] : tensor<1x64xi32>)
// CHECK: tensor.parallel_insert_slice %[[R]]#0 into %[[OO]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 64, 4] [1, 1, 1, 1]
// CHECK: tensor.parallel_insert_slice %[[R]]#1 into %[[SS]][%[[B]], %[[H]], 0, %[[C]]] [1, 1, 3, 4] [1, 1, 1, 1]
func.func @groups(%v: tensor<2x4x64x12xf32>, %k: tensor<2x2x64x3xf32>, %a: tensor<4x3x12xf32>, %u: tensor<4x12xf32>,
    %s: tensor<2x4x3x12xf32>, %ids: tensor<2x64xi32>) -> (tensor<2x4x64x12xf32>, tensor<2x4x3x12xf32>) {
  %r:2 = attn.scan %v outs(%v, %s) key(%k : tensor<2x2x64x3xf32>) query(%k : tensor<2x2x64x3xf32>)
      decay(%v : tensor<2x4x64x12xf32>) rate(%a : tensor<4x3x12xf32>) bonus(%u : tensor<4x12xf32>)
      init(%s : tensor<2x4x3x12xf32>) segments(%ids : tensor<2x64xi32>)
    : tensor<2x4x64x12xf32> -> tensor<2x4x64x12xf32>, tensor<2x4x3x12xf32>
  return %r#0, %r#1 : tensor<2x4x64x12xf32>, tensor<2x4x3x12xf32>
}

// One group is that of all heads, however many these are; an average has three
// tensors of state.
// CHECK-LABEL: func @average
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, %{{.*}}, 3)
// CHECK: %{{.*}}:4 = attn.scan {{.*}} weights(%{{.*}} : tensor<1x1x64x4xf32>) : {{.*}} -> tensor<1x1x64x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>
// CHECK: attn.scan {{.*}} key(%{{.*}} : tensor<1x1x64x3xf32>)
func.func @average(%v: tensor<2x?x64x12xf32>, %s: tensor<2x?x1x12xf32>, %k: tensor<2x1x64x3xf32>)
    -> (tensor<2x?x64x12xf32>, tensor<2x?x1x12xf32>) {
  %r:4 = attn.scan %v outs(%v, %s, %s, %s) weights(%v : tensor<2x?x64x12xf32>)
    : tensor<2x?x64x12xf32> -> tensor<2x?x64x12xf32>, tensor<2x?x1x12xf32>, tensor<2x?x1x12xf32>, tensor<2x?x1x12xf32>
  %t = attn.scan %v outs(%r#0) key(%k : tensor<2x1x64x3xf32>) : tensor<2x?x64x12xf32> -> tensor<2x?x64x12xf32>
  return %t, %r#1 : tensor<2x?x64x12xf32>, tensor<2x?x1x12xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.scan"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
