//===- Bufferize.cpp - From tensors to buffers ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CallingConvention.h"
#include "attn/Pipelines/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_BUFFERIZEPASS
#define GEN_PASS_DEF_EXPANDCOPIESPASS
#include "attn/Pipelines/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using bufferization::BufferizationDialect;

/// The caller of a public function does not expect its inputs to change.
static void protectArguments(func::FuncOp function) {
  if (!function.isPublic() || function.isDeclaration())
    return;
  for (BlockArgument argument : function.getArguments()) {
    StringRef name = BufferizationDialect::kWritableAttrName;
    unsigned number = argument.getArgNumber();
    if (isa<TensorType>(argument.getType()) &&
        !function.getArgAttr(number, name))
      function.setArgAttr(number, name,
                          BoolAttr::get(function.getContext(), false));
  }
}

static bufferization::OneShotBufferizationOptions getOptions() {
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.allowReturnAllocsFromLoops = true;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::InferLayoutMap);
  auto fallback = options.functionArgTypeConverterFn;
  options.functionArgTypeConverterFn =
      [fallback](bufferization::TensorLikeType type, Attribute memorySpace,
                 func::FuncOp function,
                 const bufferization::BufferizationOptions &options)
      -> bufferization::BufferLikeType {
    if (auto tensorType = dyn_cast<RankedTensorType>(type))
      return cast<bufferization::BufferLikeType>(
          getBoundaryType(tensorType, memorySpace));
    return fallback(type, memorySpace, function, options);
  };
  return options;
}

namespace {

struct Bufferize : attn::impl::BufferizePassBase<Bufferize> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      protectArguments(function);
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(),
                                                        getOptions(), state)))
      signalPassFailure();
  }
};

struct ExpandCopies : attn::impl::ExpandCopiesPassBase<ExpandCopies> {
  void runOnOperation() override {
    getOperation()->walk([](memref::CopyOp copy) {
      if (!isa<MemRefType>(copy.getSource().getType()) ||
          !isa<MemRefType>(copy.getTarget().getType()))
        return;
      OpBuilder builder(copy);
      linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                               copy.getTarget());
      copy.erase();
    });
  }
};

} // namespace

void attn::addBufferization(OpPassManager &pm) {
  pm.addPass(createResultsToOutParamsPass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(createBufferizePass());
  // Copies of a buffer to itself, which an in-place insertion leaves behind,
  // fold once their two sides are one value.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createExpandCopiesPass());
}

void attn::addBufferDeallocation(OpPassManager &pm) {
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
  // Ownership may have needed clones.
  pm.addPass(createExpandCopiesPass());
}
