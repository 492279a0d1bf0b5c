//===- PersistentBlocks.h - Blocks that stay --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_PERSISTENTBLOCKS_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_PERSISTENTBLOCKS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {

/// Launches no more blocks than multiprocessors have at a time, which is
/// `resident` each. Each does several pieces of work, one after the other: of n
/// blocks, block i the pieces i, i + n, i + 2 n and so on. With `inPairs`, for
/// pieces that take less time the later they come, or more: of pairs of a piece
/// and the one that is as far from the end; if times repeat after a part of the
/// pieces, the last parts are drawn instead. Branches that can be deferred are
/// taken behind all pieces.
void makeBlocksPersistent(mlir::RewriterBase &rewriter,
                          mlir::gpu::LaunchOp launch, int64_t resident,
                          bool inPairs);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_PERSISTENTBLOCKS_H
