//===- Steps.h - Steps that pipelines share ---------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_PIPELINES_STEPS_H
#define LIB_PIPELINES_STEPS_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace attn {

void addCleanup(mlir::OpPassManager &pm);

/// any attn --> one function per entry, attn in canonical form, linalg
void addInput(mlir::OpPassManager &pm);

} // namespace attn

#endif // LIB_PIPELINES_STEPS_H
