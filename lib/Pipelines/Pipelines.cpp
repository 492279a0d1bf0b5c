//===- Pipelines.cpp - Registration of the pipelines ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Pipelines/Pipelines.h"
#include "attn/Pipelines/Passes.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

/// Registers by hand a pipeline for which a wrong target or stage is an error.
template <typename Options, typename Build>
static void registerChecked(StringRef name, StringRef description,
                            Build build) {
  registerPassPipeline(
      name, description,
      [build](
          OpPassManager &pm, StringRef text,
          function_ref<LogicalResult(const Twine &)> fail) -> LogicalResult {
        auto options = Options::createFromString(text);
        if (!options)
          return failure();
        return build(pm, *options, fail);
      },
      [](function_ref<void(const detail::PassOptions &)> visit) {
        visit(Options());
      });
}

void attn::registerPipelines() {
  registerAttnPipelinePasses();
  PassPipelineRegistration<>(
      "attn-lower-to-loops",
      "Lower attn operations to naive loops: the meaning of the operations",
      buildLowerToLoopsPipeline);
  PassPipelineRegistration<>(
      "attn-loops-to-llvm",
      "Lower scf, memref, arith, math and vector to the LLVM dialect",
      [](OpPassManager &pm) { buildLoopsToLLVMPipeline(pm); });
  PassPipelineRegistration<NVVMPipelineOptions>(
      "attn-kernels-to-binary",
      "Outline kernels and assemble them; the host code stays",
      buildKernelsToBinaryPipeline);
  PassPipelineRegistration<>(
      "attn-launches-to-llvm",
      "Lower host code that launches assembled kernels to the LLVM dialect",
      buildLaunchesToLLVMPipeline);
  registerChecked<CPUPipelineOptions>(
      "attn-lower-to-cpu",
      "Lower attn operations to vectorised, multi-threaded code",
      buildLowerToCPUPipeline);
  registerChecked<NVVMPipelineOptions>(
      "attn-lower-to-nvvm",
      "Lower to kernels for an NVIDIA GPU and host code that launches them",
      buildLowerToNVVMPipeline);
}
