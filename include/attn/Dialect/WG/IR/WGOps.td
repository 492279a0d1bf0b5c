//===- WGOps.td - Operations of groups of warps -------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_WGOPS
#define ATTN_DIALECT_WG_IR_WGOPS

include "attn/Dialect/WG/IR/ScratchInterface.td"
include "attn/Dialect/WG/IR/WGTypes.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"
include "mlir/Dialect/Vector/IR/VectorAttributes.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class WG_Op<string mnemonic, list<Trait> traits = []>
    : Op<WG_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Between memory and tiles
//===----------------------------------------------------------------------===//

// What the operations that read memory have in common.
class WG_ReadOp<string mnemonic, Type resultType> : WG_Op<mnemonic,
    [AttrSizedOperandSegments,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  code readDescription = [{
    `indices` select one entry of each leading dimension of `source`; the next
    dimension holds what the tile's first dimension runs over, from `origin`;
    a last dimension, if there is one, the columns, from `columnOrigin` or 0.

        result[r, c] = source[indices..., origin + r, columnOrigin + c]

    where origin + r < `limit` (without a limit: everywhere) and the column is
    below `columnLimit` (default: exists in the source); elsewhere 0.

    C1: rank(source) = |indices| + rank(result).
    C2: element types agree.
    C3: `columnOrigin` and `columnLimit` come with a result of rank 2.
  }];
  let arguments = (ins AnyShaped:$source, Variadic<Index>:$indices,
                       Index:$origin, Optional<Index>:$limit,
                       Optional<Index>:$columnOrigin,
                       Optional<Index>:$columnLimit);
  let results = (outs resultType:$result);
  let assemblyFormat = [{
    $source `[` $indices `]` `from` $origin (`limit` $limit^)?
    (`columns_from` $columnOrigin^)? (`columns_limit` $columnLimit^)?
    attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def WG_LoadOp : WG_ReadOp<"load", WG_TileType> {
  let summary = "a tile of memory, in registers";
  let description = "Every thread reads the elements that it holds.\n"
                    # readDescription # [{
    With `transposed`, result[c, r] is what result[r, c] is without.

    C4: only a matrix is transposed.
  }];
  let arguments = (ins AnyShaped:$source, Variadic<Index>:$indices,
                       Index:$origin, Optional<Index>:$limit,
                       Optional<Index>:$columnOrigin,
                       Optional<Index>:$columnLimit, UnitAttr:$transposed);
  let assemblyFormat = [{
    (`transposed` $transposed^)? $source `[` $indices `]` `from` $origin
    (`limit` $limit^)? (`columns_from` $columnOrigin^)?
    (`columns_limit` $columnLimit^)?
    attr-dict `:` type($source) `->` type($result)
  }];
}

def WG_CopyOp : WG_ReadOp<"copy", WG_SharedType> {
  let summary = "a tile of memory, in shared memory";
  let description = "The threads of the block read the tile together.\n"
                    # readDescription;
}

def WG_MakeRingOp : WG_Op<"make_ring", [MemoryEffects<[MemAlloc]>]> {
  let summary = "shared memory for several tiles of one kind";
  let results = (outs WG_RingType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def WG_SlotOp : WG_Op<"slot", [Pure]> {
  let summary = "a place of a ring";
  let description = [{
    Holds what was last copied to it.

    C1: the result is a tile of the ring.
  }];
  let arguments = (ins WG_RingType:$ring, Index:$index);
  let results = (outs WG_SharedType:$result);
  let assemblyFormat = [{
    $ring `[` $index `]` attr-dict `:` type($ring) `->` type($result)
  }];
  let hasVerifier = 1;
}

def WG_CopyAsyncOp : WG_Op<"copy_async",
    [AttrSizedOperandSegments,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "starts to copy a tile of memory to shared memory";
  let description = [{
    As `wg.copy`, into a place that is there already, and without waiting:
    operations behind a `wg.wait_copies` that waits for it see the tile.

    C1, C2, C3: as for `wg.copy`.
  }];
  let arguments = (ins AnyShaped:$source, Variadic<Index>:$indices,
                       Index:$origin, Optional<Index>:$limit,
                       Optional<Index>:$columnOrigin,
                       Optional<Index>:$columnLimit, WG_SharedType:$tile);
  let assemblyFormat = [{
    $source `[` $indices `]` `from` $origin (`limit` $limit^)?
    (`columns_from` $columnOrigin^)? (`columns_limit` $columnLimit^)?
    `into` $tile attr-dict `:` type($source) `->` type($tile)
  }];
  let hasVerifier = 1;
}

def WG_CommitCopiesOp : WG_Op<"commit_copies",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "makes a group of the copies started since the last group";
  let assemblyFormat = "attr-dict";
}

def WG_WaitCopiesOp : WG_Op<"wait_copies",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until all but the last `pending` groups are there";
  let description = [{
    For the copies of this thread; others see them behind the next barrier.

    C1: `pending` is not negative.
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$pending);
  let assemblyFormat = "$pending attr-dict";
}

def WG_StoreOp : WG_Op<"store",
    [AttrSizedOperandSegments, DestinationStyleOpInterface,
     DeclareOpInterfaceMethods<WG_ScratchOpInterface, ["isPrivate"]>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "writes a tile to memory";
  let description = [{
    The inverse of `wg.load`: elements at or beyond the limits, or that do not
    exist in `dest`, are dropped. A `transposed` tile of 16-bit elements is
    turned by each warp in shared memory, for rows of 32 bytes.

    C1: rank(dest) = |indices| + rank(tile).
    C2: element types agree.
    C3: a tensor is a result too, memory is not.
    C4: only a matrix is transposed.
  }];
  let arguments = (ins WG_TileType:$tile, AnyShaped:$dest,
                       Variadic<Index>:$indices, Index:$origin,
                       Optional<Index>:$limit, UnitAttr:$transposed);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $tile (`transposed` $transposed^)? `into` $dest `[` $indices `]` `from` $origin (`limit` $limit^)?
    attr-dict `:` type($tile) `into` type($dest) (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getDestMutable(); }
  }];
}

