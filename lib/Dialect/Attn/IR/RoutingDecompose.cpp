//===- RoutingDecompose.cpp - What chooses blocks of keys, as smaller ops -===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parallel loops over what is independent: a window, a tile of scores, a list.
// Logits exist as tiles only. A list is what a scan over the scores finds that
// ranks behind the last one it has found and before all others, so it needs no
// memory but itself.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "Regions.h"
#include "Slices.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <cmath>

using namespace mlir;
using namespace attn;

namespace {

/// What the builders of this file share.
class RoutingBuilder {
public:
  RoutingBuilder(OpBuilder &builder, Operation *op)
      : b(op->getLoc(), builder), op(op) {}

protected:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }
  Value boolean(bool value) {
    return arith::ConstantIntOp::create(b, value, 1);
  }
  Value toValue(OpFoldResult x) {
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  OpFoldResult getSize(Value tensor, int64_t dim) {
    return tensor::getMixedSize(b, b.getLoc(), tensor, dim);
  }
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands);
  }
  OpFoldResult smaller(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMin(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  OpFoldResult ceilDiv(OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).ceilDiv(size), {x});
  }
  Value constant(FloatType type, double value) {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  }

  /// A parallel loop that writes the part of `out` at `getOffsets(ivs)`, of
  /// which `sizes` come from `getSizes(ivs)`: `body` gets and returns it.
  struct Part {
    SmallVector<OpFoldResult> offsets, sizes;
    /// Without the dimensions of extent 1 in front.
    RankedTensorType type;
  };
  Value forEachPart(ArrayRef<OpFoldResult> extents, Value out,
                    function_ref<Part(ValueRange at)> getPart,
                    function_ref<Value(ValueRange at, Value part)> body);

  ImplicitLocOpBuilder b;
  Operation *op;
};

} // namespace

Value RoutingBuilder::forEachPart(
    ArrayRef<OpFoldResult> extents, Value out,
    function_ref<Part(ValueRange)> getPart,
    function_ref<Value(ValueRange, Value)> body) {
  auto forall = scf::ForallOp::create(b, extents, out, std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  SmallVector<Value> at = forall.getInductionVars();
  Value whole = forall.getRegionIterArgs().front();
  Part part = getPart(at);
  SmallVector<OpFoldResult> strides(part.offsets.size(), b.getIndexAttr(1));
  Value before = tensor::ExtractSliceOp::create(
      b, part.type, whole, part.offsets, part.sizes, strides);
  Value after = body(at, before);
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, after, whole, part.offsets,
                                        part.sizes, strides);
  return forall.getResult(0);
}

