//===- Selection.h - Choosing a cut -----------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_SELECTION_H
#define ATTN_STRATEGY_SELECTION_H

#include "attn/Strategy/IOModel.h"

namespace attn::strategy {

struct Scored {
  Candidate candidate;
  Prediction prediction;
};

struct Rejected {
  Cut cut;
  std::string reason;
};

/// The outcome of a choice.
struct Selection {
  Scored chosen;
  /// The fastest of the other cuts.
  std::optional<Scored> runnerUp;
  std::vector<Rejected> rejected;
  size_t numCandidates = 0;
  /// False if every cut was rejected: then the smallest one is chosen.
  bool fits = true;
};

/// The register tiles to try: the one that fills the registers and, for fewer
/// rows than that has, ones as high as the rows.
llvm::SmallVector<std::pair<int64_t, int64_t>>
getRegisterTiles(const CPUTarget &target, unsigned bits, int64_t rows);

/// Every cut that is worth a prediction.
std::vector<Cut> getCuts(const CPUTarget &target, const Workload &workload);

Selection select(const IOModel &model, const Workload &workload,
                 WorkCounter &counter);

/// A cut that was given rather than chosen, as a candidate.
Candidate getCandidate(const tile::FoldTiling &tiling);
/// What the compiler obeys.
tile::FoldTiling getTiling(mlir::MLIRContext *context, const IOModel &model,
                           const Workload &workload, const Scored &scored);

/// The fold's work on a machine, chosen or given.
struct Decision {
  Workload workload;
  std::unique_ptr<WorkCounter> counter;
  Selection selection;
  /// Set if the operation came with a schedule, which then stands.
  std::optional<Scored> given;

  const Scored &getStanding() const {
    return given ? *given : selection.chosen;
  }
};

/// Decides for one operation. Fails with a diagnostic on it.
mlir::FailureOr<std::unique_ptr<Decision>> decide(const IOModel &model,
                                                  tile::FoldOpInterface op);

/// Why `other` is slower than `chosen`, in words: what it loses most time by.
std::string explain(const Prediction &chosen, const Prediction &other);

} // namespace attn::strategy

#endif // ATTN_STRATEGY_SELECTION_H
