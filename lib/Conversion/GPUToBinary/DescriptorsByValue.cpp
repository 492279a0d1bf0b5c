//===- DescriptorsByValue.cpp - Kernels that take descriptors -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace attn {
#define GEN_PASS_DEF_DESCRIPTORSBYVALUE
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

namespace {
struct DescriptorsByValue
    : attn::impl::DescriptorsByValueBase<DescriptorsByValue> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk(
        [&](NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp op) {
          return WalkResult(passByValue(op));
        });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult passByValue(NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp op) {
    auto argument = dyn_cast<BlockArgument>(op.getTmaDescriptor());
    auto kernel = op->getParentOfType<LLVM::LLVMFuncOp>();
    if (!kernel || !argument ||
        argument.getOwner() != &kernel.getBody().front())
      return op->emitOpError("expected a descriptor that is an argument of the "
                             "kernel");
    constexpr int64_t kBytes = 128, kAlignment = 64;
    Builder b(&getContext());
    unsigned number = argument.getArgNumber();
    kernel.setArgAttr(
        number, LLVM::LLVMDialect::getByValAttrName(),
        TypeAttr::get(LLVM::LLVMArrayType::get(b.getI8Type(), kBytes)));
    kernel.setArgAttr(number, LLVM::LLVMDialect::getAlignAttrName(),
                      b.getI64IntegerAttr(kAlignment));
    kernel.setArgAttr(number, NVVM::NVVMDialect::getGridConstantAttrName(),
                      b.getUnitAttr());
    return success();
  }
};
} // namespace
