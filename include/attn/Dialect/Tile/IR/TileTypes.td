//===- TileTypes.td - Types and attributes of the tiled level -*- tablegen -*-//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_TILETYPES
#define ATTN_DIALECT_TILE_IR_TILETYPES

include "attn/Dialect/Tile/IR/TileDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Tile_CoordsType : TypeDef<Tile_Dialect, "Coords"> {
  let mnemonic = "coords";
  let summary = "N physical rows and their logical positions";
  let description = [{
    `!tile.coords<N>` names the rows `origin, origin + 1, ..., origin + N - 1`
    of a tensor, of which those below `limit` exist, and gives row `r` the
    logical position `r + shift`. Rows at or beyond the limit read as zero and
    are outside every predicate.
  }];
  let parameters = (ins "int64_t":$rows);
  let assemblyFormat = "`<` $rows `>`";
  let genVerifyDecl = 1;
}

def Tile_DomainType : TypeDef<Tile_Dialect, "Domain"> {
  let mnemonic = "domain";
  let summary = "the tiles of N rows that a fold visits";
  let parameters = (ins "int64_t":$rows);
  let assemblyFormat = "`<` $rows `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def Tile_FoldOrder : I32EnumAttr<"FoldOrder", "may the tiles be reordered", [
  I32EnumAttrCase<"Free", 0, "free">,
  I32EnumAttrCase<"Ordered", 1, "ordered">
]> {
  let cppNamespace = "::attn::tile";
  let genSpecializedAttr = 0;
}
def Tile_FoldOrderAttr : EnumAttr<Tile_Dialect, Tile_FoldOrder, "fold_order">;

def Tile_TaskOrder : I32EnumAttr<"TaskOrder", "order of parallel tasks", [
  I32EnumAttrCase<"Forward", 0, "forward">,
  I32EnumAttrCase<"Reversed", 1, "reversed">
]> {
  let cppNamespace = "::attn::tile";
  let genSpecializedAttr = 0;
}
def Tile_TaskOrderAttr : EnumAttr<Tile_Dialect, Tile_TaskOrder, "task_order"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tile_MicroTileAttr : AttrDef<Tile_Dialect, "MicroTile"> {
  let mnemonic = "micro_tile";
  let summary = "register tile of a contraction";
  let description = [{
    A contraction keeps `rows` x `cols` of its result in registers. `cols` is
    also the width of a packed panel of the right-hand side; `lanes` is the
    number of elements of a vector register, and divides `cols` (C1).
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, "int64_t":$lanes);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_VisitAttrInterface : AttrInterface<"VisitAttrInterface"> {
  let cppNamespace = "::attn::tile";
  let description = [{
    A predicate over (b, h, i, j). An attribute that implements it gives its
    formula and nothing else: which tiles are empty, full or partial, the loop
    bounds and the scalar test are derived from the formula.
  }];
  let methods = [
    InterfaceMethod<"The predicate as a formula over (b, h, i, j).",
      "::attn::tile::Formula", "getFormula">
  ];
}

#endif // ATTN_DIALECT_TILE_IR_TILETYPES
