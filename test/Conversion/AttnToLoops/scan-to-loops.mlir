// RUN: attn-opt %s --attn-convert-to-loops | FileCheck %s --check-prefixes=CHECK,F64
// RUN: attn-opt %s --attn-convert-to-loops=precision=f32 | FileCheck %s --check-prefixes=CHECK,F32
// What the loops compute is tested in Semantics/scan.mlir.

// Channel by channel, and in it token by token: a row of numbers as the state.
// CHECK-LABEL: func @selective
// CHECK-SAME: (%[[V:.*]]: memref<2x4x8x16xf16>, %[[K:.*]]: memref<2x2x8x3xf16>, %[[G:.*]]: memref<2x4x8x16xf32>, %[[A:.*]]: memref<4x3x16xf32>, %[[O:.*]]: memref<2x4x8x16xf16>, %[[S:.*]]: memref<2x4x3x16xf32>)
// F64: %[[X:.*]] = memref.alloc({{.*}}) : memref<?xf64>
// F32: %[[X:.*]] = memref.alloc({{.*}}) : memref<?xf32>
// CHECK: scf.for %[[B:.*]] =
// CHECK: scf.for %[[H:.*]] =
// CHECK: scf.for %[[C:.*]] =
// CHECK: %[[GROUP:.*]] = arith.divui %[[H]],
// CHECK: scf.for %[[N0:.*]] =
// CHECK: memref.load %[[S]][%[[B]], %[[H]], %[[N0]], %[[C]]]
// CHECK: scf.for %[[T:.*]] = {{.*}} to %c8
// CHECK: scf.for %[[N:.*]] =
// CHECK: memref.load %[[G]][%[[B]], %[[H]], %[[T]], %[[C]]]
// CHECK: memref.load %[[A]][%[[H]], %[[N]], %[[C]]]
// CHECK: math.exp
// CHECK: memref.load %[[K]][%[[B]], %[[GROUP]], %[[T]], %[[N]]]
// CHECK: memref.load %[[V]][%[[B]], %[[H]], %[[T]], %[[C]]]
// CHECK: memref.store %{{.*}}, %[[X]][%[[N]]]
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.store %{{.*}}, %[[O]][%[[B]], %[[H]], %[[T]], %[[C]]]
// CHECK: memref.store %{{.*}}, %[[S]][%[[B]], %[[H]], %{{.*}}, %[[C]]]
// CHECK-NOT: attn.scan
func.func @selective(%v: memref<2x4x8x16xf16>, %k: memref<2x2x8x3xf16>, %g: memref<2x4x8x16xf32>, %a: memref<4x3x16xf32>,
    %o: memref<2x4x8x16xf16>, %s: memref<2x4x3x16xf32>) {
  attn.scan %v outs(%o, %s) key(%k : memref<2x2x8x3xf16>) query(%k : memref<2x2x8x3xf16>) decay(%g : memref<2x4x8x16xf32>)
      rate(%a : memref<4x3x16xf32>) init(%s : memref<2x4x3x16xf32>)
    : memref<2x4x8x16xf16> -> memref<2x4x8x16xf16>, memref<2x4x3x16xf32>
  return
}

// An average: three rows; the reference begins below every weight of the type that
// states have, whatever is computed in.
// CHECK-LABEL: func @average
// CHECK-COUNT-3: memref.alloc
// F64: arith.constant -1.7014117331926443E+38 : f64
// F32: arith.constant -1.70141173E+38 : f32
// CHECK: arith.divf
// CHECK: math.log
// CHECK: math.absf
// CHECK-NOT: attn.scan
func.func @average(%v: memref<1x1x8x16xf32>, %u: memref<1x16xf32>, %o: memref<1x1x8x16xf32>) {
  attn.scan %v outs(%o) weights(%v : memref<1x1x8x16xf32>) bonus(%u : memref<1x16xf32>) : memref<1x1x8x16xf32> -> memref<1x1x8x16xf32>
  return
}

// Nothing decays, nothing is reset.
// CHECK-LABEL: func @sums
// CHECK-NOT: math.exp
// CHECK-NOT: arith.cmpi
// CHECK: return
func.func @sums(%v: memref<2x4x8x16xf32>, %o: memref<2x4x8x16xf32>) {
  attn.scan %v outs(%o) : memref<2x4x8x16xf32> -> memref<2x4x8x16xf32>
  return
}

// CHECK-LABEL: func @segments
// CHECK: %[[HERE:.*]] = memref.load %{{.*}} : memref<2x8xi32>
// CHECK: arith.cmpi ne, %[[HERE]],
func.func @segments(%v: memref<2x4x8x16xf32>, %o: memref<2x4x8x16xf32>, %ids: memref<2x8xi32>) {
  attn.scan %v outs(%o) segments(%ids : memref<2x8xi32>) : memref<2x4x8x16xf32> -> memref<2x4x8x16xf32>
  return
}
