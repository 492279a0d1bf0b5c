// RUN: attn-opt %s --attn-loops-to-llvm | FileCheck %s
// RUN: attn-opt %s --attn-loops-to-llvm | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=IR

// Only LLVM is left, each public function with a C entry.
// CHECK-NOT: {{builtin\.unrealized|scf\.|memref\.|vector\.|math\.|arith\.|cf\.|func\.func}}
// CHECK: llvm.func @_mlir_ciface_f
// CHECK-NOT: {{builtin\.unrealized|scf\.|memref\.|vector\.|math\.|arith\.|cf\.|func\.func}}

// IR: define void @f(
// IR: call float @llvm.exp.f32
// libm has what LLVM has not, in the type there is; log1p keeps its precision.
// IR: call float @log1pf
// IR: call <8 x float> @llvm.fmuladd.v8f32(
func.func @f(%m: memref<?x8xf32, strided<[?, 1]>>, %n: memref<?xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = memref.dim %n, %c0 : memref<?xbf16>
  scf.for %i = %c0 to %size step %c1 {
    %x = memref.load %n[%i] : memref<?xbf16>
    %wide = arith.extf %x : bf16 to f32
    %e = math.exp %wide : f32
    %l = math.log1p %e : f32
    %y = arith.truncf %l : f32 to bf16
    memref.store %y, %n[%i] : memref<?xbf16>
    %row = vector.load %m[%i, %c0] : memref<?x8xf32, strided<[?, 1]>>, vector<8xf32>
    %f = vector.fma %row, %row, %row : vector<8xf32>
    vector.store %f, %m[%i, %c0] : memref<?x8xf32, strided<[?, 1]>>, vector<8xf32>
  }
  return
}
