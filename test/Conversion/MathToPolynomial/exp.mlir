// RUN: attn-opt %s --expand-math-to-polynomials | FileCheck %s
// RUN: attn-opt %s --expand-math-to-polynomials=avx512 | FileCheck %s --check-prefix=AVX512

// With `ninf`: one clamp with NaN on the side that passes it, the sum that has
// the exponent in its low bits, five multiply-adds, one shift, one product.

// CHECK-LABEL: func @finite
// CHECK-SAME:      %[[X:.*]]: vector<8xf32>
// CHECK-DAG:     %[[LOW:.*]] = arith.constant dense<-1.260000e+02> : vector<8xf32>
// CHECK-DAG:     %[[TWO:.*]] = arith.constant dense<2.000000e+00> : vector<8xf32>
// CHECK:         %[[LESS:.*]] = arith.cmpf ogt, %[[LOW]], %[[X]]
// CHECK:         %[[Y:.*]] = arith.select %[[LESS]], %[[LOW]], %[[X]]
// CHECK:         %[[SUM:.*]] = arith.addf %[[Y]], %{{.*}} : vector<8xf32>
// CHECK:         %[[N:.*]] = arith.subf %[[SUM]]
// CHECK:         %[[R:.*]] = arith.subf %[[Y]], %[[N]]
// CHECK-COUNT-4: math.fma
// CHECK:         %[[P:.*]] = math.fma %{{.*}}, %[[R]], %[[TWO]]
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[SUM]] : vector<8xf32> to vector<8xi32>
// CHECK:         %[[FIELD:.*]] = arith.shli %[[BITS]]
// CHECK:         %[[SCALE:.*]] = arith.bitcast %[[FIELD]]
// CHECK:         %[[RESULT:.*]] = arith.mulf %[[P]], %[[SCALE]]
// CHECK:         return %[[RESULT]]
func.func @finite(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp2 %x fastmath<ninf> : vector<8xf32>
  return %y : vector<8xf32>
}

// Without: clamped on both sides.

// CHECK-LABEL: func @any
// CHECK:         arith.cmpf ogt
// CHECK:         arith.cmpf olt
// CHECK-COUNT-5: math.fma
// CHECK:         arith.shli
// CHECK-NOT:     math.exp2
func.func @any(%x: f32) -> f32 {
  %y = math.exp2 %x : f32
  return %y : f32
}

// CHECK-LABEL: func @natural
// CHECK-NOT:     math.exp
// CHECK:         return
func.func @natural(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp %x : vector<8xf32>
  return %y : vector<8xf32>
}

// A narrow float goes through f32, a wide one stays.

// CHECK-LABEL: func @widths
// CHECK-NOT:     math.exp2 {{.*}} : vector<8xf16>
// CHECK:         math.exp2 {{.*}} : vector<4xf64>
func.func @widths(%x: vector<8xf16>, %y: vector<4xf64>) -> (vector<8xf16>, vector<4xf64>) {
  %0 = math.exp2 %x : vector<8xf16>
  %1 = math.exp2 %y : vector<4xf64>
  return %0, %1 : vector<8xf16>, vector<4xf64>
}

// CHECK-LABEL: func @others
// CHECK-NOT:     math.tanh
// CHECK-NOT:     math.log
// CHECK-NOT:     math.erf
// CHECK:         return
func.func @others(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.tanh %x : vector<8xf32>
  %1 = math.log2 %0 : vector<8xf32>
  %2 = math.log %1 : vector<8xf32>
  %3 = math.erf %2 : vector<8xf32>
  return %3 : vector<8xf32>
}

// CHECK-LABEL:  func @wide
// CHECK-NOT:      llvm.call_intrinsic
// AVX512-LABEL: func @wide
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"
// AVX512-COUNT-5: math.fma
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
// AVX512:         return
func.func @wide(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp2 %x : vector<16xf32>
  return %y : vector<16xf32>
}
