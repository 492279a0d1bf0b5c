//===- Lower.h - From a file to the llvm dialect ----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_LOWER_H
#define ATTN_EXECUTION_LOWER_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace llvm {
struct LogicalResult;
} // namespace llvm

namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace attn::exec {

/// Registers every dialect and interface that compiling and running needs, and
/// our passes with the command line.
void registerEverything(mlir::DialectRegistry &registry);

/// Runs the compiler on function `entry` and what it calls: attn --> llvm, for
/// a CPU by LLVM's name. With a stage, stops after it. Honours MLIR's
/// command-line options of pass managers.
llvm::LogicalResult lowerWithCompiler(mlir::ModuleOp module,
                                      llvm::StringRef entry,
                                      llvm::StringRef cpu,
                                      llvm::StringRef stopAfter = "");

/// What to make kernels for.
struct GPUOptions {
  /// "sm_90a".
  std::string chip = "sm_90a";
  /// Whether kernels stay PTX or become a cubin.
  bool assemble = true;
  /// LLVM's optimisation level of kernels.
  unsigned optLevel = 3;
  /// A folder that keeps PTX from run to run, or nothing.
  std::string cache;
  /// Whether kernels count what they do again.
  bool countRepeats = false;
};

/// Runs the compiler for an NVIDIA GPU, up to a stage: "binary" is host code
/// with an assembled `gpu.binary`, "llvm", the last, has it inside.
llvm::LogicalResult lowerForGPU(mlir::ModuleOp module, llvm::StringRef entry,
                                const GPUOptions &options,
                                llvm::StringRef stopAfter = "");

/// Takes what `lowerForGPU` leaves after "binary" to the llvm dialect.
llvm::LogicalResult lowerLaunches(mlir::ModuleOp module);

/// Runs the oracle: attn --> loops --> llvm.
llvm::LogicalResult lowerWithOracle(mlir::ModuleOp module,
                                    llvm::StringRef entry,
                                    llvm::StringRef stopAfter = "");

} // namespace attn::exec

#endif // ATTN_EXECUTION_LOWER_H
