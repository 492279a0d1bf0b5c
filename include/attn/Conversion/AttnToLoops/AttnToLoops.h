//===- AttnToLoops.h - attn operations to naive loops -----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_ATTNTOLOOPS_ATTNTOLOOPS_H
#define ATTN_CONVERSION_ATTNTOLOOPS_ATTNTOLOOPS_H

#include "mlir/Pass/Pass.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace attn {

/// What logits, exponentials and sums are computed in.
enum class LoopPrecision { F32, F64 };

/// What is read as the logarithm of a decay by an operation in the body of
/// `function`, and by which. It is at most 0 as a rule, and defined as well if
/// it is not: who compares results with the oracle may want to say so.
llvm::SmallVector<std::pair<mlir::Value, mlir::Operation *>>
findLogDecays(mlir::func::FuncOp function);

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Conversion/AttnToLoops/Passes.h.inc"

} // namespace attn

#endif // ATTN_CONVERSION_ATTNTOLOOPS_ATTNTOLOOPS_H
