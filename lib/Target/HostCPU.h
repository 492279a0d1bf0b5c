//===- HostCPU.h - The machine this runs on ---------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_TARGET_HOSTCPU_H
#define ATTN_LIB_TARGET_HOSTCPU_H

#include "attn/Target/Target.h"

namespace attn {

/// The facts of a CPU of the given features.
CPUTarget getTargetOf(llvm::StringRef cpu, llvm::StringSet<> features);

/// This machine: the table's rates for its CPU, what the CPU can execute here
/// (a virtual machine may hide some of it), its caches and its cores.
llvm::Expected<CPUTarget> getHostCPUTarget();

} // namespace attn

#endif // ATTN_LIB_TARGET_HOSTCPU_H
