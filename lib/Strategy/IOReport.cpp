//===- IOReport.cpp - Reports what folds compute and move -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GPUReport.h"
#include "ReportFormat.h"
#include "attn/Strategy/Passes.h"
#include "attn/Strategy/Selection.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/ToolOutputFile.h"

namespace attn::strategy {
#define GEN_PASS_DEF_IOREPORT
#include "attn/Strategy/Passes.h.inc"
} // namespace attn::strategy

using namespace mlir;
using namespace attn;
using namespace attn::strategy;
namespace json = llvm::json;

namespace {

/// One fold of the report.
struct Entry {
  Operation *op;
  std::string function;
  std::unique_ptr<Decision> decision;
};

} // namespace

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Object toJSON(const Candidate &candidate) {
  const Cut &cut = candidate.cut;
  return json::Object{{"rows", cut.rows},
                      {"cols", cut.cols},
                      {"micro_rows", cut.microRows},
                      {"micro_cols", cut.microCols},
                      {"hoist_pack", candidate.hoistPack}};
}

static json::Object toJSON(const CPUTarget &target, int64_t threads) {
  return json::Object{{"cpu", target.cpu},
                      {"threads", threads},
                      {"vector_bits", target.vectorBits},
                      {"vector_registers", target.vectorRegisters},
                      {"gigahertz", target.gigahertz},
                      {"l1_bytes", target.l1Bytes},
                      {"l2_bytes", target.l2Bytes},
                      {"l3_bytes", target.l3Bytes}};
}

static json::Object toJSON(const Traffic &traffic) {
  return json::Object{{"compulsory", count(traffic.compulsory)},
                      {"l1", count(traffic.l1)},
                      {"l2", count(traffic.l2)},
                      {"l3", count(traffic.l3)},
                      {"memory", count(traffic.memory)}};
}

static json::Object getTime(const Prediction &prediction) {
  json::Object causes;
  for (size_t i = 0; i < kNumCauses; ++i)
    causes[stringify(static_cast<Cause>(i))] = 1e6 * prediction.causes[i];
  return json::Object{{"microseconds", 1e6 * prediction.seconds},
                      {"bound", stringify(prediction.bound)},
                      {"percent_of_peak", 100 * prediction.peakFraction},
                      {"microseconds_by_cause", std::move(causes)}};
}

static json::Object toJSON(const Entry &entry) {
  const Decision &decision = *entry.decision;
  const Scored &standing = decision.getStanding();
  const Prediction &p = standing.prediction;
  json::Object schedule = toJSON(standing.candidate);
  schedule["origin"] = decision.given ? "given" : "selected";
  schedule["longest_first"] = p.growsWithRows;

  json::Array rejected;
  for (const Rejected &cut : decision.selection.rejected) {
    json::Object object = toJSON(Candidate{cut.cut});
    object.erase("hoist_pack");
    object["reason"] = cut.reason;
    rejected.push_back(std::move(object));
  }
  json::Object result{{"function", entry.function},
                      {"operation", entry.op->getName().getStringRef()},
                      {"location", toString(entry.op->getLoc())},
                      {"extents", toJSON(decision.workload.shape)},
                      {"assumed", json::Array(decision.workload.assumptions)},
                      {"estimated", json::Array(explain(p.sampling))},
                      {"flops", count(p.usefulFlops)},
                      {"exponentials", count(p.exponentials)},
                      {"bytes", toJSON(p.traffic)},
                      {"tiles", toJSON(p.tiles)},
                      {"tasks", count(p.tasks)},
                      {"time", getTime(p)},
                      {"schedule", std::move(schedule)},
                      {"candidates", int64_t(decision.selection.numCandidates)},
                      {"rejected", std::move(rejected)}};
  if (const std::optional<Scored> &other = decision.selection.runnerUp) {
    json::Object object = toJSON(other->candidate);
    object["microseconds"] = 1e6 * other->prediction.seconds;
    object["reason"] =
        explain(decision.selection.chosen.prediction, other->prediction);
    result["runner_up"] = std::move(object);
  }
  return result;
}

