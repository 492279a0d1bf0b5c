//===- GPUTable.cpp - Facts about NVIDIA GPUs -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Target/GPUTarget.h"
#include "attn/Target/PTXAS.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace attn;

namespace {

struct Row {
  unsigned version;
  int64_t sharedBytes;
  /// The first version of PTX that has it; kernels use no later one, so that
  /// older drivers and assemblers take them.
  unsigned ptx;
};

// The shared memory of a block: CUDA C++ programming guide, technical
// specifications per compute capability, "maximum per thread block" - 163, 99
// or 227 KiB.
constexpr Row kRows[] = {
    {80, 166912, 86},  {86, 101376, 86},  {87, 166912, 86},  {88, 101376, 90},
    {89, 101376, 86},  {90, 232448, 86},  {100, 232448, 86}, {101, 232448, 86},
    {103, 232448, 88}, {110, 232448, 90}, {120, 101376, 87}, {121, 101376, 88},
};
struct MachineRow {
  unsigned version;
  const char *name;
  int64_t multiprocessors;
  double gigahertz, tensorFlopsPerCycle, expsPerCycle, fp32PerCycle,
      sharedBytesPerCycle;
  int64_t l2MiB, l2Parts;
  double l2BytesPerCycle, hbmTBPerSecond;
};

// docs/io-model.md has the sources. Of a chip that sits on boards of many
// kinds there is no row; 0 is what no document says.
constexpr MachineRow kMachines[] = {
    {80, "A100 SXM 80 GB", 108, 1.41, 2048, 16, 64, 128, 40, 2, 5120, 2.039},
    {90, "H200 SXM", 132, 1.755, 4096, 16, 128, 128, 60, 2, 6144, 4.8},
    {100, "B200", 148, 0, 0, 16, 128, 128, 126, 2, 0, 8.0},
};
/// Of a chip that the table does not have: what every other one has.
constexpr int64_t kLeastSharedBytes = 101376;
constexpr unsigned kLatestPTX = 90;
/// cp.async, mma.sync of bf16 and tf32.
constexpr unsigned kOldest = 80;

GPUMachine getMachine(unsigned version) {
  const auto *row = find_if(
      kMachines, [&](const MachineRow &row) { return row.version == version; });
  if (row == std::end(kMachines))
    return {};
  return {row->name,
          row->multiprocessors,
          row->gigahertz,
          row->tensorFlopsPerCycle,
          row->expsPerCycle,
          row->fp32PerCycle,
          row->sharedBytesPerCycle,
          row->l2MiB << 20,
          row->l2Parts,
          row->l2BytesPerCycle,
          1e12 * row->hbmTBPerSecond};
}

} // namespace

RoleRegisters attn::getRoleRegisters(int64_t groups, int64_t registers) {
  constexpr int64_t kMost = 256, kProducer = 32;
  int64_t total =
      registers / kThreadsPerGroup / (groups + 1) / 8 * 8 * (groups + 1);
  int64_t consumer = (total - kProducer) / groups / 8 * 8;
  if (consumer > kMost)
    return {kMost, kMost};
  return {total - groups * consumer, consumer};
}

int64_t attn::getBlockSharedBytes(int64_t blocks, int64_t sharedBytes) {
  // What a multiprocessor sets aside for each block.
  constexpr int64_t kReserved = 1024;
  return (sharedBytes + kReserved) / blocks - kReserved;
}

HelpedRegisters attn::getHelpedRegisters(int64_t groups, bool multiplyOwn,
                                         int64_t registers) {
  // What one that copies needs, and one that computes weights and an inverse,
  // or factors of what it multiplies, too.
  constexpr int64_t kProducer = 24, kHelper = 104, kWideHelper = 200,
                    kMost = 240;
  int64_t helper = kHelper;
  // Beside one group there are more than that one can have.
  if (multiplyOwn)
    helper = groups > 1 ? kWideHelper : kMost;
  int64_t rest = registers / kThreadsPerGroup - kProducer - helper;
  return {kProducer, helper, std::min(kMost, rest / groups / 8 * 8)};
}

Expected<GPUTarget> attn::getGPUTarget(StringRef chip) {
  if (Error error = checkGPUChip(chip))
    return error;
  StringRef name = chip;
  unsigned version = 0;
  if (!name.consume_front("sm_") || name.consumeInteger(10, version))
    return createStringError("GPU '" + chip + "' has no number");
  if (version < kOldest)
    return createStringError(
        "GPU '" + chip +
        "' is too old, expected sm_80 or later: tiles are copied by cp.async "
        "and multiplied by mma.sync of bf16");
  GPUTarget target;
  target.chip = chip.str();
  target.hasWarpgroups = chip == "sm_90a";
  const auto *row =
      find_if(kRows, [&](const Row &row) { return row.version == version; });
  bool isKnown = row != std::end(kRows);
  target.sharedBytes = isKnown ? row->sharedBytes : kLeastSharedBytes;
  unsigned ptx = isKnown ? row->ptx : kLatestPTX;
  // Names of families ("sm_100f") are of PTX 8.8.
  if (name == "f")
    ptx = std::max(ptx, 88u);
  target.features = "+ptx" + std::to_string(ptx);
  target.machine = getMachine(version);
  return target;
}
