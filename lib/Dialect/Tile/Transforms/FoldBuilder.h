//===- FoldBuilder.h - Folds from recipes, loops over blocks ----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_TILE_TRANSFORMS_FOLDBUILDER_H
#define LIB_DIALECT_TILE_TRANSFORMS_FOLDBUILDER_H

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/IR/Tile.h"

namespace attn::tile {

/// The fold that a recipe describes.
FoldOp buildFold(mlir::OpBuilder &builder, mlir::Location loc,
                 const FoldRecipe &recipe, const FoldTiling &tiling, bool held);

/// The mapping of a loop whose `count` dimensions are numbers of blocks.
mlir::ArrayAttr getBlockMapping(mlir::MLIRContext *context, size_t count);

} // namespace attn::tile

#endif // LIB_DIALECT_TILE_TRANSFORMS_FOLDBUILDER_H
