//===- AttnFold.cpp - Attention as a fold over tiles of keys --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SoftmaxStep.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;
using tile::FoldRecipe;
using tile::FoldTiling;

namespace {

/// What a fold over keys shares: coordinates, the tile of queries, the domain.
class FoldBuilder {
public:
  FoldBuilder(OpBuilder &builder, LogitsOpInterface op,
              const FoldTiling &tiling)
      : b(builder), loc(op.getLoc()), op(op), tiling(tiling),
        type(op.getComputeType()) {
    zero = arith::ConstantIndexOp::create(b, loc, 0);
    // acc is as wide as whole register tiles; columns beyond Dv are dropped
    // when the result is written. Instructions that multiply whole tiles take
    // widths and depths in units of 16, and columns that do not exist read as
    // zero.
    int64_t width = op.getValue().getType().getDimSize(3);
    accWidth = llvm::alignTo(width, tiling.micro ? tiling.micro.getCols() : 16);
    depth = op.getQuery().getType().getDimSize(3);
    if (!tiling.micro && !ShapedType::isDynamic(depth))
      depth = llvm::alignTo(depth, 16);
  }

  LogicalResult checkTile();
  FoldRecipe build();
  SmallVector<OpFoldResult> getStateShape() {
    return {b.getIndexAttr(tiling.rows), b.getIndexAttr(accWidth)};
  }
  /// The rows of a row vector or matrix of the state, as a static tile.
  Value readState(Value tensor, std::optional<int64_t> width) {
    SmallVector<int64_t> shape{tiling.rows};
    if (width)
      shape.push_back(*width);
    Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
    return tile::RowsOp::create(b, loc, RankedTensorType::get(shape, element),
                                tensor, ValueRange{zero, zero}, rows, Value());
  }
  /// Writes a tile into the op's destination.
  Value write(OpBuilder &builder, Value tile, Value out) {
    return tile::InsertOp::create(builder, loc, out.getType(), tile, out,
                                  ValueRange{zero, zero}, rows);
  }
  int64_t getAccWidth() { return accWidth; }

private:
  Value getDim(Value tensor, int64_t dim) {
    return getValueOrCreateConstantIndexOp(
        b, loc, tensor::getMixedSize(b, loc, tensor, dim));
  }
  Value getOrigin(unsigned dim) {
    return dim < op.getOrigin().size() ? Value(op.getOrigin()[dim]) : zero;
  }
  /// The only entry of a tensor of extent 1.
  Value extractIndex(Value tensor) {
    Value entry = tensor::ExtractOp::create(b, loc, tensor, zero);
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), entry);
  }
  Value add(Value x, Value y) {
    return b.createOrFold<arith::AddIOp>(loc, x, y);
  }
  /// The one entry of `tensor` (1 x S x ...), without its first dimension.
  Value getEntry(Value tensor);
  Value getRowShift();
  Value getColumnLimit();
  SmallVector<Value> getParameters();
  Value getTileList(SmallVectorImpl<Value> &counts);
  Value readTile(OpBuilder &builder, Value tensor, Value coords, int64_t count,
                 int64_t width);

  OpBuilder &b;
  Location loc;
  LogitsOpInterface op;
  FoldTiling tiling;
  FloatType type;
  int64_t accWidth, depth;
  Value zero, rows;
};

} // namespace

/// A fold is over the keys of one head of one batch entry.
LogicalResult FoldBuilder::checkTile() {
  ShapedType q = op.getQuery().getType(), k = op.getKey().getType();
  if (q.getDimSize(0) != 1 || q.getDimSize(1) != 1 || k.getDimSize(1) != 1)
    return op->emitError("expected a tile of one batch entry and one head, got "
                         "query ")
           << q << " and key " << k;
  if (q.isDynamicDim(3) || op.getValue().getType().isDynamicDim(3) ||
      q.getDimSize(3) == 0)
    return op->emitError("expected static, positive widths, got query ")
           << q << " and value " << op.getValue().getType();
  if (!isa<RankedTensorType>(q))
    return op->emitError("expected tensors, got ") << q;
  if (op.getSelection() && !op.getTileLists())
    return op->emitError("has a selection but no lists of tiles; run "
                         "attn-list-tiles first");
  return success();
}

