//===- RecurrenceStep.h - Steps of a recurrence -----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one step of a recurrence does with one head's state, as `linalg` on
// tensors: one token as it is defined, or a chunk of tokens by products.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_ATTN_IR_RECURRENCESTEP_H
#define LIB_DIALECT_ATTN_IR_RECURRENCESTEP_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace attn {

/// A step: of which operation, where, and what its tiles are like.
struct RecurrenceTile {
  /// On one entry of the batch and one state head.
  RecurrenceOp op;
  /// Where the tokens are: `!tile.coords`.
  mlir::Value coords;
  /// Tokens, and the widths of what is read: those that do not exist are zero.
  int64_t tokens, keyWidth, valueWidth;
  /// What products are taken of.
  mlir::FloatType operandType;
  /// Of a chunk: the gates between two tokens are summed for each pair. Else
  /// their sum is a difference of two from the beginning of the chunk, with an
  /// error of half an ulp of these: next to decays down to e^-20 a token, 6e-5.
  bool sumsPairs;
  /// Of a chunk: the state is Dv x Dk.
  bool transposed;
  /// Of a chunk: values count as zero, and are not read.
  bool hasNoValues = false;
  /// The first token that the output has; null: the first of all.
  mlir::Value firstOutput;
  /// Of a chunk of the delta rule: what was computed before of all chunks, or
  /// nothing, and the number of that of the first chunk.
  llvm::SmallVector<mlir::Value> kept;
  mlir::Value firstKept;
};

/// The state and what was written of the output. Of a chunk, without an output
/// only the state is computed; `total`, if it is there, is the sum of gates.
struct RecurrenceState {
  mlir::Value output, state, total;
};

/// The step for one token.
RecurrenceState buildTokenStep(mlir::OpBuilder &builder, mlir::Location loc,
                               const RecurrenceTile &tile,
                               const RecurrenceState &state);

/// The step for a chunk of tokens.
RecurrenceState buildChunkStep(mlir::OpBuilder &builder, mlir::Location loc,
                               const RecurrenceTile &tile,
                               const RecurrenceState &state);

/// Of a chunk of the delta rule, what needs no state, in an order of its own:
/// the inverse, and with a gate for each key all that gates are factors of.
llvm::SmallVector<mlir::Value> buildChunkKept(mlir::OpBuilder &builder,
                                              mlir::Location loc,
                                              const RecurrenceTile &tile);

/// The types of that.
llvm::SmallVector<mlir::RankedTensorType>
getKeptTypes(const RecurrenceTile &tile);

/// A schedule of chunks as the tiling of a fold over tokens, and back.
std::optional<tile::FoldTiling>
getChunkTiling(std::optional<ChunkScheduleAttr> schedule);
ChunkScheduleAttr getChunkSchedule(mlir::MLIRContext *context,
                                   const tile::FoldTiling &tiling);

/// The rows of [0, head] of a tensor of rank 4 at `coords`, `width` wide.
mlir::Value readMatrix(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value tensor, mlir::Value head, mlir::Value coords,
                       int64_t width);

/// The elements of [0, 0] of a tensor of rank 3 at `coords`.
mlir::Value readVector(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value tensor, mlir::Value coords);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_RECURRENCESTEP_H
