//===- SoftmaxStep.h - One step of softmax attention ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of a softmax and what is done with it, as `linalg` on tensors. The
// exponent's base is chosen here and nowhere else: references are kept in
// natural units and multiplied by log2(e) where an exponential is taken, after
// any score function.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_ATTN_IR_SOFTMAXSTEP_H
#define LIB_DIALECT_ATTN_IR_SOFTMAXSTEP_H

#include "LinalgTiles.h"
#include "attn/Dialect/Attn/IR/Attn.h"

namespace attn {

/// acc, ref and sum; see attn.partial.
struct SoftmaxState {
  mlir::Value acc, ref, sum;
};

/// A tile of one head: what the step needs besides the state.
struct SoftmaxTile {
  LogitsOpInterface op;
  /// The tile of queries (rows x Dk), in the compute type.
  mlir::Value query;
  /// Where the rows and the columns are.
  mlir::Value rows, cols;
  /// Global batch entry and query head.
  mlir::Value batch, head;
  /// The mask's parameters there.
  llvm::SmallVector<mlir::Value> parameters;
  /// The words of ancestors of all rows of the operation; null if there are
  /// none.
  mlir::Value ancestors;
  /// Some position of the tile may lie outside the domain (i1).
  mlir::Value partial;
  /// The row maximum may change (i1); null if it always may.
  mlir::Value update;
  /// Rows that a contraction works on together; a partial tile is trimmed to
  /// what each such group of rows visits. 0: whole tiles, nothing is trimmed.
  int64_t group;
};

/// The reference of a row that has seen no key: half the lowest finite number.
/// Finite, so that the difference of two references is never NaN and such a row
/// needs no branch; half, so that its product with log2(e) is finite too.
llvm::APFloat getLowestReference(mlir::FloatType type);

/// The state before any key: acc = 0, ref = getLowestReference, sum = 0,
/// for acc of `shape`.
SoftmaxState buildIdentity(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<mlir::OpFoldResult> shape,
                           mlir::FloatType type);

/// The state after the keys and values of one tile (rows of `key` and `value`
/// in the compute type, at `tile.cols`).
SoftmaxState buildStep(mlir::OpBuilder &builder, mlir::Location loc,
                       const SoftmaxTile &tile, mlir::Value key,
                       mlir::Value value, const SoftmaxState &state);

/// The combination of two states over disjoint keys, written to `outs`.
SoftmaxState buildMerge(mlir::OpBuilder &builder, mlir::Location loc,
                        const SoftmaxState &a, const SoftmaxState &b,
                        const SoftmaxState &outs);

/// Output (written to `out`) and lse (written to `lse` unless null). `sink` is
/// null, a scalar, or a tensor that `sinkMap` indexes by row.
llvm::SmallVector<mlir::Value>
buildFinalize(mlir::OpBuilder &builder, mlir::Location loc,
              const SoftmaxState &state, mlir::Value out, mlir::Value lse,
              mlir::Value sink, mlir::AffineMap sinkMap);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_SOFTMAXSTEP_H