Value FoldBuilder::getEntry(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto entryType = RankedTensorType::get(type.getShape().drop_front(),
                                         type.getElementType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      strides(type.getRank(), b.getIndexAttr(1)),
      sizes = tensor::getMixedSizes(b, loc, tensor);
  sizes.front() = b.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(b, loc, entryType, tensor, offsets,
                                        sizes, strides);
}

/// Logical minus physical position of a row of this tile.
Value FoldBuilder::getRowShift() {
  Value shift = getOrigin(2);
  if (Value offset = op.getOffset())
    shift =
        add(shift, offset.getType().isIndex() ? offset : extractIndex(offset));
  if (op.getAlign() == Alignment::BottomRight)
    shift =
        add(shift, b.createOrFold<arith::SubIOp>(loc, getDim(op.getKey(), 2),
                                                 getDim(op.getQuery(), 2)));
  return shift;
}

/// The number of keys of this slice that exist: below kv_lengths.
Value FoldBuilder::getColumnLimit() {
  Value limit = getDim(op.getKey(), 2);
  if (!op.getKvLengths())
    return limit;
  Value length = b.createOrFold<arith::SubIOp>(
      loc, extractIndex(op.getKvLengths()), getOrigin(3));
  length = b.createOrFold<arith::MaxSIOp>(loc, length, zero);
  return b.createOrFold<arith::MinSIOp>(loc, length, limit);
}

/// The mask's parameters for this batch entry and head.
SmallVector<Value> FoldBuilder::getParameters() {
  SmallVector<Value> values;
  if (!op.getParameters())
    return values;
  for (int64_t i = 0, e = op.getMask()->getFormula().getNumParameters(); i < e;
       ++i) {
    Value at = arith::ConstantIndexOp::create(b, loc, i);
    Value entry = tensor::ExtractOp::create(b, loc, op.getParameters(),
                                            ValueRange{zero, zero, at});
    values.push_back(
        arith::IndexCastOp::create(b, loc, b.getIndexType(), entry));
  }
  return values;
}

/// The tiles to visit, and how many of them are not full and are there at all.
Value FoldBuilder::getTileList(SmallVectorImpl<Value> &counts) {
  Value lists = op.getTileLists();
  for (int64_t number = 0; number < 2; ++number) {
    Value at = arith::ConstantIndexOp::create(b, loc, number);
    Value entry = tensor::ExtractOp::create(b, loc, lists,
                                            ValueRange{zero, zero, zero, at});
    counts.push_back(
        arith::IndexCastOp::create(b, loc, b.getIndexType(), entry));
  }
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  OpFoldResult length = affine::makeComposedFoldedAffineApply(
      b, loc, b.getAffineDimExpr(0) - 2,
      {tensor::getMixedSize(b, loc, lists, 3)});
  auto type = RankedTensorType::get(
      getConstantIntValue(length).value_or(ShapedType::kDynamic),
      b.getI32Type());
  return tensor::ExtractSliceOp::create(
      b, loc, type, lists,
      SmallVector<OpFoldResult>{none, none, none, b.getIndexAttr(2)},
      SmallVector<OpFoldResult>{one, one, one, length},
      SmallVector<OpFoldResult>(4, one));
}

Value FoldBuilder::readTile(OpBuilder &builder, Value tensor, Value coords,
                            int64_t count, int64_t width) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value tile = tile::RowsOp::create(
      builder, loc, RankedTensorType::get({count, width}, element), tensor,
      ValueRange{zero, zero}, coords, Value());
  return convertTile(builder, loc, tile, type);
}

