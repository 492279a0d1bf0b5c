//===- BulkCopy.h - Copies that the copy engine can do ----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_BULKCOPY_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_BULKCOPY_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/IR/IRMapping.h"

namespace attn::wg {

/// Whether an operation computes scalars, or views of memory, that any thread
/// may compute again.
bool isScalarCode(mlir::Operation *op);

/// Whether something in `kernel` writes memory whose buffer, behind all views,
/// is one of `isAsked`.
bool writes(mlir::Operation *kernel,
            llvm::function_ref<bool(mlir::Value)> isAsked);
/// The buffer behind all views.
mlir::Value getBuffer(mlir::Value memory);

/// A tile of a buffer that exists before a kernel runs. The copy engine gets
/// the buffer once, and for each tile the place of its first element; what lies
/// outside of the buffer it makes 0.
struct BulkCopy {
  /// The buffer, defined outside of `kernel`.
  mlir::Value memory;
  /// Where its rows end, if that is before its own end.
  mlir::Value limit;
  /// Sums that are the coordinates in it, outermost dimension first.
  mlir::SmallVector<mlir::SmallVector<mlir::OpFoldResult>> coordinates;
  /// The dimension that the first one of the tile runs over.
  int64_t rowDim = 0;

  /// That of a copy, or failure and the reason.
  static mlir::FailureOr<BulkCopy> get(CopyOp op, mlir::Operation *kernel,
                                       std::string &reason);
  /// What the copy engine is told about, made before the kernel.
  mlir::Value getDescribed(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Operation *kernel) const;
  mlir::SmallVector<mlir::Value>
  getCoordinates(mlir::OpBuilder &builder, mlir::Location loc,
                 const mlir::IRMapping &mapping) const;
};

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_BULKCOPY_H
