// REQUIRES: ptxas
// RUN: attn-opt %s --assemble-gpu-modules | FileCheck %s

// CHECK: gpu.binary @kernels [#gpu.object<
// CHECK-SAME: <"first", !llvm.func<void (ptr)>, metadata = {registers = {{[1-9][0-9]*}} : i64, shared_bytes = 0 : i64, spill_bytes = 0 : i64, stack_bytes = 0 : i64}>
// CHECK-SAME: bin = "\7FELF
gpu.module @kernels [#nvvm.target<chip = "sm_90a", features = "+ptx86">] {
  llvm.func @first(%out: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.store %one, %out : i32, !llvm.ptr
    llvm.return
  }
}
