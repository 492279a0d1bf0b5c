//===- GPUTarget.h - Facts about NVIDIA GPUs --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_TARGET_GPUTARGET_H
#define ATTN_TARGET_GPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attn {

/// A machine with a chip, and what it does; 0 is not known. Rates are those of
/// its documents, which code comes near at most.
struct GPUMachine {
  /// Empty: nothing about a machine is known.
  std::string name;
  int64_t multiprocessors = 0;
  /// Under load.
  double gigahertz = 0;

  // Of a multiprocessor, per clock.
  /// Operations in dense products of 16 bits: two for a multiply-add.
  double tensorFlopsPerCycle = 0;
  double expsPerCycle = 0;
  /// Additions, products or maxima of f32.
  double fp32PerCycle = 0;
  double sharedBytesPerCycle = 0;

  // Of all together.
  int64_t l2Bytes = 0;
  /// Parts of L2 that each keep a copy of what all multiprocessors read.
  int64_t l2Parts = 1;
  double l2BytesPerCycle = 0;
  double hbmBytesPerSecond = 0;
};

/// What kernels are made for. The default is sm_90a.
struct GPUTarget {
  std::string chip = "sm_90a";
  /// Registers of a multiprocessor.
  int64_t registers = 65536;
  /// Bytes of shared memory that a block may have.
  int64_t sharedBytes = 232448;
  /// Whether four warps multiply together, hand registers to each other and
  /// have a copy engine (wgmma, setmaxnreg, TMA). The first is what only the
  /// architecture-specific sm_90a has; the others are no use without it.
  bool hasWarpgroups = true;
  /// The version of PTX, as a feature of LLVM.
  std::string features = "+ptx86";
  /// What the time of a kernel is predicted for; `getGPUTarget` fills it in.
  GPUMachine machine;
};

/// What a thread reads or writes by one instruction.
inline constexpr int64_t kVectorBytes = 16;

/// Threads of a group of four warps.
inline constexpr int64_t kThreadsPerGroup = 128;

/// Registers of a thread of a group that copies, and of one of those beside it.
struct RoleRegisters {
  int64_t producer, consumer;
};
/// Those for `groups` consumers in a block that has `registers`: all of a
/// multiprocessor, or its share. All threads begin with the same number; what
/// producers give up, consumers may take, in portions of 8. Of one group with
/// all registers both have what a thread can have.
RoleRegisters getRoleRegisters(int64_t groups, int64_t registers = 65536);

/// The same where a group of helpers works ahead of the consumers.
struct HelpedRegisters {
  int64_t producer, helper, consumer;
};
/// Helpers that multiply what they have computed get more.
HelpedRegisters getHelpedRegisters(int64_t groups, bool multiplyOwn = false,
                                   int64_t registers = 65536);

/// The shared memory of one of `blocks` on a multiprocessor, of which one alone
/// could have `sharedBytes`.
int64_t getBlockSharedBytes(int64_t blocks, int64_t sharedBytes);

/// The facts of a chip by its LLVM name ("sm_90a"). An error names the rule:
/// LLVM makes code for it, and it is sm_80 or later (copies by cp.async,
/// products of bf16 by mma.sync).
llvm::Expected<GPUTarget> getGPUTarget(llvm::StringRef chip);

} // namespace attn

#endif // ATTN_TARGET_GPUTARGET_H
