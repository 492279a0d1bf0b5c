//===- OrderedFold.h - Choosing the steps of a recurrence -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_ORDEREDFOLD_H
#define ATTN_STRATEGY_ORDEREDFOLD_H

#include "attn/Dialect/Tile/IR/FoldInterface.h"

namespace attn::strategy {

/// Tokens up to which a chunk on a GPU is mostly tokens that do not exist, and
/// what takes time is the state, which is read and written once.
inline constexpr int64_t kFewGPUTokens = 8;

/// How a fold whose steps depend on each other is cut: all columns of a state
/// in a task, or equal parts of many where a step is one token, and as many
/// tokens in a step as pay; the sequence in pieces where there
/// are many `threads` for each state. `micro` is the largest register tile of
/// the target's contractions. Fails with a diagnostic on the operation.
mlir::FailureOr<tile::FoldTiling> getOrderedTiling(tile::FoldOpInterface op,
                                                   tile::MicroTileAttr micro,
                                                   int64_t threads);

/// The cuts for a GPU, in the order in which they are preferred: which one fits
/// its registers is found by assembling. Chunks of tokens come first, but for
/// few tokens; the last choice is a token at a time. None if a state is so deep
/// that a warp does not hold one column. `tasks` fill the machine; 0: nothing
/// is known of it.
llvm::SmallVector<tile::FoldTiling>
getOrderedGPUTilings(const tile::FoldShape &shape, int64_t tasks);

/// Why a GPU takes a token at a time where that is chosen.
std::string explainToken(const tile::FoldShape &shape);

/// What was chosen or given, in words.
std::string describeOrdered(const tile::FoldTiling &tiling);

} // namespace attn::strategy

#endif // ATTN_STRATEGY_ORDEREDFOLD_H
