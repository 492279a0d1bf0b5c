//===- Report.h - What attn-run tells ---------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_REPORT_H
#define ATTN_TOOLS_ATTN_RUN_REPORT_H

#include "attn/Execution/Compare.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace attn::run {

/// Everything measured in one run of the tool.
struct Report {
  struct Result {
    std::string element; // As MLIR spells the type.
    llvm::SmallVector<int64_t, 4> shape;
    int64_t nonFinite = 0;
    std::optional<exec::Comparison> comparison;
    exec::Tolerance tolerance = {0, 0};
  };

  /// Log decays that are above 0, of the operation at a location.
  struct PositiveDecays {
    std::string location;
    int64_t count = 0, elements = 0;
    double largest = 0;
  };

  std::string entry;
  std::string target;
  std::string cpu;
  std::string chip; // Empty unless the target is a GPU.
  int threads = 0;
  double lowerMs = 0;   // MLIR's passes.
  double codegenMs = 0; // LLVM.
  std::vector<double> roundMs;
  uint64_t runtimeCalls = 0;
  std::vector<Result> results;
  std::vector<PositiveDecays> positiveDecays;

  bool isCheckPassed() const;
  double getMedianMs() const;
  double getMinMs() const;

  void print(llvm::raw_ostream &os) const;
  void printJSON(llvm::raw_ostream &os) const;
};

/// Prints an array in nested brackets.
void printArray(llvm::raw_ostream &os, const exec::Array &array,
                mlir::Type elementType);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_REPORT_H
