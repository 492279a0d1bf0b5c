// RUN: attn-opt %s --assemble-gpu-modules=format=isa | FileCheck %s
// PTX needs no assembler.
// RUN: env PATH=/none PTXAS=/none %attn_opt %s --assemble-gpu-modules=format=isa | FileCheck %s

// CHECK: gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a", features = "+ptx86">, kernels = <[
// CHECK-SAME: #gpu.kernel_metadata<"first", !llvm.func<void (ptr)>>
// CHECK-SAME: #gpu.kernel_metadata<"second", !llvm.func<void ()>>
// CHECK-SAME: assembly = "{{.*}}.target sm_90a
// CHECK-SAME: .visible .entry first(
// CHECK-SAME: .reqntid 128, 1, 1
// CHECK-NOT: \00
gpu.module @kernels [#nvvm.target<chip = "sm_90a", features = "+ptx86">] {
  llvm.func @first(%out: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 128, 1, 1>} {
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.store %one, %out : i32, !llvm.ptr
    llvm.return
  }
  llvm.func @helper() {
    llvm.return
  }
  llvm.func @second() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
