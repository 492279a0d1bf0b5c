//===- IOModel.cpp - What a cut costs on a machine ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the loops that is assumed: for each tile of columns, { panel of
// keys, group of rows: first contraction }, { row: exponentials }, { panel of
// values, group of rows: second contraction }. See docs/io-model.md.
//
//===----------------------------------------------------------------------===//

#include "attn/Strategy/IOModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

// Measured constants; docs/io-model.md says how.

/// Clocks to start and end the loop of a register tile, and for each of its
/// accumulators (a store, and a maximum or a product).
static constexpr double kRegisterTileCycles = 16;
static constexpr double kAccumulatorCycles = 2;
/// Clocks for a row of a tile besides its elements (two reductions).
static constexpr double kRowCycles = 16;
/// Clocks for the loops around a tile and for a task; estimates.
static constexpr double kTileCycles = 500, kTaskCycles = 2000;
/// Clocks to pack one vector, converting and transposing included.
static constexpr double kPackCycles = 3;
/// Vector operations for a partial tile: those of a leaf of its mask, and of
/// the pass that applies the mask.
static constexpr double kMaskLeafOps = 4, kMaskOps = 72;
/// An exponential in f64 needs a polynomial of about twice the degree.
static constexpr double kDoubleExp = 1.8;
/// The part of the traffic with L2 and L3 that computation does not hide.
static constexpr double kExposed = 0.25;
/// Parts of caches that a tile or a panel may count on.
static constexpr double kResidentShare = 0.5;
static constexpr double kL1Share = 0.9, kL2Share = 0.9, kL3Share = 0.5;

StringRef strategy::stringify(Bound bound) {
  switch (bound) {
  case Bound::Contraction:
    return "fma";
  case Bound::Exponential:
    return "exp";
  case Bound::Packing:
    return "packing";
  case Bound::L1:
    return "l1";
  case Bound::L2:
    return "l2";
  case Bound::L3:
    return "l3";
  case Bound::Memory:
    return "memory";
  }
  llvm_unreachable("every bound is handled");
}

StringRef strategy::stringify(Cause cause) {
  switch (cause) {
  case Cause::Multiply:
    return "multiply-adds";
  case Cause::RegisterTiles:
    return "starts and ends of register tiles";
  case Cause::Loops:
    return "loops over tiles";
  case Cause::Exponentials:
    return "exponentials";
  case Cause::Masks:
    return "mask tests";
  case Cause::Packing:
    return "packing";
  case Cause::IdleThreads:
    return "idle threads";
  case Cause::L1:
    return "L1 loads";
  case Cause::L2:
    return "L2 traffic";
  case Cause::L3:
    return "L3 traffic";
  case Cause::Memory:
    return "memory traffic";
  }
  llvm_unreachable("every cause is handled");
}

int64_t IOModel::getResidentBytes(const Workload &workload,
                                  const Cut &cut) const {
  // The block of pairs, the rows' operand and their state.
  return workload.getComputeBytes() * cut.rows *
         (cut.cols + workload.shape.depth +
          int64_t(llvm::alignTo(workload.shape.width, cut.microCols)));
}

std::string IOModel::getObjection(const Workload &workload,
                                  const Cut &cut) const {
  int64_t lanes = target.getLanes(workload.getComputeBits());
  int64_t vectors = llvm::divideCeil(cut.microCols, lanes);
  // Accumulators, one row of the right-hand side, one broadcast element.
  int64_t registers = cut.microRows * vectors + vectors + 1;
  if (registers > target.vectorRegisters)
    return llvm::formatv("register tile {0} x {1} needs {2} of {3} registers",
                         cut.microRows, cut.microCols, registers,
                         target.vectorRegisters);
  int64_t resident = getResidentBytes(workload, cut);
  int64_t share = target.l2Bytes * kResidentShare;
  if (resident > share)
    return llvm::formatv(
        "block, rows and state take {0} KiB of the {1} KiB of L2 they may have",
        llvm::divideCeil(resident, 1024), share / 1024);
  return "";
}