FoldRecipe FoldBuilder::build() {
  MLIRContext *context = b.getContext();
  Value batch = getOrigin(0), head = getOrigin(1);
  bool hasPositions = static_cast<bool>(op.getQueryPositions());
  rows = tile::CoordsOp::create(
      b, loc, tile::CoordsType::get(context, tiling.rows), zero,
      getDim(op.getQuery(), 2), hasPositions ? Value() : getRowShift(),
      hasPositions ? getEntry(op.getQueryPositions()) : Value(),
      /*complete=*/false);
  Value query = readTile(b, op.getQuery(), rows, tiling.rows, depth);

  auto mask = op.getMask().value_or(tile::VisitAttrInterface());
  SmallVector<Value> sameId;
  if (op.getSegmentBounds())
    for (int64_t number = 0; number < 4; ++number) {
      Value at = arith::ConstantIndexOp::create(b, loc, number);
      Value entry = tensor::ExtractOp::create(b, loc, op.getSegmentBounds(),
                                              ValueRange{zero, zero, at});
      sameId.push_back(
          arith::IndexCastOp::create(b, loc, b.getIndexType(), entry));
    }
  SmallVector<Value> parameters = getParameters();
  Value shift = hasPositions ? Value() : getOrigin(3);
  Value positions = hasPositions ? getEntry(op.getKeyPositions()) : Value();
  auto type = tile::DomainType::get(context, tiling.cols);
  Value domain;
  if (op.getSelection()) {
    SmallVector<Value> counts;
    Value list = getTileList(counts);
    domain = tile::DomainOp::create(
        b, loc, type, getColumnLimit(), tile::VisitAttrInterface(), Value(),
        Value(), Value(), shift, positions, ValueRange(), ValueRange(),
        /*span=*/ValueRange(), list, counts, /*irregular=*/false);
  } else {
    domain = tile::DomainOp::create(
        b, loc, type, getColumnLimit(), mask, mask ? rows : Value(),
        mask ? batch : Value(), mask ? head : Value(), shift, positions, sameId,
        parameters, /*span=*/ValueRange(), Value(), ValueRange(),
        !op.getWhere().empty());
  }

  Value ancestors = op.getAncestors() ? getEntry(op.getAncestors()) : Value();

  FoldRecipe recipe;
  recipe.domain = domain;
  recipe.flags = {"partial"};
  bool held = tiling.held;
  if (held)
    recipe.flags.push_back("update");
  LogitsOpInterface logits = op;
  Value keys = op.getKey(), values = op.getValue();
  recipe.step = [=, *this](OpBuilder &builder, Location stepLoc, Value coords,
                           ValueRange flags, ValueRange state) mutable {
    Value key = readTile(builder, keys, coords, tiling.cols, depth);
    Value value = readTile(builder, values, coords, tiling.cols, accWidth);
    SoftmaxTile tile{logits,
                     query,
                     rows,
                     coords,
                     batch,
                     head,
                     parameters,
                     ancestors,
                     flags[0],
                     held ? flags[1] : Value(),
                     tiling.micro ? tiling.micro.getRows() : 0};
    SoftmaxState next = buildStep(builder, stepLoc, tile, key, value,
                                  {state[0], state[1], state[2]});
    return SmallVector<Value>{next.acc, next.ref, next.sum};
  };
  return recipe;
}

/// Below this sum of weights, relative to a maximum that was held, no weight
/// has overflowed: neither as f32 nor as what it is multiplied in (of which
/// only f16 has a smaller range).
static double getLargestHeldSum(Type operand) {
  return operand.isF16() ? 0x1p15 : 0x1p64;
}

/// By row, 0 if the sum is in range and every element of acc is finite, or the
/// row does not exist, else 1.
static Value buildVerdict(OpBuilder &b, Location loc, const SoftmaxState &state,
                          double limit, Value numRows) {
  auto rowType = cast<RankedTensorType>(state.sum.getType());
  auto type = cast<FloatType>(rowType.getElementType());
  auto constant = [&](OpBuilder &n, Location l, double value) -> Value {
    return arith::ConstantOp::create(n, l, n.getFloatAttr(type, value));
  };
  AffineMap rows = b.getMultiDimIdentityMap(1);
  AffineMap whole = b.getMultiDimIdentityMap(2), byRow = whole.dropResult(1);
  OpFoldResult shape[] = {b.getIndexAttr(rowType.getDimSize(0))};
  Value zero = buildFilled(b, loc, shape, type,
                           APFloat::getZero(type.getFloatSemantics()));
  // A maximum that a NaN does not get lost in.
  Value largest =
      buildGeneric(b, loc, state.acc, whole, zero, byRow, 1,
                   [&](OpBuilder &n, Location l, ValueRange x) {
                     return SmallVector<Value>{arith::MaximumFOp::create(
                         n, l, x[1], math::AbsFOp::create(n, l, x[0]))};
                   })
          .front();
  Value out = tensor::EmptyOp::create(b, loc, rowType.getShape(), type);
  return buildGeneric(
             b, loc, {state.sum, largest}, {rows, rows}, out, rows, 1,
             [&](OpBuilder &n, Location l, ValueRange x) {
               // NaN is below nothing.
               auto isBelow = [&](Value value, double bound) -> Value {
                 return arith::CmpFOp::create(n, l, arith::CmpFPredicate::OLT,
                                              value, constant(n, l, bound));
               };
               Value isRight = arith::AndIOp::create(n, l, isBelow(x[0], limit),
                                                     isBelow(x[1], INFINITY));
               Value isNone = arith::CmpIOp::create(
                   n, l, arith::CmpIPredicate::sge,
                   linalg::IndexOp::create(n, l, 0), numRows);
               return SmallVector<Value>{arith::SelectOp::create(
                   n, l, arith::OrIOp::create(n, l, isRight, isNone),
                   constant(n, l, 0), constant(n, l, 1))};
             })
      .front();
}

