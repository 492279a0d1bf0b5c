//===- Slices.h - Parts of tensors and memrefs ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_SLICES_H
#define LIB_DIALECT_ATTN_IR_SLICES_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace attn {

/// A half-open range of positions.
struct Span {
  mlir::OpFoldResult offset;
  mlir::OpFoldResult size;
};

mlir::OpFoldResult getDim(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value value, int64_t dim);

/// All positions of a dimension.
Span getWhole(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
              int64_t dim);

mlir::Value getSlice(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value value,
                     llvm::ArrayRef<mlir::OpFoldResult> offsets,
                     llvm::ArrayRef<mlir::OpFoldResult> sizes);

mlir::Value getSlice(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value value, llvm::ArrayRef<Span> spans);

/// x / y, where y divides x or the quotient is rounded down.
mlir::OpFoldResult divide(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::OpFoldResult x, mlir::OpFoldResult y);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_SLICES_H
