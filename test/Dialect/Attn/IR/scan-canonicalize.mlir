// RUN: attn-opt %s --canonicalize | FileCheck %s

// A final state that nobody reads is not computed, however many tensors it has.
// CHECK-LABEL: func @dead_state
// CHECK: %[[R:.*]] = attn.scan %{{.*}} outs(%{{[^,]*}}) weights(%{{.*}} : tensor<2x4x8x16xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
// CHECK: return %[[R]]
func.func @dead_state(%v: tensor<2x4x8x16xf32>, %s: tensor<2x4x1x16xf32>) -> tensor<2x4x8x16xf32> {
  %r:4 = attn.scan %v outs(%v, %s, %s, %s) weights(%v : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
  return %r#0 : tensor<2x4x8x16xf32>
}

// One that is read in part is.
// CHECK-LABEL: func @live_state
// CHECK: attn.scan {{.*}} -> tensor<2x4x8x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
func.func @live_state(%v: tensor<2x4x8x16xf32>, %s: tensor<2x4x1x16xf32>) -> tensor<2x4x1x16xf32> {
  %r:4 = attn.scan %v outs(%v, %s, %s, %s) weights(%v : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
  return %r#2 : tensor<2x4x1x16xf32>
}

// Without tokens the state stays what it was ...
// CHECK-LABEL: func @tokenless
// CHECK-SAME: %[[O:.*]]: tensor<2x4x0x16xf32>, %[[S:.*]]: tensor<2x4x1x16xf32>)
// CHECK-NOT: attn.scan
// CHECK: return %{{.*}}, %[[S]]
func.func @tokenless(%v: tensor<2x4x0x16xf32>, %s: tensor<2x4x1x16xf32>) -> (tensor<2x4x0x16xf32>, tensor<2x4x1x16xf32>) {
  %r:2 = attn.scan %v outs(%v, %s) init(%s : tensor<2x4x1x16xf32>) : tensor<2x4x0x16xf32> -> tensor<2x4x0x16xf32>, tensor<2x4x1x16xf32>
  return %r#0, %r#1 : tensor<2x4x0x16xf32>, tensor<2x4x1x16xf32>
}

// ... or is that of no token: of an average, a reference below every weight.
// CHECK-LABEL: func @tokenless_average
// CHECK-NOT: attn.scan
// CHECK-DAG: %[[LOWEST:.*]] = arith.constant -1.70141173E+38 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: linalg.fill ins(%[[LOWEST]] : f32)
// CHECK-DAG: linalg.fill ins(%[[ZERO]] : f32)
// CHECK: return
func.func @tokenless_average(%v: tensor<2x4x0x16xf32>, %s: tensor<2x4x1x16xf32>)
    -> (tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>) {
  %r:4 = attn.scan %v outs(%v, %s, %s, %s) weights(%v : tensor<2x4x0x16xf32>)
    : tensor<2x4x0x16xf32> -> tensor<2x4x0x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
  return %r#1, %r#2, %r#3 : tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
}

// A state without numbers reads zero.
// CHECK-LABEL: func @numberless
// CHECK-NOT: attn.scan
// CHECK: linalg.fill
// CHECK: return
func.func @numberless(%v: tensor<2x4x8x16xf32>, %k: tensor<2x1x8x0xf32>) -> tensor<2x4x8x16xf32> {
  %r = attn.scan %v outs(%v) key(%k : tensor<2x1x8x0xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}
