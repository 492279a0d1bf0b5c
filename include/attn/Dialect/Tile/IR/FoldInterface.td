//===- FoldInterface.td - Operations that are folds ---------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_FOLDINTERFACE
#define ATTN_DIALECT_TILE_IR_FOLDINTERFACE

include "mlir/IR/OpBase.td"

def Tile_FoldOpInterface : OpInterface<"FoldOpInterface"> {
  let cppNamespace = "::attn::tile";
  let description = [{
    An operation whose result is a fold over tiles of one of its dimensions.
    It describes the fold; the generic pass `tile-form-folds` builds it. The
    operation must already be cut along its parallel dimensions, down to one
    tile of rows.
  }];
  let methods = [
    InterfaceMethod<[{
      The register tile and the tile sizes that the schedule of this operation
      asks for; `std::nullopt` if no schedule has been chosen.
    }], "std::optional<::attn::tile::FoldTiling>", "getFoldTiling">,
    InterfaceMethod<[{
      Writes a schedule that the operation has none of yet, or replaces it.
    }], "void", "setFoldTiling",
       (ins "const ::attn::tile::FoldTiling &":$tiling)>,
    InterfaceMethod<[{
      The extents and the costs of the fold, which a schedule is chosen by.
    }], "::attn::tile::FoldShape", "getFoldShape">,
    InterfaceMethod<[{
      The number of columns, an index: `columns` of the shape as a value.
    }], "::mlir::Value", "getColumnCount", (ins "::mlir::OpBuilder &":$builder)>,
    InterfaceMethod<[{
      What is folded, from where it starts, one step, and how the results come
      from the final state. Operations that the whole fold shares (the tile of
      rows, say) are created at the builder's insertion point. Failure comes
      with a diagnostic.
    }], "::mlir::FailureOr<::attn::tile::FoldRecipe>", "getFoldRecipe",
       (ins "::mlir::OpBuilder &":$builder,
            "const ::attn::tile::FoldTiling &":$tiling)>,
    InterfaceMethod<[{
      How the fold is put together from pieces of its columns, on which nothing
      is created yet; `std::nullopt` if it cannot be.
    }], "std::optional<::attn::tile::FoldPieces>", "getFoldPieces",
       (ins "const ::attn::tile::FoldTiling &":$tiling), /*methodBody=*/"",
       /*defaultImplementation=*/"return std::nullopt;">
  ];
}

#endif // ATTN_DIALECT_TILE_IR_FOLDINTERFACE
