// RUN: attn-opt %s --attn-convert-to-loops | FileCheck %s --check-prefixes=CHECK,F64
// RUN: attn-opt %s --attn-convert-to-loops=precision=f32 | FileCheck %s --check-prefixes=CHECK,F32
// What the loops compute is tested in Semantics/recurrence.mlir.

// A recurrence, token by token: forget, write, read, on one state.
// CHECK-LABEL: func @recurrence
// CHECK-NOT: fastmath
// F64: memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?xf64>
// F32: memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?xf32>
// CHECK: math.exp
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: memref.store %{{.*}} : memref<1x2x?x4xbf16>
// CHECK-NOT: attn.recurrence
// CHECK: return
func.func @recurrence(%q: memref<1x2x?x4xbf16>, %g: memref<1x2x?xf32>, %o: memref<1x2x?x4xbf16>) {
  attn.recurrence %q, %q, %q outs(%o) scale(1.0) decay(scalar %g : memref<1x2x?xf32>)
    : memref<1x2x?x4xbf16>, memref<1x2x?x4xbf16>, memref<1x2x?x4xbf16> -> memref<1x2x?x4xbf16>
  return
}
