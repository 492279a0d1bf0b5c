//===- Passes.td - Passes of the attn dialect ---------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_TRANSFORMS_PASSES
#define ATTN_DIALECT_ATTN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def BoundSegments : Pass<"attn-bound-segments", "::mlir::func::FuncOp"> {
  let summary = "find out at run time which tiles have segments in common";
  let description = [{
    For attention whose mask compares segments, and that has a schedule, adds
    operations that compute, for each tile of rows, between which columns there
    are keys of the segments of its rows, and between which all keys are of the
    one segment that all of its rows have (`segment_bounds`). Tiles outside are
    not visited, tiles inside need no mask.

    The smallest and the largest id of each tile of keys are computed first, so
    the cost is that of reading the ids, and one comparison for each pair of
    tiles. Bounds are right for ids in any order, and tight where they ascend,
    as those of packed documents do.

    Left alone: operations with run-time positions, whose tiles mean nothing,
    the partial form, which is cut along the keys as well, and memrefs.
  }];
  let statistics = [
    Statistic<"numBounded", "num-bounded", "Operations with bounds">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def ExpandNorms : Pass<"attn-expand-norms", "::mlir::func::FuncOp"> {
  let summary = "make recurrences with a norm out of recurrences without";
  let description = [{
    What a normalised recurrence divides by is itself what a recurrence reads,
    whose values are one column of ones. So it becomes two recurrences, which go
    the way of all others, and a division.

    The column is not joined to the values: these would have to be copied, would
    have one more column than whole register tiles or rows of 16 bytes have, and
    a state that just fits into registers would not fit any more.

    f16 becomes f32 in front, since sums of keys leave its range. Left alone:
    memrefs, which only the oracle works on.
  }];
  let statistics = [
    Statistic<"numExpanded", "num-expanded", "Recurrences that had a norm">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
}

def ListTiles : Pass<"attn-list-tiles", "::mlir::func::FuncOp"> {
  let summary = "list the tiles that a selection visits";
  let description = [{
    For attention with a selection and a schedule, adds operations that compute,
    for each head and tile of rows, the numbers of the tiles of keys to visit
    (`tile_lists`). Blocks that are in a list several times are visited once,
    those that do not exist not at all; of the others, in increasing order, a
    tile is left out if the mask shows none of it, and a tile that the mask shows
    all of comes behind those whose positions have to be tested.

    Where tiles lie in one block of rows and one of keys, which is what schedules
    are chosen for, sorting takes as many comparisons as a list has pairs, and no
    memory but the lists. Else what is selected is written out, an i1 for each
    pair of blocks, which a test of each position reads (`where`), and a tile is
    visited if any of its pairs is selected; there is a remark. Positions that
    are known at run time only make this an error.

    Requires: to come behind `attn-bound-segments`. Left alone: operations without
    a schedule, and memrefs.
  }];
  let statistics = [Statistic<"numListed", "num-listed", "Operations with lists">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def RankSorts : Pass<"attn-rank-sorts", "::mlir::func::FuncOp"> {
  let summary = "sort by merges that are parallel in all numbers";
  let description = [{
    `attn.sort` on tensors becomes passes that merge sorted runs by twos, each a
    parallel loop over all numbers: a number is put where a binary search in the
    other run says. The first runs, of 32, come from comparing all with all.
    That is more work than to merge one after the other by a factor of the
    logarithm of the length, and all of a machine that has more threads than
    rows can do it. The order of an order, which leads back, is written without
    comparing anything.
  }];
  let statistics = [Statistic<"numSorts", "sorts", "sorts expanded">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def SortMeans : Pass<"attn-sort-means", "::mlir::func::FuncOp"> {
  let summary = "sum up rows in the order of their numbers";
  let description = [{
    An `attn.permute mean` on tensors becomes an `attn.sort` of its numbers, a
    search for where those of each row begin, and for each row a sum over its
    own: whatever lists name, each row is read once, and sums have an order.

    Requires: to come before sorts and permutations are expanded.
  }];
  let statistics = [Statistic<"numMeans", "means", "means expanded">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def SplitScoreBlocks : Pass<"attn-split-score-blocks", "::mlir::func::FuncOp"> {
  let summary = "reduce blocks of scores in memory that registers do not reduce";
  let description = [{
    The registers of a tile of logits are reduced by rows. An `attn.route_score`
    on tensors with blocks of several rows becomes one with a score for each row,
    and a reduction of these by blocks. The same where blocks have no multiple of
    16 columns (of 8, up to 128, if both operands are f32), with a score for each
    row and column. There is a remark: what is written is as many times larger.
  }];
  let statistics = [Statistic<"numSplit", "num-split", "Operations split">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def SizeScores : Pass<"attn-size-scores", "::mlir::func::FuncOp"> {
  let summary = "choose tiles of logits that the registers of warps hold";
  let description = [{
    Writes `attn.score_tile`, rows and columns of a tile of logits, on every
    `attn.route_score` with an operand of f32 that has none and reduces no
    blocks: tensor cores multiply f32 in parts, and tiles as wide as others
    spill. The same on every `attn.cluster` that has none; of 16-bit operands
    tiles are larger there, since nothing is kept of them. On an
    `attn.route_score` of 16-bit operands of up to 128 columns, `tile.blocks`
    says that three of its tiles share a multiprocessor. Changes nothing else.
  }];
  let statistics = [Statistic<"numSized", "sized", "operations with a tile">];
}

def PackGroups : Pass<"attn-pack-groups", "::mlir::func::FuncOp"> {
  let summary = "make rows of the query heads that share a list";
  let description = [{
    Where tokens choose their keys alone (`blocks(1, C)`), a tile of several
    tokens visits what any of them chose. But the query heads of a group read the
    same keys, by the same list. So attention of `B x Hq x S x D` becomes one of
    `B Hkv x S x G x D`, G = Hq / Hkv: heads of keys are entries of the batch,
    tokens are heads, and the rows are the heads of a group (Yuan et al. 2025,
    section 3.4). Each visits what it chose, and keys are read once for G heads.

    Queries and results are not moved (`tile.transpose`). With one entry in the
    batch nothing is; of several, entries and heads become one dimension, for
    which memory with any strides is copied. Masks are rewritten: the token is
    the number of the head.

    ```mlir
    %o = attn.attention %q, %k, %v outs(%e) scale(0.125) mask(causal)
      select(%l : tensor<1x4x?x16xi32>) blocks(1, 64)
      : tensor<1x64x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>
        -> tensor<1x64x?x128xbf16>
    ```

    is attention of `4 x ? x 16 x 128` with the mask `h >= j`.

    Left alone: operations with a schedule, and memrefs; with a remark (`apart`)
    those whose lists are not of heads of keys, and those with biases, sinks,
    segments, positions, ancestors, run-time numbers or regions.
  }];
  let statistics = [Statistic<"numPacked", "num-packed", "Operations packed">];
  let dependentDialects = [
    "::attn::tile::TileDialect", "::mlir::tensor::TensorDialect"];
}

def PrintMask : Pass<"attn-print-mask"> {
  let summary = "draw the mask of every operation that has one";
  let description = [{
    A picture in letters, a line for each query: `#` where it sees the key of the
    column, `.` where it does not, `?` where run-time ids or bits decide. With
    `tile-rows` and `tile-cols` a letter stands for a tile: `#` is full, `+`
    partial, `.` empty; that is what the compiler knows of it, for any sequence
    length.

    ```
    $ attn-opt window.mlir --attn-print-mask="rows=4 cols=6"
    window.mlir:5:8: #attn.window<3>
    #.....
    ##....
    ###...
    .###..
    ```

    The region `where` and the operands are not looked at; the parameters that a
    mask reads are those of `parameters`. Changes nothing.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "32", "Queries">,
    Option<"cols", "cols", "int64_t", "64", "Keys">,
    Option<"offset", "offset", "int64_t", "0",
           "The logical position of the first query">,
    ListOption<"parameters", "parameters", "int64_t",
               "The parameters of the masks">,
    Option<"batch", "batch", "int64_t", "0", "The batch entry">,
    Option<"head", "head", "int64_t", "0", "The query head">,
    Option<"tileRows", "tile-rows", "int64_t", "1", "Queries of a letter">,
    Option<"tileCols", "tile-cols", "int64_t", "1", "Keys of a letter">];
}

#endif // ATTN_DIALECT_ATTN_TRANSFORMS_PASSES
