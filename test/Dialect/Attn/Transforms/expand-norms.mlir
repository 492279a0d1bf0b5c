// RUN: attn-opt %s --attn-expand-norms --split-input-file | FileCheck %s

// The sum of the keys is what is read of values of 1, of one column. The numerator
// keeps its width.
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
// CHECK-LABEL: func @plain
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x4x?x16xbf16>, %[[V:[^:]*]]: tensor<2x4x?x12xbf16>
// CHECK: %[[A:.*]] = attn.recurrence %[[Q]], %[[Q]], %[[V]] outs(%[[V]]) scale(2.500000e-01) : {{.*}} -> tensor<2x4x?x12xbf16>
// CHECK: %[[ONES:.*]] = linalg.fill ins(%{{.*}} : bf16) outs(%{{.*}} : tensor<2x4x?x1xbf16>)
// CHECK: %[[N:.*]] = attn.recurrence %[[Q]], %[[Q]], %[[ONES]] outs(%{{.*}}) scale(2.500000e-01) : {{.*}} -> tensor<2x4x?x1xbf16>
// CHECK: %[[R:.*]] = linalg.generic {indexing_maps = [#[[ALL]], #[[ROW]], #[[ALL]]]{{.*}} ins(%[[A]], %[[N]] : {{.*}}) outs(%[[V]] : {{.*}})
// CHECK:   %[[X:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK:   %[[Y:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK:   %[[ZERO:.*]] = arith.cmpf oeq, %[[Y]], %[[C0:.*]] : f32
// CHECK:   %[[D:.*]] = arith.divf %[[X]], %[[Y]] : f32
// CHECK:   arith.select %[[ZERO]], %[[C0]], %[[D]] : f32
// CHECK: return %[[R]]
func.func @plain(%q: tensor<2x4x?x16xbf16>, %v: tensor<2x4x?x12xbf16>) -> tensor<2x4x?x12xbf16> {
  %r = attn.recurrence %q, %q, %v outs(%v) scale(0.25) norm(sum)
    : tensor<2x4x?x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x12xbf16> -> tensor<2x4x?x12xbf16>
  return %r : tensor<2x4x?x12xbf16>
}

// -----

// Every other clause is one of both; a sum is a state of one column. A bound is that of
// the state which a head reads.
// CHECK-DAG: #[[STATE:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 floordiv 2, d2)>
// CHECK-LABEL: func @clauses
// CHECK-SAME: %[[G:[^:]*]]: tensor<2x4x8x16xf32>, %[[U:[^:]*]]: tensor<4x16xf32>, %[[IDS:[^:]*]]: tensor<2x8xi32>, %[[M:[^:]*]]: tensor<2x4x8xf32>, %[[S:[^:]*]]: tensor<2x4x16x12xf32>, %[[Z:[^:]*]]: tensor<2x4x16xf32>)
// CHECK: %[[A:.*]]:2 = attn.recurrence {{.*}} decay(key %[[G]] : {{.*}}) bonus(%[[U]] : {{.*}}) init(%[[S]] : {{.*}}) segments(%[[IDS]] : {{[^)]*}}) : {{.*}} -> tensor<2x8x8x12xf32>, tensor<2x4x16x12xf32>
// CHECK: %[[LAST:.*]] = tensor.expand_shape %[[Z]] {{.*}} into tensor<2x4x16x1xf32>
// CHECK: %[[FIRST:.*]] = tensor.expand_shape %[[Z]] {{.*}} into tensor<2x4x16x1xf32>
// CHECK: %[[N:.*]]:2 = attn.recurrence {{.*}} outs(%{{.*}}, %[[LAST]]) {{.*}} decay(key %[[G]] : {{.*}}) bonus(%[[U]] : {{.*}}) init(%[[FIRST]] : {{.*}}) segments(%[[IDS]] : {{[^)]*}}) : {{.*}} -> tensor<2x8x8x1xf32>, tensor<2x4x16x1xf32>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} #[[STATE]], {{.*}} ins(%[[A]]#0, %[[N]]#0, %[[M]] :
// CHECK:   math.absf
// CHECK:   arith.maximumf
// CHECK: %[[SUM:.*]] = tensor.collapse_shape %[[N]]#1 {{.*}} into tensor<2x4x16xf32>
// CHECK: return %[[R]], %[[A]]#1, %[[SUM]]
func.func @clauses(%q: tensor<2x8x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x8x8x12xf32>,
    %g: tensor<2x4x8x16xf32>, %u: tensor<4x16xf32>, %ids: tensor<2x8xi32>, %m: tensor<2x4x8xf32>, %s: tensor<2x4x16x12xf32>,
    %z: tensor<2x4x16xf32>) -> (tensor<2x8x8x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>) {
  %r:3 = attn.recurrence %q, %k, %v outs(%o, %s, %z) scale(0.25) decay(key %g : tensor<2x4x8x16xf32>)
      bonus(%u : tensor<4x16xf32>) segments(%ids : tensor<2x8xi32>) norm(sum) bound(%m : tensor<2x4x8xf32>)
      init(%s : tensor<2x4x16x12xf32>) init_sum(%z : tensor<2x4x16xf32>)
    : tensor<2x8x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x12xf32>
      -> tensor<2x8x8x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>
  return %r#0, %r#1, %r#2 : tensor<2x8x8x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>
}

// -----

// A schedule is that of the values.
// CHECK-LABEL: func @schedule
// CHECK: attn.recurrence {{.*}} schedule(<tokens = 32, columns = 8>) : {{.*}} -> tensor<2x4x8x16xf32>
// CHECK: attn.recurrence {{.*}} scale(2.500000e-01) : {{.*}} -> tensor<2x4x8x1xf32>
func.func @schedule(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25) norm(sum) schedule(<tokens = 32, columns = 8>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// Sums of f16 are f32.
// CHECK-LABEL: func @half
// CHECK-COUNT-3: arith.extf %{{.*}} : f16 to f32
// CHECK-COUNT-2: attn.recurrence {{.*}} -> tensor<2x4x8x{{16|1}}xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<2x4x8x16xf32>, tensor<2x4x8x1xf32>) outs(%{{.*}} : tensor<2x4x8x16xf16>)
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @half(%q: tensor<2x4x8x16xf16>) -> tensor<2x4x8x16xf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25) norm(sum)
    : tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16>, tensor<2x4x8x16xf16> -> tensor<2x4x8x16xf16>
  return %r : tensor<2x4x8x16xf16>
}

// -----

// Left alone: a recurrence without a norm, and one of buffers.
// CHECK-LABEL: func @alone
// CHECK: attn.recurrence {{.*}} scale(2.500000e-01) : tensor
// CHECK: attn.recurrence {{.*}} scale(2.500000e-01) norm(sum) : memref
func.func @alone(%q: tensor<2x4x8x16xf32>, %m: memref<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  attn.recurrence %m, %m, %m outs(%m) scale(0.25) norm(sum)
    : memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32> -> memref<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}
