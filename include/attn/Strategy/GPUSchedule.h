//===- GPUSchedule.h - Tiles of folds on a GPU ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_GPUSCHEDULE_H
#define ATTN_STRATEGY_GPUSCHEDULE_H

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Target/GPUTarget.h"
#include "llvm/Support/CommandLine.h"

namespace attn::strategy {

/// Tiles of columns in shared memory at a time: one is computed with while the
/// next arrives. What schedules count with, and what copies do.
inline constexpr int64_t kGPUStages = 2;

/// Where a mask cuts much of the tiles, and other tiles are better.
inline constexpr int64_t kFewGPUColumns = 1280;

/// Which folds are held (`FoldTiling::held`): those that rarely have to be done
/// again, none, or all where producers leave registers for two versions.
enum class MaximumMode { Auto, Online, Held };

/// How they are called in options.
inline auto getMaximumModes() {
  return llvm::cl::values(
      clEnumValN(MaximumMode::Auto, "auto",
                 "held where rows rarely have to be done again"),
      clEnumValN(MaximumMode::Online, "online", "by every tile"),
      clEnumValN(MaximumMode::Held, "held",
                 "by the first tiles, wherever there are producers"));
}

/// What a multiprocessor has, and how many tiles of columns are in its shared
/// memory at a time.
struct GPULimits {
  int64_t registers = GPUTarget().registers;
  int64_t sharedBytes = GPUTarget().sharedBytes;
  int64_t stages = kGPUStages;
  /// Whether warps that only copy give registers to the others, which multiply
  /// operands of 16 bits by four.
  bool hasProducers = true;
  MaximumMode maximum = MaximumMode::Auto;
};

/// What tiles need: of a thread, and of a block.
struct GPUResources {
  int64_t registers, sharedBytes;
};

struct GPUCandidate {
  tile::FoldTiling tiling;
  GPUResources resources;
};

/// Tiles that do not fit with `stages` tiles of columns in shared memory.
struct GPURejection {
  int64_t rows, cols, stages;
  GPUResources needed, available;
};

/// The tiles that fit by count, the best first. The count knows the state and
/// the values of a tile, not what a body of the user's takes: later candidates
/// leave more room. What was tried and does not fit is added to `rejected`.
llvm::SmallVector<GPUCandidate>
getGPUCandidates(const tile::FoldShape &shape, const GPULimits &limits,
                 llvm::SmallVectorImpl<GPURejection> *rejected = nullptr);

/// Whether there are certainly no more columns than kFewGPUColumns.
bool hasFewGPUColumns(const tile::FoldShape &shape);

/// Says what is missing for the smallest tiles, if there is no candidate.
llvm::LogicalResult emitFitsNoGPUSchedule(mlir::Operation *op,
                                          const tile::FoldShape &shape,
                                          const GPULimits &limits);

/// What tiles that were given need, and what there is for as many rows.
GPUResources getGPUResources(const tile::FoldShape &shape,
                             const GPULimits &limits, int64_t rows,
                             int64_t cols);
GPUResources getAvailableGPUResources(const tile::FoldShape &shape,
                                      const GPULimits &limits, int64_t rows);

/// Whether a group of warps copies for the others.
bool hasGPUProducers(const tile::FoldShape &shape, const GPULimits &limits);

} // namespace attn::strategy

#endif // ATTN_STRATEGY_GPUSCHEDULE_H
