//===- GPUModel.cpp - What tiles cost on a GPU ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products, exponentials and copies run beside each other, so the time is that
// of whichever takes longest: what a kernel can come near and not beat.
//
//===----------------------------------------------------------------------===//

#include "attn/Strategy/GPUModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

/// Rows that four warps multiply at a time, and those of one warp.
static constexpr int64_t kGroupRows = 64, kWarpRows = 16;
/// Products of TF32 that one of f32 is made of, at half the rate of 16 bits.
static constexpr double kWideProducts = 3, kWideRate = 0.5;
/// What a multiprocessor sets aside for each block.
static constexpr int64_t kReservedBytes = 1024;

StringRef strategy::stringify(GPUBound bound) {
  switch (bound) {
  case GPUBound::Tensor:
    return "tensor";
  case GPUBound::Exponential:
    return "exp";
  case GPUBound::Arithmetic:
    return "arithmetic";
  case GPUBound::Shared:
    return "shared";
  case GPUBound::L2:
    return "l2";
  case GPUBound::HBM:
    return "hbm";
  }
  llvm_unreachable("every bound is handled");
}

GPUModel::GPUModel(const GPUTarget &target) : target(target) {
  limits.registers = target.registers;
  limits.sharedBytes = target.sharedBytes;
  limits.hasProducers = target.hasWarpgroups;
}

double GPUModel::getPeak() const {
  const GPUMachine &machine = target.machine;
  return machine.tensorFlopsPerCycle * machine.gigahertz * 1e9 *
         double(machine.multiprocessors);
}

int64_t
GPUModel::getBlocksPerMultiprocessor(const tile::FoldShape &shape,
                                     const GPUCandidate &candidate) const {
  // With producers blocks have all registers.
  if (hasGPUProducers(shape, limits))
    return candidate.tiling.blocks;
  const GPUResources &needed = candidate.resources;
  int64_t groups = std::max<int64_t>(1, candidate.tiling.rows / kGroupRows);
  int64_t registers =
      llvm::alignTo(needed.registers, 8) * groups * kThreadsPerGroup;
  return std::max<int64_t>(1,
                           std::min(limits.registers / registers,
                                    (limits.sharedBytes + kReservedBytes) /
                                        (needed.sharedBytes + kReservedBytes)));
}

/// Bytes that go in and out of shared memory for a tile of rows x columns.
/// Rows are multiplied from there and not from registers; four warps together
/// read the columns once, a warp for itself reads them for its 16 rows.
static double getSharedBytes(const tile::FoldShape &shape, int64_t rows,
                             int64_t cols, bool isByGroup) {
  double depth = llvm::alignTo(shape.depth, 16),
         width = llvm::alignTo(shape.width, 16);
  double readers = double(rows) / (isByGroup ? kGroupRows : kWarpRows);
  double columns = cols * (depth + width);
  return shape.operandBytes * (rows * depth + readers * columns + columns);
}

/// Of what pairs read: with each pair's value read for each slice, or once.
static double getPairBytes(const Workload &workload, double pairs, bool once) {
  const tile::FoldShape &shape = workload.shape;
  double slicePairs = double(shape.rows) * shape.columns;
  double density = pairs / (double(workload.getSlices()) * slicePairs);
  double bytes = 0;
  for (const tile::PairOperand &operand : shape.pairOperands) {
    double slices = (operand.hasBatch || !once ? shape.batch : 1) *
                    (operand.hasHead || !once ? shape.heads : 1);
    double elements = (operand.hasRow || !once ? shape.rows : 1) *
                      double(operand.hasColumn || !once ? shape.columns : 1);
    bool isDense = !once || (operand.hasRow && operand.hasColumn);
    bytes += operand.bytes * slices * elements * (isDense ? density : 1);
  }
  return bytes;
}

