//===- RecurrencePieces.cpp - Parts of a sequence at the same time --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of an additive update with a gate for each token, a piece multiplies the
// state in front of it by exp(the sum of its gates), and with one for each key
// each row of the state by that of its key. The delta rule multiplies it by a
// matrix R: the state that a piece without values makes of the identity.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "RecurrenceFold.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
using tile::FoldRecipe;
using tile::FoldTiling;

/// A square matrix with ones on the diagonal.
static Value getIdentity(OpBuilder &b, Location loc, int64_t extent,
                         FloatType type) {
  Value empty =
      tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{extent, extent}, type);
  AffineMap map = b.getMultiDimIdentityMap(2);
  return buildGeneric(
             b, loc, {}, {}, empty, map, 2,
             [&](OpBuilder &n, Location l, ValueRange) {
               Value isOn =
                   arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq,
                                         linalg::IndexOp::create(n, l, 0),
                                         linalg::IndexOp::create(n, l, 1));
               auto number = [&](double value) -> Value {
                 return arith::ConstantOp::create(n, l,
                                                  n.getFloatAttr(type, value));
               };
               return SmallVector<Value>{
                   arith::SelectOp::create(n, l, isOn, number(1), number(0))};
             })
      .front();
}

/// A vector of the rows of a state, all of them the same number.
static Value getVector(OpBuilder &b, Location loc, int64_t extent,
                       Value number) {
  Value empty = tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{extent},
                                        number.getType());
  AffineMap line = b.getMultiDimIdentityMap(1);
  return buildGeneric(b, loc, {}, {}, empty, line, 1,
                      [&](OpBuilder &, Location, ValueRange) {
                        return SmallVector<Value>{number};
                      })
      .front();
}

static FoldRecipe getStateRecipe(OpBuilder &b, Location loc,
                                 RecurrenceTile tile, ValueRange span) {
  FoldRecipe recipe = startRecipe(b, loc, tile, span);
  recipe.identity = {getZeroState(b, loc, tile)};
  RecurrenceOp op = tile.op;
  bool hasTotal =
      op.getUpdate() == Update::Additive && op.getDecay() != Decay::None;
  bool isWide = op.getDecay() == Decay::Key;
  FloatType type = op.getComputeType();
  if (hasTotal && isWide)
    recipe.identity.push_back(
        buildFilled(b, loc, {b.getIndexAttr(tile.keyWidth)}, type,
                    APFloat::getZero(type.getFloatSemantics())));
  else if (hasTotal)
    recipe.identity.push_back(
        arith::ConstantOp::create(b, loc, b.getFloatAttr(type, 0)));
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    RecurrenceState before{Value(), carried[0],
                           hasTotal ? carried[1] : Value()};
    RecurrenceState after = buildChunkStep(builder, stepLoc, tile, before);
    SmallVector<Value> next{after.state};
    if (hasTotal)
      next.push_back(after.total);
    return next;
  };
  recipe.finish = [=](OpBuilder &builder, Location finishLoc, ValueRange last,
                      ValueRange) {
    SmallVector<Value> tiles(last);
    if (hasTotal && !isWide)
      tiles[1] = getVector(builder, finishLoc, getStateShape(tile)[0], last[1]);
    return tiles;
  };
  return recipe;
}

static FoldRecipe getTransferRecipe(OpBuilder &b, Location loc,
                                    RecurrenceTile tile, ValueRange span) {
  tile.hasNoValues = true;
  tile.valueWidth = tile.keyWidth;
  FoldRecipe recipe = startRecipe(b, loc, tile, span);
  recipe.identity = {
      getIdentity(b, loc, tile.keyWidth, tile.op.getComputeType())};
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    RecurrenceState before{Value(), carried[0], Value()};
    return SmallVector<Value>{
        buildChunkStep(builder, stepLoc, tile, before).state};
  };
  recipe.finish = [=](OpBuilder &builder, Location finishLoc, ValueRange last,
                      ValueRange) {
    return SmallVector<Value>{
        convertTile(builder, finishLoc, last[0], tile.operandType)};
  };
  return recipe;
}

static FoldRecipe getOutputRecipe(OpBuilder &b, Location loc,
                                  RecurrenceTile tile, ValueRange span,
                                  Value state, Value output) {
  tile.firstOutput = span[0];
  FoldRecipe recipe = startRecipe(b, loc, tile, span);
  recipe.identity = {output, state};
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    RecurrenceState before{carried[0], carried[1], Value()};
    RecurrenceState after = buildChunkStep(builder, stepLoc, tile, before);
    return SmallVector<Value>{after.output, after.state};
  };
  recipe.finish = [](OpBuilder &, Location, ValueRange last, ValueRange) {
    return SmallVector<Value>{last[0]};
  };
  return recipe;
}

/// Which dimension of a state has the sums of gates. With one for all keys any
/// does; of rows a part of the state needs few.
static int64_t getTransferDim(RecurrenceTile tile) {
  return tile.op.getDecay() == Decay::Key && tile.transposed ? 1 : 0;
}

