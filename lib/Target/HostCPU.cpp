//===- HostCPU.cpp - The machine this runs on -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HostCPU.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace attn {

/// The first line of a file that the kernel makes; empty if there is none.
static std::string readLine(const Twine &path) {
  // Its size is not known before it is read.
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFileAsStream(path);
  return buffer ? (*buffer)->getBuffer().split('\n').first.trim().str() : "";
}

/// `32K`, `30M` or a number of bytes.
static std::optional<int64_t> parseSize(StringRef text) {
  int64_t unit = text.consume_back("K")   ? 1 << 10
                 : text.consume_back("M") ? 1 << 20
                                          : 1;
  int64_t value;
  if (text.getAsInteger(10, value) || value <= 0)
    return std::nullopt;
  return value * unit;
}

/// The number of CPUs in a list like `0-3,8`.
static std::optional<int64_t> countCPUs(StringRef list) {
  int64_t count = 0;
  for (StringRef range : split(list, ',')) {
    auto [first, last] = range.split('-');
    int64_t begin, end;
    if (first.getAsInteger(10, begin))
      return std::nullopt;
    if (last.empty())
      end = begin;
    else if (last.getAsInteger(10, end) || end < begin)
      return std::nullopt;
    count += end - begin + 1;
  }
  return count;
}

void readCacheSizes(CPUTarget &target, StringRef directory) {
  // A machine has four or five caches; the first gap ends the list.
  for (unsigned index = 0; index < 16; ++index) {
    SmallString<64> path(directory);
    sys::path::append(path, "index" + Twine(index));
    std::string level = readLine(path + "/level");
    if (level.empty())
      break;
    if (readLine(path + "/type") == "Instruction")
      continue;
    std::optional<int64_t> size = parseSize(readLine(path + "/size"));
    if (!size)
      continue;
    if (std::optional<int64_t> line =
            parseSize(readLine(path + "/coherency_line_size")))
      target.lineBytes = *line;
    if (level == "1")
      target.l1Bytes = *size;
    else if (level == "2")
      target.l2Bytes = *size;
    else if (level == "3") {
      target.l3Bytes = *size;
      if (std::optional<int64_t> sharers =
              countCPUs(readLine(path + "/shared_cpu_list")))
        target.l3Cores = *sharers;
    }
  }
}

Expected<CPUTarget> getHostCPUTarget() {
  StringRef cpu = sys::getHostCPUName();
  if (!Triple(sys::getProcessTriple()).isX86())
    return createStringError(inconvertibleErrorCode(),
                             "the host CPU '" + cpu + "' is not an x86-64 CPU");
  StringSet<> features;
  for (const auto &[feature, isEnabled] : sys::getHostCPUFeatures())
    if (isEnabled)
      features.insert(feature);
  CPUTarget target = getTargetOf(cpu, std::move(features));
  readCacheSizes(target, "/sys/devices/system/cpu/cpu0/cache");
  // Counts the CPUs that this process may run on.
  target.cores = hardware_concurrency().compute_thread_count();
  return target;
}

} // namespace attn