namespace {

/// The computation of a prediction, in clocks of one core doing everything.
class Predictor {
public:
  Predictor(const CPUTarget &target, int64_t threads, const Workload &workload,
            const CutWork &work, const Candidate &candidate,
            int64_t residentBytes)
      : target(target), threads(threads), workload(workload),
        shape(workload.shape), work(work), cut(candidate.cut),
        hoistPack(candidate.hoistPack), residentBytes(residentBytes),
        lanes(target.getLanes(workload.getComputeBits())),
        element(workload.getComputeBytes()),
        width(llvm::alignTo(shape.width, cut.microCols)),
        tilePairs(work.tiles.getVisited() * cut.rows * cut.cols),
        density(tilePairs > 0 ? std::min(1.0, work.pairs / tilePairs) : 1) {}

  void predictCore(Prediction &prediction);
  void predictL1(Prediction &prediction);
  void predictL2(Prediction &prediction);
  void predictL3AndMemory(Prediction &prediction);
  void finish(Prediction &prediction, double usefulPairs);

private:
  void add(Prediction &prediction, Cause cause, double cycles) {
    prediction.causes[static_cast<size_t>(cause)] +=
        cycles / (target.getCyclesPerSecond() * getActiveThreads());
  }
  double getActiveThreads() const {
    return std::max(1.0, std::min<double>(threads, work.tasks));
  }
  double getPackedElements() const;
  double getPairOperandBytes(bool compulsory) const;
  double getImbalance() const;

  const CPUTarget &target;
  int64_t threads;
  const Workload &workload;
  const tile::FoldShape &shape;
  const CutWork &work;
  const Cut &cut;
  bool hoistPack;
  int64_t residentBytes;
  double lanes, element, width;
  /// Pairs in visited tiles, and the part of them that is not trimmed away.
  double tilePairs, density;
};

} // namespace

/// Elements of keys and values that are laid out in panels.
double Predictor::getPackedElements() const {
  double columns = hoistPack ? double(workload.getSources()) *
                                   llvm::alignTo(shape.columns, cut.cols)
                             : work.visitedColumns;
  return columns * (shape.depth + width);
}

double Predictor::getPairOperandBytes(bool compulsory) const {
  double bytes = 0;
  for (const tile::PairOperand &operand : shape.pairOperands) {
    if (!compulsory) {
      bytes += operand.bytes * tilePairs;
      continue;
    }
    bytes += double(operand.bytes) * (operand.hasBatch ? shape.batch : 1) *
             (operand.hasHead ? shape.heads : 1) *
             (operand.hasRow ? shape.rows : 1) *
             (operand.hasColumn ? shape.columns : 1);
  }
  return bytes;
}

void Predictor::predictCore(Prediction &prediction) {
  double microVectors = cut.microCols / lanes;
  double accumulators = cut.microRows * microVectors;
  // Too few independent sums leave the units waiting for their own results.
  double inFlight =
      std::min(1.0, accumulators / (target.fmaLatency * target.fmaPerCycle));
  double vectors = work.pairs * (shape.depth + width) / lanes;
  add(prediction, Cause::Multiply, vectors / (target.fmaPerCycle * inFlight));

  double firstTiles =
      shape.depth ? work.pairs / (cut.microRows * cut.microCols) : 0;
  double secondTiles = density * work.tiles.getVisited() *
                       (cut.rows / cut.microRows) * (width / cut.microCols);
  add(prediction, Cause::RegisterTiles,
      (firstTiles + secondTiles) *
          (kRegisterTileCycles + kAccumulatorCycles * accumulators));
  add(prediction, Cause::Loops,
      work.tiles.getVisited() * kTileCycles + work.tasks * kTaskCycles);

  // Elementwise work is done on whole tiles.
  double expOps = target.expOps * (element == 8 ? kDoubleExp : 1);
  add(prediction, Cause::Exponentials,
      tilePairs / lanes * (shape.expsPerPair * expOps + shape.opsPerPair) /
              target.opsPerCycle +
          work.tiles.getVisited() * cut.rows * kRowCycles);
  // What lies beyond the columns is masked as well.
  double leaves = shape.mask ? shape.mask->getNumLeaves() : 1;
  add(prediction, Cause::Masks,
      work.tiles.partial * cut.rows * cut.cols / lanes *
          (leaves * kMaskLeafOps + kMaskOps) / target.opsPerCycle);
  add(prediction, Cause::Packing, getPackedElements() / lanes * kPackCycles);
}

