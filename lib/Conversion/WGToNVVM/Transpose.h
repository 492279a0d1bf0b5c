//===- Transpose.h - Tiles with rows as columns -----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_TRANSPOSE_H
#define ATTN_CONVERSION_WGTONVVM_TRANSPOSE_H

#include "Memory.h"
#include "Shared.h"

namespace attn::wg {

/// The elements of this thread of a tile that lies transposed in shared memory.
llvm::SmallVector<mlir::Value> readTransposed(ThreadBuilder &builder,
                                              SharedType shared, TileType tile,
                                              mlir::Value base);

/// Writes a tile to memory, transposed: columns below `bound` of the tile,
/// which are rows of the memory. By way of `scratch`, in chunks of 16 bytes, if
/// there is any and the memory is aligned.
void writeTransposed(ThreadBuilder &builder, TileType tile,
                     llvm::ArrayRef<mlir::Value> elements, mlir::Value bound,
                     const MemoryTile &memory, mlir::Value scratch);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_TRANSPOSE_H
