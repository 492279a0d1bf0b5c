//===- ScanFold.cpp - A scan as a fold over tokens ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LinalgTiles.h"
#include "RecurrenceStep.h"
#include "ScanStep.h"
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

std::optional<FoldTiling> ScanOp::getFoldTiling() {
  return getChunkTiling(getSchedule());
}

void ScanOp::setFoldTiling(const FoldTiling &tiling) {
  setScheduleAttr(getChunkSchedule(getContext(), tiling));
}

/// Rows are channels, columns are tokens.
FoldShape ScanOp::getFoldShape() {
  ShapedType v = getValue().getType();
  FoldShape shape;
  shape.order = tile::FoldOrder::Ordered;
  shape.batch = v.getDimSize(0);
  shape.heads = v.getDimSize(1);
  shape.sourceHeads = v.getDimSize(1);
  shape.rows = v.getDimSize(3);
  shape.columns = v.getDimSize(2);
  shape.depth = getStaticStateWidth();
  shape.width = v.getDimSize(3);
  shape.compute = getComputeType();
  shape.operandBytes =
      llvm::divideCeil(v.getElementType().getIntOrFloatBitWidth(), 8);
  return shape;
}

Value ScanOp::getColumnCount(OpBuilder &builder) {
  return getValueOrCreateConstantIndexOp(
      builder, getLoc(),
      tensor::getMixedSize(builder, getLoc(), getValue(), 2));
}

//===----------------------------------------------------------------------===//
// Fold
//===----------------------------------------------------------------------===//

/// A fold is over the tokens of one head.
static LogicalResult checkTile(ScanOp op) {
  ShapedType v = op.getValue().getType();
  if (!isa<RankedTensorType>(v))
    return op->emitError("expected tensors, got ") << v;
  if (v.getDimSize(0) != 1 || v.getDimSize(1) != 1)
    return op->emitError("expected a tile of one batch entry and one head, got "
                         "value ")
           << v;
  int64_t width = op.getStaticStateWidth();
  if (ShapedType::isDynamic(width) || width == 0 || v.isDynamicDim(3) ||
      v.getDimSize(3) == 0)
    return op->emitError("expected static, positive widths, in equal parts, "
                         "got value ")
           << v << " and a state of " << width << " numbers for each channel";
  return success();
}

static Value collapse(OpBuilder &b, Location loc, Value matrix) {
  SmallVector<ReassociationIndices> groups{{0, 1}};
  return tensor::CollapseShapeOp::create(b, loc, matrix, groups);
}

static Value expand(OpBuilder &b, Location loc, Value vector) {
  auto type = cast<RankedTensorType>(vector.getType());
  SmallVector<ReassociationIndices> groups{{0, 1}};
  return tensor::ExpandShapeOp::create(
      b, loc,
      RankedTensorType::get({1, type.getDimSize(0)}, type.getElementType()),
      vector, groups);
}

static bool isAverage(const ScanTile &tile) {
  ScanOp op = tile.op;
  return static_cast<bool>(op.getWeights());
}

Value attn::getScanNumbers(OpBuilder &b, Location loc, const ScanTile &tile) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value limit = arith::ConstantIndexOp::create(b, loc, tile.width);
  return tile::CoordsOp::create(
      b, loc, tile::CoordsType::get(b.getContext(), tile.width), zero, limit,
      Value(), Value(), /*complete=*/true);
}

ScanTile attn::getScanTile(OpBuilder &b, Location loc, ScanOp op) {
  FloatType type = op.getComputeType();
  ScanTile tile;
  tile.op = op;
  tile.width = op.getStaticStateWidth();
  tile.channels = op.getValue().getType().getDimSize(3);
  if (op.getRate()) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    tile.rate = tile::RowsOp::create(
        b, loc, RankedTensorType::get({tile.width, tile.channels}, type),
        op.getRate(), ValueRange{zero}, getScanNumbers(b, loc, tile), Value());
    if (isAverage(tile))
      tile.rate = collapse(b, loc, tile.rate);
  }
  if (op.getBonus())
    tile.bonus = convertTile(b, loc, collapse(b, loc, op.getBonus()), type);
  return tile;
}

FoldRecipe attn::startScanRecipe(OpBuilder &b, Location loc,
                                 const ScanTile &tile, ValueRange span) {
  FoldRecipe recipe;
  recipe.order = tile::FoldOrder::Ordered;
  ScanOp op = tile.op;
  recipe.domain = tile::DomainOp::create(
      b, loc, tile::DomainType::get(b.getContext(), /*rows=*/1),
      op.getColumnCount(b), tile::VisitAttrInterface(), Value(), Value(),
      Value(), Value(), Value(), ValueRange(), ValueRange(), span,
      /*list=*/Value(), ValueRange(), /*irregular=*/false);
  recipe.flags = {"partial"};
  return recipe;
}

/// An average is carried as vectors: it has one number for each channel.
Value attn::getFirstScanState(OpBuilder &b, Location loc, const ScanTile &tile,
                              unsigned number) {
  ScanOp op = tile.op;
  FloatType type = op.getComputeType();
  if (!op.getInit().empty()) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value state = readMatrix(b, loc, op.getInit()[number], zero,
                             getScanNumbers(b, loc, tile), tile.channels);
    return isAverage(tile) ? collapse(b, loc, state) : state;
  }
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(tile.width),
                                  b.getIndexAttr(tile.channels)};
  return buildFilled(
      b, loc, isAverage(tile) ? ArrayRef(sizes).drop_front() : ArrayRef(sizes),
      type, getScanIdentity(type, number));
}

Value attn::writeScanState(OpBuilder &b, Location loc, const ScanTile &tile,
                           Value state, Value dest) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  return tile::InsertOp::create(
      b, loc, dest.getType(), isAverage(tile) ? expand(b, loc, state) : state,
      dest, ValueRange{zero, zero}, getScanNumbers(b, loc, tile));
}

FailureOr<FoldRecipe> ScanOp::getFoldRecipe(OpBuilder &b, const FoldTiling &) {
  if (failed(checkTile(*this)))
    return failure();
  Location loc = getLoc();
  ScanTile tile = getScanTile(b, loc, *this);
  FoldRecipe recipe = startScanRecipe(b, loc, tile, /*span=*/ValueRange());
  recipe.identity = {getOutput()};
  for (unsigned number = 0; number < getNumStates(); ++number)
    recipe.identity.push_back(getFirstScanState(b, loc, tile, number));
  recipe.step = [=](OpBuilder &builder, Location stepLoc, Value coords,
                    ValueRange, ValueRange carried) mutable {
    tile.coords = coords;
    ScanState after = buildScanStep(
        builder, stepLoc, tile,
        {carried[0], llvm::to_vector_of<Value>(carried.drop_front())});
    SmallVector<Value> next{after.output};
    llvm::append_range(next, after.tensors);
    return next;
  };
  llvm::append_range(recipe.dests, getOuts());
  recipe.finish = [=](OpBuilder &builder, Location finishLoc, ValueRange last,
                      ValueRange dests) {
    SmallVector<Value> results{last[0]};
    for (auto [state, dest] : llvm::zip(last.drop_front(), dests.drop_front()))
      results.push_back(writeScanState(builder, finishLoc, tile, state, dest));
    return results;
  };
  return recipe;
}
