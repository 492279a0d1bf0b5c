//===- BufferizableOpInterfaceImpl.h - Buffers of tile ops ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define ATTN_DIALECT_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attn::tile {
/// Lets one-shot bufferisation handle `tile.contract`.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);
} // namespace attn::tile

#endif // ATTN_DIALECT_TILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
