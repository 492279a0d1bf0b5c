//===- LoopsPipeline.cpp - The oracle, down to LLVM -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LoopsPipeline.h"
#include "attn/Conversion/AttnToLoops/AttnToLoops.h"
#include "attn/Pipelines/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_REQUESTCWRAPPERSPASS
#include "attn/Pipelines/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct RequestCWrappers
    : attn::impl::RequestCWrappersPassBase<RequestCWrappers> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isDeclaration())
        function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                          UnitAttr::get(&getContext()));
  }
};
} // namespace

void attn::buildLowerToLoopsPipeline(OpPassManager &pm) {
  // Calls among tensors go, so that buffers are decided in one function.
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createConvertElementwiseToLinalgPass());
  addBufferization(pm);
  pm.addPass(createConvertAttnToLoopsPass());
  addBufferDeallocation(pm);
  pm.addNestedPass<func::FuncOp>(createForallToForLoopPass());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void attn::buildLoopsToLLVMPipeline(OpPassManager &pm, bool useRuntimeMemory) {
  addFlatLoops(pm);
  addScalarsToLLVM(pm, useRuntimeMemory);
}

void attn::addFlatLoops(OpPassManager &pm) {
  pm.addPass(createRequestCWrappersPass());
  // Structured to unstructured.
  pm.addPass(createConvertVectorToSCFPass());
  pm.addNestedPass<func::FuncOp>(createForallToForLoopPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
}

void attn::addScalarsToLLVM(OpPassManager &pm, bool useRuntimeMemory) {
  // What LLVM has no instruction for: bf16 conversions, functions of narrow
  // floats. Functions that LLVM knows become intrinsics, the others calls of
  // libm; log1p is not replaced by log(1 + x), which loses its point.
  pm.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  ConvertMathToLLVMPassOptions toIntrinsics;
  toIntrinsics.approximateLog1p = false;
  pm.addPass(createConvertMathToLLVMPass(toIntrinsics));
  pm.addPass(createConvertMathToLibmPass());
  // The rest, each dialect by itself.
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  FinalizeMemRefToLLVMConversionPassOptions memory;
  memory.useGenericFunctions = useRuntimeMemory;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memory));
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
}