/// Decomposition is defined on tensors.
static LogicalResult requireTensors(Operation *op) {
  if (op->getNumResults() != 0)
    return success();
  return op->emitError("decomposes on tensors only");
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

namespace {
class PoolBuilder : public RoutingBuilder {
public:
  PoolBuilder(OpBuilder &builder, PoolOp pool)
      : RoutingBuilder(builder, pool), pool(pool),
        type(pool.getInput().getType().getElementType().isF64()
                 ? cast<FloatType>(Float64Type::get(pool.getContext()))
                 : Float32Type::get(pool.getContext())) {}

  Value build();

private:
  Value poolWindow(ValueRange at, Value part);
  double getIdentity() {
    switch (pool.getKind()) {
    case PoolKind::Max:
      return -INFINITY;
    case PoolKind::Min:
      return INFINITY;
    case PoolKind::Mean:
    case PoolKind::Sum:
      return 0;
    }
    llvm_unreachable("unknown kind");
  }
  Value combine(OpBuilder &n, Location l, Value x, Value y) {
    switch (pool.getKind()) {
    case PoolKind::Max:
      return arith::MaximumFOp::create(n, l, x, y);
    case PoolKind::Min:
      return arith::MinimumFOp::create(n, l, x, y);
    case PoolKind::Mean:
    case PoolKind::Sum:
      return arith::AddFOp::create(n, l, x, y);
    }
    llvm_unreachable("unknown kind");
  }

  PoolOp pool;
  FloatType type;
};
} // namespace

Value PoolBuilder::poolWindow(ValueRange at, Value part) {
  Value input = pool.getInput();
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  int64_t stride = pool.getStride(), window = pool.getWindow();
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0),
               width = getSize(input, 3);
  OpFoldResult number = getAsOpFoldResult(at[2]);
  // No window begins behind the last row (C3).
  OpFoldResult count = smaller(
      b.getIndexAttr(window), apply(x - y * stride, {getSize(input, 2), number}));
  auto inputType = cast<RankedTensorType>(input.getType());
  auto rowsType = RankedTensorType::get(
      {getConstantIntValue(count).value_or(ShapedType::kDynamic),
       inputType.getDimSize(3)},
      inputType.getElementType());
  Value rows = tensor::ExtractSliceOp::create(
      b, rowsType, input,
      SmallVector<OpFoldResult>{at[0], at[1], apply(x * stride, {number}),
                                none},
      SmallVector<OpFoldResult>{one, one, count, width},
      SmallVector<OpFoldResult>(4, one));
  AffineMap byRow = AffineMap::get(2, 0, {y, x}, b.getContext()),
            byColumn = AffineMap::get(2, 0, {x}, b.getContext()),
            line = b.getMultiDimIdentityMap(1);
  Location loc = b.getLoc();
  Value init = buildFilled(b, loc, {width}, type, [&] {
    APFloat identity(getIdentity());
    bool lost;
    identity.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                     &lost);
    return identity;
  }());
  Value pooled =
      buildGeneric(b, loc, rows, byRow, init, byColumn, 1,
                   [&](OpBuilder &n, Location l, ValueRange v) {
                     return SmallVector<Value>{combine(
                         n, l, v[1], convertFloat(n, l, v[0], type))};
                   })
          .front();
  Value divisor;
  if (pool.getKind() == PoolKind::Mean)
    divisor = arith::SIToFPOp::create(
        b, type,
        arith::IndexCastOp::create(b, b.getI64Type(), toValue(count)));
  Type element = getElementTypeOrSelf(part.getType());
  return buildGeneric(b, loc, pooled, line, part, line, 1,
                      [&](OpBuilder &n, Location l, ValueRange v) {
                        Value result = v[0];
                        if (divisor)
                          result =
                              arith::DivFOp::create(n, l, result, divisor);
                        return SmallVector<Value>{
                            convertFloat(n, l, result, element)};
                      })
      .front();
}

Value PoolBuilder::build() {
  Value out = pool.getOuts();
  SmallVector<OpFoldResult> extents{getSize(out, 0), getSize(out, 1),
                                    getSize(out, 2)};
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  auto outType = cast<RankedTensorType>(out.getType());
  return forEachPart(
      extents, out,
      [&](ValueRange at) {
        return Part{{at[0], at[1], at[2], none},
                    {one, one, one, getSize(out, 3)},
                    RankedTensorType::get(outType.getDimSize(3),
                                          outType.getElementType())};
      },
      [&](ValueRange at, Value part) { return poolWindow(at, part); });
}

FailureOr<SmallVector<Value>> PoolOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  return SmallVector<Value>{PoolBuilder(builder, *this).build()};
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

namespace {
class ScoreBuilder : public RoutingBuilder {
public:
  ScoreBuilder(OpBuilder &builder, RouteScoreOp score)
      : RoutingBuilder(builder, score), score(score),
        type(score.getComputeType()), blockRows(score.getRows()),
        blockCols(score.getCols()),
        // Whole blocks, of about this many logits.
        rows(llvm::alignTo(kRows, blockRows)),
        cols(llvm::alignTo(kCols, blockCols)) {}

  Value build();

private:
  static constexpr int64_t kRows = 32, kCols = 64;

