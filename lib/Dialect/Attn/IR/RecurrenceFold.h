//===- RecurrenceFold.h - What folds over tokens begin with -----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_RECURRENCEFOLD_H
#define LIB_DIALECT_ATTN_IR_RECURRENCEFOLD_H

#include "RecurrenceStep.h"

namespace attn {

/// What a step needs to know, but where it is.
RecurrenceTile getRecurrenceTile(RecurrenceOp op,
                                 const tile::FoldTiling &tiling);

/// The keys of a state that exist, of all that are computed.
mlir::Value getKeyCoords(mlir::OpBuilder &b, mlir::Location loc,
                         const RecurrenceTile &tile);

/// The extents of a state as it is computed with.
llvm::SmallVector<int64_t> getStateShape(const RecurrenceTile &tile);

mlir::Value getZeroState(mlir::OpBuilder &b, mlir::Location loc,
                         const RecurrenceTile &tile);

/// The state in front of the first token, whose rows `keys` are.
mlir::Value getFirstState(mlir::OpBuilder &b, mlir::Location loc,
                          const RecurrenceTile &tile, mlir::Value keys);

mlir::Value writeFinalState(mlir::OpBuilder &b, mlir::Location loc,
                            const RecurrenceTile &tile, mlir::Value keys,
                            mlir::Value state, mlir::Value dest);

/// A fold over all tokens or, if `span` has two bounds, over some.
tile::FoldRecipe startRecipe(mlir::OpBuilder &b, mlir::Location loc,
                             const RecurrenceTile &tile, mlir::ValueRange span);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_RECURRENCEFOLD_H
