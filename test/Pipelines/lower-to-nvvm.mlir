// The stages of the GPU pipeline, on tensors without a kernel.

// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=attn | FileCheck %s --check-prefix=ATTN
// ATTN: linalg.matmul {{.*}} -> tensor
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=buffers | FileCheck %s --check-prefix=BUFFERS
// BUFFERS: memref.alloc
// BUFFERS: linalg.matmul {{.*}}memref
// BUFFERS: memref.dealloc
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=kernels | FileCheck %s --check-prefix=KERNELS
// KERNELS-COUNT-3: gpu.launch
// RUN: attn-opt %s --attn-lower-to-nvvm="stop-after=binary format=isa chip=sm_80" | FileCheck %s --check-prefix=BINARY
// BINARY: gpu.alloc async
// BINARY-COUNT-3: gpu.launch_func @[[M:.*]]::@
// BINARY: gpu.dealloc async
// BINARY: gpu.binary @[[M]] [#gpu.object<#nvvm.target<O = 3, chip = "sm_80", features = "+ptx86">
// BINARY-SAME: .target sm_80
// BINARY-NOT: gpu.module
// RUN: attn-opt %s --attn-lower-to-nvvm=format=isa | FileCheck %s --check-prefix=LLVM
// LLVM: llvm.func @square(
// LLVM: llvm.call @mgpuMemAlloc
// LLVM-COUNT-3: llvm.call @mgpuLaunchKernel
// LLVM: llvm.call @mgpuMemFree
// LLVM: llvm.func @_mlir_ciface_square(
// LLVM-NOT: gpu.

// The two halves, for kernels that are there.
// RUN: attn-opt %S/../Integration/GPU/Inputs/kernels.mlir --attn-kernels-to-binary=format=isa | FileCheck %s --check-prefix=HALF
// HALF: gpu.launch_func @{{.*}}::@saxpy_kernel
// HALF: gpu.binary
// HALF-SAME: .visible .entry saxpy_kernel(
// HALF-SAME: .maxntid 256, 1, 1
// HALF: gpu.launch_func @{{.*}}::@reverse_kernel {{.*}} dynamic_shared_memory_size
// RUN: attn-opt %S/../Integration/GPU/Inputs/kernels.mlir --attn-lower-to-nvvm=format=isa | FileCheck %s --check-prefix=BYVALUE
// BYVALUE-LABEL: llvm.func @by_value_call
// BYVALUE: %[[MAP:.*]] = llvm.alloca %{{.*}} x !llvm.array<16 x i64>
// BYVALUE: llvm.store %[[MAP]], %{{.*}} : !llvm.ptr, !llvm.ptr

// RUN: not attn-opt %s --attn-lower-to-nvvm=chip=sm_91 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: unknown GPU 'sm_91', expected one of {{.*}}sm_90a
// RUN: not attn-opt %s --attn-lower-to-nvvm=stop-after=warp 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: unknown stage 'warp', expected one of attn, tiled, folds, wg, buffers, kernels, binary, llvm

// What no kernel is made of is an error and does not run on the host.
// RUN: not attn-opt %S/Inputs/sum.mlir --attn-lower-to-nvvm=format=isa 2>&1 | FileCheck %s --check-prefix=HOST
// HOST: error: 'memref.{{load|store}}' op would access memory of the GPU from the host

func.func @square(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x8xf32>) -> tensor<8x8xf32>
  %square = linalg.matmul ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>) outs(%init : tensor<8x8xf32>) -> tensor<8x8xf32>
  %result = linalg.add ins(%square, %square : tensor<8x8xf32>, tensor<8x8xf32>) outs(%empty : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %result : tensor<8x8xf32>
}
