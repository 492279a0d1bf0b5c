//===- FormFolds.cpp - Turns operations into tile.fold --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FoldBuilder.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
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

FoldOp attn::tile::buildFold(OpBuilder &builder, Location loc,
                             const FoldRecipe &recipe, const FoldTiling &tiling,
                             bool held) {
  auto fold = FoldOp::create(builder, loc, recipe.order, recipe.domain,
                             recipe.identity, recipe.flags);
  fold.setMicroAttr(tiling.micro);
  fold.setHoistPack(tiling.hoistPack);
  fold.setPartialFirst(tiling.partialFirst && recipe.order == FoldOrder::Free);
  fold.setHeld(held);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(fold.getBody());
  SmallVector<Value> flags(fold.getFlagArguments());
  SmallVector<Value> state(fold.getStateArguments());
  SmallVector<Value> next =
      recipe.step(builder, loc, fold.getCoords(), flags, state);
  YieldOp::create(builder, loc, next);
  return fold;
}

/// Results that are computed again, without holding, where the verdict on a
/// held fold says so.
static SmallVector<Value> buildRepetition(OpBuilder &builder, Location loc,
                                          const FoldRecipe &recipe,
                                          const FoldTiling &tiling, Value state,
                                          Value verdict, ValueRange results) {
  // Not computed again if everything was updated.
  Value isHeld = HeldOp::create(builder, loc, state);
  Value isWrong = arith::AndIOp::create(builder, loc, isHeld,
                                        AnyOp::create(builder, loc, verdict));
  auto branch = scf::IfOp::create(builder, loc, results.getTypes(), isWrong,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  FoldOp fold = buildFold(builder, loc, recipe, tiling, /*held=*/false);
  scf::YieldOp::create(builder, loc,
                       recipe.finish(builder, loc, fold.getResults(), results));
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, results);
  return llvm::to_vector_of<Value>(branch.getResults());
}

/// Builds the fold that `op` describes and replaces `op` by its results.
static LogicalResult formFold(RewriterBase &rewriter, FoldOpInterface op,
                              const FoldTiling &tiling) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  FailureOr<FoldRecipe> recipe = op.getFoldRecipe(rewriter, tiling);
  if (failed(recipe))
    return failure();
  if (tiling.held && !recipe->verdict)
    return op->emitError("cannot be held: nothing tells whether its state "
                         "stayed in range");
  FoldOp fold = buildFold(rewriter, loc, *recipe, tiling, tiling.held);
  // First, since it needs less to be kept than the results.
  Value verdict;
  if (tiling.held)
    verdict = recipe->verdict(rewriter, loc, fold.getResults());
  SmallVector<Value> results =
      recipe->finish(rewriter, loc, fold.getResults(), recipe->dests);
  if (tiling.held)
    results = buildRepetition(rewriter, loc, *recipe, tiling, fold.getResult(0),
                              verdict, results);
  rewriter.replaceOp(op, results);
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