static void writeJSON(raw_ostream &os, const IOModel &model,
                      ArrayRef<Entry> entries) {
  json::Array folds;
  for (const Entry &entry : entries)
    folds.push_back(toJSON(entry));
  json::Object report{{"target", toJSON(model.getTarget(), model.getThreads())},
                      {"folds", std::move(folds)}};
  os << llvm::formatv("{0:2}", json::Value(std::move(report))) << "\n";
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

static void writeEntry(raw_ostream &os, const Entry &entry) {
  const Decision &decision = *entry.decision;
  const Scored &standing = decision.getStanding();
  const Prediction &p = standing.prediction;
  const Cut &cut = standing.candidate.cut;
  auto line = [&](StringRef name) -> raw_ostream & {
    return beginLine(os, name);
  };
  writeHeading(os, entry.function, entry.op, decision.workload);
  writeWork(os, p.usefulFlops, p.exponentials);
  writeSampling(os, p.sampling);
  line("schedule") << llvm::formatv(
      "{0}: {1} x {2}, register tile {3} x {4}, packed {5}{6}\n",
      decision.given ? "given" : "selected", cut.rows, cut.cols, cut.microRows,
      cut.microCols, standing.candidate.hoistPack ? "once" : "tile by tile",
      p.growsWithRows ? ", longest first" : "");
  line("tiles") << llvm::formatv(
      "{0:F0} full, {1:F0} partial, {2:F0} empty; {3:F0} tasks\n", p.tiles.full,
      p.tiles.partial, p.tiles.empty, p.tasks);
  line("time") << llvm::formatv("{0:F1} us, bound by {1}, {2:F1} % of peak\n",
                                1e6 * p.seconds, stringify(p.bound),
                                100 * p.peakFraction);
  const Traffic &traffic = p.traffic;
  writeLevel(os, "compulsory", traffic.compulsory, traffic.compulsory);
  writeLevel(os, "memory", traffic.memory, traffic.compulsory);
  writeLevel(os, "L3", traffic.l3, traffic.compulsory);
  writeLevel(os, "L2", traffic.l2, traffic.compulsory);
  writeLevel(os, "L1", traffic.l1, traffic.compulsory);
  const auto &contributions = p.contributions;
  for (size_t i = 0; i < kNumCauses; ++i)
    if (contributions[i] >= 0.0005 * p.seconds)
      os << llvm::formatv("  {0,6:F1} %    {1}\n",
                          100 * contributions[i] / p.seconds,
                          stringify(static_cast<Cause>(i)));
  if (const std::optional<Scored> &other = decision.selection.runnerUp)
    line("runner-up") << llvm::formatv(
        "{0} x {1}: {2}\n", other->candidate.cut.rows,
        other->candidate.cut.cols,
        explain(decision.selection.chosen.prediction, other->prediction));
  const std::vector<Rejected> &rejected = decision.selection.rejected;
  line("rejected") << llvm::formatv("{0} of {1} cuts\n", rejected.size(),
                                    decision.selection.numCandidates);
  // Wider tiles take more, so the narrowest that does not fit says it all.
  const Cut *previous = nullptr;
  for (const Rejected &other : rejected) {
    bool isWider = previous && previous->rows == other.cut.rows &&
                   previous->microRows == other.cut.microRows &&
                   previous->microCols == other.cut.microCols;
    if (!isWider)
      os << llvm::formatv("    {0} x {1} and wider: {2}\n", other.cut.rows,
                          other.cut.cols, other.reason);
    previous = &other.cut;
  }
}

static void writeTable(raw_ostream &os, const IOModel &model,
                       ArrayRef<Entry> entries) {
  const CPUTarget &target = model.getTarget();
  os << llvm::formatv("{0}, {1} threads at {2:F1} GHz: {3} registers of {4} "
                      "bits, L1 {5}, L2 {6}, L3 {7}\n",
                      target.cpu, model.getThreads(), target.gigahertz,
                      target.vectorRegisters, target.vectorBits,
                      formatBytes(target.l1Bytes), formatBytes(target.l2Bytes),
                      formatBytes(target.l3Bytes));
  for (const Entry &entry : entries)
    writeEntry(os, entry);
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {
struct IOReport : strategy::impl::IOReportBase<IOReport> {
  using IOReportBase::IOReportBase;

  InFlightDiagnostic fail() { return emitError(getOperation()->getLoc()); }

  /// Writes `entries`, each of which `getEntry` makes of a fold.
  template <typename EntryT, typename ModelT>
  LogicalResult
  report(const ModelT &model,
         function_ref<FailureOr<EntryT>(tile::FoldOpInterface)> getEntry) {
    std::vector<EntryT> entries;
    WalkResult result = getOperation()->walk([&](tile::FoldOpInterface op) {
      if (op.getFoldShape().order == tile::FoldOrder::Ordered) {
        op->emitRemark("is an ordered fold, whose costs are not modelled yet");
        return WalkResult::advance();
      }
      FailureOr<EntryT> entry = getEntry(op);
      if (failed(entry))
        return WalkResult::interrupt();
      entries.push_back(std::move(*entry));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return failure();
    std::string message;
    std::unique_ptr<llvm::ToolOutputFile> output =
        openOutputFile(file, &message);
    if (!output)
      return fail() << message;
    if (format == "json")
      writeJSON(output->os(), model, ArrayRef<EntryT>(entries));
    else
      writeTable(output->os(), model, ArrayRef<EntryT>(entries));
    output->keep();
    return success();
  }

  LogicalResult reportCPU() {
    llvm::Expected<CPUTarget> target =
        getCPUTarget(cpu.empty() ? StringRef("host") : StringRef(cpu));
    if (!target)
      return fail() << llvm::toString(target.takeError());
    IOModel model(*target, threads > 0 ? threads : target->cores);
    return report<Entry>(
        model, [&](tile::FoldOpInterface op) -> FailureOr<Entry> {
          FailureOr<std::unique_ptr<Decision>> decision = decide(model, op);
          if (failed(decision))
            return failure();
          auto function = op->getParentOfType<FunctionOpInterface>();
          return Entry{op, function ? function.getName().str() : "",
                       std::move(*decision)};
        });
  }

  LogicalResult reportGPU() {
    if (!cpu.empty())
      return fail() << "expected a CPU or a GPU, got cpu '" << cpu
                    << "' and chip '" << chip << "'";
    if (threads != 0)
      return fail() << "expected threads for a CPU only, got "
                    << threads.getValue() << " and chip '" << chip << "'";
    llvm::Expected<GPUTarget> target = getGPUTarget(chip);
    if (!target)
      return fail() << llvm::toString(target.takeError());
    GPUModel model(*target);
    return report<GPUEntry>(model, [&](tile::FoldOpInterface op) {
      return getGPUEntry(model, op);
    });
  }

  LogicalResult report() {
    if (format != "table" && format != "json")
      return fail() << "expected the format table or json, got '" << format
                    << "'";
    return chip.empty() ? reportCPU() : reportGPU();
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(report()))
      signalPassFailure();
  }
};
} // namespace
