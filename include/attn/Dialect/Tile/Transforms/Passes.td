//===- Passes.td - Passes of the tiled level ----------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_TRANSFORMS_PASSES
#define ATTN_DIALECT_TILE_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def TileParallel : Pass<"tile-parallel", "::mlir::func::FuncOp"> {
  let summary = "Cut operations that are folds along their parallel dimensions";
  let description = [{
    Requires: operations that implement FoldOpInterface and TilingInterface and
    have a schedule. One without a schedule is left alone, with a remark.

    Ensures: each sits in an `scf.forall` over (..., rows), on a tile of one
    entry of each outer dimension and at most `rows` of the innermost parallel
    one. With `to-blocks`, iterations are blocks of a GPU: the loop stays one
    where it has a single iteration.
  }];
  let options = [Option<"toBlocks", "to-blocks", "bool", "false",
                        "Map the loops to blocks of a GPU">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numCut", "num-cut", "Operations cut">];
}

def TileContractions : Pass<"tile-contractions", "::mlir::func::FuncOp"> {
  let summary = "Products of matrices that no loop contains become folds";
  let description = [{
    A contraction of `linalg` on tensors, of f32 or 16-bit operands, whose result
    is f32, ends with a row and a column and begins with zeros becomes an
    `scf.forall` over tiles of it, each of which is a `tile.fold` over tiles of
    the dimension that is summed. Dimensions in front are those of batches; an
    operand may lack some of them, and may have its last two the other way round.

    What is no such product, or has an extent of less than 16, is left alone,
    with a remark (`scalar-product`).
  }];
  let dependentDialects = [
    "::attn::tile::TileDialect", "::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [Statistic<"numProducts", "num-products", "Products cut">];
}

def TileFuse : Pass<"tile-fuse", "::mlir::func::FuncOp"> {
  let summary = "Fuse producers and consumers into parallel loops over tiles";
  let description = [{
    A producer whose tile a loop reads, and a consumer of a loop's result, move
    into the loop if they can be tiled along with it and have no other use.

    Caveats: a producer that is read by several tiles (keys) is not fused: it
    would be computed again for each. Nor is a consumer that sums over what the
    loop cuts (a projection of all heads): tiles would write the same elements
    at the same time. What moves works on slices of memory, which
    warps that share a tile in registers have no counterpart of: there neighbours
    stay kernels of their own.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numProducers", "num-producers", "Producers fused">,
    Statistic<"numConsumers", "num-consumers", "Consumers fused">];
}

def TileSplitFolds : Pass<"tile-split-folds", "::mlir::func::FuncOp"> {
  let summary = "Cut ordered folds into pieces where they leave a machine idle";
  let description = [{
    Requires: FoldOpInterface operations with a schedule, cut to one state
    (`tile-parallel`).

    An ordered fold whose schedule names the tasks that fill the machine is cut
    into N pieces of its columns, if there are N times as many tasks as states. A
    piece makes R o S + C of the state S in front of it. Instead of one loop over
    states there are

      1. one over states and tiles of columns, for what takes long to compute
         and needs no state, if the operation has such a thing (the inverses of
         the delta rule, and all that gates for each key are factors of),
      2. one over states and pieces, for C (and R, if it is a vector),
      3. one over states and pieces for R, if it is a matrix,
      4. one over states, for the state in front of each piece and the last one,
      5. one over states and pieces, for the outputs.

    Where the output is the only result, what the last piece makes of a state is
    not computed.

    The steps are done two or three times, so fewer than three or four pieces are
    not worth it. N is computed where extents are only known at run time; then
    the uncut loop is there as well. An operation whose steps have no registers
    for what the first loop makes (the delta rule with a gate for each key) is in
    one piece at least.

    Memory: two states and R for each piece, whatever the number of columns; and
    what the first loop makes, one tile for each tile of columns.

    Remarks (`pieces`, `no-pieces`) say what was done and what that keeps, or why
    not.
  }];
  let dependentDialects = [
    "::attn::tile::TileDialect", "::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numSplit", "num-split", "Folds cut">];
}

def TileFormFolds : Pass<"tile-form-folds", "::mlir::func::FuncOp"> {
  let summary = "Turn operations that are folds into tile.fold";
  let description = [{
    Requires: FoldOpInterface operations with a schedule, cut to one tile of
    rows (`tile-parallel`).

    Ensures: none is left; each is a `tile.fold` whose body is `linalg` on
    static tiles.
  }];
  let dependentDialects = [
    "::attn::tile::TileDialect", "::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFolds", "num-folds", "Folds formed">];
}

def TileDecompose : Pass<"tile-decompose", "::mlir::func::FuncOp"> {
  let summary = "Decompose aggregated operations into linalg";
  let description = [{
    Applies AggregatedOpInterface to every operation of this project's tensor
    level that implements it (operations of upstream dialects are left alone),
    until none is left.
  }];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def TilePackContractions : Pass<"tile-pack-contractions", "::mlir::func::FuncOp"> {
  let summary = "Give contractions in folds a register tile and packed panels";
  let description = [{
    In a fold with a register tile R x N, `linalg.contract` on static matrices
    becomes `tile.contract`. If the columns of the right-hand side are not its
    contiguous dimension, or it is read from memory tile by tile, it is laid out
    in panels `[cols / N][depth][N]` first, by `tensor.expand_shape` and
    `linalg.transpose`. A result that starts from zero is overwritten.

    Caveats: a width that is not a multiple of N, or operands that are not
    matrices, keep the upstream operation, with a remark.
  }];
  let dependentDialects = ["::attn::tile::TileDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numPacked", "num-packed", "Operands packed">];
}

def TileNarrowOperands : Pass<"tile-narrow-operands", "::mlir::func::FuncOp"> {
  let summary = "Let contractions multiply 16-bit operands";
  let description = [{
    An operand of a `linalg.contract` that is the extension of a 16-bit float is
    replaced by what it extends: products of 16-bit floats are exact in the f32
    of the result. If only one operand is, and the tile has computed the other,
    that is rounded to its type, to nearest even; so are the weights of
    attention, as in every tensor-core implementation of it: a relative error of
    2^-9 (bf16) or 2^-12 (f16) each.

    An operand of f32 that is read (by `tile.rows`, or given to the function),
    and moved, widened or masked at most, is not rounded: what is chosen by the
    product would be chosen otherwise. Beside bf16 it is split into the three
    parts of bf16 that its 24 bits are, each multiplied by itself: the products
    are exact, and so is all but the sums. An infinity has no other parts and
    becomes NaN. Beside f16, of less range, the product stays one of f32, with a
    remark.

    Contractions of which no operand is an extension keep their types, with a
    remark.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numNarrowed", "num-narrowed", "Contractions narrowed">,
    Statistic<"numRounded", "num-rounded", "Operands rounded">,
    Statistic<"numSplit", "num-split", "Operands split into parts">];
}

def TileHoistPacks : Pass<"tile-hoist-packs", "::mlir::func::FuncOp"> {
  let summary = "Pack what several tiles of rows read once, before the loop";
  let description = [{
    A panel that depends on the coordinates of the folded tile and on the outer
    parallel dimensions only through the slice it reads is computed once for all
    tiles of that slice, by a parallel loop of its own in front, and read back
    in the fold. Memory: one converted copy of the packed tensor.

    Caveats: only where the fold's schedule asks for it (`hoist_pack`); a panel
    that depends on anything else stays, with a remark.
  }];
  let dependentDialects = ["::attn::tile::TileDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numHoisted", "num-hoisted", "Panels hoisted">];
}

def TileFoldVersions : Pass<"tile-fold-versions", "::mlir::func::FuncOp"> {
  let summary = "Expand domains into segments with constant flags";
  let description = [{
    Ensures: no `tile.fold` and no `tile.domain` is left. A fold is up to three
    `scf.for` loops: tiles partly outside of the predicate, tiles wholly inside,
    tiles partly outside. Their bounds are closed forms in the position of the
    rows; a segment that is empty for every size is left out. Tiles in a hole of
    the predicate are not visited: where it is a union of few intervals, or
    repeats along the columns, a loop counts the visited tiles, and a tile's
    number is computed. Of more intervals the hull is visited and each tile
    tested. Where that is so, or something decides that says nothing about tiles
    (a region, run-time positions or bits), there is a remark, `tested-tiles`.
    Of a domain that is a list the loops
    run over its entries. A fold whose body does not ask for `partial` is one loop, of tiles that may
    not be complete.

    The partial tiles of a fold with `partial_first` come before the others. With
    `held`, too, `update` is false in the loop over full tiles; one of these comes
    before it if there is no partial tile, or if the domain is a list.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numLoops", "num-loops", "Loops made">];
}

def TileExpandOps : Pass<"tile-expand-ops", "::mlir::func::FuncOp"> {
  let summary = "Lower coordinates, rows, predicates and scans to linalg";
  let description = [{
    Requires: no `tile.fold` is left. Ensures: of this dialect only
    `tile.contract` is left; with `keep-memory`, also `tile.rows` and
    `tile.insert` at `tile.coords`; with `keep-work`, `tile.any`,
    `tile.opaque` and `tile.tri_inverse`.
  }];
  let options = [Option<"keepMemory", "keep-memory", "bool", "false",
    "Leave reads and writes of memory to a lower level">,
    Option<"keepWork", "keep-work", "bool", "false",
    "Leave inverses and tests of tiles to a lower level">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ATTN_DIALECT_TILE_TRANSFORMS_PASSES
