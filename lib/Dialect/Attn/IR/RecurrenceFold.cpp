//===- RecurrenceFold.cpp - A recurrence as a fold over tokens ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LinalgTiles.h"
#include "RecurrenceStep.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

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

FailureOr<FoldRecipe> RecurrenceOp::getFoldRecipe(OpBuilder &b,
                                                  const FoldTiling &tiling) {
  if (failed(checkTile(*this)))
    return failure();
  Location loc = getLoc();
  MLIRContext *context = getContext();
  int64_t depth = getKey().getType().getDimSize(3);
  bool isChunk = tiling.cols > 1;
  RecurrenceTile tile;
  tile.op = *this;
  tile.transposed = false;
  tile.tokens = tiling.cols;
  tile.keyWidth = depth;
  tile.valueWidth = getValue().getType().getDimSize(3);
  tile.operandType = getComputeType();
  // Where matrices are tiles of registers, rows are not summed one by one.
  tile.sumsPairs = static_cast<bool>(tiling.micro);
  // Whole register tiles; instructions that multiply whole tiles take widths
  // and depths in units of 16, and round what they multiply.
  if (isChunk && tiling.micro) {
    tile.valueWidth = llvm::alignTo(tile.valueWidth, tiling.micro.getCols());
  } else if (isChunk) {
    tile.valueWidth = llvm::alignTo(tile.valueWidth, 16);
    tile.keyWidth = llvm::alignTo(tile.keyWidth, 16);
    auto element = cast<FloatType>(getQuery().getType().getElementType());
    if (element.getWidth() == 16)
      tile.operandType = element;
    // The rows of a product are spread over warps, so they are the larger part
    // of a state that has few columns.
    constexpr int64_t kRowsPerGroup = 64;
    tile.transposed =
        tile.valueWidth >= kRowsPerGroup || tile.valueWidth >= tile.keyWidth;
  }

  FoldRecipe recipe;
  recipe.order = tile::FoldOrder::Ordered;
  recipe.domain = tile::DomainOp::create(
      b, loc, tile::DomainType::get(context, tiling.cols), getColumnCount(b),
      tile::VisitAttrInterface(), Value(), Value(), Value(), Value(), Value(),
      ValueRange(), ValueRange(), Value(), ValueRange(), /*irregular=*/false);
  // The end of the last chunk costs a copy nothing where tiles are of tensor
  // cores, and a second version of the step would.
  if (!tile.transposed)
    recipe.flags = {"partial"};
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value limit = arith::ConstantIndexOp::create(b, loc, depth);
  Value rows = tile::CoordsOp::create(
      b, loc, tile::CoordsType::get(context, tile.keyWidth), zero, limit,
      Value(), Value(), /*complete=*/tile.keyWidth == depth);
  Value state;
  if (getInit()) {
    state = readMatrix(b, loc, getInit(), zero, rows, tile.valueWidth);
    if (tile.transposed)
      state = transposeTile(b, loc, state);
  } else {
    SmallVector<OpFoldResult> shape{b.getIndexAttr(tile.keyWidth),
                                    b.getIndexAttr(tile.valueWidth)};
    if (tile.transposed)
      std::swap(shape[0], shape[1]);
    state = buildFilled(b, loc, shape, getComputeType(),
                        APFloat::getZero(getComputeType().getFloatSemantics()));
  }
  recipe.identity = {getOutput(), state};
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    RecurrenceState before{carried[0], carried[1]};
    RecurrenceState after =
        isChunk ? buildChunkStep(builder, stepLoc, tile, before)
                : buildTokenStep(builder, stepLoc, tile, before);
    return SmallVector<Value>{after.output, after.state};
  };
  llvm::append_range(recipe.dests, getOuts());
  recipe.finish = [=](OpBuilder &builder, Location finishLoc, ValueRange last,
                      ValueRange dests) {
    SmallVector<Value> results{last[0]};
    if (dests.size() < 2)
      return results;
    Value final = last[1];
    if (tile.transposed)
      final = transposeTile(builder, finishLoc, final);
    results.push_back(
        tile::InsertOp::create(builder, finishLoc, dests[1].getType(), final,
                               dests[1], ValueRange{zero, zero}, rows));
    return results;
  };
  return recipe;
}
