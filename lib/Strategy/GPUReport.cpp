//===- GPUReport.cpp - What folds compute and move on a GPU ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GPUReport.h"
#include "ReportFormat.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;
namespace json = llvm::json;

FailureOr<GPUEntry> strategy::getGPUEntry(const GPUModel &model,
                                          tile::FoldOpInterface op) {
  const GPULimits &limits = model.getLimits();
  tile::FoldShape shape = op.getFoldShape();
  FailureOr<Workload> workload = Workload::get(
      shape, [&](const Twine &message) { op->emitOpError() << message; });
  if (failed(workload))
    return failure();
  GPUEntry entry;
  entry.op = op;
  if (auto function = op->getParentOfType<FunctionOpInterface>())
    entry.function = function.getName().str();
  entry.workload = std::move(*workload);

  SmallVector<GPUCandidate> candidates =
      getGPUCandidates(shape, limits, &entry.rejected);
  // Tiles that may be held are candidates twice.
  DenseSet<std::pair<int64_t, int64_t>> tiles;
  for (const GPUCandidate &candidate : candidates)
    tiles.insert({candidate.tiling.rows, candidate.tiling.cols});
  entry.numCandidates = tiles.size() + entry.rejected.size();
  std::optional<tile::FoldTiling> given = op.getFoldTiling();
  entry.isGiven = given.has_value();
  if (given) {
    if (given->micro)
      return op->emitOpError("has a schedule with a register tile (micro), "
                             "which is one for a CPU, not for ")
             << model.getTarget().chip;
    entry.standing = {*given,
                      getGPUResources(shape, limits, given->rows, given->cols)};
  } else if (candidates.empty()) {
    return emitFitsNoGPUSchedule(op, shape, limits);
  } else {
    entry.standing = candidates.front();
  }
  entry.available =
      getAvailableGPUResources(shape, limits, entry.standing.tiling.rows);
  WorkCounter counter(entry.workload);
  entry.prediction = model.predict(entry.workload, counter, entry.standing);
  return entry;
}

/// Which resource is too small, and by how much.
static std::string explain(const GPURejection &tiles) {
  SmallVector<std::string> reasons;
  auto add = [&](int64_t needed, int64_t available, StringRef what) {
    if (needed > available)
      reasons.push_back(llvm::formatv("needs {0} of {1} {2}, {3} too many",
                                      needed, available, what,
                                      needed - available));
  };
  add(tiles.needed.registers, tiles.available.registers,
      "registers of a thread");
  add(tiles.needed.sharedBytes, tiles.available.sharedBytes,
      "bytes of shared memory");
  return llvm::join(reasons, "; ");
}

