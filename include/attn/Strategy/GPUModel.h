//===- GPUModel.h - What tiles cost on a GPU --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/io-model.md has the formulas and says where the constants come from.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_STRATEGY_GPUMODEL_H
#define ATTN_STRATEGY_GPUMODEL_H

#include "attn/Strategy/GPUOrder.h"
#include "attn/Strategy/GPUSchedule.h"
#include <array>

namespace attn::strategy {

/// What may bound a fold on a GPU. Those before L2 are each multiprocessor's
/// own.
enum class GPUBound { Tensor, Exponential, Arithmetic, Shared, L2, HBM };
inline constexpr size_t kNumGPUBounds = static_cast<size_t>(GPUBound::HBM) + 1;
llvm::StringRef stringify(GPUBound bound);

/// Bytes that cross a boundary, over the whole fold.
struct GPUTraffic {
  /// What is written is written back sooner or later.
  double hbmRead = 0, hbmWritten = 0;
  /// Between L2 and the multiprocessors, and in and out of shared memory.
  double l2 = 0, shared = 0;
  /// Each operand that some row sees read once, each result written once.
  double compulsory = 0;

  double getHBM() const { return hbmRead + hbmWritten; }
};

/// What the model says about one schedule.
struct GPUPrediction {
  double usefulFlops = 0, exponentials = 0;
  TileCounts tiles;
  Sampling sampling;
  /// Without the number of multiprocessors nothing is known of the rounds, and
  /// of traffic with memory only the compulsory part.
  bool hasRounds = false;
  GPURounds rounds;
  int64_t blocksPerMultiprocessor = 1;
  GPUTraffic traffic;
  /// Seconds that each would take alone, where the rate is known.
  std::array<std::optional<double>, kNumGPUBounds> limits;
  /// The longest of those that are known, if there is one.
  std::optional<GPUBound> bound;
  double seconds = 0;
  /// The part of the multiprocessors' time in which they have no piece.
  double idle = 0;
  /// Useful operations over what tensor cores could do in that time; 0 if it
  /// is not known.
  double peakFraction = 0;

  /// Nothing that is not known could take longer.
  bool isComplete() const {
    return llvm::all_of(limits, [](const auto &limit) { return limit; });
  }
};

class GPUModel {
public:
  explicit GPUModel(const GPUTarget &target);

  GPUPrediction predict(const Workload &workload, WorkCounter &counter,
                        const GPUCandidate &candidate) const;

  const GPUTarget &getTarget() const { return target; }
  const GPULimits &getLimits() const { return limits; }
  /// Operations per second of all tensor cores in 16 bits; 0: not known.
  double getPeak() const;

private:
  int64_t getBlocksPerMultiprocessor(const tile::FoldShape &shape,
                                     const GPUCandidate &candidate) const;

  const GPUTarget &target;
  GPULimits limits;
};

} // namespace attn::strategy

#endif // ATTN_STRATEGY_GPUMODEL_H
