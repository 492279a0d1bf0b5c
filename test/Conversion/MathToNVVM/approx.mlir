// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-math-to-nvvm-approx))' | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @exponentials
  // CHECK-SAME:    %[[X:.*]]: f32
  // CHECK-DAG:     %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
  // CHECK-DAG:     %[[LN2:.*]] = arith.constant 0.693147182 : f32
  // CHECK:         %[[A:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[X]])
  // CHECK:         %[[S:.*]] = arith.mulf %[[A]], %[[LOG2E]]
  // CHECK:         %[[B:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[S]])
  // CHECK:         %[[C:.*]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[B]])
  // CHECK:         %[[D:.*]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[C]])
  // CHECK:         arith.mulf %[[D]], %[[LN2]]
  gpu.func @exponentials(%x: f32, %o: memref<f32>) {
    %a = math.exp2 %x : f32
    %b = math.exp %a : f32
    %c = math.log2 %b : f32
    %d = math.log %c : f32
    memref.store %d, %o[] : memref<f32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @others
  // CHECK:         llvm.nvvm.sqrt.approx.ftz.f
  // CHECK:         llvm.nvvm.rsqrt.approx.ftz.f
  // CHECK:         llvm.nvvm.sin.approx.ftz.f
  // CHECK:         llvm.nvvm.cos.approx.ftz.f
  // CHECK:         llvm.intr.tanh({{.*}}) {fastmathFlags = #llvm.fastmath<afn>}
  // CHECK:         call_intrinsic "llvm.maxnum"
  // CHECK:         call_intrinsic "llvm.minnum"
  // CHECK:         call_intrinsic "llvm.fma"
  // CHECK:         call_intrinsic "llvm.fabs"
  // CHECK:         call_intrinsic "llvm.floor"
  // CHECK:         call_intrinsic "llvm.ceil"
  // CHECK:         call_intrinsic "llvm.trunc"
  // CHECK:         call_intrinsic "llvm.roundeven"
  // CHECK:         call_intrinsic "llvm.copysign"
  gpu.func @others(%x: f32, %o: memref<f32>) {
    %a = math.sqrt %x : f32
    %b = math.rsqrt %a : f32
    %c = math.sin %b : f32
    %d = math.cos %c : f32
    %e = math.tanh %d : f32
    %f = arith.maxnumf %e, %x : f32
    %g = arith.minnumf %f, %a : f32
    %h = math.fma %g, %a, %b : f32
    %i = math.absf %h : f32
    %j = math.floor %i : f32
    %k = math.ceil %j : f32
    %l = math.trunc %k : f32
    %m = math.roundeven %l : f32
    %n = math.copysign %m, %x : f32
    memref.store %n, %o[] : memref<f32>
    gpu.return
  }

  // Narrow floats go through f32, polynomials have no call left.
  // CHECK-LABEL: gpu.func @narrow
  // CHECK:         arith.extf %{{.*}} : bf16 to f32
  // CHECK:         llvm.nvvm.ex2.approx.ftz.f32
  // CHECK:         arith.truncf %{{.*}} : f32 to bf16
  // CHECK-NOT:     math.{{log|exp|erf}}
  gpu.func @narrow(%x: bf16, %y: f32, %o: memref<bf16>, %p: memref<f32>) {
    %a = math.exp %x : bf16
    memref.store %a, %o[] : memref<bf16>
    %b = math.log1p %y : f32
    %c = math.expm1 %b : f32
    %d = math.erf %c : f32
    memref.store %d, %p[] : memref<f32>
    gpu.return
  }

  // f64 and vectors have no such instructions.
  // CHECK-LABEL: gpu.func @left
  // CHECK:         math.exp {{.*}} : f64
  // CHECK:         math.exp {{.*}} : vector<2xf32>
  gpu.func @left(%x: f64, %y: vector<2xf32>, %o: memref<f64>, %p: memref<vector<2xf32>>) {
    %a = math.exp %x : f64
    memref.store %a, %o[] : memref<f64>
    %b = math.exp %y : vector<2xf32>
    memref.store %b, %p[] : memref<vector<2xf32>>
    gpu.return
  }

  // Division by a constant whose reciprocal is a normal number; by others not.
  // CHECK-LABEL: gpu.func @divide
  // CHECK-DAG:     %[[INVERSE:.*]] = arith.constant 2.000000e-02 : f32
  // CHECK:         arith.mulf %{{.*}}, %[[INVERSE]] : f32
  // CHECK:         arith.divf
  // CHECK:         arith.divf
  gpu.func @divide(%x: f32, %y: f32, %o: memref<3xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %cap = arith.constant 50.0 : f32
    %tiny = arith.constant 1.0e-40 : f32
    %a = arith.divf %x, %cap : f32
    memref.store %a, %o[%c0] : memref<3xf32>
    %b = arith.divf %x, %tiny : f32
    memref.store %b, %o[%c1] : memref<3xf32>
    %c = arith.divf %x, %y : f32
    memref.store %c, %o[%c2] : memref<3xf32>
    gpu.return
  }
}