void Predictor::predictL1(Prediction &prediction) {
  // A step of a register tile loads a row of vectors and broadcasts a column
  // of elements.
  double microVectors = cut.microCols / lanes;
  double steps = work.pairs * (shape.depth + width) /
                 (double(cut.microRows) * cut.microCols);
  double loads = steps * (cut.microRows + microVectors);
  prediction.traffic.l1 =
      steps * element * (cut.microRows + double(cut.microCols));
  // The block is written, read and written by the exponentials; reading it
  // again is part of the steps.
  loads += 3 * tilePairs / lanes;
  prediction.traffic.l1 += 3 * tilePairs * element;
  add(prediction, Cause::L1, loads / target.loadsPerCycle);
}

void Predictor::predictL2(Prediction &prediction) {
  double l1 = target.l1Bytes * kL1Share;
  double groups = double(cut.rows) / cut.microRows;
  // Elements per visited tile. A panel is read once if it stays in L1 while all
  // groups of rows pass over it; the left-hand side is read once if it stays in
  // L1 from panel to panel.
  auto getContraction = [&](double rows, double sum, double cols) {
    double panel = sum * cut.microCols * element;
    double left = rows * sum * element;
    double leftReads =
        panel + left <= l1 ? 1 : std::max(1.0, cols / cut.microCols);
    double panelReads = panel <= l1 ? 1 : groups;
    return leftReads * rows * sum + panelReads * sum * cols;
  };
  double first =
      shape.depth ? getContraction(cut.rows, shape.depth, cut.cols) : 0;
  double second = shape.width ? getContraction(cut.rows, cut.cols, width) : 0;
  // Written by the first contraction, read and written by the exponentials.
  double block = 3.0 * cut.rows * cut.cols;
  double state = 2.0 * cut.rows * width;
  double elements = (first + second) * density + block + state;
  prediction.traffic.l2 = work.tiles.getVisited() * elements * element +
                          getPairOperandBytes(/*compulsory=*/false) +
                          2 * getPackedElements() * element;
  add(prediction, Cause::L2, prediction.traffic.l2 / target.l2BytesPerCycle);
}

void Predictor::predictL3AndMemory(Prediction &prediction) {
  double rows = double(workload.getSlices()) * shape.rows;
  double rowBytes = rows * (shape.rowReadBytes + shape.rowWriteBytes);
  double sourceBytes =
      double(workload.getSources()) * shape.columns * shape.columnReadBytes;
  double pairCompulsory = getPairOperandBytes(/*compulsory=*/true);
  double compulsory = rowBytes + sourceBytes + pairCompulsory;
  prediction.traffic.compulsory = compulsory;

  // What the tiles of rows of one source head stream, all of them together.
  double columnBytes = hoistPack ? (shape.depth + width) * element
                                 : double(shape.columnReadBytes);
  double sliceBytes = columnBytes * shape.columns;
  double streamed = work.visitedColumns * columnBytes;
  double once = double(workload.getSources()) * sliceBytes;
  // What a tile of rows reads and a core's L2 keeps for the next one is read
  // once by each core that works on the source.
  double tasksPerSource = work.tasks / workload.getSources();
  double readers =
      std::min(tasksPerSource,
               std::max(1.0, getActiveThreads() / workload.getSources()));
  double room =
      std::max(0.0, target.l2Bytes * kL2Share - double(residentBytes));
  double missed = std::max(0.0, 1 - room * work.tasks / streamed);
  double fewest = std::min(streamed, once * readers);
  streamed = fewest + missed * (streamed - fewest);
  double pairStreamed =
      std::max(pairCompulsory, getPairOperandBytes(/*compulsory=*/false));
  double packed = getPackedElements() * element;
  prediction.traffic.l3 = rowBytes + streamed + pairStreamed +
                          (hoistPack ? sourceBytes + packed : 0);
  add(prediction, Cause::L3, prediction.traffic.l3 / target.l3BytesPerCycle);

  // Sources that are in use at the same time, and what L3 there is for them.
  double active = std::min<double>(
      workload.getSources(),
      std::ceil(getActiveThreads() / std::max(1.0, tasksPerSource)) + 1);
  double l3 = kL3Share * target.l3Bytes *
              std::max(1.0, getActiveThreads() / target.l3Cores);
  bool staysInL3 = active * sliceBytes <= l3;
  double memory = compulsory;
  if (hoistPack) {
    // The panels of all sources are written before the first is read. What is
    // written is read first, a line at a time.
    if (packed > l3)
      memory += 2 * packed + (staysInL3 ? packed : streamed);
  } else if (!staysInL3) {
    memory += std::max(0.0, streamed - sourceBytes);
  }
  prediction.traffic.memory = memory;
}

