//===- ScanPieces.cpp - Parts of a sequence at the same time --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A token scales each number of a state by a factor of its own, so a piece
// scales it by their product: what its steps, without values, make of ones.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "ScanStep.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
using tile::FoldRecipe;
using tile::FoldTiling;

/// A piece of fewer tokens reads and writes more of states than of tokens.
static constexpr int64_t kFewestTokens = 128;

static FoldRecipe getStateRecipe(OpBuilder &b, Location loc, ScanOp op,
                                 ValueRange span, bool hasFactors) {
  ScanTile tile = getScanTile(b, loc, op);
  FoldRecipe recipe = startScanRecipe(b, loc, tile, span);
  FloatType type = op.getComputeType();
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(tile.width),
                                  b.getIndexAttr(tile.channels)};
  recipe.identity = {
      buildFilled(b, loc, sizes, type, APFloat::getZero(semantics))};
  if (hasFactors)
    recipe.identity.push_back(
        buildFilled(b, loc, sizes, type, APFloat::getOne(semantics)));
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    auto [state, factors] = buildScanTransfer(
        builder, stepLoc, tile, carried[0], hasFactors ? carried[1] : Value());
    SmallVector<Value> next{state};
    if (hasFactors)
      next.push_back(factors);
    return next;
  };
  recipe.finish = [](OpBuilder &, Location, ValueRange last, ValueRange) {
    return SmallVector<Value>(last);
  };
  return recipe;
}

static FoldRecipe getOutputRecipe(OpBuilder &b, Location loc, ScanOp op,
                                  ValueRange span, Value state, Value output) {
  ScanTile tile = getScanTile(b, loc, op);
  tile.firstOutput = span[0];
  FoldRecipe recipe = startScanRecipe(b, loc, tile, span);
  recipe.identity = {output, state};
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    ScanState after =
        buildScanStep(builder, stepLoc, tile, {carried[0], {carried[1]}});
    return SmallVector<Value>{after.output, after.tensors[0]};
  };
  recipe.finish = [](OpBuilder &, Location, ValueRange last, ValueRange) {
    return SmallVector<Value>{last[0]};
  };
  return recipe;
}

/// R o S + C.
static Value composeStates(OpBuilder &b, Location loc, Value factors,
                           Value state, Value added) {
  AffineMap all = b.getMultiDimIdentityMap(2);
  SmallVector<Value> inputs{state};
  if (factors)
    inputs.push_back(factors);
  SmallVector<AffineMap> maps(inputs.size(), all);
  return buildGeneric(b, loc, inputs, maps, added, all, 2,
                      [&](OpBuilder &n, Location l, ValueRange a) {
                        Value x = a[0];
                        if (factors)
                          x = arith::MulFOp::create(n, l, x, a[1]);
                        return SmallVector<Value>{
                            arith::AddFOp::create(n, l, x, a.back())};
                      })
      .front();
}

std::optional<tile::FoldPieces> ScanOp::getFoldPieces(const FoldTiling &) {
  // The reference of an average may be any of its tokens'.
  if (getWeights())
    return std::nullopt;
  // A token that begins a segment scales what is before it, too.
  bool hasFactors = getGate() || getRate() || getBeta() || getSegments();
  tile::FoldPieces pieces;
  pieces.state = RankedTensorType::get(
      {getStaticStateWidth(), getValue().getType().getDimSize(3)},
      getComputeType());
  if (hasFactors)
    pieces.transfer = pieces.state;
  pieces.scalesElements = true;
  pieces.fewestTiles = kFewestTokens;
  pieces.hasOwnRows = true;
  pieces.outputDim = 2;
  ScanOp op = *this;
  pieces.getRecipe = [=](OpBuilder &b, Location loc,
                         const tile::FoldPiece &piece) {
    SmallVector<Value> span{piece.first, piece.end};
    if (piece.goal == tile::PieceGoal::Outputs)
      return getOutputRecipe(b, loc, op, span, piece.state, piece.output);
    assert(piece.goal == tile::PieceGoal::State &&
           "factors are made along with states");
    return getStateRecipe(b, loc, op, span, hasFactors);
  };
  if (!getInit().empty())
    pieces.getFirst = [=](OpBuilder &b, Location loc) {
      return getFirstScanState(b, loc, getScanTile(b, loc, op), 0);
    };
  pieces.compose = composeStates;
  pieces.finish = [=](OpBuilder &b, Location loc, Value state,
                      ValueRange dests) {
    SmallVector<Value> results;
    for (Value dest : dests)
      results.push_back(
          writeScanState(b, loc, getScanTile(b, loc, op), state, dest));
    return results;
  };
  return pieces;
}
