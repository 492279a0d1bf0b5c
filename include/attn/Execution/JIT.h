//===- JIT.h - Loads compiled code into this process ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_JIT_H
#define ATTN_EXECUTION_JIT_H

#include "attn/Execution/CodeGen.h"

#include "llvm/ADT/ArrayRef.h"

namespace attn::exec {

/// A function compiled from the llvm dialect, ready to be called.
class CompiledFunction {
public:
  /// Compiles `module` and finds `symbol` in it, which has to take
  /// `numArguments` arguments and return nothing. What compiled code calls is
  /// looked for in the runtime linked into this program, then in the process.
  static llvm::Expected<std::unique_ptr<CompiledFunction>>
  compile(mlir::ModuleOp module, llvm::StringRef symbol, unsigned numArguments,
          const CodeGenOptions &options);
  ~CompiledFunction();

  /// Calls the function; each element of `arguments` points to the storage of
  /// an argument's value.
  void operator()(llvm::ArrayRef<void *> arguments) const {
    entry(arguments.data());
  }

private:
  struct Engine;
  CompiledFunction();

  std::unique_ptr<Engine> engine;
  void (*entry)(void *const *) = nullptr;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_JIT_H
