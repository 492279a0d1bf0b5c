//===- RecurrenceFold.cpp - A recurrence as a fold over tokens ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RecurrenceFold.h"
#include "LinalgTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;
using tile::FoldRecipe;
using tile::FoldShape;
using tile::FoldTiling;

//===----------------------------------------------------------------------===//
// Schedule
//===----------------------------------------------------------------------===//

std::optional<FoldTiling> RecurrenceOp::getFoldTiling() {
  return getChunkTiling(getSchedule());
}

void RecurrenceOp::setFoldTiling(const FoldTiling &tiling) {
  setScheduleAttr(getChunkSchedule(getContext(), tiling));
}

static int64_t getBytes(Value value) {
  return llvm::divideCeil(getElementTypeOrSelf(value).getIntOrFloatBitWidth(),
                          8);
}

/// Rows are the columns of the state, columns are tokens.
FoldShape RecurrenceOp::getFoldShape() {
  ShapedType q = getQuery().getType(), v = getValue().getType();
  FoldShape shape;
  shape.order = tile::FoldOrder::Ordered;
  shape.takesChunks = hasChunkForm();
  shape.chunkNeedsTensorCores = getDecay() == Decay::Key;
  shape.continues = static_cast<bool>(getInit());
  if (auto most = (*this)->getAttrOfType<IntegerAttr>(tile::kMostColumnsAttr))
    shape.mostColumns = most.getInt();
  shape.batch = q.getDimSize(0);
  shape.heads = v.getDimSize(1);
  shape.sourceHeads = v.getDimSize(1);
  shape.rows = v.getDimSize(3);
  shape.columns = q.getDimSize(2);
  shape.depth = q.getDimSize(3);
  shape.width = v.getDimSize(3);
  shape.compute = getComputeType();
  shape.operandBytes = getBytes(getQuery());
  return shape;
}

Value RecurrenceOp::getColumnCount(OpBuilder &builder) {
  return getValueOrCreateConstantIndexOp(
      builder, getLoc(),
      tensor::getMixedSize(builder, getLoc(), getQuery(), 2));
}

//===----------------------------------------------------------------------===//
// Fold
//===----------------------------------------------------------------------===//

/// A fold is over the tokens of one state.
static LogicalResult checkTile(RecurrenceOp op) {
  ShapedType q = op.getQuery().getType(), k = op.getKey().getType(),
             v = op.getValue().getType();
  if (!isa<RankedTensorType>(q))
    return op->emitError("expected tensors, got ") << q;
  if (q.getDimSize(0) != 1 || q.isDynamicDim(1) || k.getDimSize(1) != 1 ||
      v.getDimSize(1) != 1)
    return op->emitError("expected a tile of one batch entry and one state "
                         "head, got query ")
           << q << ", key " << k << " and value " << v;
  if (k.isDynamicDim(3) || v.isDynamicDim(3) || k.getDimSize(3) == 0 ||
      v.getDimSize(3) == 0)
    return op->emitError("expected static, positive widths, in equal parts, "
                         "got key ")
           << k << " and value " << v;
  return success();
}

/// What a step needs to know, but where it is.
RecurrenceTile attn::getRecurrenceTile(RecurrenceOp op,
                                       const FoldTiling &tiling) {
  RecurrenceTile tile;
  tile.op = op;
  tile.transposed = false;
  tile.tokens = tiling.cols;
  tile.keyWidth = op.getKey().getType().getDimSize(3);
  tile.valueWidth = op.getValue().getType().getDimSize(3);
  tile.operandType = op.getComputeType();
  // Where matrices are tiles of registers, rows are not summed one by one.
  tile.sumsPairs = static_cast<bool>(tiling.micro);
  if (tiling.cols == 1)
    return tile;
  // Whole register tiles; instructions that multiply whole tiles take widths
  // and depths in units of 16, and round what they multiply.
  if (tiling.micro) {
    tile.valueWidth = llvm::alignTo(tile.valueWidth, tiling.micro.getCols());
    return tile;
  }
  tile.valueWidth = llvm::alignTo(tile.valueWidth, 16);
  tile.keyWidth = llvm::alignTo(tile.keyWidth, 16);
  auto element = cast<FloatType>(op.getQuery().getType().getElementType());
  if (element.getWidth() == 16)
    tile.operandType = element;
  // The rows of a product are spread over warps, so they are the larger part
  // of a state that has few columns.
  constexpr int64_t kRowsPerGroup = 64;
  tile.transposed =
      tile.valueWidth >= kRowsPerGroup || tile.valueWidth >= tile.keyWidth;
  return tile;
}

