//===- Metadata.h - The JSON description of a kernel ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_COMPILE_METADATA_H
#define ATTN_TOOLS_ATTN_COMPILE_METADATA_H

#include "attn/Execution/Kernels.h"
#include "attn/Execution/Signature.h"

#include <string>
#include <vector>

namespace attn::compile {

/// What a program needs to know to load and call a compiled kernel.
struct Metadata {
  /// A schedule, as MLIR prints it, and the operation it was chosen for.
  struct Schedule {
    std::string operation;
    std::string schedule;
  };

  std::string emit;
  std::string cpu;
  /// What the code may use, by LLVM's names.
  std::vector<std::string> features;
  std::string triple;
  /// Undefined in the kernel's object.
  std::vector<std::string> symbols;
  std::vector<Schedule> schedules;
  /// Of code for a GPU: its name, and what there is to launch.
  std::string chip;
  std::vector<exec::KernelInfo> kernels;
};

void writeMetadata(llvm::raw_ostream &os, const exec::Signature &signature,
                   const Metadata &metadata);

} // namespace attn::compile

#endif // ATTN_TOOLS_ATTN_COMPILE_METADATA_H
