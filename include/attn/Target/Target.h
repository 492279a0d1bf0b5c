//===- Target.h - Facts about machines --------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only place that knows a machine. What is decided from these facts is
// decided elsewhere.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_TARGET_H
#define ATTN_TARGET_TARGET_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace attn {

/// A CPU. Rates are per core and clock, and sustained rather than nominal.
struct CPUTarget {
  /// The LLVM name of the CPU that code is generated for.
  std::string cpu;
  /// LLVM names of what it can execute, implied ones included.
  llvm::StringSet<> features;

  // Registers.
  int64_t vectorBits = 128;
  int64_t vectorRegisters = 16;

  // Instructions.
  double gigahertz = 3.0;
  /// Vector multiply-adds (without FMA: pairs of a product and a sum).
  double fmaPerCycle = 1.0;
  /// Clocks from the operands of a multiply-add to its result.
  int64_t fmaLatency = 4;
  /// Vector instructions of any other kind.
  double opsPerCycle = 2.0;
  /// Loads of a vector, or of an element that is broadcast to one.
  double loadsPerCycle = 2.0;
  /// Vector instructions for one vector of exponentials, in f32.
  double expOps = 24.0;

  // Memory. Level 1 and 2 belong to a core; level 3 to `l3Cores` of them.
  int64_t lineBytes = 64;
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 256 << 10;
  int64_t l3Bytes = 8 << 20;
  int64_t l3Cores = 4;
  double l2BytesPerCycle = 32.0;
  double l3BytesPerCycle = 12.0;
  /// What one core draws from memory, and what all of them do.
  double coreMemoryBytesPerSecond = 12e9;
  double memoryBytesPerSecond = 40e9;

  /// The number of threads that code is expected to run on.
  int64_t cores = 4;

  bool hasFeature(llvm::StringRef feature) const {
    return features.contains(feature);
  }
  /// Elements of `bits` bits in a vector register.
  int64_t getLanes(unsigned bits) const { return vectorBits / bits; }
  double getCyclesPerSecond() const { return gigahertz * 1e9; }
  /// Floating-point operations per second of one core.
  double getPeak(unsigned bits) const {
    return 2.0 * getLanes(bits) * fmaPerCycle * getCyclesPerSecond();
  }
};

/// The facts of a CPU by its LLVM name, or of this machine for `host`. A CPU
/// that LLVM knows and the table does not gets the facts of the generic CPU
/// with the same vector unit. A name that LLVM does not know is an error that
/// tells the nearest names.
llvm::Expected<CPUTarget> getCPUTarget(llvm::StringRef cpu);

/// The names that the table has an entry for.
llvm::SmallVector<llvm::StringRef> getTabulatedCPUs();

/// Replaces the cache sizes of a target by those that the kernel reports in a
/// directory laid out like /sys/devices/system/cpu/cpu0/cache. What is missing
/// or unreadable there keeps its value.
void readCacheSizes(CPUTarget &target, llvm::StringRef directory);

} // namespace attn

#endif // ATTN_TARGET_TARGET_H