  Value buildTile(ValueRange at, Value part);
  Value addHead(Value acc, Value batch, Value head, Value rowCoords,
                Value colCoords);
  Value divide(Value x, OpFoldResult a, OpFoldResult b);
  Value readTile(Value tensor, Value batch, Value head, Value coords,
                 int64_t count) {
    auto source = cast<RankedTensorType>(tensor.getType());
    Value tile = tile::RowsOp::create(
        b,
        RankedTensorType::get({count, source.getDimSize(3)},
                              source.getElementType()),
        tensor, ValueRange{batch, head}, coords, Value());
    return convertTile(b, b.getLoc(), tile, type);
  }
  APFloat getIdentity() {
    const llvm::fltSemantics &semantics = type.getFloatSemantics();
    return score.getKind() == ScoreKind::Sum
               ? APFloat::getZero(semantics)
               : APFloat::getInf(semantics, /*Negative=*/true);
  }
  Value combine(OpBuilder &n, Location l, Value x, Value y) {
    if (score.getKind() == ScoreKind::Sum)
      return arith::AddFOp::create(n, l, x, y);
    return arith::MaximumFOp::create(n, l, x, y);
  }

  RouteScoreOp score;
  FloatType type;
  int64_t blockRows, blockCols, rows, cols;
};
} // namespace

/// The logits of one head on a tile, reduced into `acc`.
Value ScoreBuilder::addHead(Value acc, Value batch, Value head,
                            Value rowCoords, Value colCoords) {
  Location loc = b.getLoc();
  Value numHeads = toValue(getSize(score.getQuery(), 1)),
        numKvHeads = toValue(getSize(score.getKey(), 1));
  Value kvHead = arith::DivUIOp::create(
      b, head, arith::DivUIOp::create(b, numHeads, numKvHeads));
  Value query = readTile(score.getQuery(), batch, head, rowCoords, rows),
        key = readTile(score.getKey(), batch, kvHead, colCoords, cols);
  OpFoldResult shape[] = {b.getIndexAttr(rows), b.getIndexAttr(cols)};
  Value zeros = buildFilled(b, loc, shape, type,
                            APFloat::getZero(type.getFloatSemantics()));
  Value logits = buildContract(b, loc, query, {0, 2},
                               transposeTile(b, loc, key), {2, 1}, zeros);

  Value visible = tile::PredicateOp::create(
      b, RankedTensorType::get({rows, cols}, b.getI1Type()),
      score.getMask().value_or(tile::VisitAttrInterface()), rowCoords,
      colCoords, batch, head, Value(), Value(), ValueRange(), Value());
  auto positions = [&](Value coords, int64_t count) -> Value {
    return tile::PositionsOp::create(
        b, RankedTensorType::get(count, b.getI32Type()), coords);
  };
  AffineExpr i, j;
  bindDims(b.getContext(), i, j);
  AffineMap whole = b.getMultiDimIdentityMap(2),
            byRow = AffineMap::get(2, 0, {i}, b.getContext()),
            byCol = AffineMap::get(2, 0, {j}, b.getContext());
  Value numRows = arith::IndexCastOp::create(
      b, b.getI32Type(), toValue(getSize(score.getQuery(), 2)));
  Value lowest =
      arith::ConstantOp::create(b, b.getFloatAttr(type, getIdentity()));
  bool reads = !score.getScore().empty() && readsTensors(score.getScore());
  Value values =
      buildGeneric(
          b, loc,
          {logits, visible, positions(rowCoords, rows),
           positions(colCoords, cols)},
          {whole, whole, byRow, byCol}, logits, whole, 2,
          [&](OpBuilder &n, Location l, ValueRange v) {
            // The predicate is about columns; rows behind the last are none.
            Value allowed = arith::AndIOp::create(
                n, l, v[1],
                arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt, v[2],
                                      numRows));
            auto evaluate = [&]() -> Value {
              Value logit = arith::MulFOp::create(
                  n, l, v[0],
                  arith::ConstantOp::create(
                      n, l,
                      n.getFloatAttr(type,
                                     score.getScale().convertToDouble())));
              if (score.getScore().empty())
                return logit;
              auto toIndex = [&](Value x) -> Value {
                return arith::IndexCastOp::create(n, l, n.getIndexType(), x);
              };
              return evaluateRegion(
                  n, score.getScore(),
                  {logit, batch, head, toIndex(v[2]), toIndex(v[3])});
            };
            Value value = reads ? guard(n, l, allowed, lowest, evaluate)
                                : arith::SelectOp::create(
                                      n, l, allowed, evaluate(), lowest)
                                      .getResult();
            return SmallVector<Value>{value};
          })
          .front();
  auto accumulate = [&](OpBuilder &n, Location l, ValueRange v) {
    return SmallVector<Value>{combine(n, l, v[1], v[0])};
  };
  if (blockRows == 1 && blockCols == 1)
    return buildGeneric(b, loc, values, whole, acc, whole, 2, accumulate)
        .front();
  auto blockType = RankedTensorType::get(
      {rows / blockRows, blockRows, cols / blockCols, blockCols}, type);
  Value blocks = tensor::ExpandShapeOp::create(
      b, blockType, values, SmallVector<ReassociationIndices>{{0, 1}, {2, 3}});
  // Dimensions are (n, c, i, j).
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(4, dims, b.getContext());
  };
  return buildGeneric(b, loc, blocks, map({0, 2, 1, 3}), acc, map({0, 1}), 2,
                      accumulate)
      .front();
}

