//===- CodeGen.h - From the llvm dialect to machine code --------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_CODEGEN_H
#define ATTN_EXECUTION_CODEGEN_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace attn::exec {

/// Registers what `translateToLLVM` needs in a context's registry.
void registerLLVMTranslations(mlir::DialectRegistry &registry);

/// Which machine code to make.
struct CodeGenOptions {
  /// "host" for this machine with the features it has, or a CPU by LLVM's name
  /// ("x86-64-v3", "znver4").
  std::string cpu = "host";
  /// 0 to 3, for LLVM's pipeline and its code generator.
  unsigned optLevel = 3;
};

/// A position-independent target machine of this host's architecture. The
/// error names the CPU if LLVM does not know it.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CodeGenOptions &options);

/// An error that names the missing features if this machine cannot run code
/// made for `targetMachine`.
llvm::Error checkHostSupports(const llvm::TargetMachine &targetMachine);

/// Translates a module of the llvm dialect and gives it the target's triple
/// and data layout. Diagnostics go through the module's context as well.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVM(mlir::ModuleOp module, llvm::LLVMContext &context,
                const llvm::TargetMachine &targetMachine);

/// Runs LLVM's default pipeline of the given level for the target.
llvm::Error optimize(llvm::Module &module, llvm::TargetMachine &targetMachine,
                     unsigned optLevel);

enum class FileKind { Assembly, Object };

/// Generates code; `module` is not to be used for anything else afterwards.
llvm::Expected<llvm::SmallVector<char, 0>>
emitCode(llvm::Module &module, llvm::TargetMachine &targetMachine,
         FileKind kind);

} // namespace attn::exec

#endif // ATTN_EXECUTION_CODEGEN_H
