//===- Pipelines.cpp - Registration of the pipelines ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Pipelines/Pipelines.h"
#include "attn/Pipelines/Passes.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

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
  // Registered by hand, since a wrong CPU or stage is an error.
  registerPassPipeline(
      "attn-lower-to-cpu",
      "Lower attn operations to vectorised, multi-threaded code",
      [](OpPassManager &pm, StringRef text,
         function_ref<LogicalResult(const Twine &)> fail) -> LogicalResult {
        auto options = CPUPipelineOptions::createFromString(text);
        if (!options)
          return failure();
        return buildLowerToCPUPipeline(pm, *options, fail);
      },
      [](function_ref<void(const detail::PassOptions &)> visit) {
        visit(CPUPipelineOptions());
      });
}