/// A tile of rows of scores: all of its columns.
Value ScoreBuilder::buildTile(ValueRange at, Value part) {
  Location loc = b.getLoc();
  AffineExpr x = b.getAffineDimExpr(0);
  Value group = arith::DivUIOp::create(
      b, toValue(getSize(score.getQuery(), 1)),
      toValue(getSize(score.getOuts(), 1)));
  Value firstHead = arith::MulIOp::create(b, at[1], group);
  auto getCoords = [&](Value tile, int64_t count, Value source) -> Value {
    return tile::CoordsOp::create(
        b, tile::CoordsType::get(b.getContext(), count),
        toValue(apply(x * count, {getAsOpFoldResult(tile)})),
        toValue(getSize(source, 2)), Value(), Value(), /*complete=*/false);
  };
  Value rowCoords = getCoords(at[2], rows, score.getQuery());
  int64_t tileRows = rows / blockRows, tileCols = cols / blockCols;
  OpFoldResult shape[] = {b.getIndexAttr(tileRows), b.getIndexAttr(tileCols)};
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  OpFoldResult numRows = getSize(part, 0), numCols = getSize(part, 1);

  Value numTiles = toValue(ceilDiv(getSize(score.getKey(), 2), cols));
  auto tiles = scf::ForOp::create(b, index(0), numTiles, index(1), part);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tiles.getBody());
  Value colCoords =
      getCoords(tiles.getInductionVar(), cols, score.getKey());
  Value init = buildFilled(b, loc, shape, type, getIdentity());
  auto heads = scf::ForOp::create(
      b, index(0), group, index(1), init,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Value head = arith::AddIOp::create(b, firstHead, number);
        Value next = addHead(carried[0], at[0], head, rowCoords, colCoords);
        scf::YieldOp::create(b, next);
      });
  AffineExpr y = b.getAffineDimExpr(1);
  OpFoldResult first =
      apply(x * tileCols, {getAsOpFoldResult(tiles.getInductionVar())});
  OpFoldResult some = smaller(b.getIndexAttr(tileCols),
                              apply(x - y, {numCols, first}));
  SmallVector<OpFoldResult> sizes{numRows, some}, strides{one, one};
  Value kept = tensor::ExtractSliceOp::create(
      b, heads.getResult(0), SmallVector<OpFoldResult>{none, none}, sizes,
      strides);
  Value next = tensor::InsertSliceOp::create(
      b, kept, tiles.getRegionIterArg(0),
      SmallVector<OpFoldResult>{none, first}, sizes, strides);
  scf::YieldOp::create(b, next);
  return tiles.getResult(0);
}