/// R o S + C of states that are computed with as `tile` says.
static Value composeStates(OpBuilder &b, Location loc,
                           const RecurrenceTile &tile, Value transfer,
                           Value state, Value added) {
  RecurrenceOp op = tile.op;
  if (op.getUpdate() == Update::Delta) {
    // S^T R^T + C^T where states are transposed.
    auto add = [&](Value part, Value out) {
      constexpr unsigned kRowsBySum[] = {0, 2}, kSumByCols[] = {2, 1};
      if (tile.transposed)
        return buildContract(b, loc, part, kRowsBySum, transfer, kSumByCols,
                             out);
      return buildContract(b, loc, transfer, kRowsBySum, part, kSumByCols, out);
    };
    if (tile.operandType == op.getComputeType())
      return add(state, added);
    // A state keeps twice the digits of an operand.
    Value high = convertTile(b, loc, state, tile.operandType);
    AffineMap all = b.getMultiDimIdentityMap(2);
    Value empty = tensor::EmptyOp::create(
        b, loc, cast<RankedTensorType>(high.getType()).getShape(),
        tile.operandType);
    Value low =
        buildGeneric(b, loc, {state, high}, {all, all}, empty, all, 2,
                     [&](OpBuilder &n, Location l, ValueRange a) {
                       Value rounded =
                           convertFloat(n, l, a[1], op.getComputeType());
                       Value rest = arith::SubFOp::create(n, l, a[0], rounded);
                       return SmallVector<Value>{
                           convertFloat(n, l, rest, tile.operandType)};
                     })
            .front();
    return add(low, add(high, added));
  }
  unsigned dim = getTransferDim(tile);
  AffineMap all = b.getMultiDimIdentityMap(2),
            line =
                AffineMap::getMultiDimMapWithTargets(2, {dim}, b.getContext());
  SmallVector<Value> inputs{state};
  SmallVector<AffineMap> maps{all};
  if (transfer) {
    inputs.push_back(transfer);
    maps.push_back(line);
  }
  return buildGeneric(b, loc, inputs, maps, added, all, 2,
                      [&](OpBuilder &n, Location l, ValueRange a) {
                        Value x = a[0];
                        if (transfer)
                          x = arith::MulFOp::create(n, l, x,
                                                    buildFastExp(n, l, a[1]));
                        return SmallVector<Value>{
                            arith::AddFOp::create(n, l, x, a.back())};
                      })
      .front();
}

std::optional<tile::FoldPieces>
RecurrenceOp::getFoldPieces(const FoldTiling &tiling) {
  if (tiling.cols == 1 || isNormalized())
    return std::nullopt;
  RecurrenceTile tile = getRecurrenceTile(*this, tiling);
  // The transfer has the keys as columns, in whole register tiles.
  bool isDelta = getUpdate() == Update::Delta;
  if (isDelta && tiling.micro && tile.keyWidth % tiling.micro.getCols() != 0)
    return std::nullopt;
  tile::FoldPieces pieces;
  SmallVector<int64_t> shape = getStateShape(tile);
  FloatType type = getComputeType();
  pieces.state = RankedTensorType::get(shape, type);
  if (isDelta)
    pieces.transfer =
        RankedTensorType::get({tile.keyWidth, tile.keyWidth}, tile.operandType);
  else if (getDecay() != Decay::None)
    pieces.transfer = RankedTensorType::get(shape[getTransferDim(tile)], type);
  pieces.transferDim = getTransferDim(tile);
  // Of the steps of a chunk the inverse takes longest, and needs no state.
  if (isDelta) {
    pieces.kept = getKeptTypes(tile);
    // What a gate for each key is a factor of takes more registers than there
    // are beside a state.
    pieces.isAlways = getDecay() == Decay::Key && !tiling.micro;
    pieces.getKept = [=](OpBuilder &b, Location loc, Value coords) {
      RecurrenceTile own = tile;
      own.coords = coords;
      return buildChunkKept(b, loc, own);
    };
  }
  pieces.hasOwnRows = !isDelta || tile.transposed;
  pieces.outputDim = 2;
  pieces.getRecipe = [=](OpBuilder &b, Location loc,
                         const tile::FoldPiece &piece) {
    SmallVector<Value> span{piece.first, piece.end};
    RecurrenceTile own = tile;
    llvm::append_range(own.kept, piece.kept);
    own.firstKept = piece.firstKept;
    switch (piece.goal) {
    case tile::PieceGoal::State:
      return getStateRecipe(b, loc, own, span);
    case tile::PieceGoal::Transfer:
      return getTransferRecipe(b, loc, own, span);
    case tile::PieceGoal::Outputs:
      return getOutputRecipe(b, loc, own, span, piece.state, piece.output);
    }
    llvm_unreachable("unknown goal");
  };
  if (getInit())
    pieces.getFirst = [=](OpBuilder &b, Location loc) {
      return getFirstState(b, loc, tile, getKeyCoords(b, loc, tile));
    };
  pieces.compose = [=](OpBuilder &b, Location loc, Value transfer, Value state,
                       Value added) {
    return composeStates(b, loc, tile, transfer, state, added);
  };
  pieces.finish = [=](OpBuilder &b, Location loc, Value state,
                      ValueRange dests) {
    SmallVector<Value> results;
    for (Value dest : dests)
      results.push_back(writeFinalState(
          b, loc, tile, getKeyCoords(b, loc, tile), state, dest));
    return results;
  };
  return pieces;
}
