//===- RowBound.h - Constraints solved for the row --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_IR_ROWBOUND_H
#define ATTN_LIB_DIALECT_TILE_IR_ROWBOUND_H

#include "AffineSum.h"

namespace attn::tile {

/// What a constraint says about the row, over the dimensions of `BlockDim`.
struct RowBound {
  enum class Kind {
    /// Nothing about the row: `expr >= 0`.
    Other,
    /// It is at least `expr`.
    Lower,
    /// It is at most `expr`.
    Upper,
    /// It is in [expr + k * period, expr + k * period + length] for some k.
    Periodic
  };
  Kind kind;
  mlir::AffineExpr expr;
  int64_t period = 0, length = 0;

  /// `std::nullopt` if the row occurs in another way than one of these.
  static std::optional<RowBound> get(mlir::AffineExpr constraint);
};

/// Both of two periodic bounds, as one; `std::nullopt` if they are not one.
std::optional<RowBound> intersectPeriodic(const RowBound &a, const RowBound &b);

/// `expr >= 0` where some row is between a lower and an upper bound, and in a
/// range of `periodic` if that is not null.
mlir::AffineExpr eliminateRow(mlir::AffineExpr lower, mlir::AffineExpr upper,
                              const RowBound *periodic);

/// Blocks of rows split so that quotients of the row are constants of a piece,
/// and its remainders linear.
class RowSplits {
public:
  /// Splits for a constraint over `BlockDim`, too.
  void add(mlir::AffineExpr constraint);
  bool empty() const { return splits.empty(); }
  /// The same constraint within a piece.
  mlir::AffineExpr replace(mlir::AffineExpr constraint) const;

  /// Visits the pieces of the block in `dims`, as values of all dimensions;
  /// fails before the first if there are more than `most`.
  mlir::LogicalResult
  forEach(llvm::ArrayRef<int64_t> dims, int64_t most,
          llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit) const;

private:
  /// The piece has a constant `base floordiv unit`, where base is the row plus
  /// constants of the block.
  struct Split {
    mlir::AffineExpr base;
    int64_t unit;
  };
  llvm::SmallVector<Split> splits;
};

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_IR_ROWBOUND_H