Value ScoreBuilder::build() {
  Value out = score.getOuts();
  int64_t tileRows = rows / blockRows;
  SmallVector<OpFoldResult> extents{getSize(out, 0), getSize(out, 1),
                                    ceilDiv(getSize(out, 2), tileRows)};
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  auto outType = cast<RankedTensorType>(out.getType());
  return forEachPart(
      extents, out,
      [&](ValueRange at) {
        OpFoldResult first = apply(x * tileRows, {getAsOpFoldResult(at[2])});
        OpFoldResult count = smaller(b.getIndexAttr(tileRows),
                                     apply(x - y, {getSize(out, 2), first}));
        return Part{
            {at[0], at[1], first, none},
            {one, one, count, getSize(out, 3)},
            RankedTensorType::get(
                {getConstantIntValue(count).value_or(ShapedType::kDynamic),
                 outType.getDimSize(3)},
                outType.getElementType())};
      },
      [&](ValueRange at, Value part) { return buildTile(at, part); });
}

FailureOr<SmallVector<Value>>
RouteScoreOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  int64_t depth = getQuery().getType().getDimSize(3);
  if (ShapedType::isDynamic(depth) || depth == 0 ||
      getKey().getType().getDimSize(3) != depth)
    return emitError("expected static, positive widths, got query ")
           << getQuery().getType() << " and key " << getKey().getType();
  return SmallVector<Value>{ScoreBuilder(builder, *this).build()};
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

namespace {
class SelectBuilder : public RoutingBuilder {
public:
  SelectBuilder(OpBuilder &builder, SelectOp select)
      : RoutingBuilder(builder, select), select(select),
        type(cast<FloatType>(select.getScores().getType().getElementType())) {}

  Value build();

private:
  using Predicate = arith::CmpIPredicate;
  /// Where a score ranks: by tier (i32), the larger the better; then by its
  /// value, then by its number (i32), the smaller the better.
  struct Rank {
    Value tier, value, number;
  };
  /// Not a candidate; a NaN; a number. Those that are forced are above both.
  static constexpr int64_t kNone = -1, kNaN = 0, kNumber = 1, kForced = 2;

  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
  Value choose(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value isForced(const Rank &rank) {
    return arith::CmpIOp::create(b, Predicate::sge, rank.tier, i32(kForced));
  }
  Value holds(std::optional<tile::VisitAttrInterface> mask, ValueRange at,
              Value number);
  Rank getRank(ValueRange at, Value number);
  Value ranksBefore(const Rank &x, const Rank &y);
  Rank findNext(ValueRange at, const Rank &last);
  Value getMass(ValueRange at);
  Value fillList(ValueRange at, Value list);

  SelectOp select;
  FloatType type;
};
} // namespace

Value SelectBuilder::holds(std::optional<tile::VisitAttrInterface> mask,
                           ValueRange at, Value number) {
  return tile::emitTest(b, b.getLoc(), mask->getFormula(), at[0], at[1], at[2],
                        number, Value(), ValueRange());
}

SelectBuilder::Rank SelectBuilder::getRank(ValueRange at, Value number) {
  Value value = tensor::ExtractOp::create(
      b, select.getScores(), ValueRange{at[0], at[1], at[2], number});
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  Value tier = choose(isNaN, i32(kNaN), i32(kNumber));
  if (select.getForce()) {
    Value above = arith::AddIOp::create(b, tier, i32(kForced));
    tier = choose(holds(select.getForce(), at, number), above, tier);
  }
  if (select.getMask())
    tier = choose(holds(select.getMask(), at, number), tier, i32(kNone));
  return {tier, choose(isNaN, constant(type, 0), value),
          arith::IndexCastOp::create(b, b.getI32Type(), number)};
}

Value SelectBuilder::ranksBefore(const Rank &x, const Rank &y) {
  auto compare = [&](Predicate predicate, Value p, Value q) -> Value {
    return arith::CmpIOp::create(b, predicate, p, q);
  };
  auto compareValues = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(b, predicate, x.value, y.value);
  };
  Value byNumber = both(compareValues(arith::CmpFPredicate::OEQ),
                        compare(Predicate::slt, x.number, y.number));
  Value byValue = either(compareValues(arith::CmpFPredicate::OGT), byNumber);
  return either(compare(Predicate::sgt, x.tier, y.tier),
                both(compare(Predicate::eq, x.tier, y.tier), byValue));
}

