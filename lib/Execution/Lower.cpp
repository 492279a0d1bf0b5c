//===- Lower.cpp - From a file to the llvm dialect ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Lower.h"

#include "attn/Execution/CodeGen.h"
#include "attn/Execution/Signature.h"
#include "attn/InitAll.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace attn::exec {

void registerEverything(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  attn::registerAllDialects(registry);
  registerShapeInterfaces(registry);
  registerLLVMTranslations(registry);
  attn::registerAllPasses(); // So that MLIR's options can name them.
}

/// Makes all functions but the entry private, so that what it does not need is
/// not compiled.
static void hideOthers(ModuleOp module, StringRef entry) {
  for (auto func : module.getOps<func::FuncOp>())
    if (func.getName() != entry)
      func.setPrivate();
}

LogicalResult lowerWithCompiler(ModuleOp module, StringRef entry, StringRef cpu,
                                StringRef stopAfter) {
  hideOthers(module, entry);
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  if (failed(applyPassManagerCLOptions(passes)))
    return failure();
  CPUPipelineOptions options;
  options.cpu = cpu.str();
  if (!stopAfter.empty())
    options.stopAfter = stopAfter.str();
  if (failed(buildLowerToCPUPipeline(
          passes, options, [&](const llvm::Twine &message) -> LogicalResult {
            return module.emitError(message);
          })))
    return failure();
  return passes.run(module);
}

LogicalResult lowerForGPU(ModuleOp module, StringRef entry,
                          const GPUOptions &gpu, StringRef stopAfter) {
  hideOthers(module, entry);
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  if (failed(applyPassManagerCLOptions(passes)))
    return failure();
  NVVMPipelineOptions options;
  options.chip = gpu.chip;
  options.format = gpu.assemble ? "bin" : "isa";
  options.optLevel = static_cast<int>(gpu.optLevel);
  options.cache = gpu.cache;
  options.countRepeats = gpu.countRepeats;
  if (!stopAfter.empty())
    options.stopAfter = stopAfter.str();
  if (failed(buildLowerToNVVMPipeline(
          passes, options, [&](const llvm::Twine &message) -> LogicalResult {
            return module.emitError(message);
          })))
    return failure();
  return passes.run(module);
}

LogicalResult lowerLaunches(ModuleOp module) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  if (failed(applyPassManagerCLOptions(passes)))
    return failure();
  buildLaunchesToLLVMPipeline(passes);
  return passes.run(module);
}

LogicalResult lowerWithOracle(ModuleOp module, StringRef entry,
                              StringRef stopAfter) {
  hideOthers(module, entry);
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  if (failed(applyPassManagerCLOptions(passes)))
    return failure();
  if (!stopAfter.empty() && stopAfter != "loops" && stopAfter != "llvm")
    return module.emitError() << "the oracle has no stage '" << stopAfter
                              << "'; there are loops and llvm";
  buildLowerToLoopsPipeline(passes);
  if (stopAfter != "loops")
    buildLoopsToLLVMPipeline(passes);
  return passes.run(module);
}

} // namespace attn::exec
