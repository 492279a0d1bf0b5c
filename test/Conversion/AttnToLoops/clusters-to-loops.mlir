// RUN: attn-opt %s --attn-convert-to-loops --canonicalize | FileCheck %s
// What the loops compute is tested in python/test_routing_ops.py.

// The products of all centroids, then those with the sign changed, which are numbered
// behind them; a product that is no larger, or NaN, takes nothing.
// CHECK-LABEL: func @rotated
// CHECK-SAME: (%[[X:.*]]: memref<1x2x8x4xf16>, %[[C:.*]]: memref<1x6x3x4xf32>, %[[O:.*]]: memref<1x6x8xi32>)
// CHECK: %[[BEST:.*]] = memref.alloc() : memref<1xf64>
// CHECK: scf.for %[[H:.*]] = %c0 to %c6
// CHECK: scf.for %[[I:.*]] = %c0 to %c8
// CHECK: %[[FIRST:.*]] = scf.for %[[N:.*]] = %c0 to %c3 {{.*}} iter_args(%{{.*}} = %c-1)
// CHECK: arith.cmpi sle, %[[N]], %[[I]]
// CHECK: %[[GROUP:.*]] = arith.divui %[[H]], %c3
// CHECK: memref.load %[[X]][%c0, %[[GROUP]], %[[I]], %{{.*}}]
// CHECK: memref.load %[[C]][%c0, %[[H]], %[[N]], %{{.*}}]
// CHECK-NOT: arith.negf
// CHECK: arith.cmpf ord
// CHECK: arith.cmpf ogt
// CHECK: memref.store %{{.*}}, %[[BEST]]
// CHECK: %[[LAST:.*]] = scf.for %[[M:.*]] = %c0 to %c3 {{.*}} iter_args(%{{.*}} = %[[FIRST]])
// CHECK: arith.negf
// CHECK: memref.store %{{.*}}, %[[BEST]]
// CHECK: arith.addi %[[M]], %c3
// CHECK: %[[NUMBER:.*]] = arith.index_cast %[[LAST]] : index to i32
// CHECK: memref.store %[[NUMBER]], %[[O]][%c0, %[[H]], %[[I]]]
func.func @rotated(%x: memref<1x2x8x4xf16>, %c: memref<1x6x3x4xf32>, %o: memref<1x6x8xi32>) {
  attn.cluster rotated %x, %c outs(%o) mask(causal) : memref<1x2x8x4xf16>, memref<1x6x3x4xf32> -> memref<1x6x8xi32>
  return
}

// A number of no row, seen as unsigned, is not below the number of rows.
// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[X:.*]]: memref<1x2x8x4xf16>, %[[N:.*]]: memref<1x4x5xi32>, %[[O:.*]]: memref<1x4x5x4xf16>)
// CHECK: %[[NUMBER:.*]] = memref.load %[[N]][%c0, %[[H:.*]], %[[I:.*]]]
// CHECK: %[[ROW:.*]] = arith.index_cast %[[NUMBER]]
// CHECK: arith.cmpi ult, %[[ROW]], %c8
// CHECK: %[[GROUP:.*]] = arith.divui %[[H]], %c2
// CHECK: memref.load %[[X]][%c0, %[[GROUP]], %[[ROW]], %[[D:.*]]]
// CHECK: memref.store %{{.*}}, %[[O]][%c0, %[[H]], %[[I]], %[[D]]]
func.func @gather(%x: memref<1x2x8x4xf16>, %n: memref<1x4x5xi32>, %o: memref<1x4x5x4xf16>) {
  attn.permute gather %x, %n outs(%o) : memref<1x2x8x4xf16>, memref<1x4x5xi32> -> memref<1x4x5x4xf16>
  return
}

// Zeros first, then what is named.
// CHECK-LABEL: func @inverse
// CHECK-SAME: (%[[X:.*]]: memref<1x2x8x4xf16>, %[[N:.*]]: memref<1x4x8xi32>, %[[O:.*]]: memref<1x4x5x4xf16>)
// CHECK: memref.store %cst, %[[O]]
// CHECK: scf.for
// CHECK: %[[NUMBER:.*]] = memref.load %[[N]][%c0, %[[H:.*]], %[[I:.*]]]
// CHECK: %[[ROW:.*]] = arith.index_cast %[[NUMBER]]
// CHECK: arith.cmpi ult, %[[ROW]], %c5
// CHECK: memref.store %{{.*}}, %[[O]][%c0, %[[H]], %[[ROW]], %{{.*}}]
func.func @inverse(%x: memref<1x2x8x4xf16>, %n: memref<1x4x8xi32>, %o: memref<1x4x5x4xf16>) {
  attn.permute inverse %x, %n outs(%o) : memref<1x2x8x4xf16>, memref<1x4x8xi32> -> memref<1x4x5x4xf16>
  return
}

// Sums and counts of all rows, divided where something was summed.
// CHECK-LABEL: func @mean
// CHECK-SAME: (%{{.*}}: memref<1x2x8xf32>, %{{.*}}: memref<1x4x8xi32>, %[[O:.*]]: memref<1x4x5xf32>)
// CHECK-COUNT-2: memref.alloc() : memref<1x4x5xf64>
// CHECK: arith.cmpi ult
// CHECK-COUNT-2: arith.addf
// CHECK: %[[COUNT:.*]] = arith.max{{.*}}f %{{.*}}, %{{.*}} : f64
// CHECK: arith.divf %{{.*}}, %[[COUNT]]
// CHECK: memref.store %{{.*}}, %[[O]]
func.func @mean(%x: memref<1x2x8xf32>, %n: memref<1x4x8xi32>, %o: memref<1x4x5xf32>) {
  attn.permute mean %x, %n outs(%o) : memref<1x2x8xf32>, memref<1x4x8xi32> -> memref<1x4x5xf32>
  return
}
