//===- BufferizableOpInterfaceImpl.h - Buffers of wg ops --------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define ATTN_DIALECT_WG_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attn::wg {
/// Lets one-shot bufferisation handle what reads and writes memory.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);
} // namespace attn::wg

#endif // ATTN_DIALECT_WG_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
