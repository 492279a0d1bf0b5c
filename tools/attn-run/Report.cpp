//===- Report.cpp - What attn-run tells -----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace attn::run {

bool Report::isCheckPassed() const {
  return all_of(results, [](const Result &result) {
    return !result.comparison || result.comparison->mismatches == 0;
  });
}

double Report::getMinMs() const {
  return *std::min_element(roundMs.begin(), roundMs.end());
}

double Report::getMedianMs() const {
  std::vector<double> sorted = roundMs;
  llvm::sort(sorted);
  size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle]
                           : (sorted[middle - 1] + sorted[middle]) / 2;
}

void Report::print(raw_ostream &os) const {
  if (!roundMs.empty())
    os << formatv("time: median {0:f4} ms, min {1:f4} ms of {2} calls on {3} "
                  "(compiled in {4:f1} ms)\n",
                  getMedianMs(), getMinMs(), roundMs.size(),
                  chip.empty() ? formatv("{0} threads", threads).str() : chip,
                  lowerMs + codegenMs);
  for (auto [index, result] : enumerate(results)) {
    if (!result.comparison)
      continue;
    const exec::Comparison &comparison = *result.comparison;
    os << formatv("check: result {0} {1}: {2}, max abs error {3:e3}, max rel "
                  "error {4:e3}, non-finite {5} (expected {6})\n",
                  index, exec::formatShape(result.element, result.shape),
                  comparison.mismatches ? "MISMATCH" : "ok",
                  comparison.maxAbsoluteError, comparison.maxRelativeError,
                  comparison.nonFiniteActual, comparison.nonFiniteExpected);
    if (comparison.mismatches)
      os << formatv("check:   {0} of {1} elements exceed {2:e1} + {3:e1} * "
                    "|expected|; the worst at position {4}: got {5}, expected "
                    "{6}\n",
                    comparison.mismatches, comparison.elements,
                    result.tolerance.absolute, result.tolerance.relative,
                    comparison.worst, comparison.worstActual,
                    comparison.worstExpected);
  }
  for (const PositiveDecays &decays : positiveDecays)
    os << formatv(
        "check: {0}: {1} of {2} log decays are above 0, up to {3:e2}\n",
        decays.location, decays.count, decays.elements, decays.largest);
}

/// JSON has no spelling for infinity and NaN.
static json::Value toJSON(double value) {
  if (std::isfinite(value))
    return value;
  return formatv("{0}", value).str();
}

static json::Value toJSON(const Report::Result &result) {
  json::Object object{{"type", result.element},
                      {"shape", json::Array(result.shape)},
                      {"non_finite", result.nonFinite}};
  if (result.comparison) {
    const exec::Comparison &comparison = *result.comparison;
    object["check"] =
        json::Object{{"elements", comparison.elements},
                     {"mismatches", comparison.mismatches},
                     {"max_abs_error", toJSON(comparison.maxAbsoluteError)},
                     {"max_rel_error", toJSON(comparison.maxRelativeError)},
                     {"non_finite_expected", comparison.nonFiniteExpected},
                     {"tolerance_abs", result.tolerance.absolute},
                     {"tolerance_rel", result.tolerance.relative}};
  }
  return object;
}

void Report::printJSON(raw_ostream &os) const {
  json::Object object{{"entry", entry},
                      {"target", target},
                      {"cpu", cpu},
                      {"threads", threads},
                      {"compile_ms", lowerMs + codegenMs},
                      {"lower_ms", lowerMs},
                      {"codegen_ms", codegenMs},
                      {"runtime_calls", static_cast<int64_t>(runtimeCalls)}};
  if (!chip.empty())
    object["chip"] = chip;
  if (!roundMs.empty())
    object["run_ms"] = json::Object{{"median", getMedianMs()},
                                    {"min", getMinMs()},
                                    {"rounds", json::Array(roundMs)}};
  json::Array list;
  for (const Result &result : results)
    list.push_back(toJSON(result));
  object["results"] = std::move(list);
  if (any_of(results, [](const Result &result) {
        return result.comparison.has_value();
      }))
    object["check_passed"] = isCheckPassed();
  json::Array decays;
  for (const PositiveDecays &positive : positiveDecays)
    decays.push_back(json::Object{{"location", positive.location},
                                  {"count", positive.count},
                                  {"elements", positive.elements},
                                  {"largest", toJSON(positive.largest)}});
  if (!decays.empty())
    object["positive_log_decays"] = std::move(decays);
  os << formatv("{0:2}\n", json::Value(std::move(object)));
}

/// Prints dimension `dim` and those inside it; `next` runs over the elements.
static void printDim(raw_ostream &os, const exec::Array &array,
                     mlir::Type elementType, size_t dim, int64_t &next) {
  if (dim == array.shape.size()) {
    if (isa<mlir::FloatType>(elementType))
      os << format("%g", exec::getElement(array, next++, elementType));
    else
      os << exec::getInteger(array, next++);
    return;
  }
  os << '[';
  for (int64_t i = 0; i < array.shape[dim]; ++i) {
    os << (i ? ", " : "");
    printDim(os, array, elementType, dim + 1, next);
  }
  os << ']';
}

void printArray(raw_ostream &os, const exec::Array &array,
                mlir::Type elementType) {
  int64_t next = 0;
  printDim(os, array, elementType, 0, next);
}

} // namespace attn::run
