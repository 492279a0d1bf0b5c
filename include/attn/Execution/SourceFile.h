//===- SourceFile.h - A parsed file and its diagnostics ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_SOURCEFILE_H
#define ATTN_EXECUTION_SOURCEFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"

namespace attn::exec {

/// A module read from a file. While it lives, diagnostics of its context are
/// printed to the error stream with the line they are about.
class SourceFile {
public:
  explicit SourceFile(mlir::MLIRContext &context);

  /// Reads and verifies the module in the file; "-" is the standard input.
  llvm::Error parse(llvm::StringRef path);

  mlir::ModuleOp getModule() const { return *module; }

private:
  mlir::MLIRContext &context;
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler handler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_SOURCEFILE_H
