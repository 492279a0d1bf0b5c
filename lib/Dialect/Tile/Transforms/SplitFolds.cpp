//===- SplitFolds.cpp - Pieces of ordered folds ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Columns are in tiles of C; a piece has L of these, the last one fewer. With
// `tasks` that fill the machine and T states,
//
//     most = min(tasks / T, tiles / fewestTiles)
//     L = ceil(tiles / max(most, 1)),   N = ceil(tiles / L)
//
// and states of pieces, and transfers, are numbered state * N + piece. What the
// last piece makes of a state is asked for only where the operation has more
// results than an output.
//
//===----------------------------------------------------------------------===//

#include "FoldSplitter.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILESPLITFOLDS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

/// Pieces that pay for doing the steps `passes` times.
static int64_t getFewestPieces(int64_t passes) { return passes + 1; }

/// A value that is there before the loop.
static Value getBefore(OpBuilder &b, Location loc, Value value,
                       scf::ForallOp loop) {
  if (!loop->isAncestor(value.getParentRegion()->getParentOp()))
    return value;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return arith::ConstantIndexOp::create(b, loc, *constant);
  auto dim = value.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> number = dim ? dim.getConstantIndex() : std::nullopt;
  if (!number)
    return Value();
  auto slice = dim.getSource().getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || !loop->isAncestor(slice)) {
    Value source = getBefore(b, loc, dim.getSource(), loop);
    return source ? b.createOrFold<tensor::DimOp>(loc, source, *number)
                  : Value();
  }
  OpFoldResult size = slice.getMixedSizes()[*number];
  if (auto attribute = dyn_cast<Attribute>(size))
    return arith::ConstantIndexOp::create(
        b, loc, cast<IntegerAttr>(attribute).getInt());
  return getBefore(b, loc, cast<Value>(size), loop);
}

LogicalResult FoldSplitter::match(std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  std::optional<FoldPieces> found = op.getFoldPieces(tiling);
  if (!found)
    return fail("its steps cannot be done in pieces");
  pieces = *found;
  forall = op->getParentOfType<scf::ForallOp>();
  if (!forall || op->getBlock() != forall.getBody())
    return fail("it is not in a parallel loop over states");
  for (Operation &other : forall.getBody()->without_terminator())
    if (&other != op && (isa<FoldOpInterface>(other) || !isPure(&other)))
      return fail("something else was fused with it: " +
                  other.getName().getStringRef());
  for (OpResult result : op->getResults()) {
    auto insert =
        result.hasOneUse()
            ? dyn_cast<tensor::ParallelInsertSliceOp>(*result.user_begin())
            : nullptr;
    if (!insert)
      return fail("a result is used by something that was fused with it");
    inserts.push_back(insert);
  }
  b.setInsertionPoint(op);
  Value inside = op.getColumnCount(b);
  b.setInsertionPoint(forall);
  columns = getBefore(b, loc, inside, forall);
  if (!columns)
    return fail("the number of its columns is not known before the loop");
  return success();
}

void FoldSplitter::countPieces() {
  extents.clear();
  numStates = index(1);
  for (OpFoldResult extent : forall.getMixedUpperBound()) {
    extents.push_back(getValueOrCreateConstantIndexOp(b, loc, extent));
    numStates = fold<arith::MulIOp>(numStates, extents.back());
  }
  Value one = index(1);
  numTiles = fold<arith::CeilDivUIOp>(columns, index(tiling.cols));
  // Without states there is no task, and nothing to divide by.
  Value most = fold<arith::DivUIOp>(index(tiling.tasks),
                                    fold<arith::MaxUIOp>(numStates, one));
  Value worth = fold<arith::DivUIOp>(numTiles, index(pieces.fewestTiles));
  most = fold<arith::MaxUIOp>(fold<arith::MinUIOp>(most, worth), one);
  pieceTiles = fold<arith::CeilDivUIOp>(numTiles, most);
  // Without columns there is a piece, too: of none.
  numPieces =
      fold<arith::CeilDivUIOp>(numTiles, fold<arith::MaxUIOp>(pieceTiles, one));
  numPieces = fold<arith::MaxUIOp>(numPieces, one);
  numSteps = hasLast() ? numPieces : fold<arith::SubIOp>(numPieces, one);
  pieceColumns = fold<arith::MulIOp>(pieceTiles, index(tiling.cols));
}

