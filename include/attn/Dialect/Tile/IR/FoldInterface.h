//===- FoldInterface.h - Operations that are folds --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H
#define ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H

#include "attn/Dialect/Tile/IR/Tile.h"

namespace attn::tile {

/// How an operation is cut into tiles.
struct FoldTiling {
  /// Rows of the tile that stays (queries).
  int64_t rows;
  /// Rows of a tile of the folded dimension (keys).
  int64_t cols;
  /// The register tile of contractions, if the target has one.
  MicroTileAttr micro;
  /// Lay out what several tiles of rows read once, for all of them.
  bool hoistPack = true;
  /// Start with the last tiles of rows.
  bool longestFirst = false;
};

/// A fold, described. See FoldOpInterface.
struct FoldRecipe {
  FoldOrder order = FoldOrder::Free;
  /// A `!tile.domain`.
  mlir::Value domain;
  /// The state before the first tile.
  llvm::SmallVector<mlir::Value> identity;
  /// Names of the flags that the step reads.
  llvm::SmallVector<llvm::StringRef> flags;
  /// Builds one step and returns the next state.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value coords,
      mlir::ValueRange flags, mlir::ValueRange state)>
      step;
  /// Builds the results of the operation from the final state.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::ValueRange state)>
      finish;
};

} // namespace attn::tile

#include "attn/Dialect/Tile/IR/FoldInterface.h.inc"

#endif // ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H
