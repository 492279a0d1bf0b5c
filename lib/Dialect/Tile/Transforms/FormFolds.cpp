//===- FormFolds.cpp - Turns operations into tile.fold --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEFORMFOLDS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

/// Builds the fold that `op` describes and replaces `op` by its results.
static LogicalResult formFold(RewriterBase &rewriter, FoldOpInterface op,
                              const FoldTiling &tiling) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  FailureOr<FoldRecipe> recipe = op.getFoldRecipe(rewriter, tiling);
  if (failed(recipe))
    return failure();
  auto fold = FoldOp::create(rewriter, loc, recipe->order, recipe->domain,
                             recipe->identity, recipe->flags);
  fold.setMicroAttr(tiling.micro);
  fold.setHoistPack(tiling.hoistPack);
  fold.setPartialFirst(tiling.partialFirst && recipe->order == FoldOrder::Free);
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(fold.getBody());
    SmallVector<Value> flags(fold.getFlagArguments());
    SmallVector<Value> state(fold.getStateArguments());
    SmallVector<Value> next =
        recipe->step(rewriter, loc, fold.getCoords(), flags, state);
    YieldOp::create(rewriter, loc, next);
  }
  rewriter.replaceOp(op, recipe->finish(rewriter, loc, fold.getResults()));
  return success();
}

namespace {
struct TileFormFolds : attn::tile::impl::TileFormFoldsBase<TileFormFolds> {
  void runOnOperation() override {
    SmallVector<FoldOpInterface> folds;
    getOperation()->walk([&](FoldOpInterface op) { folds.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (FoldOpInterface op : folds) {
      std::optional<FoldTiling> tiling = op.getFoldTiling();
      if (!tiling) {
        op->emitError("has no schedule; run attn-select-schedule first");
        return signalPassFailure();
      }
      if (failed(formFold(rewriter, op, *tiling)))
        return signalPassFailure();
      ++numFolds;
    }
  }
};
} // namespace
