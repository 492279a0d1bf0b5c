// RUN: attn-opt %s --transform-interpreter --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Attention is the partial form over all keys, from the identity, finalised.
// The clauses go to the partial form, the sinks and destinations to the end.
// CHECK-LABEL: func @attention
// CHECK-SAME: %[[O:.*]]: tensor<2x8x?x12xbf16>, %[[L:.*]]: tensor<2x8x?xf32>, %[[S:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<48xf32>, %[[X:.*]]: index)
// CHECK-DAG: %[[LOWEST:.*]] = arith.constant -3.40282347E+38 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[ACC:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%{{.*}} : tensor<2x8x?x12xf32>)
// CHECK: %[[REF:.*]] = linalg.fill ins(%[[LOWEST]] : f32) outs(%{{.*}} : tensor<2x8x?xf32>)
// CHECK: %[[SUM:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%{{.*}} : tensor<2x8x?xf32>)
// CHECK: %[[P:.*]]:3 = attn.partial %{{.*}}, %{{.*}}, %{{.*}} outs(%[[ACC]], %[[REF]], %[[SUM]]) scale(2.500000e-01) mask(#attn.causal) align(bottom_right) bias(%[[B]] : tensor<48xf32>) strict_values origin(%[[X]], %[[X]], %[[X]], %[[C0]])
// CHECK-SAME: schedule(<rows = 96, cols = 64, micro = <rows = 6, cols = 16, lanes = 8>>) score {
// CHECK: math.tanh
// CHECK: } where {
// CHECK: arith.cmpi ne
// CHECK: attn.finalize %[[P]]#0, %[[P]]#1, %[[P]]#2 outs(%[[O]], %[[L]]) sink(%[[S]] : tensor<8xf32>)
func.func @attention(%q: tensor<2x8x?x16xbf16>, %k: tensor<2x2x48x16xbf16>, %v: tensor<2x2x48x12xbf16>,
    %o: tensor<2x8x?x12xbf16>, %l: tensor<2x8x?xf32>, %s: tensor<8xf32>, %b: tensor<48xf32>, %x: index)
    -> (tensor<2x8x?x12xbf16>, tensor<2x8x?xf32>) {
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(0.25) mask(#attn.causal) align(bottom_right)
    bias(%b : tensor<48xf32>) sink(%s : tensor<8xf32>) strict_values origin(%x, %x, %x)
    schedule(#attn.schedule<rows = 96, cols = 64, micro = <rows = 6, cols = 16, lanes = 8>>) score {
  ^bb0(%t: f32, %b_: index, %h: index, %i: index, %j: index):
    %u = math.tanh %t : f32
    attn.yield %u : f32
  } where {
  ^bb0(%b_: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi ne, %i, %j : index
    attn.yield %p : i1
  } : tensor<2x8x?x16xbf16>, tensor<2x2x48x16xbf16>, tensor<2x2x48x12xbf16> -> tensor<2x8x?x12xbf16>, tensor<2x8x?xf32>
  return %r#0, %r#1 : tensor<2x8x?x12xbf16>, tensor<2x8x?xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.decompose_interface %0 : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// States are per row first, then per element, with the row's factors.
// CHECK-LABEL: func @states
// CHECK-NOT: attn.
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]
// CHECK: arith.maximumf
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]
// CHECK-NOT: attn.
func.func @states(%acc: tensor<4x8xf32>, %row: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<4xf32>, tensor<4xf32>) {
  %m:3 = attn.merge %acc, %row, %row, %acc, %row, %row outs(%acc, %row, %row)
    : tensor<4x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4x8xf32>, tensor<4xf32>, tensor<4xf32>
      -> tensor<4x8xf32>, tensor<4xf32>, tensor<4xf32>
  return %m#0, %m#1, %m#2 : tensor<4x8xf32>, tensor<4xf32>, tensor<4xf32>
}

// Sinks are indexed by the head.
// CHECK: #[[HEAD:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-LABEL: func @value
// CHECK-NOT: attn.
// CHECK: math.log
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK-NOT: attn.
func.func @value(%acc: tensor<2x4x8x12xf32>, %row: tensor<2x4x8xf32>, %o: tensor<2x4x8x12xf16>, %s: tensor<4xf16>)
    -> (tensor<2x4x8x12xf16>, tensor<2x4x8xf32>) {
  %f:2 = attn.finalize %acc, %row, %row outs(%o, %row) sink(%s : tensor<4xf16>)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf16>, tensor<2x4x8xf32>
  return %f#0, %f#1 : tensor<2x4x8x12xf16>, tensor<2x4x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.merge", "attn.finalize"]} in %root : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.decompose_interface %0 : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// On buffers operations go through the loops.
func.func @buffers(%q: memref<2x4x8x16xf32>) {
  // expected-error@below {{decomposes on tensors only}}
  attn.attention %q, %q, %q outs(%q) scale(0.25)
    : memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32> -> memref<2x4x8x16xf32>
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error@below {{}}
    %1 = transform.structured.decompose_interface %0 : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
