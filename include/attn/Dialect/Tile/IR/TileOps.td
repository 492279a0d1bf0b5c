//===- TileOps.td - Operations of the tiled level -----------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_TILEOPS
#define ATTN_DIALECT_TILE_IR_TILEOPS

include "attn/Dialect/Tile/IR/TileTypes.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/LoopLikeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Domains and coordinates
//===----------------------------------------------------------------------===//

def Tile_CoordsOp : Tile_Op<"coords", [Pure, AttrSizedOperandSegments]> {
  let summary = "names N consecutive rows";
  let description = [{
    Rows `origin ... origin + N - 1`, of which those below `limit` exist. Row
    `r` has logical position `r + shift` (default 0), or `positions[r]` if a
    positions operand is given (rank 1).

    `complete` says that all N rows exist: origin + N <= limit.

    C1: `shift` and `positions` are exclusive.

    ```mlir
    %I = tile.coords %i limit(%n) : !tile.coords<96>
    %I = tile.coords %i limit(%n) shift(%s) : !tile.coords<96>
    ```
  }];
  let arguments = (ins Index:$origin, Index:$limit, Optional<Index>:$shift,
                       Optional<1DTensorOf<[I32]>>:$positions,
                       UnitAttr:$complete);
  let results = (outs Tile_CoordsType:$result);
  let assemblyFormat = [{
    $origin `limit` `(` $limit `)` (`shift` `(` $shift^ `)`)?
    (`positions` `(` $positions^ `:` type($positions) `)`)?
    (`complete` $complete^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_OriginOp : Tile_Op<"origin", [Pure]> {
  let summary = "the first physical row of a tile";
  let arguments = (ins Tile_CoordsType:$coords);
  let results = (outs Index:$result);
  let assemblyFormat = "$coords attr-dict `:` type($coords)";
  let hasFolder = 1;
}

def Tile_PositionsOp : Tile_Op<"positions", [Pure]> {
  let summary = "the logical positions of a tile's rows";
  let arguments = (ins Tile_CoordsType:$coords);
  let results = (outs 1DTensorOf<[I32]>:$result);
  let assemblyFormat = "$coords attr-dict `:` type($coords) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_RowsOp : Tile_Op<"rows", [Pure, AttrSizedOperandSegments]> {
  let summary = "the rows of a tensor at a tile's coordinates";
  let description = [{
    Reads a static tile. `indices` select one entry of each leading dimension
    of `source`; the next dimension holds the rows; a last dimension, if the
    result has rank 2, holds the columns. With C = `coords` of N rows

        result[r, c] = source[indices..., origin + r, c']
                       if origin + r < limit and c' exists, else 0

    so a tile is always static and a tail reads as zero. c' is c, or the c-th
    row of `columns`, which makes a block of a matrix whose columns are tiled
    too (a bias).

    C1: rank(source) = |indices| + rank(result), rank(result) in {1, 2}.
    C2: dim(result, 0) = N and the result is static; with `columns`, rank 2 and
        dim(result, 1) = N(columns).
    C3: element types agree.

    ```mlir
    %k = tile.rows %K[%b, %h] at %J : tensor<2x8x?x64xf32>, !tile.coords<256> -> tensor<256x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, Variadic<Index>:$indices,
                       Tile_CoordsType:$coords,
                       Optional<Tile_CoordsType>:$columns);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = [{
    $source `[` $indices `]` `at` $coords
    (`columns` $columns^ `:` type($columns))? attr-dict
    `:` type($source) `,` type($coords) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_InsertOp : Tile_Op<"insert",
    [Pure, AllTypesMatch<["dest", "result"]>]> {
  let summary = "writes a tile's existing rows into a tensor";
  let description = [{
    The inverse of `tile.rows`: rows at or beyond the limit are dropped, and so
    are columns beyond the width of `dest`.

    C1: rank(dest) = |indices| + rank(tile), rank(tile) in {1, 2}.
    C2: dim(tile, 0) = N and the tile is static.
    C3: element types agree.
  }];
  let arguments = (ins AnyStaticShapeTensor:$tile, AnyRankedTensor:$dest,
                       Variadic<Index>:$indices, Tile_CoordsType:$coords);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $tile `into` $dest `[` $indices `]` `at` $coords attr-dict
    `:` type($tile) `into` type($dest) `,` type($coords)
  }];
  let hasVerifier = 1;
}

def Tile_PredicateOp : Tile_Op<"predicate",
    [Pure, AttrSizedOperandSegments]> {
  let summary = "a mask at the logical positions of two tiles";
  let description = [{
    result[r, c] = (column c exists) and mask(b, h, pos(rows, r), pos(cols, c)),
    where a column exists if its physical row is below the limit of `cols`.
    Without a mask only existence is tested. `ids` are the run-time ids of the
    rows and columns that a mask with a same-id test compares; `parameters` are
    those of the mask at (b, h). `bits` are the run-time bits of all physical
    rows, by words of 32 from the lowest bit on.

    C1: the result is `N(rows) x N(cols)` of i1.
    C2: `ids` are given exactly when the mask reads ids, one per row and column.
    C3: as many parameters as the mask has.
    C4: `bits` are given exactly when the mask reads bits.
  }];
  let arguments = (ins OptionalAttr<Tile_VisitAttrInterface>:$mask,
                       Tile_CoordsType:$rows, Tile_CoordsType:$cols,
                       Index:$batch, Index:$head,
                       Optional<1DTensorOf<[I32]>>:$rowIds,
                       Optional<1DTensorOf<[I32]>>:$colIds,
                       Variadic<Index>:$parameters,
                       Optional<2DTensorOf<[I32]>>:$bits);
  let results = (outs 2DTensorOf<[I1]>:$result);
  let assemblyFormat = [{
    ($mask^)? `rows` `(` $rows `)` `cols` `(` $cols `)`
    `at` `(` $batch `,` $head `)`
    (`ids` `(` $rowIds^ `,` $colIds `:` type($rowIds) `,` type($colIds) `)`)?
    (`parameters` `(` $parameters^ `)`)?
    (`bits` `(` $bits^ `:` type($bits) `)`)?
    attr-dict `:` type($rows) `,` type($cols) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_VisitedOp : Tile_Op<"visited", [Pure]> {
  let summary = "the columns of a tile that each group of rows visits";
  let description = [{
    Asks the domain again for fewer rows: group g holds rows
    `g * group ... g * group + group - 1` of `rows`, and no row of it sees an
    existing column of `cols` outside of `[lower[g], upper[g])`, counted from the
    first column of the tile. A group without existing rows has an empty range.

    C1: both results have ceil(N(rows) / group) entries and group is positive.
    C2: as many parameters as the mask has.
  }];
  let arguments = (ins OptionalAttr<Tile_VisitAttrInterface>:$mask,
                       Tile_CoordsType:$rows, Tile_CoordsType:$cols,
                       Index:$batch, Index:$head,
                       Variadic<Index>:$parameters, I64Attr:$group);
  let results = (outs 1DTensorOf<[Index]>:$lower, 1DTensorOf<[Index]>:$upper);
  let assemblyFormat = [{
    ($mask^)? `rows` `(` $rows `)` `cols` `(` $cols `)`
    `at` `(` $batch `,` $head `)` (`parameters` `(` $parameters^ `)`)?
    `every` $group
    attr-dict `:` type($rows) `,` type($cols) `->` type($lower) `,` type($upper)
  }];
  let hasVerifier = 1;
}

def Tile_DomainOp : Tile_Op<"domain", [Pure, AttrSizedOperandSegments]> {
  let summary = "the tiles of columns that a block of rows visits";
  let description = [{
    The columns `0 ... limit - 1`, cut into tiles of N, of which those are
    visited that some row of `rows` may see through `mask`. Without a mask all
    are. Column c has logical position `c + shift`.

    `irregular` says that a predicate outside this op decides too (a mask
    region, run-time positions), so no tile is ever full; with run-time
    positions on rows or columns (`shift` unknown) the mask bounds nothing.

    `same_id(%v0, %v1, %f0, %f1)` bounds what only run-time data knows, for a
    mask that compares ids: no column outside of [v0, v1) has the id of some
    row, all columns in [f0, f1) have that of every row. `parameters` are those
    of the mask at (b, h).

    `span(%first, %end)` leaves of these tiles those from column `first` on, a
    multiple of N, to the one that column `end - 1` is in.

    `list(%ids, %partial, %count)` names the visited tiles by their numbers:
    those in entries `0 ... %count - 1`, each of them once and with an existing
    column, in any order but that the first `%partial` are those that are not
    full. They have been chosen already, so nothing else bounds them.

    C1: `mask` comes with `rows`, `batch` and `head`, and these only with it.
    C2: `same_id` has four bounds, or is not there.
    C3: as many parameters as the mask has.
    C4: `span` has two bounds, or is not there; without a mask.
    C5: `list` comes with two numbers, and without `mask`, `same_id`,
        `span` and `irregular`.
  }];
  let arguments = (ins Index:$limit, OptionalAttr<Tile_VisitAttrInterface>:$mask,
                       Optional<Tile_CoordsType>:$rows, Optional<Index>:$batch,
                       Optional<Index>:$head, Optional<Index>:$shift,
                       Optional<1DTensorOf<[I32]>>:$positions,
                       Variadic<Index>:$sameId, Variadic<Index>:$parameters,
                       Variadic<Index>:$span,
                       Optional<1DTensorOf<[I32]>>:$list,
                       Variadic<Index>:$counts, UnitAttr:$irregular);
  let results = (outs Tile_DomainType:$result);
  let assemblyFormat = [{
    $limit (`mask` `(` $mask^ `rows` $rows `:` type($rows) `at` $batch `,` $head `)`)?
    (`shift` `(` $shift^ `)`)?
    (`positions` `(` $positions^ `:` type($positions) `)`)?
    (`same_id` `(` $sameId^ `)`)?
    (`parameters` `(` $parameters^ `)`)?
    (`span` `(` $span^ `)`)?
    (`list` `(` $list^ `,` $counts `:` type($list) `)`)?
    (`irregular` $irregular^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

def Tile_FoldOp : Tile_Op<"fold", [
    RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<LoopLikeOpInterface,
      ["getRegionIterArgs", "getYieldedValuesMutable",
       "getLoopResults"]>]> {
  let summary = "visits a domain with a carried state";
  let description = [{
    Runs the body once for each visited tile. Its block arguments are the
    tile's coordinates, one i1 per flag, and the carried tensors. An `ordered`
    fold visits in increasing order and each step sees the state of the one
    before (a recurrence); a `free` fold may be reordered, split and merged.

    The flag `partial` is true for a tile that holds positions outside the
    domain's predicate. Flags become constants when the domain is expanded into
    segments, so a version of the body is the body with constant flags. With
    `partial_first`, which only a free fold has, such tiles come first.

    The flag `update` says whether a step may change what the state is relative
    to, such as the row maximum of a softmax. With `held` it is true for partial
    tiles, for the first tile in any case, for the first full tile of a list, and
    false for the others, which is cheaper and right as long as the state stays in
    range: whoever makes such a fold looks at its result (`tile.any`) and repeats
    it without `held` if need be. Without `held` the flag is true for all tiles.

    C1: the body's arguments are coords of the domain's tile size, one i1 per
        flag, then one value per init of the init's type.
    C2: `tile.yield` has one operand per init of the init's type.
    C3: flag names are distinct.
    C4: a fold with `partial_first` is free.
    C5: a fold with `held` has `partial_first` and the flag `update`.

    ```mlir
    %r:2 = tile.fold free (%J, partial = %p) in %dom : !tile.domain<64>
        iter(%acc = %z0, %sum = %z1) : tensor<96x64xf32>, tensor<96xf32> {
      ...
      tile.yield %a, %s : tensor<96x64xf32>, tensor<96xf32>
    }
    ```
  }];
  let arguments = (ins Tile_FoldOrderAttr:$order, Tile_DomainType:$domain,
                       Variadic<AnyType>:$inits, StrArrayAttr:$flags,
                       OptionalAttr<Tile_MicroTileAttr>:$micro,
                       UnitAttr:$hoist_pack, UnitAttr:$partial_first,
                       UnitAttr:$held);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$region);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Block *getBody() { return &getRegion().front(); }
    ::mlir::BlockArgument getCoords() { return getBody()->getArgument(0); }
    ::mlir::Block::BlockArgListType getFlagArguments() {
      return getBody()->getArguments().slice(1, getFlags().size());
    }
    /// Empty in a malformed fold, of which the verifier of loops asks this.
    ::mlir::Block::BlockArgListType getStateArguments() {
      auto arguments = getBody()->getArguments();
      return arguments.drop_front(
          std::min<size_t>(arguments.size(), 1 + getFlags().size()));
    }
  }];
  let builders = [
    OpBuilder<(ins "FoldOrder":$order, "::mlir::Value":$domain,
                   "::mlir::ValueRange":$inits,
                   "::llvm::ArrayRef<::llvm::StringRef>":$flags)>
  ];
  let skipDefaultBuilders = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike,
                                     ParentOneOf<["FoldOp"]>]> {
  let summary = "the state after a step";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

//===----------------------------------------------------------------------===//
// In-tile work
//===----------------------------------------------------------------------===//

class Tile_DpsOp<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic, traits # [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  code dpsInits = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
  }];
  let extraClassDeclaration = dpsInits;
}

def Tile_ContractOp : Tile_DpsOp<"contract", [AttrSizedOperandSegments]> {
  let summary = "a contraction that knows its register tile";
  let description = [{
    `out[m(x)] (+)= sum_k lhs[a(x)] * rhs[b(x)]` over the iteration space x of
    the three maps, projected permutations that index (lhs, rhs, out). With
    `overwrite` the previous value of `out` is not read. Products and sums are
    taken in the element type of `out`.

    C1: three maps with the same dimensions, each a projected permutation that
        fits the rank of its operand.
    C2: every dimension indexes at least one operand with a matching extent.
    C3: element types agree.
    C4: `bounds` names a dimension of the iteration space and has two rank-1
        index operands of the same length G; group g of `group` consecutive
        values of the outermost result dimension only visits positions
        [lower[g], upper[g]) of the flattened (contiguous) run of dimensions
        that ends in the named one.

    ```mlir
    %s = tile.contract [#a, #b, #c] %q, %k outs(%e) overwrite
       : tensor<96x64xf32>, tensor<16x64x16xf32> -> tensor<96x16x16xf32>
    ```
  }];
  let arguments = (ins AffineMapArrayAttr:$maps, AnyShaped:$lhs, AnyShaped:$rhs,
                       AnyShaped:$out, UnitAttr:$overwrite,
                       OptionalAttr<Tile_MicroTileAttr>:$micro,
                       Optional<AnyShaped>:$lower, Optional<AnyShaped>:$upper,
                       OptionalAttr<I64Attr>:$boundDim,
                       OptionalAttr<I64Attr>:$group);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $maps $lhs `,` $rhs `outs` `(` $out `)` (`overwrite` $overwrite^)?
    (`micro` `(` $micro^ `)`)?
    (`bounds` `(` $lower^ `,` $upper `:` type($lower) `,` type($upper) `)`
     `of` $boundDim `every` $group)?
    attr-dict `:` type($lhs) `,` type($rhs) `->` custom<DpsTypes>(type($out), type($results))
  }];
  let hasVerifier = 1;
}

def Tile_TriInverseOp : Tile_Op<"tri_inverse", [Pure, SameOperandsAndResultType]> {
  let summary = "(I + A)^-1 of a strictly lower triangular tile";
  let description = [{
    Entries of A on and above the diagonal are taken as zero. The inverse is
    unit lower triangular. This is the WY / UT transform of the delta rule.

    C1: A is a static square matrix of f32 or f64.
  }];
  let arguments = (ins 2DTensorOf<[F32, F64]>:$input);
  let results = (outs 2DTensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_Op<"any", [Pure]> {
  let summary = "whether any element of a vector is not zero";
  let description = [{
    A NaN is not zero.

    C1: the vector is static, of f32 or f64.
  }];
  let arguments = (ins 1DTensorOf<[F32, F64]>:$input);
  let results = (outs I1:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_HeldOp : Tile_Op<"held", [Pure]> {
  let summary = "whether a fold held its state through any tile";
  let description = [{
    `tile-fold-versions` makes it a constant: false, if all tiles update.

    C1: the operand is a result of a `tile.fold`.
  }];
  let arguments = (ins AnyType:$state);
  let results = (outs I1:$result);
  let assemblyFormat = "$state attr-dict `:` type($state)";
  let hasVerifier = 1;
}

def Tile_OpaqueOp : Tile_Op<"opaque", [Pure]> {
  let summary = "the same index, as one that nothing is known about";
  let description = [{
    Keeps a loop with one iteration a loop, where passes below treat the first
    tile as one that is followed by others.
  }];
  let arguments = (ins Index:$value);
  let results = (outs Index:$result);
  let assemblyFormat = "$value attr-dict";
}

def Tile_ScanOp : Tile_Op<"scan", [Pure, SameOperandsAndResultType]> {
  let summary = "inclusive prefix sum along the rows of a tile";
  let description = [{
    result[r, ...] = sum over s <= r of input[s, ...].

    C1: the input is static, of rank 1 or 2, f32 or f64.
  }];
  let arguments = (ins AnyStaticShapeTensor:$input);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_TransposeOp : Tile_Op<"transpose", [Pure]> {
  let summary = "a tensor with its dimensions in another order, as a view";
  let description = [{
    Dimension n of the result is dimension permutation[n] of the source. On
    buffers it is `memref.transpose`: the same memory with other strides, where
    `linalg.transpose` would be a copy.

    ```mlir
    %t = tile.transpose %x [0, 2, 1] : tensor<2x3x4xf32> -> tensor<2x4x3xf32>
    ```

    C1: permutation is one of the dimensions of the source.
    C2: the result has the extents of the source in this order, and its element
        type.
  }];
  let arguments = (ins AnyRankedTensor:$source, DenseI64ArrayAttr:$permutation);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $source $permutation attr-dict `:` type($source) `->` type($result)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$source,
                                 "::llvm::ArrayRef<int64_t>":$permutation)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // ATTN_DIALECT_TILE_IR_TILEOPS
