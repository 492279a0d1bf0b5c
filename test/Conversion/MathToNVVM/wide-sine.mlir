// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-math-to-nvvm-approx))' | FileCheck %s

gpu.module @kernels {
  // A cosine of f64 is a series of what an angle has beyond quarters of a turn,
  // which one and with which sign by their number.
  // CHECK-LABEL: gpu.func @wide
  // CHECK-SAME:    %[[X:.*]]: f64
  // CHECK:         %[[QUARTERS:.*]] = arith.mulf %[[X]], %{{.*}} : f64
  // CHECK:         %[[N:.*]] = llvm.call_intrinsic "llvm.roundeven"(%[[QUARTERS]])
  // CHECK:         %[[MINUS:.*]] = arith.negf %[[N]]
  // CHECK-COUNT-3: llvm.call_intrinsic "llvm.fma"(%[[MINUS]],
  // CHECK-COUNT-16: llvm.call_intrinsic "llvm.fma"
  // CHECK:         arith.fptosi %[[N]] : f64 to i64
  // CHECK-NOT:     math.
  gpu.func @wide(%x: f64, %o: memref<f64>) {
    %a = math.cos %x : f64
    memref.store %a, %o[] : memref<f64>
    gpu.return
  }
}
