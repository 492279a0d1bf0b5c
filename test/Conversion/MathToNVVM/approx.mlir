// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-math-to-nvvm-approx))' | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @exponentials
  // CHECK-SAME:    %[[X:.*]]: f32
  // CHECK-DAG:     %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
  // CHECK-DAG:     %[[LN2:.*]] = arith.constant 0.693147182 : f32
  // CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK-DAG:     %[[SMALLEST:.*]] = arith.constant 1.17549435E-38 : f32
  // CHECK-DAG:     %[[INFINITY:.*]] = arith.constant 0x7F800000 : f32
  // CHECK-DAG:     %[[E1:.*]] = arith.constant 2.000000e+00 : f32
  // CHECK-DAG:     %[[E3:.*]] = arith.constant 0.666666686 : f32
  // CHECK-DAG:     %[[E5:.*]] = arith.constant 4.000000e-01 : f32
  // CHECK-DAG:     %[[E7:.*]] = arith.constant 0.285714298 : f32
  // CHECK-DAG:     %[[E9:.*]] = arith.constant 0.222222224 : f32
  // CHECK-DAG:     %[[TWO1:.*]] = arith.constant 2.885390e+00 : f32
  // CHECK-DAG:     %[[TWO3:.*]] = arith.constant 0.9617967 : f32
  // CHECK-DAG:     %[[TWO5:.*]] = arith.constant 0.577078044 : f32
  // CHECK-DAG:     %[[TWO7:.*]] = arith.constant 0.412198573 : f32
  // CHECK-DAG:     %[[TWO9:.*]] = arith.constant 0.3205989 : f32
  // CHECK:         %[[A:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[X]])
  // CHECK:         %[[S:.*]] = arith.mulf %[[A]], %[[LOG2E]]
  // CHECK:         %[[B:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[S]])

  // A logarithm of a normal number is the exponent's and, of the mantissa m from 0.75
  // to 1.5, a series: ln(m) = 2 (f + f^3/3 + ... + f^9/9), f = (m - 1) / (m + 1). Of
  // others, 0, infinity and NaN, the instruction is right.
  // CHECK:         %[[NOTSMALL:.*]] = arith.cmpf oge, %[[B]], %[[SMALLEST]] : f32
  // CHECK:         %[[FINITE:.*]] = arith.cmpf olt, %[[B]], %[[INFINITY]] : f32
  // CHECK:         %[[NORMAL:.*]] = arith.andi %[[NOTSMALL]], %[[FINITE]]
  // CHECK:         %[[BITS:.*]] = arith.bitcast %[[B]] : f32 to i32
  // CHECK:         %[[FROM:.*]] = arith.subi %[[BITS]], %c1061158912_i32
  // CHECK:         %[[E:.*]] = arith.shrsi %[[FROM]], %c23_i32
  // CHECK:         %[[UP:.*]] = arith.shli %[[E]], %c23_i32
  // CHECK:         %[[M32:.*]] = arith.subi %[[BITS]], %[[UP]]
  // CHECK:         %[[M:.*]] = arith.bitcast %[[M32]] : i32 to f32
  // CHECK:         %[[LESS:.*]] = arith.subf %[[M]], %[[ONE]]
  // CHECK:         %[[MORE:.*]] = arith.addf %[[M]], %[[ONE]]
  // CHECK:         %[[ATONE:.*]] = arith.cmpf oeq, %[[LESS]]
  // CHECK:         %[[OVER:.*]] = arith.select %[[ATONE]], %{{.*}}, %[[LESS]]
  // CHECK:         %[[QUOTIENT:.*]] = arith.divf %[[OVER]], %[[MORE]]
  // CHECK:         %[[ZERO:.*]] = arith.mulf %[[LESS]], %[[QUOTIENT]]
  // CHECK:         %[[F:.*]] = arith.select %[[ATONE]], %[[ZERO]], %[[QUOTIENT]]
  // CHECK:         %[[SQUARE:.*]] = arith.mulf %[[F]], %[[F]]
  // CHECK:         %[[S7:.*]] = llvm.call_intrinsic "llvm.fma"(%[[TWO9]], %[[SQUARE]], %[[TWO7]])
  // CHECK:         %[[S5:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S7]], %[[SQUARE]], %[[TWO5]])
  // CHECK:         %[[S3:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S5]], %[[SQUARE]], %[[TWO3]])
  // CHECK:         %[[S1:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S3]], %[[SQUARE]], %[[TWO1]])
  // CHECK:         %[[EF:.*]] = arith.sitofp %[[E]] : i32 to f32
  // CHECK:         %[[LOGM:.*]] = arith.mulf %[[S1]], %[[F]]
  // CHECK:         %[[LOG:.*]] = llvm.call_intrinsic "llvm.fma"(%[[EF]], %[[ONE]], %[[LOGM]])
  // CHECK:         %[[OTHER:.*]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[B]])
  // CHECK:         %[[C:.*]] = arith.select %[[NORMAL]], %[[LOG]], %[[OTHER]]
  // The natural one has other coefficients.
  // CHECK:         %[[NOTSMALL:.*]] = arith.cmpf oge, %[[C]], %[[SMALLEST]] : f32
  // CHECK:         %[[FINITE:.*]] = arith.cmpf olt, %[[C]], %[[INFINITY]] : f32
  // CHECK:         %[[NORMAL:.*]] = arith.andi %[[NOTSMALL]], %[[FINITE]]
  // CHECK:         %[[BITS:.*]] = arith.bitcast %[[C]] : f32 to i32
  // CHECK:         %[[FROM:.*]] = arith.subi %[[BITS]], %c1061158912_i32
  // CHECK:         %[[E:.*]] = arith.shrsi %[[FROM]], %c23_i32
  // CHECK:         %[[UP:.*]] = arith.shli %[[E]], %c23_i32
  // CHECK:         %[[M32:.*]] = arith.subi %[[BITS]], %[[UP]]
  // CHECK:         %[[M:.*]] = arith.bitcast %[[M32]] : i32 to f32
  // CHECK:         %[[LESS:.*]] = arith.subf %[[M]], %[[ONE]]
  // CHECK:         %[[MORE:.*]] = arith.addf %[[M]], %[[ONE]]
  // CHECK:         %[[ATONE:.*]] = arith.cmpf oeq, %[[LESS]]
  // CHECK:         %[[OVER:.*]] = arith.select %[[ATONE]], %{{.*}}, %[[LESS]]
  // CHECK:         %[[QUOTIENT:.*]] = arith.divf %[[OVER]], %[[MORE]]
  // CHECK:         %[[ZERO:.*]] = arith.mulf %[[LESS]], %[[QUOTIENT]]
  // CHECK:         %[[F:.*]] = arith.select %[[ATONE]], %[[ZERO]], %[[QUOTIENT]]
  // CHECK:         %[[SQUARE:.*]] = arith.mulf %[[F]], %[[F]]
  // CHECK:         %[[S7:.*]] = llvm.call_intrinsic "llvm.fma"(%[[E9]], %[[SQUARE]], %[[E7]])
  // CHECK:         %[[S5:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S7]], %[[SQUARE]], %[[E5]])
  // CHECK:         %[[S3:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S5]], %[[SQUARE]], %[[E3]])
  // CHECK:         %[[S1:.*]] = llvm.call_intrinsic "llvm.fma"(%[[S3]], %[[SQUARE]], %[[E1]])
  // CHECK:         %[[EF:.*]] = arith.sitofp %[[E]] : i32 to f32
  // CHECK:         %[[LOGM:.*]] = arith.mulf %[[S1]], %[[F]]
  // CHECK:         %[[LOG:.*]] = llvm.call_intrinsic "llvm.fma"(%[[EF]], %[[LN2]], %[[LOGM]])
  // CHECK:         %[[OTHER:.*]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[C]])
  // CHECK:         %[[D:.*]] = arith.select %[[NORMAL]], %[[LOG]], %[[OTHER]]
  // CHECK:         memref.store %[[D]]
  gpu.func @exponentials(%x: f32, %o: memref<f32>) {
    %a = math.exp2 %x : f32
    %b = math.exp %a fastmath<afn> : f32
    %c = math.log2 %b : f32
    %d = math.log %c : f32
    memref.store %d, %o[] : memref<f32>
    gpu.return
  }

  // Where no approximation is allowed, what the product with log2(e) rounds is a factor
  // of the result: not where that is 0 or infinite, or nearly.
  // CHECK-LABEL: gpu.func @exact
  // CHECK-SAME:    %[[X:.*]]: f32
  // CHECK-DAG:     %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
  // CHECK-DAG:     %[[MORE:.*]] = arith.constant 1.92596303E-8 : f32
  // CHECK-DAG:     %[[LN2:.*]] = arith.constant 0.693147182 : f32
  // CHECK-DAG:     %[[BOUND:.*]] = arith.constant 8.700000e+01 : f32
  // CHECK:         %[[Y:.*]] = arith.mulf %[[X]], %[[LOG2E]]
  // CHECK:         %[[POWER:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[Y]])
  // CHECK:         %[[MINUS:.*]] = arith.negf %[[Y]]
  // CHECK:         %[[LOST:.*]] = llvm.call_intrinsic "llvm.fma"(%[[X]], %[[LOG2E]], %[[MINUS]])
  // CHECK:         %[[ALL:.*]] = llvm.call_intrinsic "llvm.fma"(%[[X]], %[[MORE]], %[[LOST]])
  // CHECK:         %[[REST:.*]] = arith.mulf %[[ALL]], %[[LN2]]
  // CHECK:         %[[NEAR:.*]] = llvm.call_intrinsic "llvm.fma"(%[[POWER]], %[[REST]], %[[POWER]])
  // CHECK:         %[[ABS:.*]] = llvm.call_intrinsic "llvm.fabs"(%[[X]])
  // CHECK:         %[[IS:.*]] = arith.cmpf olt, %[[ABS]], %[[BOUND]]
  // CHECK:         arith.select %[[IS]], %[[NEAR]], %[[POWER]]
  gpu.func @exact(%x: f32, %o: memref<f32>) {
    %a = math.exp %x : f32
    memref.store %a, %o[] : memref<f32>
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
  // Another numerator takes the place of a zero, of which the product with the
  // quotient is what the zero gives. A constant is no zero.
  // CHECK-LABEL: gpu.func @divide
  // CHECK-SAME:    %[[X:[^:]*]]: f32, %[[Y:[^:]*]]: f32
  // CHECK-DAG:     %[[INVERSE:.*]] = arith.constant 2.000000e-02 : f32
  // CHECK-DAG:     %[[NONE:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK-DAG:     %[[INSTEAD:.*]] = arith.constant 1.1920929E-7 : f32
  // CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
  // CHECK:         arith.mulf %[[X]], %[[INVERSE]] : f32
  // CHECK:         arith.divf
  // CHECK:         %[[ISZERO:.*]] = arith.cmpf oeq, %[[X]], %[[NONE]] : f32
  // CHECK:         %[[OVER:.*]] = arith.select %[[ISZERO]], %[[INSTEAD]], %[[X]] : f32
  // CHECK:         %[[QUOTIENT:.*]] = arith.divf %[[OVER]], %[[Y]] : f32
  // CHECK:         %[[ZERO:.*]] = arith.mulf %[[X]], %[[QUOTIENT]] : f32
  // CHECK:         %[[RESULT:.*]] = arith.select %[[ISZERO]], %[[ZERO]], %[[QUOTIENT]] : f32
  // CHECK:         memref.store %[[RESULT]]
  // CHECK:         arith.divf %[[ONE]], %[[Y]] : f32
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
    %one = arith.constant 1.0 : f32
    %d = arith.divf %one, %y : f32
    memref.store %d, %o[%c0] : memref<3xf32>
    gpu.return
  }
}
