//===- AffineSum.h - An expression by how it reads a dimension --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_IR_AFFINESUM_H
#define ATTN_LIB_DIALECT_TILE_IR_AFFINESUM_H

#include "mlir/IR/AffineExpr.h"

namespace attn::tile {

/// The dimensions of expressions about a block of rows. Those from `Piece` on
/// are constants of the block.
enum BlockDim : unsigned {
  kBatch = 0,
  kHead = 1,
  kFirstRow = 2,
  kLastRow = 3,
  kColumn = 4,
  kRow = 5,
  kPiece = 6
};

/// Most dimensions from `kPiece` on.
inline constexpr unsigned kMostPieceDims = 8;

/// `rest` plus multiples of what reads a dimension: the dimension itself, and
/// divisions (by flooring) and remainders of it, each once.
struct AffineSum {
  mlir::AffineExpr rest;
  llvm::SmallVector<std::pair<mlir::AffineExpr, int64_t>, 2> atoms;

  /// With one atom if `x - n * (x floordiv n) = x mod n` leads to one.
  static AffineSum get(mlir::AffineExpr expr, unsigned dim);

  mlir::AffineExpr getExpr() const;
  /// If the dimension is the only atom its factor, else 0.
  int64_t getFactor(unsigned dim) const;

private:
  void add(mlir::AffineExpr expr, int64_t scale, unsigned dim);
};

/// Joins what occurs twice, over any dimensions of constraints and blocks.
/// Where there is a remainder, which would turn into two, the same expression.
mlir::AffineExpr joinOccurrences(mlir::AffineExpr expr);

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_IR_AFFINESUM_H
