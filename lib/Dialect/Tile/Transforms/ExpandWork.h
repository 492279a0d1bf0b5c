//===- ExpandWork.h - Scans, inverses and tests to linalg -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_TILE_TRANSFORMS_EXPANDWORK_H
#define LIB_DIALECT_TILE_TRANSFORMS_EXPANDWORK_H

#include "mlir/IR/PatternMatch.h"

namespace attn::tile {

/// An index as what positions are computed in.
mlir::Value toI32(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value index);

/// What a lower level may do better: prefix sums, inverses, tests of tiles.
void populateExpandWork(mlir::RewritePatternSet &patterns);

} // namespace attn::tile

#endif // LIB_DIALECT_TILE_TRANSFORMS_EXPANDWORK_H
