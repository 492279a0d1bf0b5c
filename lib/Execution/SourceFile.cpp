//===- SourceFile.cpp - A parsed file and its diagnostics -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/SourceFile.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace attn::exec {

SourceFile::SourceFile(mlir::MLIRContext &context)
    : context(context), handler(sources, &context) {
  // The line of the source says it better than the operation it has become.
  context.printOpOnDiagnostic(false);
}

Error SourceFile::parse(StringRef path) {
  std::string message;
  std::unique_ptr<MemoryBuffer> file = mlir::openInputFile(path, &message);
  if (!file)
    return createStringError(message);
  sources.AddNewSourceBuffer(std::move(file), SMLoc());
  module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return createStringError("'" + path + "' is not a valid module");
  return Error::success();
}

} // namespace attn::exec
