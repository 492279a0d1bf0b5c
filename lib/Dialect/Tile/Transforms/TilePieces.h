//===- TilePieces.h - Tiles of a segment without its holes ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H
#define ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H

#include "attn/Dialect/Tile/IR/Formula.h"

namespace attn::tile {

/// Of every `period` tiles, `width` from number `phase` on; if it is full,
/// these hold nothing else.
struct TilePattern {
  int64_t phase, width, period;
  bool isFull = true;
};

/// The tiles [begin, end), or those of a pattern among them.
struct TilePiece {
  mlir::Value begin, end;
  std::optional<TilePattern> pattern;
  /// Where those of a pattern are full, if that is known.
  mlir::Value fullBegin, fullEnd;
};

/// The tiles of some pieces, one piece after the other, as one range of
/// numbers: loops over them are as long as there are tiles.
class TilePieces {
public:
  /// The tiles that are visited, by columns; null if there are too many pieces
  /// to tell. Before tile `lastWhole` all columns exist. `toPhysical` takes a
  /// logical column to a physical one.
  static std::optional<TilePieces>
  get(mlir::OpBuilder &builder, mlir::Location loc, const Formula &formula,
      const RowBlock &rows, int64_t tileSize, mlir::Value lastWhole,
      bool isShifted,
      llvm::function_ref<mlir::OpFoldResult(mlir::OpFoldResult)> toPhysical);

  /// The tiles of a range.
  static TilePieces getRange(mlir::Value begin, mlir::Value end);

  /// Those in [begin, end).
  TilePieces clip(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value begin, mlir::Value end) const;
  /// Takes out what repeats; intervals stay.
  TilePieces takePatterns();
  bool isEmpty() const { return pieces.empty(); }
  /// Takes out full tiles of patterns.
  TilePieces takeFull(mlir::OpBuilder &builder, mlir::Location loc);
  void append(const TilePieces &others) {
    llvm::append_range(pieces, others.pieces);
  }
  bool hasPatterns() const {
    return llvm::any_of(pieces, [](const TilePiece &piece) {
      return piece.pattern.has_value();
    });
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
  /// Of each piece, as i32 (they live as long as a loop): the tiles of the
  /// pieces up to it, and what a number is away from its tile, or from that of
  /// its pattern.
  llvm::SmallVector<mlir::Value> ends, offsets;
};

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_TRANSFORMS_TILEPIECES_H