include "attn/Dialect/WG/IR/WGRoleOps.td"

//===----------------------------------------------------------------------===//
// Between registers and shared memory
//===----------------------------------------------------------------------===//

def WG_ToSharedOp : WG_Op<"to_shared", [Pure]> {
  let summary = "a tile in registers, stored to shared memory";
  let description = "C1: shapes and element types agree.";
  let arguments = (ins WG_Matrix:$tile);
  let results = (outs WG_SharedType:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($result)";
  let hasVerifier = 1;
}

def WG_FromSharedOp : WG_Op<"from_shared", [Pure]> {
  let summary = "a tile in shared memory, loaded to registers";
  let description = [{
    With `transposed`, with rows as columns.

    C1: shapes and element types agree.
    C2: only a matrix is transposed.
  }];
  let arguments = (ins WG_SharedType:$shared, UnitAttr:$transposed);
  let results = (outs WG_TileType:$result);
  let assemblyFormat = [{
    $shared (`transposed` $transposed^)? attr-dict
    `:` type($shared) `->` type($result)
  }];
  let hasVerifier = 1;
}

// What works in shared memory.
class WG_ScratchOp<string mnemonic, list<Trait> traits = []>
    : WG_Op<mnemonic, traits # [
        Pure, DeclareOpInterfaceMethods<WG_ScratchOpInterface>]>;

