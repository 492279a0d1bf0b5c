//===- Passes.td - Passes of the level of warps -------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_TRANSFORMS_PASSES
#define ATTN_DIALECT_WG_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

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
    Option<"limit", "limit", "int64_t", "232448",
           "Bytes of shared memory of a block">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Loops pipelined">,
                    Statistic<"numCopies", "copies", "Copies made early">];
}

def WGInsertBarriers : Pass<"wg-insert-barriers", "::mlir::func::FuncOp"> {
  let summary = "Make warps wait where they share memory";
  let description = [{
    In every `gpu.launch`: a `gpu.barrier` between a write of shared memory and
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
  let options = [Option<"limit", "limit", "int64_t", "232448",
                        "Bytes of shared memory of a block">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect"];
  let statistics = [Statistic<"numBytes", "bytes", "Bytes planned">];
}

#endif // ATTN_DIALECT_WG_TRANSFORMS_PASSES
