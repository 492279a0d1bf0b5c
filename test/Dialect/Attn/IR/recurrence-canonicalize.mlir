// RUN: attn-opt %s --canonicalize | FileCheck %s

// A final state that nobody reads is not computed.
// CHECK-LABEL: func @dead_state
// CHECK: %[[R:.*]] = attn.recurrence %{{.*}}, %{{.*}}, %{{.*}} outs(%{{[^,]*}}) scale(1.000000e+00) decay(scalar %{{.*}} : tensor<2x4x8xf32>) : {{.*}} -> tensor<2x4x8x16xf32>
// CHECK: return %[[R]]
func.func @dead_state(%q: tensor<2x4x8x16xf32>, %g: tensor<2x4x8xf32>, %s: tensor<2x4x16x16xf32>) -> tensor<2x4x8x16xf32> {
  %r:2 = attn.recurrence %q, %q, %q outs(%q, %s) scale(1.0) decay(scalar %g : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x16x16xf32>
  return %r#0 : tensor<2x4x8x16xf32>
}

// Nor is a final sum, but with a state that is read.
// CHECK-LABEL: func @dead_sum
// CHECK: %[[R:.*]] = attn.recurrence {{.*}} outs(%{{[^,]*}}) scale(1.000000e+00) norm(sum) : {{.*}} -> tensor<2x4x8x16xf32>
// CHECK: %[[T:.*]]:3 = attn.recurrence {{.*}} norm(sum)
// CHECK: return %[[R]], %[[T]]#2
func.func @dead_sum(%q: tensor<2x4x8x16xf32>, %s: tensor<2x4x16x16xf32>, %z: tensor<2x4x16xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x16xf32>) {
  %r:3 = attn.recurrence %q, %q, %q outs(%q, %s, %z) scale(1.0) norm(sum)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
  %t:3 = attn.recurrence %q, %q, %q outs(%q, %s, %z) scale(1.0) norm(sum)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
  return %r#0, %t#2 : tensor<2x4x8x16xf32>, tensor<2x4x16xf32>
}

// An output that nobody reads is.
// CHECK-LABEL: func @dead_output
// CHECK: attn.recurrence {{.*}} -> tensor<2x4x8x16xf32>, tensor<2x4x16x16xf32>
func.func @dead_output(%q: tensor<2x4x8x16xf32>, %s: tensor<2x4x16x16xf32>) -> tensor<2x4x16x16xf32> {
  %r:2 = attn.recurrence %q, %q, %q outs(%q, %s) scale(1.0)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x16x16xf32>
  return %r#1 : tensor<2x4x16x16xf32>
}

// Without tokens the state stays what it was ...
// CHECK-LABEL: func @tokenless
// CHECK-SAME: %[[O:.*]]: tensor<2x4x0x16xf32>, %[[S:.*]]: tensor<2x4x16x16xf32>)
// CHECK-NOT: attn.recurrence
// CHECK: return %{{.*}}, %[[S]]
func.func @tokenless(%q: tensor<2x4x0x16xf32>, %s: tensor<2x4x16x16xf32>) -> (tensor<2x4x0x16xf32>, tensor<2x4x16x16xf32>) {
  %e = tensor.empty() : tensor<2x4x16x16xf32>
  %r:2 = attn.recurrence %q, %q, %q outs(%q, %e) scale(1.0) init(%s : tensor<2x4x16x16xf32>)
    : tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32> -> tensor<2x4x0x16xf32>, tensor<2x4x16x16xf32>
  return %r#0, %r#1 : tensor<2x4x0x16xf32>, tensor<2x4x16x16xf32>
}

// ... which is zero if none is given.
// CHECK-LABEL: func @tokenless_zero
// CHECK: %[[Z:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%{{.*}} : tensor<2x4x16x16xf32>)
// CHECK: return %[[Z]]
func.func @tokenless_zero(%q: tensor<2x4x0x16xf32>, %e: tensor<2x4x16x16xf32>) -> tensor<2x4x16x16xf32> {
  %r:2 = attn.recurrence %q, %q, %q outs(%q, %e) scale(1.0)
    : tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32> -> tensor<2x4x0x16xf32>, tensor<2x4x16x16xf32>
  return %r#1 : tensor<2x4x16x16xf32>
}

// So does a sum.
// CHECK-LABEL: func @tokenless_sum
// CHECK-SAME: %[[S:[^:]*]]: tensor<2x4x16x16xf32>, %[[Z:[^:]*]]: tensor<2x4x16xf32>)
// CHECK-NOT: attn.recurrence
// CHECK: return %[[S]], %[[Z]]
func.func @tokenless_sum(%q: tensor<2x4x0x16xf32>, %s: tensor<2x4x16x16xf32>, %z: tensor<2x4x16xf32>) -> (tensor<2x4x16x16xf32>, tensor<2x4x16xf32>) {
  %e = tensor.empty() : tensor<2x4x16x16xf32>
  %f = tensor.empty() : tensor<2x4x16xf32>
  %r:3 = attn.recurrence %q, %q, %q outs(%q, %e, %f) scale(1.0) init(%s : tensor<2x4x16x16xf32>) norm(sum) init_sum(%z : tensor<2x4x16xf32>)
    : tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32>, tensor<2x4x0x16xf32> -> tensor<2x4x0x16xf32>, tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
  return %r#1, %r#2 : tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
}

// Keys of no width leave nothing to read.
// CHECK-LABEL: func @keyless
// CHECK: %[[Z:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%{{.*}} : tensor<2x4x8x16xf32>)
// CHECK: return %[[Z]]
func.func @keyless(%q: tensor<2x4x8x0xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %r = attn.recurrence %q, %q, %v outs(%v) scale(1.0)
    : tensor<2x4x8x0xf32>, tensor<2x4x8x0xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// Casts to less static types fold into the operation.
// CHECK-LABEL: func @casts
// CHECK: attn.recurrence {{.*}} : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
func.func @casts(%q: tensor<2x4x8x16xf32>) -> tensor<?x4x?x16xf32> {
  %x = tensor.cast %q : tensor<2x4x8x16xf32> to tensor<?x4x?x16xf32>
  %r = attn.recurrence %x, %x, %x outs(%x) scale(1.0)
    : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32> -> tensor<?x4x?x16xf32>
  return %r : tensor<?x4x?x16xf32>
}
