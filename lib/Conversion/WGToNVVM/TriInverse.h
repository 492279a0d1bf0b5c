//===- TriInverse.h - Inverses of triangular tiles --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H
#define ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H

#include "Shared.h"

namespace attn::wg {

/// The rows of the blocks on the diagonal, of which a tile has 2^n.
inline constexpr int64_t kTriInverseBlock = 16;

/// Completes an inverse in shared memory at `base`, of `size` rows that are
/// `stride` elements apart, by tensor cores, with operands of 11 bits or, in
/// two parts, of 16. What is below the blocks on the diagonal is left above
/// them, transposed.
void mergeByProducts(ThreadBuilder &builder, int64_t size, int64_t stride,
                     mlir::Value base, bool inParts);
/// The elements of this thread of what that has left.
llvm::SmallVector<mlir::Value> loadMerged(ThreadBuilder &builder, TileType tile,
                                          int64_t stride, mlir::Value base);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H