/// What the loop has as results.
SmallVector<Value> FoldSplitter::buildPieces() {
  buildKept();
  buildStates();
  composeStates();
  SmallVector<Value> made = buildLast();
  made.insert(made.begin(), buildOutputs());
  SmallVector<Value> results(forall.getNumResults());
  for (auto [insert, value] : llvm::zip(inserts, made)) {
    OpOperand *tied =
        forall.getTiedOpOperand(cast<BlockArgument>(insert.getDest()));
    results[forall.getTiedOpResult(tied).getResultNumber()] = value;
  }
  return results;
}

LogicalResult FoldSplitter::split(std::string &reason) {
  if (failed(match(reason)))
    return failure();
  countPieces();
  if (pieces.isAlways) {
    b.replaceOp(forall, buildPieces());
    return success();
  }
  Value least = index(getFewestPieces(hasMatrix() ? 3 : 2));
  Value isWorth = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::uge,
                                                numPieces, least);
  if (matchPattern(isWorth, m_Zero())) {
    reason = "its states alone fill the machine, or it is short";
    return failure();
  }
  if (matchPattern(isWorth, m_One())) {
    b.replaceOp(forall, buildPieces());
    return success();
  }
  auto choice = scf::IfOp::create(b, loc, forall.getResultTypes(), isWorth,
                                  /*withElseRegion=*/true);
  b.setInsertionPointToStart(choice.thenBlock());
  SmallVector<Value> results = buildPieces();
  scf::YieldOp::create(b, loc, results);
  b.replaceAllUsesWith(forall.getResults(), choice.getResults());
  b.setInsertionPointToStart(choice.elseBlock());
  b.moveOpBefore(forall, choice.elseBlock(), choice.elseBlock()->end());
  b.setInsertionPointToEnd(choice.elseBlock());
  scf::YieldOp::create(b, loc, forall.getResults());
  return success();
}

int64_t FoldSplitter::getKeptBytes() const {
  int64_t bytes = 0;
  for (RankedTensorType type : pieces.kept)
    bytes += llvm::divideCeil(
        type.getNumElements() * type.getElementTypeBitWidth(), 8);
  return bytes;
}

namespace {
struct TileSplitFolds : attn::tile::impl::TileSplitFoldsBase<TileSplitFolds> {
  void runOnOperation() override {
    SmallVector<FoldOpInterface> folds;
    getOperation()->walk([&](FoldOpInterface op) { folds.push_back(op); });
    IRRewriter rewriter(&getContext());
    auto options = [](StringRef name) {
      return remark::RemarkOpts::name(name).category("tile-split-folds");
    };
    for (FoldOpInterface op : folds) {
      std::optional<FoldTiling> tiling = op.getFoldTiling();
      if (!tiling || tiling->tasks == 0)
        continue;
      Location loc = op.getLoc();
      int64_t tasks = tiling->tasks;
      std::string reason;
      FoldSplitter splitter(rewriter, op, *tiling);
      if (failed(splitter.split(reason))) {
        remark::missed(loc, options("no-pieces"))
            << remark::reason("{0}", reason);
        continue;
      }
      ++numSplit;
      remark::passed(loc, options("pieces"))
          << remark::add("in pieces where there are fewer than {0} tasks, {1} "
                         "bytes kept of each {2} columns of a state",
                         tasks, splitter.getKeptBytes(), tiling->cols);
    }
  }
};
} // namespace
