//===- InitAll.h - Registers all of attn ------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_INITALL_H
#define ATTN_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attn {

/// Registers the dialects of attn and their extensions (bufferisation).
void registerAllDialects(mlir::DialectRegistry &registry);

/// Registers the passes and pipelines of attn.
void registerAllPasses();

} // namespace attn

#endif // ATTN_INITALL_H
