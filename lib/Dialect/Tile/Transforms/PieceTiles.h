//===- PieceTiles.h - Tiles that loops hand to each other -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_TILE_TRANSFORMS_PIECETILES_H
#define LIB_DIALECT_TILE_TRANSFORMS_PIECETILES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::tile {

/// Builds numbers, and what reads and writes tensors of numbered tiles.
class PieceTiles {
protected:
  PieceTiles(mlir::RewriterBase &b, mlir::Location loc) : b(b), loc(loc) {}

  mlir::Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(b, loc, value);
  }
  template <typename Op>
  mlir::Value fold(mlir::Value lhs, mlir::Value rhs) {
    return b.createOrFold<Op>(loc, lhs, rhs);
  }

  /// Where something is in a tensor of tiles.
  struct Place {
    llvm::SmallVector<mlir::OpFoldResult> offsets, sizes, steps;
  };
  /// `count` tiles, from a number on, of a tensor of them: from a row, and a
  /// column, on.
  Place getPlace(mlir::OpFoldResult number, mlir::OpFoldResult count,
                 mlir::RankedTensorType tile,
                 llvm::ArrayRef<mlir::Value> origin = {});
  Place getPlace(mlir::Value number, mlir::RankedTensorType tile) {
    return getPlace(mlir::OpFoldResult(number), b.getIndexAttr(1), tile);
  }
  mlir::Value makeTiles(mlir::Value count, mlir::RankedTensorType tile);
  mlir::Value getPart(mlir::Value tensor, const Place &place);
  void putPart(mlir::Value part, mlir::Value tensor, const Place &place);

  /// The coordinates of all rows of a tile.
  mlir::Value getRows(mlir::RankedTensorType tile);
  mlir::Value readTile(mlir::Value tensor, mlir::Value number,
                       mlir::RankedTensorType tile);
  mlir::Value writeTile(mlir::Value value, mlir::Value tensor,
                        mlir::Value number, mlir::Value rows);

  mlir::RewriterBase &b;
  mlir::Location loc;
};

} // namespace attn::tile

#endif // LIB_DIALECT_TILE_TRANSFORMS_PIECETILES_H
