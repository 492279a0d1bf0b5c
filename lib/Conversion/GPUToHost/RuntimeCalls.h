//===- RuntimeCalls.h - Calls of the runtime --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_GPUTOHOST_RUNTIMECALLS_H
#define ATTN_LIB_CONVERSION_GPUTOHOST_RUNTIMECALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace attn {

/// A call, at the insertion point and on behalf of `op`, of a function of the
/// runtime, which is declared if need be; an error if something else has its
/// name.
mlir::FailureOr<mlir::LLVM::CallOp>
callRuntime(mlir::OpBuilder &builder, mlir::ModuleOp module,
            mlir::Operation *op, llvm::StringRef name, mlir::Type result,
            mlir::ValueRange arguments);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_GPUTOHOST_RUNTIMECALLS_H
