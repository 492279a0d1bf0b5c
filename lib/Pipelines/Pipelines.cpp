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
      buildLoopsToLLVMPipeline);
}