GPUPrediction GPUModel::predict(const Workload &workload, WorkCounter &counter,
                                const GPUCandidate &candidate) const {
  const tile::FoldShape &shape = workload.shape;
  const GPUMachine &machine = target.machine;
  int64_t rows = candidate.tiling.rows, cols = candidate.tiling.cols;
  GPUPrediction p;
  double usefulPairs = counter.getUsefulPairs();
  p.usefulFlops = 2 * usefulPairs * (shape.depth + shape.width);
  p.exponentials = usefulPairs * shape.expsPerPair;
  Cut cut{rows, cols, rows, cols};
  p.tiles = counter.get(cut).tiles;
  // No group of rows is looked at on its own.
  p.sampling = counter.getSampling(cut);
  p.sampling.groups = 1;
  p.hasRounds = machine.multiprocessors > 0;

  GPUPlan plan{rows, cols, /*blocks=*/1, candidate.tiling.longestFirst,
               hasGPUProducers(shape, limits)};
  if (p.hasRounds) {
    // Fewer pieces are spread over all multiprocessors.
    int64_t pieces = workload.getSlices() * llvm::divideCeil(shape.rows, rows);
    p.blocksPerMultiprocessor =
        std::min<int64_t>(getBlocksPerMultiprocessor(shape, candidate),
                          llvm::divideCeil(pieces, machine.multiprocessors));
    plan.blocks = machine.multiprocessors * p.blocksPerMultiprocessor;
  }
  p.rounds =
      getGPURounds(workload, counter, plan, {machine.l2Bytes, machine.l2Parts});

  // Traffic.
  double numRows = double(workload.getSlices()) * shape.rows;
  double rowReads = numRows * shape.rowReadBytes;
  p.traffic.hbmWritten = numRows * shape.rowWriteBytes;
  double pairReads = getPairBytes(workload, p.rounds.pairs, /*once=*/false);
  double pairOnce = getPairBytes(workload, p.rounds.pairs, /*once=*/true);
  bool keepsPairs = machine.l2Parts * pairOnce <= machine.l2Bytes;
  p.traffic.hbmRead = rowReads +
                      p.rounds.columnsFromMemory * shape.columnReadBytes +
                      (keepsPairs ? pairOnce : std::max(pairOnce, pairReads));
  p.traffic.l2 = rowReads + p.traffic.hbmWritten +
                 p.rounds.columnsFromL2 * shape.columnReadBytes + pairReads;
  p.traffic.compulsory = rowReads + p.traffic.hbmWritten +
                         p.rounds.columnsSeen * shape.columnReadBytes +
                         pairOnce;
  bool isWide = shape.operandBytes > 2;
  bool isByGroup = target.hasWarpgroups && !isWide;
  double tileBytes = getSharedBytes(shape, rows, cols, isByGroup);
  p.traffic.shared = p.rounds.tiles * tileBytes;

  // Time. The block that does most is the last to end.
  double clock = machine.gigahertz * 1e9;
  auto limit = [&](GPUBound bound, double amount, double rate) {
    if (rate > 0)
      p.limits[static_cast<size_t>(bound)] = amount / rate;
  };
  double most = p.rounds.mostTiles * double(p.blocksPerMultiprocessor);
  double pairs = double(rows) * cols;
  double flops =
      2 * pairs *
      double(llvm::alignTo(shape.depth, 16) + llvm::alignTo(shape.width, 16)) *
      (isWide ? kWideProducts / kWideRate : 1);
  if (p.hasRounds) {
    limit(GPUBound::Tensor, most * flops, clock * machine.tensorFlopsPerCycle);
    limit(GPUBound::Exponential, most * pairs * shape.expsPerPair,
          clock * machine.expsPerCycle);
    limit(GPUBound::Arithmetic, most * pairs * shape.opsPerPair,
          clock * machine.fp32PerCycle);
    limit(GPUBound::Shared, most * tileBytes,
          clock * machine.sharedBytesPerCycle);
    limit(GPUBound::HBM, p.traffic.getHBM(), machine.hbmBytesPerSecond);
    double all = double(machine.multiprocessors) * most;
    p.idle = all > 0 ? 1 - p.rounds.tiles / all : 0;
  }
  limit(GPUBound::L2, p.traffic.l2, clock * machine.l2BytesPerCycle);
  for (size_t i = 0; i < kNumGPUBounds; ++i) {
    if (!p.limits[i] || (p.bound && *p.limits[i] <= p.seconds))
      continue;
    p.bound = static_cast<GPUBound>(i);
    p.seconds = *p.limits[i];
  }
  if (p.seconds > 0 && getPeak() > 0)
    p.peakFraction = p.usefulFlops / (getPeak() * p.seconds);
  return p;
}
