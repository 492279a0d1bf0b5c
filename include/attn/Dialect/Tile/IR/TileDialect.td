//===- TileDialect.td - The tiled level ---------------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_TILEDIALECT
#define ATTN_DIALECT_TILE_IR_TILEDIALECT

include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::attn::tile";
  let summary = "folds over domains of static tiles";
  let description = [{
    Below the tensor level every method is a *fold*: a domain of tiles, a
    carried state and one step. The step is ordinary `linalg` on static tile
    tensors plus the few operations of this dialect. Nothing here knows which
    method a fold came from.

    A tile's *coordinates* (`!tile.coords<N>`) are the only way to address
    memory from a step: they name N physical rows and the logical positions of
    these rows, so masks and gathers compose with any packing or permutation.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ATTN_DIALECT_TILE_IR_TILEDIALECT
