//===- IOModel.h - What a cut costs on a machine ----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/io-model.md has the formulas and says where the constants come from.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_STRATEGY_IOMODEL_H
#define ATTN_STRATEGY_IOMODEL_H

#include "attn/Strategy/Workload.h"
#include "attn/Target/Target.h"
#include <array>

namespace attn::strategy {

/// What may bound a fold.
enum class Bound { Contraction, Exponential, Packing, L1, L2, L3, Memory };
llvm::StringRef stringify(Bound bound);

/// A way to spend time. A core does what comes before L1 itself.
enum class Cause {
  Multiply,
  RegisterTiles,
  Loops,
  Exponentials,
  Masks,
  Packing,
  IdleThreads,
  L1,
  L2,
  L3,
  Memory
};
inline constexpr size_t kNumCauses = static_cast<size_t>(Cause::Memory) + 1;
llvm::StringRef stringify(Cause cause);

/// Bytes that cross a boundary, over the whole fold.
struct Traffic {
  /// Into registers, out of level 1, 2 and 3, and out of memory (or back).
  double l1 = 0, l2 = 0, l3 = 0, memory = 0;
  /// Each operand read once, each result written once.
  double compulsory = 0;
};

/// What the model says about one cut.
struct Prediction {
  double seconds = 0;
  Bound bound = Bound::Contraction;
  /// Useful operations over what the threads could do in that time.
  double peakFraction = 0;
  double usefulFlops = 0;
  double exponentials = 0;
  Traffic traffic;
  TileCounts tiles;
  Sampling sampling;
  double tasks = 0;
  bool growsWithRows = false;
  /// Seconds by cause, if each were alone.
  std::array<double, kNumCauses> causes{};
  /// The part of `seconds` that each cause is to blame for.
  std::array<double, kNumCauses> contributions{};

  double get(Cause cause) const { return causes[static_cast<size_t>(cause)]; }
};

/// Cuts and how keys and values are packed: what is chosen.
struct Candidate {
  Cut cut;
  /// Pack once for all rows, or tile by tile.
  bool hoistPack = true;
};

class IOModel {
public:
  IOModel(const CPUTarget &target, int64_t threads)
      : target(target), threads(threads) {}

  /// Why a cut cannot be used; empty if it can.
  std::string getObjection(const Workload &workload, const Cut &cut) const;
  /// Bytes of a tile that are used again and again and so must stay in L2.
  int64_t getResidentBytes(const Workload &workload, const Cut &cut) const;
  Prediction predict(const Workload &workload, WorkCounter &counter,
                     const Candidate &candidate) const;

  const CPUTarget &getTarget() const { return target; }
  int64_t getThreads() const { return threads; }

private:
  const CPUTarget &target;
  int64_t threads;
};

} // namespace attn::strategy

#endif // ATTN_STRATEGY_IOMODEL_H
