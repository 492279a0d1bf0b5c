//===- ColumnBound.h - The projection of one constraint ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_IR_COLUMNBOUND_H
#define ATTN_LIB_DIALECT_TILE_IR_COLUMNBOUND_H

#include "mlir/IR/AffineExpr.h"

namespace attn::tile {

/// What a constraint over (b, h, i, j) says about the columns j of a block of
/// rows. `expr` is over (b, h, first row, last row), and over parameters that
/// begin at d5.
struct ColumnBound {
  enum class Kind {
    /// Columns at or after `expr`.
    Lower,
    /// Columns before `expr`.
    Upper,
    /// All columns if `expr >= 0`, none otherwise.
    Guard,
    /// Nothing is known.
    Unknown
  };
  Kind kind = Kind::Unknown;
  mlir::AffineExpr expr;
};

/// What is known of a remainder that varies within a block.
enum class ModBound {
  /// Its range.
  Range,
  /// Its values at the ends of the block, as of one period. Exact if they lie
  /// in one, else beyond the range.
  Ends
};

/// Projects `constraint >= 0` along the rows of a block: the columns that some
/// row may see (`someRow`, never too few) or that every row sees (never too
/// many). Exact where the row occurs once and outside of `mod`.
ColumnBound projectConstraint(mlir::AffineExpr constraint, bool someRow,
                              ModBound mod = ModBound::Range);

/// True if some remainder reads the row by its quotients only, and these by 16
/// or more, so that it may be constant in a block.
bool hasStepwiseMod(mlir::AffineExpr constraint);

/// The value of an affine expression without symbols.
int64_t evaluateExpr(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> dims);

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_IR_COLUMNBOUND_H
