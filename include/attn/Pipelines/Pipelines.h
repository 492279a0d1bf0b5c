//===- Pipelines.h - The roads from attn IR to code -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "attn/Strategy/GPUSchedule.h"
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

struct NVVMPipelineOptions : mlir::PassPipelineOptions<NVVMPipelineOptions> {
  Option<std::string> chip{*this, "chip", llvm::cl::desc("An NVIDIA GPU"),
                           llvm::cl::init("sm_90a")};
  Option<std::string> features{
      *this, "features",
      llvm::cl::desc(
          "Features for LLVM: the version of PTX; empty for what the "
          "chip needs")};
  Option<int> optLevel{*this, "opt-level",
                       llvm::cl::desc("LLVM's optimisation level of kernels"),
                       llvm::cl::init(3)};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("What kernels are embedded as: isa (PTX) or bin (cubin)"),
      llvm::cl::init("bin")};
  Option<std::string> ptxas{
      *this, "ptxas",
      llvm::cl::desc("The assembler; empty for $PTXAS, the CUDA toolkit's or "
                     "that in $PATH")};
  Option<std::string> cache{
      *this, "cache",
      llvm::cl::desc("A folder that keeps PTX from run to run")};
  Option<bool> countRepeats{
      *this, "count-repeats",
      llvm::cl::desc("Let kernels count what they do again, in attn_repeats"),
      llvm::cl::init(false)};
  Option<strategy::MaximumMode> maximum{
      *this, "maximum",
      llvm::cl::desc("How often the row maximum is updated, where a schedule "
                     "does not say"),
      llvm::cl::init(strategy::MaximumMode::Auto), strategy::getMaximumModes()};
  /// One of `getNVVMStages`; the passes after it are left out.
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

/// attn (any) -> llvm with an embedded binary: host code that launches kernels.
/// The same signature, on memory of the GPU. An unknown GPU or stage goes to
/// `fail`.
llvm::LogicalResult buildLowerToNVVMPipeline(
    mlir::OpPassManager &pm, const NVVMPipelineOptions &options,
    llvm::function_ref<llvm::LogicalResult(const llvm::Twine &)> fail);

/// The stages of the GPU pipeline, in order.
llvm::ArrayRef<llvm::StringRef> getNVVMStages();

/// Host functions on memrefs with gpu.launch or gpu.launch_func -> the same
/// with one gpu.binary. Kernels are gpu, nvvm, llvm, arith, memref, scf,
/// vector.
void buildKernelsToBinaryPipeline(mlir::OpPassManager &pm,
                                  const NVVMPipelineOptions &options);

/// Host functions with gpu.launch_func of a gpu.binary -> llvm.
void buildLaunchesToLLVMPipeline(mlir::OpPassManager &pm);

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
/// attn-lower-to-loops, attn-lower-to-cpu, attn-lower-to-nvvm,
/// attn-loops-to-llvm, attn-kernels-to-binary, attn-launches-to-llvm.
void registerPipelines();

} // namespace attn

#endif // ATTN_PIPELINES_PIPELINES_H
