//===- ScanStep.h - The step of a scan --------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_SCANSTEP_H
#define LIB_DIALECT_ATTN_IR_SCANSTEP_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/FoldInterface.h"

namespace attn {

/// A step: of which operation, where, and what all of its steps share.
struct ScanTile {
  /// On one entry of the batch and one head.
  ScanOp op;
  /// Where the token is: `!tile.coords`.
  mlir::Value coords;
  /// Extents of a state: numbers, channels.
  int64_t width, channels;
  /// The tile of `rate`, like the first tensor of a state, and of `bonus`, as a
  /// vector, both of what is computed in; null if there is none.
  mlir::Value rate, bonus;
  /// The token that the first row of the output is; null: token 0.
  mlir::Value firstOutput;
};

/// The first of a state's tensors is a matrix of numbers by channels; those of
/// an average (`weights`: acc, ref, sum) are vectors of channels.
struct ScanState {
  mlir::Value output;
  llvm::SmallVector<mlir::Value> tensors;
};

/// What an element of a state's tensor `number` is in front of all tokens.
llvm::APFloat getScanIdentity(mlir::FloatType type, unsigned number);

/// The step for one token, as `linalg` on tensors.
ScanState buildScanStep(mlir::OpBuilder &builder, mlir::Location loc,
                        const ScanTile &tile, const ScanState &state);

/// What a token makes of a state, and of factors by which the tokens before it
/// have scaled each element of an earlier one (null: nothing does); it is not
/// read.
std::pair<mlir::Value, mlir::Value>
buildScanTransfer(mlir::OpBuilder &builder, mlir::Location loc,
                  const ScanTile &tile, mlir::Value state, mlir::Value factors);

/// What all steps of `op`, one token each, share; on tiles.
ScanTile getScanTile(mlir::OpBuilder &builder, mlir::Location loc, ScanOp op);

/// The fold over the tokens of `tile`, or those of `span`, without a step.
tile::FoldRecipe startScanRecipe(mlir::OpBuilder &builder, mlir::Location loc,
                                 const ScanTile &tile, mlir::ValueRange span);

/// The numbers of a state: `!tile.coords`.
mlir::Value getScanNumbers(mlir::OpBuilder &builder, mlir::Location loc,
                           const ScanTile &tile);

/// Tensor `number` of the state in front of the first token, and how it is
/// written behind the last.
mlir::Value getFirstScanState(mlir::OpBuilder &builder, mlir::Location loc,
                              const ScanTile &tile, unsigned number);
mlir::Value writeScanState(mlir::OpBuilder &builder, mlir::Location loc,
                           const ScanTile &tile, mlir::Value state,
                           mlir::Value dest);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_SCANSTEP_H