/// How much longer the last thread works than threads do on average.
double Predictor::getImbalance() const {
  double active = getActiveThreads();
  double share = work.pairs / active;
  if (active == 1 || share == 0)
    return 1;
  if (work.minTaskPairs == work.maxTaskPairs)
    return std::ceil(work.tasks / active) * work.maxTaskPairs / share;
  // Tasks are drawn from a queue: when the last one starts, all threads are
  // busy. With the longest first, the last one is short.
  double last = work.growsWithRows ? work.minTaskPairs : work.maxTaskPairs;
  double longest =
      std::max(work.maxTaskPairs, share + last * (active - 1) / active);
  return longest / share;
}

void Predictor::finish(Prediction &prediction, double usefulPairs) {
  auto &causes = prediction.causes;
  auto &contributions = prediction.contributions;
  constexpr size_t kL1 = static_cast<size_t>(Cause::L1);
  auto sumCore = [&] {
    return std::accumulate(causes.begin(), causes.begin() + kL1, 0.0);
  };
  causes[static_cast<size_t>(Cause::IdleThreads)] =
      sumCore() * (getImbalance() - 1);
  auto get = [&](Cause cause) { return prediction.get(cause); };

  // The core and the caches run beside each other; the longest is all there
  // is to see, and of the others a part of the traffic.
  double longest = sumCore();
  double contraction =
      get(Cause::Multiply) + get(Cause::RegisterTiles) + get(Cause::Loops);
  double exponential = get(Cause::Exponentials) + get(Cause::Masks);
  prediction.bound = Bound::Contraction;
  if (exponential > contraction)
    prediction.bound = Bound::Exponential;
  if (get(Cause::Packing) > std::max(contraction, exponential))
    prediction.bound = Bound::Packing;
  std::optional<Cause> level;
  for (auto [cause, bound] :
       {std::pair(Cause::L1, Bound::L1), std::pair(Cause::L2, Bound::L2),
        std::pair(Cause::L3, Bound::L3)}) {
    if (get(cause) <= longest)
      continue;
    longest = get(cause);
    prediction.bound = bound;
    level = cause;
  }
  for (size_t i = 0; i < kNumCauses; ++i) {
    Cause cause = static_cast<Cause>(i);
    bool isLongest = level ? cause == *level : i < kL1;
    bool isExposed = cause == Cause::L2 || cause == Cause::L3;
    contributions[i] = causes[i] * (isLongest ? 1 : isExposed ? kExposed : 0);
  }

  // A core waits for memory while it packs and computes afterwards; only other
  // threads fill that time.
  double bytes = prediction.traffic.memory;
  constexpr size_t kMemory = static_cast<size_t>(Cause::Memory);
  causes[kMemory] = contributions[kMemory] =
      bytes / (getActiveThreads() * target.coreMemoryBytesPerSecond);
  if (causes[kMemory] > longest)
    prediction.bound = Bound::Memory;
  prediction.seconds =
      std::accumulate(contributions.begin(), contributions.end(), 0.0);
  double saturated = bytes / target.memoryBytesPerSecond;
  if (prediction.seconds < saturated) {
    prediction.seconds = saturated;
    prediction.bound = Bound::Memory;
    contributions.fill(0);
    causes[kMemory] = contributions[kMemory] = saturated;
  }

  prediction.usefulFlops = 2 * usefulPairs * (shape.depth + shape.width);
  prediction.exponentials = usefulPairs * shape.expsPerPair;
  double peak = threads * target.getPeak(workload.getComputeBits());
  prediction.peakFraction =
      prediction.usefulFlops / (peak * prediction.seconds);
  prediction.tiles = work.tiles;
  prediction.tasks = work.tasks;
  prediction.growsWithRows = work.growsWithRows;
}

Prediction IOModel::predict(const Workload &workload, WorkCounter &counter,
                            const Candidate &candidate) const {
  Predictor predictor(target, threads, workload, counter.get(candidate.cut),
                      candidate, getResidentBytes(workload, candidate.cut));
  Prediction prediction;
  predictor.predictCore(prediction);
  predictor.predictL1(prediction);
  predictor.predictL2(prediction);
  predictor.predictL3AndMemory(prediction);
  predictor.finish(prediction, counter.getUsefulPairs());
  prediction.sampling = counter.getSampling(candidate.cut);
  return prediction;
}