/// The first candidate behind `last`.
SelectBuilder::Rank SelectBuilder::findNext(ValueRange at, const Rank &last) {
  Value count = toValue(getSize(select.getScores(), 3));
  SmallVector<Value> none{i32(kNone), constant(type, 0), i32(-1)};
  auto scan = scf::ForOp::create(
      b, index(0), count, index(1), none,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Rank best{carried[0], carried[1], carried[2]};
        Rank rank = getRank(at, number);
        Value isCandidate = arith::CmpIOp::create(b, Predicate::sge, rank.tier,
                                                  i32(kNaN));
        Value isBetter = both(both(isCandidate, ranksBefore(last, rank)),
                              ranksBefore(rank, best));
        scf::YieldOp::create(
            b, ValueRange{choose(isBetter, rank.tier, best.tier),
                          choose(isBetter, rank.value, best.value),
                          choose(isBetter, rank.number, best.number)});
      });
  return {scan.getResult(0), scan.getResult(1), scan.getResult(2)};
}

/// Below this sum more is taken.
Value SelectBuilder::getMass(ValueRange at) {
  Value count = toValue(getSize(select.getScores(), 3));
  auto sum = scf::ForOp::create(
      b, index(0), count, index(1), constant(type, 0),
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Rank rank = getRank(at, number);
        Value isCandidate = arith::CmpIOp::create(b, Predicate::sge, rank.tier,
                                                  i32(kNaN));
        Value more = arith::AddFOp::create(b, carried[0], rank.value);
        scf::YieldOp::create(b, choose(isCandidate, more, carried[0]));
      });
  return arith::MulFOp::create(
      b, sum.getResult(0),
      constant(type, select.getMass()->convertToDouble()));
}

Value SelectBuilder::fillList(ValueRange at, Value list) {
  Value mass = select.getMass() ? getMass(at) : Value();
  // What ranks behind nothing.
  SmallVector<Value> inits{list, i32(2 * kForced), constant(type, 0), i32(-1)};
  if (mass)
    inits.push_back(constant(type, 0));
  auto places = scf::ForOp::create(
      b, index(0), toValue(getSize(list, 0)), index(1), inits,
      [&](OpBuilder &, Location, Value place, ValueRange carried) {
        Rank next = findNext(at, {carried[1], carried[2], carried[3]});
        Value taken =
            arith::CmpIOp::create(b, Predicate::sge, next.tier, i32(kNaN));
        if (select.getThreshold()) {
          Value isNumber = arith::CmpIOp::create(b, Predicate::sge, next.tier,
                                                 i32(kNumber));
          Value isEnough = arith::CmpFOp::create(
              b, arith::CmpFPredicate::OGE, next.value,
              constant(type, select.getThreshold()->convertToDouble()));
          taken = both(taken, either(isForced(next), both(isNumber, isEnough)));
        }
        SmallVector<Value> results;
        if (mass) {
          Value isShort = arith::CmpFOp::create(
              b, arith::CmpFPredicate::OLT, carried[4], mass);
          taken = both(taken, either(isForced(next), isShort));
        }
        Value number = choose(taken, next.number, i32(-1));
        results = {tensor::InsertOp::create(b, number, carried[0], place),
                   // Nothing ranks behind what is no candidate.
                   choose(taken, next.tier, i32(kNone)), next.value,
                   next.number};
        if (mass)
          results.push_back(
              arith::AddFOp::create(b, carried[4], next.value));
        scf::YieldOp::create(b, results);
      });
  return places.getResult(0);
}

Value SelectBuilder::build() {
  Value out = select.getOuts();
  SmallVector<OpFoldResult> extents{getSize(out, 0), getSize(out, 1),
                                    getSize(out, 2)};
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  auto outType = cast<RankedTensorType>(out.getType());
  return forEachPart(
      extents, out,
      [&](ValueRange at) {
        return Part{{at[0], at[1], at[2], none},
                    {one, one, one, getSize(out, 3)},
                    RankedTensorType::get(outType.getDimSize(3),
                                          outType.getElementType())};
      },
      [&](ValueRange at, Value part) { return fillList(at, part); });
}

FailureOr<SmallVector<Value>> SelectOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  return SmallVector<Value>{SelectBuilder(builder, *this).build()};
}
