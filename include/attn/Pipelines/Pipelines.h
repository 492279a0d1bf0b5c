//===- Pipelines.h - The roads from attn IR to code -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace attn {

struct CPUPipelineOptions : mlir::PassPipelineOptions<CPUPipelineOptions> {
  Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("An LLVM CPU name (x86-64-v3, x86-64-v4, ...) or host"),
      llvm::cl::init("host")};
  /// One of `getCPUStages`; the passes after it are left out.
  Option<std::string> stopAfter{
      *this, "stop-after",
      llvm::cl::desc("Leave out the passes after this stage"),
      llvm::cl::init("llvm")};
};

/// attn (any) -> scf, memref, arith, math: naive loops, the meaning of the ops.
/// Tensor arguments become memrefs with a contiguous innermost dimension and
/// any strides; tensor results become trailing out-parameters.
void buildLowerToLoopsPipeline(mlir::OpPassManager &pm);

/// attn (any) -> llvm: scheduled, tiled, vectorised, multi-threaded. The same
/// signature as the loops have. An unknown CPU or stage goes to `fail`.
llvm::LogicalResult buildLowerToCPUPipeline(
    mlir::OpPassManager &pm, const CPUPipelineOptions &options,
    llvm::function_ref<llvm::LogicalResult(const llvm::Twine &)> fail);

/// The stages of the CPU pipeline, in order.
llvm::ArrayRef<llvm::StringRef> getCPUStages();

/// scf, memref, arith, math, vector -> llvm: what loops need to be executed.
/// Buffers come from the C library, or from the runtime, which keeps them from
/// call to call.
void buildLoopsToLLVMPipeline(mlir::OpPassManager &pm,
                              bool useRuntimeMemory = false);

/// Tensors -> buffers, across function boundaries; the signatures become what
/// `buildLowerToLoopsPipeline` says. Buffers are not freed yet.
void addBufferization(mlir::OpPassManager &pm);

/// Frees the buffers that bufferisation allocated. All operations with several
/// regions must be ones that say how control flows through them (`scf`, not
/// `attn`).
void addBufferDeallocation(mlir::OpPassManager &pm);

/// Registers the passes of this library, and the pipelines under their names:
/// attn-lower-to-loops, attn-lower-to-cpu, attn-loops-to-llvm.
void registerPipelines();

} // namespace attn

#endif // ATTN_PIPELINES_PIPELINES_H
