// RUN: attn-opt %s --convert-gpu-launches-to-calls | FileCheck %s

// CHECK-LABEL: module
// CHECK-NOT: gpu.
// CHECK-DAG: llvm.mlir.global internal constant @kernels_image("\7FELF") {addr_space = 0 : i32, alignment = 16 : i64}
// CHECK-DAG: llvm.mlir.global internal @kernels_module()
// CHECK-DAG: llvm.mlir.global internal constant @k_name("k\00")
// CHECK-DAG: llvm.mlir.global internal constant @text_image("ptx\00")
module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target, kernels = <[
    #gpu.kernel_metadata<"k", !llvm.func<void (f32, ptr)>, arg_attrs = [{}, {llvm.byval = !llvm.array<16 x i64>}]>,
    #gpu.kernel_metadata<"clustered", !llvm.func<void ()>>
  ]>, bin = "\7FELF">]
  gpu.binary @text [#gpu.object<#nvvm.target, kernels = <[#gpu.kernel_metadata<"k", !llvm.func<void ()>>]>, assembly = "ptx">]

  // CHECK-LABEL: llvm.func @caller_stream
  // CHECK-SAME: %[[X:.*]]: f32, %[[MAP:.*]]: !llvm.ptr, %[[N:.*]]: i64)
  // CHECK-DAG: %[[ARRAY:.*]] = llvm.alloca %{{.*}} x !llvm.array<2 x ptr>
  // CHECK-DAG: %[[SLOT:.*]] = llvm.alloca %{{.*}} x f32
  // CHECK-DAG: %[[FOUR:.*]] = llvm.mlir.constant(4 : i64)
  // CHECK: %[[K:.*]] = llvm.call @attn_cuda_kernel(%{{.*}}, %{{.*}}, %[[FOUR]], %{{.*}})
  // CHECK: %[[S:.*]] = llvm.call @attn_cuda_get_stream()
  // CHECK: llvm.store %[[X]], %[[SLOT]]
  // CHECK: llvm.store %[[SLOT]], %
  // CHECK: llvm.store %[[MAP]], %
  // CHECK: llvm.call @mgpuLaunchKernel(%[[K]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %{{.*}}, %[[S]], %[[ARRAY]], %{{.*}}, %{{.*}})
  // CHECK-NOT: call
  llvm.func @caller_stream(%x: f32, %map: !llvm.ptr, %n: i64) {
    gpu.launch_func @kernels::@k blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64 args(%x : f32, %map : !llvm.ptr)
    llvm.return
  }

  // A stream that is given is used. In a loop the stack does not grow.
  // CHECK-LABEL: llvm.func @given_stream
  // CHECK-SAME: %[[S:.*]]: !llvm.ptr, %[[N:.*]]: i64, %[[B:.*]]: i32)
  // CHECK: llvm.alloca
  // CHECK: llvm.br
  // CHECK-NOT: alloca
  // CHECK-NOT: attn_cuda_get_stream
  // CHECK: llvm.call @mgpuLaunchClusterKernel(%{{.*}}, %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[N]], %[[B]], %[[S]], %
  llvm.func @given_stream(%stream: !llvm.ptr, %n: i64, %bytes: i32) {
    llvm.br ^loop
  ^loop:
    gpu.launch_func <%stream : !llvm.ptr> @kernels::@clustered clusters in (%n, %n, %n) blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64 dynamic_shared_memory_size %bytes
    llvm.br ^loop
  }
}
