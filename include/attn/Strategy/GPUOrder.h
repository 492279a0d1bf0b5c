//===- GPUOrder.h - What a GPU works on at the same time --------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel consists of pieces, one for each tile of rows of each slice, that
// blocks of threads work through. What blocks read at the same time they share
// through L2, so its traffic follows from their order.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_STRATEGY_GPUORDER_H
#define ATTN_STRATEGY_GPUORDER_H

#include "attn/Strategy/Workload.h"

namespace attn::strategy {

/// Which pieces are worked on in which round. In a round each block takes one
/// piece or, paired, one and the piece that is as far from the end.
struct PieceOrder {
  int64_t pieces = 0;
  int64_t blocks = 1;
  /// Begin with the last piece.
  bool isReversed = false;
  bool isPaired = false;

  int64_t getNumRounds() const;
  void
  forEach(int64_t round,
          llvm::function_ref<void(int64_t block, int64_t piece)> visit) const;
};

/// How a kernel is cut and run.
struct GPUPlan {
  int64_t rows, cols;
  /// What fits all multiprocessors at a time.
  int64_t blocks;
  bool longestFirst;
  /// Blocks stay and do pieces of a fixed order; otherwise whichever block ends
  /// makes room for the next.
  bool isPersistent;
};

/// The level of memory that blocks share.
struct GPUCache {
  /// 0 if it is not known: then nothing lasts from one round to the next.
  int64_t bytes = 0;
  /// Copies that it keeps of what all blocks read.
  int64_t copies = 1;
};

/// What the rounds of a kernel add up to.
struct GPURounds {
  int64_t pieces = 0, blocks = 0, rounds = 0;
  /// Tiles of columns: all, and those of the block that does most.
  double tiles = 0, mostTiles = 0;
  /// Pairs of those tiles, less what lies beyond the last row or column.
  double pairs = 0;
  /// Columns that pieces ask L2 for, and that L2 asks memory for.
  double columnsFromL2 = 0, columnsFromMemory = 0;
  /// Columns of all sources that some row sees.
  double columnsSeen = 0;
  /// What L2 must hold for a round to find what the one before has read: the
  /// most of all rounds.
  double roundBytes = 0;
  /// Rounds after which it does not, with the last.
  int64_t lostRounds = 0;
  /// The most sources that are read in a round, and how many columns of each
  /// L2 can hold then: blocks that are no further apart read them once.
  int64_t sources = 0;
  double columnsPerSource = 0;
};

GPURounds getGPURounds(const Workload &workload, WorkCounter &counter,
                       const GPUPlan &plan, const GPUCache &cache);

} // namespace attn::strategy

#endif // ATTN_STRATEGY_GPUORDER_H