FailureOr<FoldRecipe> AttentionOp::getFoldRecipe(OpBuilder &builder,
                                                 const FoldTiling &tiling) {
  FoldBuilder fold(builder, *this, tiling);
  if (failed(fold.checkTile()))
    return failure();
  FoldRecipe recipe = fold.build();
  SoftmaxState identity =
      buildIdentity(builder, getLoc(), fold.getStateShape(), getComputeType());
  recipe.identity = {identity.acc, identity.ref, identity.sum};
  Value sink;
  if (getSink()) {
    Value zero = arith::ConstantIndexOp::create(builder, getLoc(), 0);
    sink = tensor::ExtractOp::create(builder, getLoc(), getSink(), zero);
  }
  recipe.dests = {getOutput()};
  bool hasLse = static_cast<bool>(getLse());
  if (hasLse)
    recipe.dests.push_back(getLse());
  Type element = getQuery().getType().getElementType();
  recipe.finish = [=](OpBuilder &b, Location loc, ValueRange state,
                      ValueRange dests) mutable {
    auto accType = cast<RankedTensorType>(state[0].getType());
    auto refType = cast<RankedTensorType>(state[1].getType());
    Value outTile =
        tensor::EmptyOp::create(b, loc, accType.getShape(), element);
    Value lseTile;
    if (hasLse)
      lseTile = tensor::EmptyOp::create(b, loc, refType.getShape(),
                                        refType.getElementType());
    SmallVector<Value> tiles =
        buildFinalize(b, loc, {state[0], state[1], state[2]}, outTile, lseTile,
                      sink, AffineMap());
    SmallVector<Value> results;
    for (auto [tile, dest] : llvm::zip_equal(tiles, dests))
      results.push_back(fold.write(b, tile, dest));
    return results;
  };
  double limit = getLargestHeldSum(getValue().getType().getElementType());
  Value query = getQuery();
  recipe.verdict = [=](OpBuilder &b, Location loc, ValueRange state) {
    Value numRows = getValueOrCreateConstantIndexOp(
        b, loc, tensor::getMixedSize(b, loc, query, 2));
    return buildVerdict(b, loc, {state[0], state[1], state[2]}, limit, numRows);
  };
  return recipe;
}

FailureOr<FoldRecipe> PartialOp::getFoldRecipe(OpBuilder &builder,
                                               const FoldTiling &tiling) {
  FoldBuilder fold(builder, *this, tiling);
  if (failed(fold.checkTile()))
    return failure();
  FoldRecipe recipe = fold.build();
  // The state continues from what the destinations hold.
  recipe.identity = {fold.readState(getAcc(), fold.getAccWidth()),
                     fold.readState(getRef(), std::nullopt),
                     fold.readState(getSum(), std::nullopt)};
  llvm::append_range(recipe.dests, getOuts());
  recipe.finish = [=](OpBuilder &b, Location, ValueRange state,
                      ValueRange dests) mutable {
    SmallVector<Value> results;
    for (auto [tile, dest] : llvm::zip_equal(state, dests))
      results.push_back(fold.write(b, tile, dest));
    return results;
  };
  return recipe;
}
