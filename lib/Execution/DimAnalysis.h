//===- DimAnalysis.h - Sizes of values in terms of arguments ----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EXECUTION_DIMANALYSIS_H
#define ATTN_LIB_EXECUTION_DIMANALYSIS_H

#include "attn/Execution/DimExpr.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn::exec {

/// A size of a ranked tensor that the entry block of a function defines.
struct TensorDim {
  mlir::Value tensor;
  int64_t dim;
};

/// That size in terms of the function's arguments; without one, where the
/// operation is that makes it depend on anything else.
struct TensorDimExpr {
  std::optional<DimExpr> expr;
  mlir::Location culprit;
};

/// Finds sizes in a function of one block. Fails, with an error, only if the
/// function cannot be analysed at all.
mlir::FailureOr<llvm::SmallVector<TensorDimExpr>>
findTensorDims(mlir::func::FuncOp func, llvm::ArrayRef<TensorDim> dims);

} // namespace attn::exec

#endif // ATTN_LIB_EXECUTION_DIMANALYSIS_H
