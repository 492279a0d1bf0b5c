//===- ReportFormat.cpp - How reports write things ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ReportFormat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;
namespace json = llvm::json;

json::Value strategy::count(double value) {
  return static_cast<int64_t>(std::llround(value));
}

json::Object strategy::toJSON(const tile::FoldShape &shape) {
  return json::Object{{"batch", shape.batch},
                      {"heads", shape.heads},
                      {"source_heads", shape.sourceHeads},
                      {"rows", shape.rows},
                      {"columns", shape.columns},
                      {"depth", shape.depth},
                      {"width", shape.width}};
}

json::Object strategy::toJSON(const TileCounts &tiles) {
  return json::Object{{"empty", count(tiles.empty)},
                      {"full", count(tiles.full)},
                      {"partial", count(tiles.partial)}};
}

std::string strategy::toString(Location loc) {
  std::string text;
  llvm::raw_string_ostream os(text);
  loc.print(os);
  return text;
}

std::string strategy::formatBytes(double bytes) {
  for (StringRef unit : {"B", "KiB", "MiB", "GiB"}) {
    if (bytes < 10000)
      return llvm::formatv(unit == "B" ? "{0:F0} {1}" : "{0:F1} {1}", bytes,
                           unit);
    bytes /= 1024;
  }
  return llvm::formatv("{0:F1} TiB", bytes);
}

raw_ostream &strategy::beginLine(raw_ostream &os, StringRef name) {
  return os << llvm::formatv("  {0,-11} ", name);
}

void strategy::writeHeading(raw_ostream &os, StringRef function, Operation *op,
                            const Workload &workload) {
  const tile::FoldShape &shape = workload.shape;
  os << "\n@" << function << ": " << op->getName() << " at "
     << toString(op->getLoc()) << "\n";
  beginLine(os, "extents") << llvm::formatv(
      "batch {0}, heads {1} over {2}, rows {3}, columns {4}, depth {5}, width "
      "{6}\n",
      shape.batch, shape.heads, shape.sourceHeads, shape.rows, shape.columns,
      shape.depth, shape.width);
  if (!workload.assumptions.empty())
    beginLine(os, "assumed") << llvm::join(workload.assumptions, ", ") << "\n";
}

void strategy::writeWork(raw_ostream &os, double flops, double exponentials) {
  beginLine(os, "work") << llvm::formatv(
      "{0:F3} GFLOP, {1:F3} M exponentials\n", 1e-9 * flops,
      1e-6 * exponentials);
}

SmallVector<std::string> strategy::explain(const Sampling &sampling) {
  SmallVector<std::string> lines;
  auto add = [&](StringRef what, int64_t step, StringRef unit) {
    if (step > 1)
      lines.push_back(llvm::formatv("{0} by 1 of {1} {2}", what, step, unit));
  };
  add("operations and exponentials", sampling.rows, "rows");
  add("tiles and bytes", sampling.tiles, "tiles of rows");
  add("time", sampling.groups, "groups of rows");
  return lines;
}

void strategy::writeSampling(raw_ostream &os, const Sampling &sampling) {
  SmallVector<std::string> lines = explain(sampling);
  if (!lines.empty())
    beginLine(os, "estimated") << llvm::join(lines, ", ") << "\n";
}

void strategy::writeLevel(raw_ostream &os, StringRef name, double bytes,
                          double compulsory) {
  os << llvm::formatv("  {0,-11} {1,12}   {2,8:F2} x compulsory\n", name,
                      formatBytes(bytes), bytes / compulsory);
}