def WG_RelayoutOp : WG_ScratchOp<"relayout"> {
  let summary = "a vector with other threads holding its elements";
  let description = [{
    Rows go through shared memory; what each column has, every warp has.

    C1: shapes and element types agree; neither side is a matrix.
  }];
  let arguments = (ins WG_TileType:$tile);
  let results = (outs WG_TileType:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($result)";
  let hasVerifier = 1;
}

def WG_ExtractOp : WG_ScratchOp<"extract"> {
  let summary = "an element of a vector, for all threads";
  let description = [{
    Rows go through shared memory; what each column has, every warp has.
    Requires: 0 <= `index` < the extent.

    C1: the tile is no matrix.
    C2: the result has the tile's element type.
  }];
  let arguments = (ins WG_TileType:$tile, Index:$index);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $tile `[` $index `]` attr-dict `:` type($tile) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

def WG_AnyOp : WG_Op<"any", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "whether any element of a vector is not zero";
  let description = [{
    The same for all warps, which wait for each other. A NaN is not zero.

    C1: the tile is a vector of floats, by row.
  }];
  let arguments = (ins WG_Rows:$tile);
  let results = (outs I1:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

def WG_SplatOp : WG_Op<"splat", [Pure]> {
  let summary = "a tile of one value";
  let description = "C1: the value has the tile's element type.";
  let arguments = (ins AnyType:$value);
  let results = (outs WG_TileType:$result);
  let assemblyFormat = "$value attr-dict `:` type($value) `->` type($result)";
  let hasVerifier = 1;
}

def WG_MapOp : WG_Op<"map",
    [RecursiveMemoryEffects,
     SingleBlockImplicitTerminator<"::attn::wg::YieldOp">]> {
  let summary = "computes each element of a tile from those of others";
  let description = [{
    The body computes one element of each result from the elements of the
    operands at the same position; a `rows` or `cols` operand of a map to
    matrices gives the element of the position's row or column. The first two
    arguments of the body are the position, (row, column); a map to `rows` (or
    `cols`) has its position as both.

    C1: the results have one shape and layout.
    C2: an operand has the results' shape and layout, or, if these are
        matrices, is `rows` (`cols`) with one value for each row (column).
    C3: the body takes two indices and an element of each operand and yields an
        element of each result.

    ```mlir
    %p = wg.map ins(%s, %m : !wg.tile<64x128xf32>, !wg.tile<64xf32, rows>)
        -> !wg.tile<64x128xf32> {
    ^bb0(%i: index, %j: index, %x: f32, %y: f32):
      ...
      wg.yield %z : f32
    }
    ```
  }];
  let arguments = (ins Variadic<WG_TileType>:$inputs);
  let results = (outs Variadic<WG_TileType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)? `->` type($results)
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The shape and layout of all results.
    TileType getTileType() {
      return ::llvm::cast<TileType>(getResult(0).getType());
    }
  }];
}

def WG_YieldOp : WG_Op<"yield", [Pure, Terminator, ReturnLike,
                                 ParentOneOf<["MapOp"]>]> {
  let summary = "the elements that a map computes";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{
    build($_builder, $_state, ::mlir::ValueRange());
  }]>];
}

