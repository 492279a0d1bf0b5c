//===- Passes.td - Passes of the level of warps -------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_TRANSFORMS_PASSES
#define ATTN_DIALECT_WG_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def WGSpecializeWarps : Pass<"wg-specialize-warps", "::mlir::func::FuncOp"> {
  let summary = "Let some warps copy what the others compute with";
  let description = [{
    A `gpu.launch` gets four warps more. They do all of its `wg.copy`, by the
    copy engine and through channels with up to `stages` places, running ahead
    as far as these reach; the other warps do the rest (`wg.roles`). Registers
    go from the former to the latter. Copies of sibling loops that have the same
    place in their loops and the same tile share a channel. A tile that stays while
    loops inside go on has a second place where there is room, for the next one.

    Registers leave room for one block on a multiprocessor, or for as many as the
    launch says (`tile.blocks`), which share them and its shared memory. So there
    are no more, and each does the work of several (`persistent`): while one piece
    of work ends, the producers copy for the next. Which work is arithmetic, but
    for the last of a launch whose pieces take less time the later they come
    (`tile.task_order`) and have several dimensions: those of the last numbers in
    all but the last dimension, two for each block at least, are drawn from a
    counter in memory (`wg.draw`). A branch with copies that depends on
    elements of a tile (`wg.any`) is taken behind all pieces then, for those that
    were noted (`wg.note`).

    That takes products that four warps compute together (of 16-bit operands, of
    a multiple of 64 rows), and copies from buffers that exist before the kernel, contiguous in
    the last dimension, that end where the buffer ends, in loops whose bounds,
    and branches whose conditions, are scalars; and blocks that loop over copies,
    or have more than four warps, for several small ones on a multiprocessor
    overlap by themselves. Otherwise all warps go on copying, and a remark says
    why.
  }];
  let options = [
    Option<"stages", "stages", "int64_t", "2", "Places of a channel, at most">,
    Option<"persistent", "persistent", "bool", "true",
           "Launch as many blocks as multiprocessors, which do the work of all">,
    Option<"limit", "limit", "int64_t", "::attn::GPUTarget().sharedBytes",
           "Bytes of shared memory of a block">];
  let dependentDialects = ["::attn::wg::WGDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLaunches", "launches", "Launches with roles">,
                    Statistic<"numCopies", "copies", "Copies by producers">];
}

def WGRecomputeScalars : Pass<"wg-recompute-scalars", "::mlir::func::FuncOp"> {
  let summary = "Let no scalars wait in registers while tiles are computed with";
  let description = [{
    In the loop over the work of the consumers of a `wg.roles`, what follows a
    loop uses scalars computed again behind it, from the number of the piece of
    work (`wg.again`, so that no other pass computes them once): while a loop
    runs, tiles have nearly all registers. So does what follows the loop over the
    work, from what comes from outside. Bounds that are the same for all work are
    hidden, so that nothing computed from them is kept.
  }];
  let dependentDialects = ["::attn::wg::WGDialect"];
  let statistics = [Statistic<"numScalars", "scalars", "Scalars recomputed">];
}

