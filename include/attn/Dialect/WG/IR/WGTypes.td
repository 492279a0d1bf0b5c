//===- WGTypes.td - Distributed and shared tiles ------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_WGTYPES
#define ATTN_DIALECT_WG_IR_WGTYPES

include "attn/Dialect/WG/IR/WGDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def WG_Layout : I32EnumAttr<"Layout", "which threads hold an element", [
  I32EnumAttrCase<"Matrix", 0, "matrix">,
  I32EnumAttrCase<"Rows", 1, "rows">,
  I32EnumAttrCase<"Cols", 2, "cols">
]> {
  let cppNamespace = "::attn::wg";
  let genSpecializedAttr = 0;
}

def WG_Deal : I32EnumAttr<"Deal", "who does the iterations of a loop", [
  I32EnumAttrCase<"Threads", 0, "threads">,
  I32EnumAttrCase<"Warps", 1, "warps">,
  I32EnumAttrCase<"Lanes", 2, "lanes">,
  I32EnumAttrCase<"Blocks", 3, "blocks">
]> {
  let cppNamespace = "::attn::wg";
  let genSpecializedAttr = 0;
}
/// Threads, warps and blocks of a grid, or the lanes of the warp, or the threads
/// of the block, that comes to a loop.
def WG_DealAttr : EnumAttr<WG_Dialect, WG_Deal, "deal"> {
  let assemblyFormat = "`<` $value `>`";
}

