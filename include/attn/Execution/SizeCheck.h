//===- SizeCheck.h - Do the inputs' sizes fit together? ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_SIZECHECK_H
#define ATTN_EXECUTION_SIZECHECK_H

#include "attn/Execution/Array.h"

#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace attn::exec {

/// Compiled code trusts dynamic sizes. This runs the verifiers of operations
/// in destination-passing style at the sizes that `inputs` give them, so that
/// two lengths that have to agree and do not are found, by the operation's own
/// rule and with its own message.
llvm::LogicalResult verifyAtSizes(mlir::ModuleOp module, llvm::StringRef entry,
                                  llvm::ArrayRef<Array> inputs);

} // namespace attn::exec

#endif // ATTN_EXECUTION_SIZECHECK_H
