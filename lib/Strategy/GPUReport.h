//===- GPUReport.h - What folds compute and move on a GPU -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_STRATEGY_GPUREPORT_H
#define ATTN_LIB_STRATEGY_GPUREPORT_H

#include "attn/Strategy/GPUModel.h"

namespace attn::strategy {

/// One fold of the report.
struct GPUEntry {
  mlir::Operation *op;
  std::string function;
  Workload workload;
  GPUCandidate standing;
  GPUResources available;
  GPUPrediction prediction;
  /// The schedule came with the operation.
  bool isGiven;
  size_t numCandidates;
  llvm::SmallVector<GPURejection> rejected;
};

/// What a fold does with its schedule, or the one `attn-select-gpu-schedule`
/// would choose. Fails with a diagnostic on it.
mlir::FailureOr<GPUEntry> getGPUEntry(const GPUModel &model,
                                      tile::FoldOpInterface op);

void writeJSON(llvm::raw_ostream &os, const GPUModel &model,
               llvm::ArrayRef<GPUEntry> entries);
void writeTable(llvm::raw_ostream &os, const GPUModel &model,
                llvm::ArrayRef<GPUEntry> entries);

} // namespace attn::strategy

#endif // ATTN_LIB_STRATEGY_GPUREPORT_H
