// RUN: attn-opt %s --attn-convert-to-loops | FileCheck %s --check-prefixes=CHECK,F64
// RUN: attn-opt %s --attn-convert-to-loops=precision=f32 | FileCheck %s --check-prefixes=CHECK,F32

// Logits and the largest of them, weights, columns: one loop each, in f64 unless
// asked otherwise, and no fast-math.
// CHECK-LABEL: func @attention
// CHECK-NOT: fastmath
// CHECK: memref.alloc(%{{.*}}) : memref<?xi1>
// F64: memref.alloc(%{{.*}}) : memref<?xf64>
// F32: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK-COUNT-3: scf.for %{{.*}} = %{{.*}} to %{{.*}} step
// The mask by its definition, j <= i.
// CHECK: scf.for %[[J:.*]] = {{.*}} iter_args
// CHECK: arith.cmpi sle, %{{.*}}, %{{.*}} : index
// F64: arith.extf %{{.*}} : f32 to f64
// F64: arith.maximumf %{{.*}} : f64
// F64: math.exp %{{.*}} : f64
// F64: arith.truncf %{{.*}} : f64 to f32
// F32: arith.maximumf %{{.*}} : f32
// F32: math.exp %{{.*}} : f32
// CHECK: memref.store %{{.*}} : memref<1x2x?x4xf32>
// CHECK-NOT: attn.attention
func.func @attention(%q: memref<1x2x?x4xf32>, %k: memref<1x1x?x4xf32>, %o: memref<1x2x?x4xf32>) {
  attn.attention %q, %k, %k outs(%o) scale(0.5) mask(#attn.causal)
    : memref<1x2x?x4xf32>, memref<1x1x?x4xf32>, memref<1x1x?x4xf32> -> memref<1x2x?x4xf32>
  return
}

// f64 operands are not computed in less, and the score region is used as it is.
// CHECK-LABEL: func @double
// CHECK: memref.alloc(%{{.*}}) : memref<?xf64>
// CHECK: math.tanh %{{.*}} : f64
// CHECK-NOT: f32
func.func @double(%q: memref<1x1x2x2xf64>, %o: memref<1x1x2x2xf64>) {
  attn.attention %q, %q, %q outs(%o) scale(0.5) score {
  ^bb0(%s: f64, %b: index, %h: index, %i: index, %j: index):
    %t = math.tanh %s : f64
    attn.yield %t : f64
  } : memref<1x1x2x2xf64>, memref<1x1x2x2xf64>, memref<1x1x2x2xf64> -> memref<1x1x2x2xf64>
  return
}

// A state continues from what its destinations hold.
// CHECK-LABEL: func @partial
// CHECK-SAME: %[[ACC:[a-z0-9]+]]: memref<1x1x2x2xf32>, %[[REF:[a-z0-9]+]]: memref<1x1x2xf32>, %[[SUM:[a-z0-9]+]]: memref<1x1x2xf32>)
// CHECK: memref.load %[[REF]]
// CHECK: memref.load %[[SUM]]
// CHECK: memref.load %[[ACC]]
// CHECK: memref.store %{{.*}}, %[[ACC]]
// CHECK: memref.store %{{.*}}, %[[REF]]
// CHECK: memref.store %{{.*}}, %[[SUM]]
func.func @partial(%q: memref<1x1x2x2xf32>, %acc: memref<1x1x2x2xf32>, %ref: memref<1x1x2xf32>, %sum: memref<1x1x2xf32>) {
  attn.partial %q, %q, %q outs(%acc, %ref, %sum) scale(0.5)
    : memref<1x1x2x2xf32>, memref<1x1x2x2xf32>, memref<1x1x2x2xf32> -> memref<1x1x2x2xf32>, memref<1x1x2xf32>, memref<1x1x2xf32>
  return
}

// CHECK-LABEL: func @merge_and_finalize
// CHECK-NOT: attn.
// CHECK: arith.maximumf
// CHECK-COUNT-2: math.exp
// CHECK: arith.divf
// CHECK: math.log
func.func @merge_and_finalize(%acc: memref<1x1x2x2xf32>, %ref: memref<1x1x2xf32>, %sum: memref<1x1x2xf32>,
    %a: memref<1x1x2x2xf32>, %r: memref<1x1x2xf32>, %s: memref<1x1x2xf32>) {
  attn.merge %acc, %ref, %sum, %acc, %ref, %sum outs(%a, %r, %s)
    : memref<1x1x2x2xf32>, memref<1x1x2xf32>, memref<1x1x2xf32>, memref<1x1x2x2xf32>, memref<1x1x2xf32>, memref<1x1x2xf32> -> memref<1x1x2x2xf32>, memref<1x1x2xf32>, memref<1x1x2xf32>
  attn.finalize %a, %r, %s outs(%acc, %ref)
    : memref<1x1x2x2xf32>, memref<1x1x2xf32>, memref<1x1x2xf32> -> memref<1x1x2x2xf32>, memref<1x1x2xf32>
  return
}
