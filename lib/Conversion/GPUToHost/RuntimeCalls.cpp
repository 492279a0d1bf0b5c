//===- RuntimeCalls.cpp - Calls of the runtime ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RuntimeCalls.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"

using namespace mlir;

FailureOr<LLVM::CallOp> attn::callRuntime(OpBuilder &builder, ModuleOp module,
                                          Operation *op, StringRef name,
                                          Type result, ValueRange arguments) {
  // The declaration is made elsewhere.
  OpBuilder::InsertPoint place = builder.saveInsertionPoint();
  FailureOr<LLVM::LLVMFuncOp> function = LLVM::lookupOrCreateFn(
      builder, module, name, llvm::to_vector(arguments.getTypes()), result);
  if (failed(function))
    return op->emitOpError()
           << "needs '" << name << "', which is something else here";
  builder.restoreInsertionPoint(place);
  return LLVM::CallOp::create(builder, op->getLoc(), *function, arguments);
}
