//===- LogDecays.h - Log decays as further results --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_EXECUTION_LOGDECAYS_H
#define ATTN_EXECUTION_LOGDECAYS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace attn::exec {

/// A copy of `module` whose function `entry` also returns the log decays that
/// operations in its body read, with the locations of these operations. Null if
/// there are none, or the sizes of one are not those of any argument.
mlir::OwningOpRef<mlir::ModuleOp>
returnLogDecays(mlir::ModuleOp module, llvm::StringRef entry,
                llvm::SmallVectorImpl<mlir::Location> &locations);

} // namespace attn::exec

#endif // ATTN_EXECUTION_LOGDECAYS_H
