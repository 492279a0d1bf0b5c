//===- TilePieces.h - Tiles of a segment without its holes ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H
#define ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H

#include "attn/Dialect/Tile/IR/Formula.h"

namespace attn::tile {

/// Of every `period` tiles, `width` from number `phase` on.
struct TilePattern {
  int64_t phase, width, period;
};

/// The tiles [begin, end), or those of a pattern among them.
struct TilePiece {
  mlir::Value begin, end;
  std::optional<TilePattern> pattern;
};

/// The tiles of some pieces, one piece after the other, as one range of
/// numbers: loops over them are as long as there are tiles.
class TilePieces {
public:
  /// The tiles that are visited, by columns; null if there are too many pieces
  /// to tell. `toPhysical` takes a logical column to a physical one.
  static std::optional<TilePieces>
  get(mlir::OpBuilder &builder, mlir::Location loc, const Formula &formula,
      const RowBlock &rows, int64_t tileSize, bool isShifted,
      llvm::function_ref<mlir::OpFoldResult(mlir::OpFoldResult)> toPhysical);

  /// All tiles of a range.
  static TilePieces getRange(mlir::Value begin, mlir::Value end);

  /// Those in [begin, end).
  TilePieces clip(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value begin, mlir::Value end) const;
  void append(const TilePieces &others) {
    llvm::append_range(pieces, others.pieces);
  }
  bool isRange() const { return pieces.size() == 1 && !pieces[0].pattern; }
  const TilePiece &getFirst() const { return pieces.front(); }

  /// How many tiles there are in all.
  mlir::Value getCount(mlir::OpBuilder &builder, mlir::Location loc);
  /// The tile of a number; only after `getCount`.
  mlir::Value getTile(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value number) const;

private:
  llvm::SmallVector<TilePiece> pieces;
  /// Of each piece, the tiles of the pieces up to it, and those of its pattern
  /// in front of it.
  llvm::SmallVector<mlir::Value> ends, skipped;
};

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H
