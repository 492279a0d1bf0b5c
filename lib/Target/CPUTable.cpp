//===- CPUTable.cpp - Facts about CPUs by name ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes and port counts are those of the vendors' optimisation manuals; clock
// rates are what all cores hold under vector load; bandwidths are two thirds
// to three quarters of the nominal ones, which is what streaming code gets.
// Rates of the exponential are counted in our own code (docs/io-model.md).
// Parts of one family differ in cores, clock and memory: the entry is a common
// server part, since ratios decide and not absolute figures.
//
//===----------------------------------------------------------------------===//

#include "HostCPU.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;

namespace attn {

namespace {

/// What differs between CPUs with the same instruction set.
struct Entry {
  StringLiteral name;
  double gigahertz;
  double fmaPerCycle, opsPerCycle, loadsPerCycle;
  int64_t l1KiB, l2KiB, l3MiB, l3Cores;
  double l2BytesPerCycle, l3BytesPerCycle;
  double coreMemoryGB, memoryGB;
  int64_t cores;
};

// The generic CPUs stand for every CPU that has no entry of its own.
constexpr Entry kTable[] = {
    // name             GHz  fma  op ld  L1   L2    L3  of  L2B L3B core   all
    {"x86-64", 3.0, 1, 2, 2, 32, 256, 8, 4, 24, 12, 10, 30, 4},
    {"x86-64-v2", 3.0, 1, 2, 2, 32, 256, 8, 4, 24, 12, 10, 30, 4},
    {"x86-64-v3", 3.2, 2, 3, 2, 32, 512, 16, 8, 32, 14, 14, 40, 8},
    {"x86-64-v4", 2.8, 2, 2, 2, 32, 1024, 24, 16, 48, 10, 12, 120, 16},
    {"haswell", 3.2, 2, 3, 2, 32, 256, 8, 4, 32, 14, 12, 20, 4},
    {"broadwell", 2.8, 2, 3, 2, 32, 256, 40, 16, 32, 12, 12, 60, 16},
    {"skylake", 3.6, 2, 3, 2, 32, 256, 8, 4, 40, 14, 18, 28, 4},
    {"skylake-avx512", 2.6, 2, 2, 2, 32, 1024, 38, 28, 48, 8, 12, 100, 28},
    {"cascadelake", 2.7, 2, 2, 2, 32, 1024, 38, 28, 48, 8, 12, 110, 28},
    {"icelake-server", 2.8, 2, 2, 2, 48, 1280, 60, 40, 48, 8, 12, 160, 40},
    {"sapphirerapids", 3.0, 2, 2, 2, 48, 2048, 105, 56, 48, 8, 12, 230, 56},
    {"emeraldrapids", 3.0, 2, 2, 2, 48, 2048, 260, 60, 48, 8, 13, 270, 60},
    {"znver1", 3.0, 1, 2, 1, 32, 512, 8, 4, 24, 12, 18, 120, 32},
    {"znver2", 3.2, 2, 3.3, 2, 32, 512, 16, 4, 32, 14, 20, 150, 64},
    {"znver3", 3.2, 2, 3.3, 2, 32, 512, 32, 8, 32, 16, 22, 150, 64},
    // A 512-bit instruction passes its 256-bit units twice.
    {"znver4", 3.5, 1, 1.7, 1, 32, 1024, 32, 8, 32, 16, 30, 350, 96},
    {"znver5", 3.7, 2, 3.3, 2, 48, 1024, 32, 8, 48, 16, 35, 450, 128},
};

} // namespace

static const Entry *findEntry(StringRef cpu) {
  const Entry *entry =
      find_if(kTable, [&](const Entry &e) { return e.name == cpu; });
  return entry == std::end(kTable) ? nullptr : entry;
}

SmallVector<StringRef> getTabulatedCPUs() {
  return map_to_vector(kTable,
                       [](const Entry &e) { return StringRef(e.name); });
}

static StringRef getGenericCPU(const StringSet<> &features) {
  if (features.contains("avx512f"))
    return "x86-64-v4";
  if (features.contains("avx2") && features.contains("fma"))
    return "x86-64-v3";
  return "x86-64-v2";
}

CPUTarget getTargetOf(StringRef cpu, StringSet<> features) {
  CPUTarget target;
  // The vector unit follows from what can be executed, never from the name.
  StringRef generic = getGenericCPU(features);
  if (generic == "x86-64-v4") {
    target.vectorBits = 512;
    target.vectorRegisters = 32;
    target.expOps = 10;
  } else if (generic == "x86-64-v3") {
    target.vectorBits = 256;
    target.expOps = 18;
  }
  const Entry *entry = findEntry(cpu);
  if (!entry)
    entry = findEntry(generic);
  target.cpu = cpu;
  target.features = std::move(features);
  target.gigahertz = entry->gigahertz;
  target.fmaPerCycle = entry->fmaPerCycle;
  target.opsPerCycle = entry->opsPerCycle;
  target.loadsPerCycle = entry->loadsPerCycle;
  target.l1Bytes = entry->l1KiB << 10;
  target.l2Bytes = entry->l2KiB << 10;
  target.l3Bytes = entry->l3MiB << 20;
  target.l3Cores = entry->l3Cores;
  target.l2BytesPerCycle = entry->l2BytesPerCycle;
  target.l3BytesPerCycle = entry->l3BytesPerCycle;
  target.coreMemoryBytesPerSecond = entry->coreMemoryGB * 1e9;
  target.memoryBytesPerSecond = entry->memoryGB * 1e9;
  target.cores = entry->cores;
  return target;
}

/// What a CPU that LLVM knows can execute. Its list names a feature and leaves
/// out what that implies.
static StringSet<> getFeatures(StringRef cpu) {
  SmallVector<StringRef> listed;
  X86::getFeaturesForCPU(cpu, listed);
  StringMap<bool> enabled;
  for (StringRef feature : listed) {
    enabled[feature] = true;
    X86::updateImpliedFeatures(feature, /*Enabled=*/true, enabled);
  }
  StringSet<> features;
  for (const auto &[feature, isEnabled] : enabled)
    if (isEnabled)
      features.insert(feature);
  return features;
}

/// Up to four names that resemble a misspelt one, best first.
static SmallVector<StringRef> getNearNames(StringRef cpu) {
  SmallVector<StringRef> names;
  X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  names.push_back("host");
  SmallVector<std::pair<unsigned, StringRef>> near;
  unsigned limit = std::max<size_t>(2, cpu.size() / 3);
  for (StringRef name : names) {
    unsigned distance = cpu.edit_distance_insensitive(name);
    // A name cut short or with a suffix is near, whatever its length.
    if (name.starts_with_insensitive(cpu) || cpu.starts_with_insensitive(name))
      distance = std::min(distance, 1u);
    if (distance <= limit)
      near.push_back({distance, name});
  }
  llvm::sort(near);
  if (near.size() > 4)
    near.truncate(4);
  return map_to_vector(near, [](auto &entry) { return entry.second; });
}

Expected<CPUTarget> getCPUTarget(StringRef cpu) {
  if (cpu == "host")
    return getHostCPUTarget();
  if (X86::parseArchX86(cpu, /*Only64Bit=*/true) != X86::CK_None)
    return getTargetOf(cpu, getFeatures(cpu));
  std::string message = ("unknown CPU '" + cpu + "'").str();
  SmallVector<StringRef> near = getNearNames(cpu);
  if (near.empty())
    message += "; expected host or an LLVM name of an x86-64 CPU";
  else
    message += "; did you mean " + join(near, " or ") + "?";
  return createStringError(inconvertibleErrorCode(), message);
}

} // namespace attn
