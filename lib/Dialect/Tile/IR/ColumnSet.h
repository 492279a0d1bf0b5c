//===- ColumnSet.h - Columns where an expression is in a range --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_IR_COLUMNSET_H
#define ATTN_LIB_DIALECT_TILE_IR_COLUMNSET_H

#include "AffineSum.h"
#include "attn/Dialect/Tile/IR/Formula.h"

namespace attn::tile {

/// Disjoint, not even touching, not empty, in increasing order.
using Ranges = llvm::SmallVector<ColumnRange>;

Ranges unite(Ranges a, Ranges b);
/// What of `a` is not in `b`.
Ranges subtract(llvm::ArrayRef<ColumnRange> a, llvm::ArrayRef<ColumnRange> b);

/// A constraint on the column, for many values of the other dimensions. An
/// expression whose column occurs once, through any number of divisions and
/// remainders, is inverted from the outside to the inside; of others halves of
/// a range are tried until the bounds of the expression decide.
class ColumnConstraint {
public:
  /// Ranges that a remainder may split the columns into, and steps that halving
  /// may take, in one query. What would take more says nothing: all columns.
  static constexpr int64_t kMostRanges = 1024, kMostHalvings = 128;

  /// `expr >= 0`, over the dimensions of `BlockDim`.
  explicit ColumnConstraint(mlir::AffineExpr expr);

  /// True if it holds always.
  bool isTrue() const;
  /// Of the columns `within` those where it holds. Never too few.
  Ranges get(llvm::ArrayRef<int64_t> dims, Ranges within) const;

private:
  struct Term;
  struct Solver;
  std::shared_ptr<const Term> term;
  llvm::SmallVector<mlir::AffineExpr> rests;
};

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_IR_COLUMNSET_H