/// Facts of a machine that the model would use, in words, if they are missing.
static SmallVector<StringRef> getUnknown(const GPUMachine &machine) {
  SmallVector<StringRef> unknown;
  for (auto [fact, name] :
       {std::pair(double(machine.multiprocessors), "multiprocessors"),
        std::pair(machine.gigahertz, "clock"),
        std::pair(machine.tensorFlopsPerCycle, "rate of tensor cores"),
        std::pair(machine.expsPerCycle, "rate of exponentials"),
        std::pair(machine.fp32PerCycle, "rate of f32"),
        std::pair(machine.sharedBytesPerCycle, "bandwidth of shared memory"),
        std::pair(double(machine.l2Bytes), "size of L2"),
        std::pair(machine.l2BytesPerCycle, "bandwidth of L2"),
        std::pair(machine.hbmBytesPerSecond, "bandwidth of HBM")})
    if (fact == 0)
      unknown.push_back(name);
  return unknown;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// `null` for what is not known.
template <typename T>
static json::Value known(T value) {
  return value > 0 ? json::Value(value) : json::Value(nullptr);
}

static json::Object getFacts(const GPUTarget &target) {
  const GPUMachine &machine = target.machine;
  json::Array unknown;
  for (StringRef fact : getUnknown(machine))
    unknown.push_back(fact);
  return json::Object{
      {"chip", target.chip},
      {"machine", machine.name},
      {"multiprocessors", known(machine.multiprocessors)},
      {"gigahertz", known(machine.gigahertz)},
      {"tensor_flops_per_cycle", known(machine.tensorFlopsPerCycle)},
      {"exponentials_per_cycle", known(machine.expsPerCycle)},
      {"fp32_per_cycle", known(machine.fp32PerCycle)},
      {"shared_bytes_per_cycle", known(machine.sharedBytesPerCycle)},
      {"l2_bytes", known(machine.l2Bytes)},
      {"l2_parts", machine.l2Parts},
      {"l2_bytes_per_cycle", known(machine.l2BytesPerCycle)},
      {"hbm_bytes_per_second", known(machine.hbmBytesPerSecond)},
      {"unknown", std::move(unknown)}};
}

static json::Object getBytes(const GPUPrediction &p) {
  const GPUTraffic &traffic = p.traffic;
  auto hbm = [&](double bytes) {
    return p.hasRounds ? count(bytes) : json::Value(nullptr);
  };
  return json::Object{{"compulsory", count(traffic.compulsory)},
                      {"hbm", hbm(traffic.getHBM())},
                      {"hbm_read", hbm(traffic.hbmRead)},
                      {"hbm_written", hbm(traffic.hbmWritten)},
                      {"l2", count(traffic.l2)},
                      {"shared", count(traffic.shared)}};
}

static json::Value getRounds(const GPUPrediction &p) {
  if (!p.hasRounds)
    return nullptr;
  const GPURounds &rounds = p.rounds;
  return json::Object{
      {"pieces", rounds.pieces},
      {"blocks", rounds.blocks},
      {"blocks_per_multiprocessor", p.blocksPerMultiprocessor},
      {"rounds", rounds.rounds},
      {"lost_rounds", rounds.lostRounds},
      {"round_bytes", count(rounds.roundBytes)},
      {"sources", rounds.sources},
      {"columns_per_source", count(std::floor(rounds.columnsPerSource))},
      {"percent_idle", 100 * p.idle}};
}

static json::Value getTime(const GPUPrediction &p) {
  json::Object limits;
  for (size_t i = 0; i < kNumGPUBounds; ++i)
    limits[stringify(static_cast<GPUBound>(i))] =
        p.limits[i] ? json::Value(1e6 * *p.limits[i]) : json::Value(nullptr);
  json::Object time{{"microseconds_by_bound", std::move(limits)}};
  if (p.bound && !p.isComplete())
    time["microseconds_at_least"] = 1e6 * p.seconds;
  if (!p.bound || !p.isComplete())
    return time;
  time["microseconds"] = 1e6 * p.seconds;
  time["bound"] = stringify(*p.bound);
  time["percent_of_peak"] = known(100 * p.peakFraction);
  return time;
}

static json::Object getSchedule(const GPUEntry &entry) {
  const tile::FoldTiling &tiling = entry.standing.tiling;
  return json::Object{{"rows", tiling.rows},
                      {"cols", tiling.cols},
                      {"longest_first", tiling.longestFirst},
                      {"blocks", tiling.blocks},
                      {"origin", entry.isGiven ? "given" : "selected"},
                      {"registers", entry.standing.resources.registers},
                      {"registers_available", entry.available.registers},
                      {"shared_bytes", entry.standing.resources.sharedBytes},
                      {"shared_bytes_available", entry.available.sharedBytes}};
}

static json::Object getFold(const GPUEntry &entry) {
  const GPUPrediction &p = entry.prediction;
  json::Array rejected;
  for (const GPURejection &tiles : entry.rejected)
    rejected.push_back(json::Object{{"rows", tiles.rows},
                                    {"cols", tiles.cols},
                                    {"stages", tiles.stages},
                                    {"reason", explain(tiles)}});
  return json::Object{{"function", entry.function},
                      {"operation", entry.op->getName().getStringRef()},
                      {"location", toString(entry.op->getLoc())},
                      {"extents", toJSON(entry.workload.shape)},
                      {"assumed", json::Array(entry.workload.assumptions)},
                      {"estimated", json::Array(explain(p.sampling))},
                      {"flops", count(p.usefulFlops)},
                      {"exponentials", count(p.exponentials)},
                      {"bytes", getBytes(p)},
                      {"tiles", toJSON(p.tiles)},
                      {"rounds", getRounds(p)},
                      {"time", getTime(p)},
                      {"schedule", getSchedule(entry)},
                      {"candidates", int64_t(entry.numCandidates)},
                      {"rejected", std::move(rejected)}};
}

void strategy::writeJSON(raw_ostream &os, const GPUModel &model,
                         ArrayRef<GPUEntry> entries) {
  json::Array folds;
  for (const GPUEntry &entry : entries)
    folds.push_back(getFold(entry));
  json::Object report{{"target", getFacts(model.getTarget())},
                      {"folds", std::move(folds)}};
  os << llvm::formatv("{0:2}", json::Value(std::move(report))) << "\n";
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

static StringRef getName(GPUBound bound) {
  switch (bound) {
  case GPUBound::Tensor:
    return "tensor cores";
  case GPUBound::Exponential:
    return "exponentials";
  case GPUBound::Arithmetic:
    return "other arithmetic";
  case GPUBound::Shared:
    return "shared memory";
  case GPUBound::L2:
    return "L2";
  case GPUBound::HBM:
    return "HBM";
  }
  llvm_unreachable("every bound is handled");
}

static void writeRounds(raw_ostream &os, const GPUEntry &entry,
                        const GPUMachine &machine) {
  const GPUPrediction &p = entry.prediction;
  const GPURounds &rounds = p.rounds;
  beginLine(os, "rounds") << llvm::formatv(
      "{0} pieces in {1} rounds of {2} blocks{3}; {4:F1} % idle\n",
      rounds.pieces, rounds.rounds, rounds.blocks,
      entry.standing.tiling.longestFirst ? ", longest first" : "",
      100 * p.idle);
  if (machine.l2Bytes == 0)
    return;
  beginLine(os, "in L2") << llvm::formatv(
      "rounds need up to {0} of {1}, {2} of {3} more than there is; room for "
      "{4:F0} columns of each of {5} heads\n",
      formatBytes(rounds.roundBytes), formatBytes(machine.l2Bytes),
      rounds.lostRounds, rounds.rounds, std::floor(rounds.columnsPerSource),
      rounds.sources);
}

static void writeTraffic(raw_ostream &os, const GPUPrediction &p) {
  const GPUTraffic &traffic = p.traffic;
  writeLevel(os, "compulsory", traffic.compulsory, traffic.compulsory);
  if (p.hasRounds) {
    writeLevel(os, "HBM", traffic.getHBM(), traffic.compulsory);
    writeLevel(os, "  read", traffic.hbmRead, traffic.compulsory);
    writeLevel(os, "  written", traffic.hbmWritten, traffic.compulsory);
  } else {
    beginLine(os, "HBM") << llvm::formatv("{0,12}\n", "unknown");
  }
  writeLevel(os, "L2", traffic.l2, traffic.compulsory);
  writeLevel(os, "shared", traffic.shared, traffic.compulsory);
}

static void writeTime(raw_ostream &os, const GPUPrediction &p) {
  if (!p.bound) {
    beginLine(os, "time") << "unknown\n";
    return;
  }
  beginLine(os, "time") << llvm::formatv(
      "{0}{1:F1} us, bound by {2}", p.isComplete() ? "" : "at least ",
      1e6 * p.seconds, p.isComplete() ? getName(*p.bound) : "what is known");
  if (p.isComplete())
    os << llvm::formatv(", {0:F1} % of peak", 100 * p.peakFraction);
  os << "\n";
  for (size_t i = 0; i < kNumGPUBounds; ++i) {
    StringRef name = getName(static_cast<GPUBound>(i));
    if (p.limits[i])
      os << llvm::formatv("  {0,10:F1} us    {1}\n", 1e6 * *p.limits[i], name);
    else
      os << llvm::formatv("     unknown    {0}\n", name);
  }
}

static void writeEntry(raw_ostream &os, const GPUModel &model,
                       const GPUEntry &entry) {
  const GPUPrediction &p = entry.prediction;
  writeHeading(os, entry.function, entry.op, entry.workload);
  writeWork(os, p.usefulFlops, p.exponentials);
  writeSampling(os, p.sampling);
  const GPUCandidate &standing = entry.standing;
  beginLine(os, "schedule") << llvm::formatv(
      "{0}: {1} x {2}, {3} of {4} registers of a thread, {5} of {6} bytes of "
      "shared memory\n",
      entry.isGiven ? "given" : "selected", standing.tiling.rows,
      standing.tiling.cols, standing.resources.registers,
      entry.available.registers, standing.resources.sharedBytes,
      entry.available.sharedBytes);
  beginLine(os, "tiles") << llvm::formatv(
      "{0:F0} full, {1:F0} partial, {2:F0} empty\n", p.tiles.full,
      p.tiles.partial, p.tiles.empty);
  if (p.hasRounds)
    writeRounds(os, entry, model.getTarget().machine);
  writeTime(os, p);
  writeTraffic(os, p);
  beginLine(os, "rejected") << llvm::formatv(
      "{0} of {1} tiles\n", entry.rejected.size(), entry.numCandidates);
  for (const GPURejection &tiles : entry.rejected)
    os << llvm::formatv("    {0} x {1}{2}: {3}\n", tiles.rows, tiles.cols,
                        tiles.stages == 1 ? ", one at a time" : "",
                        explain(tiles));
}

void strategy::writeTable(raw_ostream &os, const GPUModel &model,
                          ArrayRef<GPUEntry> entries) {
  const GPUTarget &target = model.getTarget();
  const GPUMachine &machine = target.machine;
  os << target.chip << ":";
  if (machine.name.empty()) {
    os << " no machine";
  } else {
    os << " " << machine.name;
    if (machine.multiprocessors)
      os << ", " << machine.multiprocessors << " multiprocessors";
    if (machine.gigahertz > 0)
      os << llvm::formatv(" at {0:F3} GHz", machine.gigahertz);
    if (model.getPeak() > 0)
      os << llvm::formatv(", {0:F1} TFLOP/s", 1e-12 * model.getPeak());
    if (machine.l2Bytes)
      os << ", L2 " << formatBytes(machine.l2Bytes);
    if (machine.hbmBytesPerSecond > 0)
      os << llvm::formatv(", HBM {0:F2} TB/s",
                          1e-12 * machine.hbmBytesPerSecond);
  }
  os << "\n";
  SmallVector<StringRef> unknown = getUnknown(machine);
  if (!unknown.empty())
    os << "unknown: " << llvm::join(unknown, ", ") << "\n";
  for (const GPUEntry &entry : entries)
    writeEntry(os, model, entry);
}
