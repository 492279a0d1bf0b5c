// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-local-scope | attn-opt | FileCheck %s
// RUN: attn-opt %s --emit-bytecode | attn-opt | FileCheck %s

// Every clause of a recurrence, as it is printed.

// CHECK-LABEL: func @plain
// CHECK: attn.recurrence %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}) scale(1.000000e+00) : tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>, tensor<2x4x?x12xf16> -> tensor<2x4x?x12xf16>
func.func @plain(%q: tensor<2x4x?x16xf16>, %v: tensor<2x4x?x12xf16>) -> tensor<2x4x?x12xf16> {
  %r = attn.recurrence %q, %q, %v outs(%v) scale(1.0)
    : tensor<2x4x?x16xf16>, tensor<2x4x?x16xf16>, tensor<2x4x?x12xf16> -> tensor<2x4x?x12xf16>
  return %r : tensor<2x4x?x12xf16>
}

// 16 key heads, 32 value heads, states in and out.
// CHECK-LABEL: func @gated_delta
// CHECK: %{{.*}}:2 = attn.recurrence %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}) scale(8.838830e-02) decay(scalar %{{.*}} : tensor<1x32x?xf32>) update(delta %{{.*}} : tensor<1x32x?xbf16>) init(%{{.*}} : tensor<1x32x128x128xf32>) : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x32x?x128xbf16> -> tensor<1x32x?x128xbf16>, tensor<1x32x128x128xf32>
func.func @gated_delta(%q: tensor<1x16x?x128xbf16>, %v: tensor<1x32x?x128xbf16>,
    %g: tensor<1x32x?xf32>, %beta: tensor<1x32x?xbf16>, %s: tensor<1x32x128x128xf32>)
    -> (tensor<1x32x?x128xbf16>, tensor<1x32x128x128xf32>) {
  %r:2 = attn.recurrence %q, %q, %v outs(%v, %s) scale(0.0883883)
      decay(scalar %g : tensor<1x32x?xf32>) update(delta %beta : tensor<1x32x?xbf16>)
      init(%s : tensor<1x32x128x128xf32>)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x32x?x128xbf16>
      -> tensor<1x32x?x128xbf16>, tensor<1x32x128x128xf32>
  return %r#0, %r#1 : tensor<1x32x?x128xbf16>, tensor<1x32x128x128xf32>
}

// What is the default is not printed.
// CHECK-LABEL: func @defaults
// CHECK: scale(1.000000e+00) : tensor
func.func @defaults(%q: tensor<2x4x8x16xf32>) {
  %r = "attn.recurrence"(%q, %q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0>, scale = 1.0 : f64, decay = 0 : i32, update = 0 : i32, norm = 0 : i32}>
    : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// Several query heads read one state; clauses come in any order.
// CHECK-LABEL: func @key_decay
// CHECK: decay(key %{{.*}} : tensor<2x2x8x16xf32>) bonus(%{{.*}} : tensor<2x16xf16>) segments(%{{.*}} : tensor<2x8xi32>) : tensor<2x4x8x16xf32>
func.func @key_decay(%q: tensor<2x4x8x16xf32>, %k: tensor<2x1x8x16xf32>, %v: tensor<2x2x8x12xf32>,
    %o: tensor<2x4x8x12xf32>, %g: tensor<2x2x8x16xf32>, %u: tensor<2x16xf16>, %ids: tensor<2x8xi32>) {
  %r = attn.recurrence %q, %k, %v outs(%o) scale(1.0) segments(%ids : tensor<2x8xi32>)
      bonus(%u : tensor<2x16xf16>) decay(key %g : tensor<2x2x8x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x1x8x16xf32>, tensor<2x2x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// CHECK-LABEL: func @dplr
// CHECK: decay(value %{{.*}} : tensor<2x4x8x12xf64>) update(dplr %{{.*}}, %{{.*}} : tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>) : {{.*}} -> tensor<2x4x8x12xf64>, tensor<2x4x16x12xf64>
func.func @dplr(%q: tensor<2x4x8x16xf64>, %v: tensor<2x4x8x12xf64>, %s: tensor<2x4x16x12xf64>) {
  %r:2 = attn.recurrence %q, %q, %v outs(%v, %s) scale(1.0) decay(value %v : tensor<2x4x8x12xf64>)
      update(dplr %q, %q : tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>)
    : tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>, tensor<2x4x8x12xf64> -> tensor<2x4x8x12xf64>, tensor<2x4x16x12xf64>
  return
}

// CHECK-LABEL: func @schedule
// CHECK: schedule(<tokens = 64, columns = 16, micro = <rows = 6, cols = 16, lanes = 8>>)
// CHECK: schedule(<tokens = 1, columns = 8>)
func.func @schedule(%q: tensor<2x4x8x16xf32>) {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
      schedule(<tokens = 64, columns = 16, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  %s = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 1, columns = 8>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// CHECK-LABEL: func @norm
// CHECK: attn.recurrence {{.*}} scale(1.000000e+00) norm(sum) : tensor<2x4x8x16xbf16>
// CHECK: %{{.*}}:3 = attn.recurrence {{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}) scale(1.000000e+00) decay(scalar %{{.*}} : tensor<2x4x8xf32>) init(%{{.*}} : tensor<2x4x16x16xf32>) norm(sum) bound(%{{.*}} : tensor<2x4x8xf32>) init_sum(%{{.*}} : tensor<2x4x16xf32>) : {{.*}} -> tensor<2x4x8x16xbf16>, tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
func.func @norm(%q: tensor<2x4x8x16xbf16>, %g: tensor<2x4x8xf32>, %s: tensor<2x4x16x16xf32>, %z: tensor<2x4x16xf32>) {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) norm(sum)
    : tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16> -> tensor<2x4x8x16xbf16>
  %t:3 = attn.recurrence %q, %q, %q outs(%q, %s, %z) scale(1.0) norm(sum) decay(scalar %g : tensor<2x4x8xf32>)
      bound(%g : tensor<2x4x8xf32>) init_sum(%z : tensor<2x4x16xf32>) init(%s : tensor<2x4x16x16xf32>)
    : tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>
      -> tensor<2x4x8x16xbf16>, tensor<2x4x16x16xf32>, tensor<2x4x16xf32>
  return
}

// On memrefs there is no result.
// CHECK-LABEL: func @buffers
// CHECK: {{^}}  attn.recurrence %{{.*}} outs(%{{.*}}, %{{.*}}) scale(1.000000e+00) : memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>
func.func @buffers(%q: memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>, %k: memref<2x4x8x16xf32>,
    %s: memref<2x4x16x16xf32>) {
  attn.recurrence %q, %k, %k outs(%k, %s) scale(1.0)
    : memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32>
      -> memref<2x4x8x16xf32>, memref<2x4x16x16xf32>
  return
}