def WG_ScanOp : WG_Op<"scan", [Pure, SameOperandsAndResultType]> {
  let summary = "inclusive prefix sum of a vector";
  let description = [{
    result[i] = tile[0] + ... + tile[i], by each warp on its own.

    C1: the tile is a vector of floats, by column.
  }];
  let arguments = (ins WG_TileType:$tile);
  let results = (outs WG_TileType:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

def WG_ReduceOp : WG_Op<"reduce",
    [Pure, AllTypesMatch<["init", "result"]>]> {
  let summary = "combines the elements of each row";
  let description = [{
    result[r] = init[r] op tile[r, 0] op tile[r, 1] ... in any order.

    C1: the tile has a row for each element of `init`, of its element type.
  }];
  let arguments = (ins Vector_CombiningKindAttr:$kind, WG_Matrix:$tile,
                       WG_Rows:$init);
  let results = (outs WG_Rows:$result);
  let assemblyFormat = [{
    $kind $tile `,` $init attr-dict `:` type($tile) `,` type($init)
  }];
  let hasVerifier = 1;
}

def WG_SumRowsOp : WG_ScratchOp<"sum_rows"> {
  let summary = "sums the elements of each column";
  let description = [{
    result[c] = tile[0, c] + tile[1, c] + ... in any order; every warp has the
    result. What the rows of each warp sum to goes through shared memory.

    C1: the result is by column, and the tile has a column for each element of
        it, of its element type.
    C2: the elements are floats.
  }];
  let arguments = (ins WG_Matrix:$tile);
  let results = (outs WG_TileType:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($result)";
  let hasVerifier = 1;
}

def WG_ReduceBlocksOp : WG_Op<"reduce_blocks",
    [Pure, AllTypesMatch<["init", "result"]>]> {
  let summary = "combines blocks of 8 columns of a tile";
  let description = [{
    result[r, c] = init[r, c] op tile[r, c] op tile[r, 8 + c] ... in any order,
    for c < 8. No thread needs what another one has.

    C1: `init` has 8 columns, and rows and elements like the tile.
  }];
  let arguments = (ins Vector_CombiningKindAttr:$kind, WG_Matrix:$tile,
                       WG_Matrix:$init);
  let results = (outs WG_Matrix:$result);
  let assemblyFormat = [{
    $kind $tile `,` $init attr-dict `:` type($tile) `,` type($init)
  }];
  let hasVerifier = 1;
}

def WG_MmaOp : WG_Op<"mma", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "matrix product of tiles";
  let description = [{
    result[m, n] = acc[m, n] + sum over k of lhs[m, k] rhs[k, n]. The left
    operand is in registers or in shared memory, the right one in shared
    memory. Products are exact, sums are taken in the accumulator's type (by the
    tensor cores: in any order, rounded towards zero).

    With `lhs_transposed` the left operand is given as (k, m), with
    `rhs_transposed` the right one as (n, k).

    C1: extents of m, n and k agree.
    C2: operands have one element type.
    C3: a left operand in registers is not transposed.
  }];
  let arguments = (ins AnyTypeOf<[WG_Matrix, WG_SharedType]>:$lhs,
                       WG_SharedType:$rhs, WG_Matrix:$acc,
                       UnitAttr:$lhs_transposed, UnitAttr:$rhs_transposed);
  let results = (outs WG_Matrix:$result);
  let assemblyFormat = [{
    $lhs (`transposed` $lhs_transposed^)? `,`
    $rhs (`transposed` $rhs_transposed^)? `,` $acc attr-dict
    `:` type($lhs) `,` type($rhs) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def WG_StartMmaOp : WG_Op<"start_mma", [AllTypesMatch<["acc", "result"]>]> {
  let summary = "starts a matrix product of tiles";
  let description = [{
    As `wg.mma`, but returns at once: the result is to be read only through a
    `wg.await_mma`. Products complete in the order in which they were started.
    Until then no register that one of them reads may be written.

    C1, C2, C3: as for `wg.mma`.
    C4: the result has one use, a `wg.await_mma` in the same block.
  }];
  let arguments = (ins AnyTypeOf<[WG_Matrix, WG_SharedType]>:$lhs,
                       WG_SharedType:$rhs, WG_Matrix:$acc,
                       UnitAttr:$lhs_transposed, UnitAttr:$rhs_transposed);
  let results = (outs WG_Matrix:$result);
  let assemblyFormat = [{
    $lhs (`transposed` $lhs_transposed^)? `,`
    $rhs (`transposed` $rhs_transposed^)? `,` $acc attr-dict
    `:` type($lhs) `,` type($rhs) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def WG_AwaitMmaOp : WG_Op<"await_mma", [AllTypesMatch<["started", "result"]>]> {
  let summary = "waits for a product that was started";
  let description = [{
    Returns when all products but the `pending` that were started last are
    complete; this one is not among those.

    C1: the operand is the result of a `wg.start_mma`.
    C2: `pending` is not negative.
  }];
  let arguments = (ins WG_Matrix:$started,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$pending);
  let results = (outs WG_Matrix:$result);
  let assemblyFormat = "$started `pending` $pending attr-dict `:` type($started)";
  let hasVerifier = 1;
}

def WG_TriInverseOp : WG_ScratchOp<"tri_inverse",
    [AllTypesMatch<["tile", "result"]>]> {
  let summary = "(I + A)^-1 of a strictly lower triangular tile";
  let description = [{
    Entries of A on and above the diagonal are taken as zero. The inverse is
    unit lower triangular, computed in f32; where all that is done with it is to
    round it to 16-bit floats, in products of operands of 16 bits for f16 and of
    11 bits for bf16. Works in shared memory, in rows of `getScratchStride()`
    elements.

    C1: A is square.
    C2: A is of f32.
  }];
  let arguments = (ins WG_Matrix:$tile);
  let results = (outs WG_Matrix:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Rows begin 8 banks apart, so that pairs of columns of four rows are
    /// stored without conflicts.
    int64_t getScratchStride() { return getTile().getType().getNumCols() + 8; }
  }];
}

#endif // ATTN_DIALECT_WG_IR_WGOPS
