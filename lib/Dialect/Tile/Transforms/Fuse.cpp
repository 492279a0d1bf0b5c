//===- Fuse.cpp - Producers and consumers into the tile loop --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEFUSE
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

static bool isLinear(AffineExpr expr) {
  bool linear = true;
  expr.walk([&](AffineExpr part) {
    linear &= part.getKind() != AffineExprKind::FloorDiv &&
              part.getKind() != AffineExprKind::CeilDiv &&
              part.getKind() != AffineExprKind::Mod;
  });
  return linear;
}

/// Whether a slice moves with every iteration of the loop, so that a producer
/// fused into it computes nothing twice.
static bool isDisjoint(tensor::ExtractSliceOp slice, scf::ForallOp forall) {
  auto mentions = [&](Value induction) {
    SmallVector<Value> worklist;
    for (OpFoldResult offset : slice.getMixedOffsets())
      if (auto value = dyn_cast<Value>(offset))
        worklist.push_back(value);
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (value == induction)
        return true;
      // A quotient of the index (the kv head of a query head) is shared.
      if (auto apply = value.getDefiningOp<affine::AffineApplyOp>())
        if (isLinear(apply.getAffineMap().getResult(0)))
          llvm::append_range(worklist, apply.getOperands());
    }
    return false;
  };
  return llvm::all_of(forall.getInductionVars(), [&](Value induction) {
    return mentions(induction) ||
           isConstantIntValue(
               forall.getMixedUpperBound()[cast<BlockArgument>(induction)
                                               .getArgNumber()],
               1);
  });
}

/// Whether a consumer of a loop's result sums over nothing that the loop cuts:
/// each tile writes its own part of the consumer's result then. Heads that a
/// projection adds up would write the same part, at the same time.
static bool keepsTilesApart(TilingInterface consumer, OpOperand &operand,
                            scf::ForallOp forall) {
  if (llvm::all_of(consumer.getLoopIteratorTypes(), [](auto iterator) {
        return iterator == utils::IteratorType::parallel;
      }))
    return true;
  auto structured = dyn_cast<linalg::LinalgOp>(consumer.getOperation());
  if (!structured)
    return false;
  BlockArgument init = forall.getTiedBlockArgument(
      forall.getTiedOpOperand(cast<OpResult>(operand.get())));
  auto iterators = structured.getIteratorTypesArray();
  AffineMap map = structured.getMatchingIndexingMap(&operand);
  return llvm::all_of(forall.getCombiningOps(init), [&](Operation *combining) {
    auto insert = cast<tensor::ParallelInsertSliceOp>(combining);
    for (auto [expr, offset] :
         llvm::zip_equal(map.getResults(), insert.getMixedOffsets())) {
      bool sums = false;
      expr.walk([&](AffineExpr part) {
        if (auto dim = dyn_cast<AffineDimExpr>(part))
          sums |= iterators[dim.getPosition()] != utils::IteratorType::parallel;
      });
      if (sums && !isConstantIntValue(offset, 0))
        return false;
    }
    return true;
  });
}

namespace {
struct TileFuse : attn::tile::impl::TileFuseBase<TileFuse> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<scf::ForallOp> loops;
    getOperation()->walk([&](FoldOpInterface op) {
      if (auto forall = op->getParentOfType<scf::ForallOp>())
        loops.push_back(forall);
    });
    for (scf::ForallOp forall : loops) {
      fuseProducers(rewriter, forall);
      fuseConsumers(rewriter, forall);
    }
  }

  void fuseProducers(RewriterBase &rewriter, scf::ForallOp forall) {
    SmallVector<tensor::ExtractSliceOp> slices;
    forall.getBody()->walk(
        [&](tensor::ExtractSliceOp slice) { slices.push_back(slice); });
    for (tensor::ExtractSliceOp slice : slices) {
      auto producer = slice.getSource().getDefiningOp<TilingInterface>();
      if (!producer || isa<FoldOpInterface>(producer.getOperation()) ||
          !slice.getSource().hasOneUse() || !isDisjoint(slice, forall))
        continue;
      SmallVector<LoopLikeOpInterface> loop{
          cast<LoopLikeOpInterface>(forall.getOperation())};
      if (scf::tileAndFuseProducerOfSlice(rewriter, slice, loop)) {
        if (producer->use_empty())
          rewriter.eraseOp(producer);
        ++numProducers;
      }
    }
  }

  void fuseConsumers(RewriterBase &rewriter, scf::ForallOp forall) {
    for (OpResult result : forall->getResults()) {
      if (!result.hasOneUse())
        continue;
      auto consumer = dyn_cast<TilingInterface>(*result.getUsers().begin());
      if (!consumer || isa<FoldOpInterface>(consumer.getOperation()) ||
          consumer->getBlock() != forall->getBlock() ||
          !keepsTilesApart(consumer, *result.use_begin(), forall))
        continue;
      SmallVector<LoopLikeOpInterface> loop{
          cast<LoopLikeOpInterface>(forall.getOperation())};
      if (succeeded(scf::tileAndFuseConsumer(rewriter, consumer, loop))) {
        ++numConsumers;
        return; // the loop was replaced
      }
    }
  }
};
} // namespace
