//===- Lower.h - From a file to the llvm dialect ----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_LOWER_H
#define ATTN_EXECUTION_LOWER_H

#include "llvm/ADT/StringRef.h"

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

/// Runs the oracle: attn --> loops --> llvm.
llvm::LogicalResult lowerWithOracle(mlir::ModuleOp module,
                                    llvm::StringRef entry,
                                    llvm::StringRef stopAfter = "");

} // namespace attn::exec

#endif // ATTN_EXECUTION_LOWER_H
