//===- StreamTiles.h - Work with few registers ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_STREAMTILES_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_STREAMTILES_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {

/// Each user of a tile in shared memory reads it again, where it uses it, and
/// nothing that is computed of addresses is kept.
/// With `storesLeft`, left operands of products are not, either.
void streamTiles(mlir::IRRewriter &rewriter, mlir::Block &block,
                 bool storesLeft = false);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_STREAMTILES_H