def WGNarrowLoops : Pass<"wg-narrow-loops", "::mlir::func::FuncOp"> {
  let summary = "Let loops of roles count in i32";
  let description = [{
    Tiles that a copy engine fetches have coordinates of 32 bits, so their numbers
    are such, too. A counter and its bound then take a register each, of which
    products leave few.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numLoops", "num-loops", "Loops narrowed">];
}

def WGDeferReductions : Pass<"wg-defer-reductions", "::mlir::func::FuncOp"> {
  let summary = "Reduce rows behind the loop that they are carried through";
  let description = [{
    Where a loop does nothing with a row vector that it carries but reduce tiles
    into it, it carries 8 columns for each row instead, into which no thread
    needs the elements of others, and reduces these once, behind the loop.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numDeferred", "num-deferred",
                              "Reductions deferred">];
}

def WGOverlapProducts : Pass<"wg-overlap-products", "::mlir::func::FuncOp"> {
  let summary = "Compute beside a product what the next iteration needs";
  let description = [{
    In a loop of a `wg.roles` that ends in a product whose sum is carried, the
    product of iteration i is in flight while the rest of iteration i + 1 is
    computed, as far as that does not depend on the sum:

        first part of iteration 0
        for i = 1 to n:
          start the product that begins the first part of iteration i
          start the product that ends iteration i - 1
          wait for the former; the first part of iteration i
          wait for the latter; what of iteration i needs the sum
        end of iteration n - 1

    Groups of warps take turns in starting products. A loop without iterations
    computes nothing. The left operand of the carried
    product is in registers, which must not be written while a product is in
    flight, so the operation that makes it comes behind the wait too.

    A loop of another form stays as it is, with a remark. So does one with one
    iteration, and one that computes with positions of elements: those of the
    tiles that a mask cuts are few, and positions take registers. If it comes
    right before a loop that is rewritten and ends in the same product, its last
    iteration becomes the first of that one, which then carries all results of the
    former. If it computes with positions of rows, so that it may have several
    iterations, it is rewritten too then, and hands over what it carries.

    The left operand of the first product is released before the last product, if
    nothing else reads it.
  }];
  let dependentDialects = ["::attn::wg::WGDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Loops overlapped">];
}

def WGSplitHelpers : Pass<"wg-split-helpers", "::mlir::func::FuncOp"> {
  let summary = "Let some warps work ahead of those that keep a state";
  let description = [{
    In a loop of a `wg.roles` in which each iteration multiplies with what the
    one before has made, tiles that do not depend on that and are handed over in
    shared memory are made by four warps of their own (helpers), up to two
    iterations ahead (one, where shared memory has no room for more), and come
    by channels. So do prefix sums, and sums of rows, that both need; what else
    of it consumers need, they compute again. A tile in shared memory that only
    helpers use stays theirs.

    A loop whose products all depend on the iteration before, or none, stays as
    it is, with a remark.
  }];
  let dependentDialects = ["::attn::wg::WGDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let options = [
    Option<"limit", "limit", "int64_t", "::attn::GPUTarget().sharedBytes",
           "Bytes of shared memory of a block">
  ];
  let statistics = [Statistic<"numSplit", "num-split", "Roles split">];
}

def WGMergeCursors : Pass<"wg-merge-cursors", "::mlir::func::FuncOp"> {
  let summary = "Let channels that are in step share a cursor";
  let description = [{
    Cursors of channels with as many places that begin together and advance
    together, in a `wg.roles` with helpers, become one: each takes a register,
    of which a state leaves few.
  }];
  let dependentDialects = ["::attn::wg::WGDialect"];
  let statistics = [Statistic<"numMerged", "num-merged", "Cursors merged">];
}

def WGSplitProducers : Pass<"wg-split-producers", "::mlir::func::FuncOp"> {
  let summary = "Copy what is needed at different times from different warps";
  let description = [{
    In a `wg.roles` whose producers go through pieces of work, tiles that a piece
    has one of wait until the last piece is done with theirs, and what its inner
    loops go through would wait behind them. So a second warp copies the former:
    both have all loops of the producers, with the copies of their channels only.
    The first one draws.

        for each piece                  if this is the first copier
          fill q                          for each piece
          for each tile                     for each tile
            fill k                            fill k
                                  -->   else
                                          for each piece
                                            fill q

    A kernel stays as it is if all tiles that its pieces have one of have a second
    place, or if inner loops go through no tiles.
  }];
  let dependentDialects = ["::attn::wg::WGDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numSplit", "num-split", "Kernels split">];
}

def WGHoistLoads : Pass<"wg-hoist-loads", "::mlir::func::FuncOp"> {
  let summary = "Read vectors while a product is computed";
  let description = [{
    In a block with one product, a vector of rows, or of at most 64 columns, that
    is read behind it is read in front of it and of the tiles that it waits for, if
    nothing in between writes memory. Where several products follow each other,
    registers are few and others are computed meanwhile: these blocks stay.
  }];
  let dependentDialects = ["::attn::wg::WGDialect"];
  let statistics = [Statistic<"numLoads", "num-loads", "Loads hoisted">];
}

def WGScheduleProducts : Pass<"wg-schedule-products",
                              "::mlir::func::FuncOp"> {
  let summary = "Compute beside products what does not need them";
  let description = [{
    In a loop of a `wg.roles` in which each iteration multiplies with what the
    one before has made, products are started (`wg.start_mma`) as soon as their
    operands are there, and waited for (`wg.await_mma`) in front of what needs
    them. In between is what else can be done, the longest chain first, by
    estimates of how long operations take.

    Helpers that multiply what they have computed, and kernels without roles that
    do, have no registers for products in flight: there nothing is kept that can
    be read from shared memory or computed again.
  }];
  let dependentDialects = ["::attn::wg::WGDialect"];
  let statistics = [Statistic<"numLoops", "num-loops", "Loops scheduled">];
}

def WGPipelineCopies : Pass<"wg-pipeline-copies", "::mlir::func::FuncOp"> {
  let summary = "Copy tiles of later iterations while one is computed";
  let description = [{
    In every loop of a `gpu.launch`, a `wg.copy` that depends on the iteration
    but on nothing that the loop computes takes places of a ring in turn, and is
    started `stages` - 1 iterations before its tile is used. The expansion is
    `scf::pipelineForLoop`: a loop with fewer iterations starts no copies that
    it does not have.

    A loop whose rings would not fit `limit` bytes beside the tiles that are
    shared already keeps its copies, with a remark.
  }];
  let options = [
    Option<"stages", "stages", "int64_t", "2", "Places of a ring">,
    Option<"limit", "limit", "int64_t", "::attn::GPUTarget().sharedBytes",
           "Bytes of shared memory of a block">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Loops pipelined">,
                    Statistic<"numCopies", "copies", "Copies made early">];
}

def WGInsertBarriers : Pass<"wg-insert-barriers", "::mlir::func::FuncOp"> {
  let summary = "Make warps wait where they share memory";
  let description = [{
    In every `gpu.launch`: a `wg.barrier` between a write of shared memory and
    the next read, and between a read and the next write, around loops too. The
    passes below may give two tiles the same place if no read of one follows the
    write of the other.

    Requires: conditions and trip counts of loops are the same for all threads.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
  let statistics = [Statistic<"numBarriers", "barriers", "Barriers inserted">];
}

def WGPlanSharedMemory : Pass<"wg-plan-shared-memory", "::mlir::func::FuncOp"> {
  let summary = "Give tiles in shared memory their places";
  let description = [{
    In every `gpu.launch`: gives each operation that makes a tile in shared
    memory, or needs some to work in, a `wg.offset`, and the launch the bytes it
    needs. Tiles that are not needed at the same time may share a place.

    C1: what is needed at the same time fits `limit`.
  }];
  let options = [Option<"limit", "limit", "int64_t",
                        "::attn::GPUTarget().sharedBytes",
                        "Bytes of shared memory of a block">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect"];
  let statistics = [Statistic<"numBytes", "bytes", "Bytes planned">];
}

#endif // ATTN_DIALECT_WG_TRANSFORMS_PASSES
