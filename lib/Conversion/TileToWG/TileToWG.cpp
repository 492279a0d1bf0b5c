//===- TileToWG.cpp - Loops over tiles become work of warps ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Translator.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTTILETOWG
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Registers are filled from shared memory where they are needed, not before.
static void sinkSharedReads(scf::ForallOp loop) {
  SmallVector<wg::FromSharedOp> reads;
  loop.walk([&](wg::FromSharedOp op) { reads.push_back(op); });
  for (wg::FromSharedOp read : reads) {
    Operation *first = nullptr;
    for (Operation *user : read->getUsers()) {
      Operation *ancestor = read->getBlock()->findAncestorOpInBlock(*user);
      if (!first || ancestor->isBeforeInBlock(first))
        first = ancestor;
    }
    if (first)
      read->moveBefore(first);
  }
}

/// Loops over scalars have nothing to distribute; they become kernels
/// elsewhere.
static bool hasTiles(scf::ForallOp loop) {
  return loop
      .walk([](Operation *op) {
        return isa<tile::TileDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {
struct ConvertTileToWG : attn::impl::ConvertTileToWGBase<ConvertTileToWG> {
  using ConvertTileToWGBase::ConvertTileToWGBase;

  LogicalResult convert(scf::ForallOp loop) {
    OpBuilder builder(&getContext());
    Translator translator(builder, loop);
    if (failed(translator.translate()))
      return failure();
    translator.finish();
    sinkSharedReads(loop);
    // Four warps for every 64 rows of a product, which is what the tensor cores
    // of a multiprocessor take at a time.
    int64_t groups = std::clamp<int64_t>(
        llvm::divideCeil(translator.getMaxRows(), 64), 1, maxGroups);
    loop->setAttr(wg::kWarps, builder.getI32IntegerAttr(4 * groups));
    ++numLoops;
    return success();
  }

  void runOnOperation() override {
    SmallVector<scf::ForallOp> loops;
    getOperation()->walk([&](scf::ForallOp loop) {
      if (!loop->getParentOfType<scf::ForallOp>() && hasTiles(loop))
        loops.push_back(loop);
    });
    for (scf::ForallOp loop : loops)
      if (failed(convert(loop)))
        return signalPassFailure();
  }
};
} // namespace