/// Those of a state that exist, of all that are computed.
Value attn::getKeyCoords(OpBuilder &b, Location loc,
                         const RecurrenceTile &tile) {
  RecurrenceOp op = tile.op;
  int64_t depth = op.getKey().getType().getDimSize(3);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value limit = arith::ConstantIndexOp::create(b, loc, depth);
  return tile::CoordsOp::create(
      b, loc, tile::CoordsType::get(b.getContext(), tile.keyWidth), zero, limit,
      Value(), Value(), /*complete=*/tile.keyWidth == depth);
}

/// The extents of a state as it is computed with.
SmallVector<int64_t> attn::getStateShape(const RecurrenceTile &tile) {
  SmallVector<int64_t> shape{tile.keyWidth, tile.valueWidth};
  if (tile.transposed)
    std::swap(shape[0], shape[1]);
  return shape;
}

Value attn::getZeroState(OpBuilder &b, Location loc,
                         const RecurrenceTile &tile) {
  RecurrenceOp op = tile.op;
  FloatType type = op.getComputeType();
  return buildFilled(
      b, loc, getAsIndexOpFoldResult(b.getContext(), getStateShape(tile)), type,
      APFloat::getZero(type.getFloatSemantics()));
}

/// The state in front of the first token.
Value attn::getFirstState(OpBuilder &b, Location loc,
                          const RecurrenceTile &tile, Value rows) {
  RecurrenceOp op = tile.op;
  Value init = op.getInit();
  if (!init)
    return getZeroState(b, loc, tile);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value state = readMatrix(b, loc, init, zero, rows, tile.valueWidth);
  return tile.transposed ? transposeTile(b, loc, state) : state;
}

Value attn::writeFinalState(OpBuilder &b, Location loc,
                            const RecurrenceTile &tile, Value rows, Value state,
                            Value dest) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  if (tile.transposed)
    state = transposeTile(b, loc, state);
  return tile::InsertOp::create(b, loc, dest.getType(), state, dest,
                                ValueRange{zero, zero}, rows);
}

/// The tiles of all tokens, or of some.
FoldRecipe attn::startRecipe(OpBuilder &b, Location loc,
                             const RecurrenceTile &tile, ValueRange span) {
  FoldRecipe recipe;
  recipe.order = tile::FoldOrder::Ordered;
  RecurrenceOp op = tile.op;
  recipe.domain = tile::DomainOp::create(
      b, loc, tile::DomainType::get(b.getContext(), tile.tokens),
      op.getColumnCount(b), tile::VisitAttrInterface(), Value(), Value(),
      Value(), Value(), Value(), ValueRange(), ValueRange(), span,
      /*list=*/Value(), ValueRange(), /*irregular=*/false);
  // The end of the last chunk costs a copy nothing where tiles are of tensor
  // cores, and a second version of the step would.
  if (!tile.transposed)
    recipe.flags = {"partial"};
  return recipe;
}

FailureOr<FoldRecipe> RecurrenceOp::getFoldRecipe(OpBuilder &b,
                                                  const FoldTiling &tiling) {
  if (failed(checkTile(*this)))
    return failure();
  Location loc = getLoc();
  bool isChunk = tiling.cols > 1;
  RecurrenceTile tile = getRecurrenceTile(*this, tiling);
  FoldRecipe recipe = startRecipe(b, loc, tile, ValueRange());
  Value rows = getKeyCoords(b, loc, tile);
  recipe.identity = {getOutput(), getFirstState(b, loc, tile, rows)};
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    RecurrenceState before{carried[0], carried[1], Value()};
    RecurrenceState after =
        isChunk ? buildChunkStep(builder, stepLoc, tile, before)
                : buildTokenStep(builder, stepLoc, tile, before);
    return SmallVector<Value>{after.output, after.state};
  };
  llvm::append_range(recipe.dests, getOuts());
  recipe.finish = [=](OpBuilder &builder, Location finishLoc, ValueRange last,
                      ValueRange dests) {
    SmallVector<Value> results{last[0]};
    if (dests.size() > 1)
      results.push_back(
          writeFinalState(builder, finishLoc, tile, rows, last[1], dests[1]));
    return results;
  };
  return recipe;
}