def WG_LanesAttr : AttrDef<WG_Dialect, "Lanes"> {
  let mnemonic = "lanes";
  let summary = "how the lanes of a warp hold the tiles of a loop";
  let description = [{
    `#wg.lanes<[8, 4], consecutive = [16, 4], inner = 1>`: the tiles of a loop
    over tiles have two axes (dimensions that are the same for all of them, in
    the order in which they occur). Eight lanes share axis 0, 16 elements in a
    row each, four share axis 1, in runs of four elements. The lanes of the
    inner axis are neighbours; then come those of the others. What is left of
    the 32 lanes does the same again.

    C1: as many numbers of elements as of lanes, all of them positive.
    C2: numbers of lanes are powers of two, 32 lanes in all at most.
    C3: the inner axis is one of them.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$lanes,
                        ArrayRefParameter<"int64_t">:$consecutive,
                        "int64_t":$inner);
  let assemblyFormat = [{
    `<` `[` $lanes `]` `,` `consecutive` `=` `[` $consecutive `]` `,`
    `inner` `=` $inner `>`
  }];
  let genVerifyDecl = 1;
}

def WG_TileType : TypeDef<WG_Dialect, "Tile"> {
  let mnemonic = "tile";
  let summary = "a tile in registers";
  let description = [{
    `!wg.tile<64x128xf32>` is a matrix; `!wg.tile<64xf32, rows>` has one value
    for each row of a matrix and `!wg.tile<128xf32, cols>` one for each column.
    The description of the dialect says which thread holds what.

    C1: the shape is static and positive; rank 2 for a matrix, 1 for the others.
    C2: a matrix has a multiple of 16 rows and of 8 columns, `rows` has a
        multiple of 16 and `cols` one of 8 elements.
    C3: the element is an integer, an index or a float.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType, "Layout":$layout);
  let builders = [
    TypeBuilderWithInferredContext<(ins "::llvm::ArrayRef<int64_t>":$shape,
        "::mlir::Type":$elementType, CArg<"Layout", "Layout::Matrix">:$layout), [{
      return $_get(elementType.getContext(), shape, elementType, layout);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumRows() const {
      return getLayout() == Layout::Cols ? 1 : getShape()[0];
    }
    int64_t getNumCols() const {
      return getLayout() == Layout::Rows ? 1 : getShape().back();
    }
    bool isMatrix() const { return getLayout() == Layout::Matrix; }
    /// The number of elements that each thread of `warps` warps holds.
    int64_t getElementsPerThread(int64_t warps) const;
    /// This tile with other elements.
    TileType withElement(::mlir::Type elementType) const {
      return get(getShape(), elementType, getLayout());
    }
  }];
}

def WG_SharedType : TypeDef<WG_Dialect, "Shared"> {
  let mnemonic = "shared";
  let summary = "a tile in shared memory";
  let description = [{
    `!wg.shared<64x128xbf16>`. The rows are cut into column blocks of as many
    bytes as the swizzle: the largest of 128, 64 and 32 that divides the bytes
    of a row. A column block holds all rows, one after the other, and of row r,
    16-byte chunk c is stored at place

        c xor ((r * swizzle / 128) mod (swizzle / 16)),

    which keeps accesses of eight rows apart and is what the tensor cores and
    the copy engine of sm_90 expect.

    `!wg.shared<64xf32>` is a vector, one element after the other.

    C1: the shape is static, of rank 1, or of rank 2 with a multiple of 8 rows.
    C2: a row has a multiple of 32 bytes.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType);
  let builders = [
    TypeBuilderWithInferredContext<(ins "::llvm::ArrayRef<int64_t>":$shape,
        "::mlir::Type":$elementType), [{
      return $_get(elementType.getContext(), shape, elementType);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isVector() const { return getShape().size() == 1; }
    int64_t getNumRows() const { return isVector() ? 1 : getShape()[0]; }
    int64_t getNumCols() const { return getShape().back(); }
    int64_t getElementBytes() const {
      return getElementType().getIntOrFloatBitWidth() / 8;
    }
    int64_t getRowBytes() const { return getNumCols() * getElementBytes(); }
    int64_t getBytes() const { return getNumRows() * getRowBytes(); }
    /// 128, 64 or 32: the bytes of a row of a column block of a matrix.
    int64_t getSwizzle() const;
  }];
}

def WG_RingType : TypeDef<WG_Dialect, "Ring"> {
  let mnemonic = "ring";
  let summary = "places in shared memory for several tiles of one kind";
  let description = [{
    `!wg.ring<2, 64x128xbf16>`: tiles of a loop take the places in turn, so that
    one is filled while others are read.

    C1: there is at least one place.
  }];
  let parameters = (ins "int64_t":$slots, "SharedType":$tile);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def WG_NotesType : TypeDef<WG_Dialect, "Notes"> {
  let mnemonic = "notes";
  let summary = "numbers that one role leaves for the other";
  let description = [{
    `!wg.notes<1024>`: a bit for each number modulo 1024 in shared memory, and a
    barrier on which readers wait until all consumers are done. Numbers that
    agree in their lowest bits are noted together.

    C1: the number of bits is a power of two and at least 64.
  }];
  let parameters = (ins "int64_t":$bits);
  let assemblyFormat = "`<` $bits `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getBitBytes() const { return getBits() / 8; }
    /// The barrier is behind the bits.
    int64_t getBytes() const { return getBitBytes() + 8; }
  }];
}

def WG_DrawsType : TypeDef<WG_Dialect, "Draws"> {
  let mnemonic = "draws";
  let summary = "numbers that a block draws, each used once";
  let description = [{
    `!wg.draws<8>`: places in shared memory for as many numbers, and a barrier
    for each on which its readers wait.

    C1: there is at least one place.
  }];
  let parameters = (ins "int64_t":$slots);
  let assemblyFormat = "`<` $slots `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The numbers are behind the barriers.
    int64_t getBarrierBytes() const { return 8 * getSlots(); }
    int64_t getBytes() const { return getBarrierBytes() + 4 * getSlots(); }
  }];
}

def WG_ChannelType : TypeDef<WG_Dialect, "Channel"> {
  let mnemonic = "channel";
  let summary = "tiles on their way from the warps that copy to those that use";
  let description = [{
    `!wg.channel<2, 64x128xbf16>`: places in shared memory for two tiles, and for
    each place two barriers: one on which its users wait for the tile, one on
    which who fills it waits until all users have released it. All sides go
    through the places in turn, each with a *cursor* of its own, an i32 that
    begins at 0: 2 * place + (times that the places were gone through) mod 2.

    C1: there is at least one place.
  }];
  let parameters = (ins "int64_t":$slots, "SharedType":$tile);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Of the places, and of these and the barriers behind them: for each place
    /// one for its users, then for each place one for who fills it.
    int64_t getTileBytes() const { return getSlots() * getTile().getBytes(); }
    int64_t getBytes() const {
      return getTileBytes() + 2 * getSlots() * kBarrierBytes;
    }
    static constexpr int64_t kBarrierBytes = 8;
  }];
}

def WG_Matrix : Type<
    And<[WG_TileType.predicate,
         CPred<"::llvm::cast<::attn::wg::TileType>($_self).isMatrix()">]>,
    "matrix tile in registers", "::attn::wg::TileType">;
def WG_Rows : Type<
    And<[WG_TileType.predicate,
         CPred<"::llvm::cast<::attn::wg::TileType>($_self).getLayout() == "
               "::attn::wg::Layout::Rows">]>,
    "tile with one value for each row", "::attn::wg::TileType">;

#endif // ATTN_DIALECT_WG_IR_WGTYPES
