//===- PTXAS.h - The assembler of PTX ---------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs ptxas and reads what it says with -v. MLIR's own serialisation of GPU
// modules drops these messages, and they decide whether a kernel is any good: a
// spill or a serialised wgmma is no error to ptxas.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_PTXAS_H
#define ATTN_TARGET_PTXAS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attn {

/// What ptxas says of a kernel.
struct PTXKernel {
  std::string name;
  int64_t registers = 0;
  int64_t stackBytes = 0;
  int64_t spillStoreBytes = 0;
  int64_t spillLoadBytes = 0;
  /// Static shared memory.
  int64_t sharedBytes = 0;
  /// Messages that make the kernel useless: the register redistribution is
  /// ignored (C7508), or wgmma is serialised (C7510 to C7514).
  llvm::SmallVector<std::string> complaints;
};

/// Reads the output of `ptxas -v`.
llvm::SmallVector<PTXKernel> parsePTXASOutput(llvm::StringRef output);

/// The ptxas to use: `program` if it is not empty, else $PTXAS, the one of the
/// toolkit in $CUDA_HOME, $CUDA_PATH or /usr/local/cuda, or the one in $PATH.
llvm::Expected<std::string> findPTXAS(llvm::StringRef program = "");

struct Cubin {
  llvm::SmallVector<char, 0> bytes;
  llvm::SmallVector<PTXKernel> kernels;
};

/// Assembles PTX for a chip ("sm_90a"), at an optimisation level of ptxas. The
/// error carries what ptxas printed.
llvm::Expected<Cubin> assemblePTX(llvm::StringRef ptx, llvm::StringRef chip,
                                  llvm::StringRef ptxas,
                                  llvm::StringRef level = "-O3");

/// An error that lists the names unless LLVM makes code for this chip.
llvm::Error checkGPUChip(llvm::StringRef chip);

} // namespace attn

#endif // ATTN_TARGET_PTXAS_H
