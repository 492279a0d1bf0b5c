//===- ScoreDecompose.cpp - Blocks of logits, as products of tiles ------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Logits exist as tiles only, of whole blocks: each is reduced as soon as it
// has been computed.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "Regions.h"
#include "RoutingBuilder.h"
#include "Verify.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

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
  static constexpr int64_t kRows = 64, kCols = 64;

  Value buildTile(ValueRange at, Value part);
  Value addHead(Value acc, Value batch, Value head, Value rowCoords,
                Value colCoords);
  Value divide(Value x, OpFoldResult a, OpFoldResult b);
  Value readTile(Value tensor, Value batch, Value head, Value coords,
                 int64_t count) {
    auto source = cast<RankedTensorType>(tensor.getType());
    return tile::RowsOp::create(
        b,
        RankedTensorType::get({count, source.getDimSize(3)},
                              source.getElementType()),
        tensor, ValueRange{batch, head}, coords, Value());
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
Value ScoreBuilder::addHead(Value acc, Value batch, Value head, Value rowCoords,
                            Value colCoords) {
  Location loc = b.getLoc();
  Value numHeads = toValue(getSize(score.getQuery(), 1)),
        numKvHeads = toValue(getSize(score.getKey(), 1));
  Value kvHead = arith::DivUIOp::create(
      b, head, arith::DivUIOp::create(b, numHeads, numKvHeads));
  Value query = convertTile(
      b, loc, readTile(score.getQuery(), batch, head, rowCoords, rows), type);
  // Turned before it is widened, as tensor cores read it.
  Value key = convertTile(
      b, loc,
      transposeTile(b, loc,
                    readTile(score.getKey(), batch, kvHead, colCoords, cols)),
      type);
  OpFoldResult shape[] = {b.getIndexAttr(rows), b.getIndexAttr(cols)};
  Value zeros = buildFilled(b, loc, shape, type,
                            APFloat::getZero(type.getFloatSemantics()));
  Value logits = buildContract(b, loc, query, {0, 2}, key, {2, 1}, zeros);

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
  // Rows behind the last one have its position, and no score that is kept, but
  // where they share a block with it.
  Value numRows;
  if (blockRows > 1)
    numRows = arith::SubIOp::create(b, toValue(getSize(score.getQuery(), 2)),
                                    tile::OriginOp::create(b, rowCoords));
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
            Value allowed = v[1];
            if (numRows) {
              Value exists = arith::CmpIOp::create(
                  n, l, arith::CmpIPredicate::ult,
                  linalg::IndexOp::create(n, l, 0), numRows);
              allowed = arith::AndIOp::create(n, l, allowed, exists);
            }
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
                                : arith::SelectOp::create(n, l, allowed,
                                                          evaluate(), lowest)
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
  Value group = arith::DivUIOp::create(b, toValue(getSize(score.getQuery(), 1)),
                                       toValue(getSize(score.getOuts(), 1)));
  Value firstHead = arith::MulIOp::create(b, at[1], group);
  auto getCoords = [&](Value tile, int64_t count, Value source,
                       Value shift) -> Value {
    return tile::CoordsOp::create(
        b, tile::CoordsType::get(b.getContext(), count),
        toValue(apply(x * count, {getAsOpFoldResult(tile)})),
        toValue(getSize(source, 2)), shift, Value(), /*complete=*/false);
  };
  Value rowCoords = getCoords(at[2], rows, score.getQuery(), score.getOffset());
  int64_t tileRows = rows / blockRows, tileCols = cols / blockCols;
  OpFoldResult shape[] = {b.getIndexAttr(tileRows), b.getIndexAttr(tileCols)};
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  OpFoldResult numRows = getSize(part, 0), numCols = getSize(part, 1);

  Value partCoords = tile::CoordsOp::create(
      b, tile::CoordsType::get(b.getContext(), tileRows), index(0),
      toValue(numRows), Value(), Value(), /*complete=*/false);

  Value numTiles = toValue(ceilDiv(getSize(score.getKey(), 2), cols));
  auto tiles = scf::ForOp::create(b, index(0), numTiles, index(1), part);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tiles.getBody());
  Value colCoords =
      getCoords(tiles.getInductionVar(), cols, score.getKey(), Value());
  Value init = buildFilled(b, loc, shape, type, getIdentity());
  auto heads = scf::ForOp::create(
      b, index(0), group, index(1), init,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Value head = arith::AddIOp::create(b, firstHead, number);
        Value next = addHead(carried[0], at[0], head, rowCoords, colCoords);
        scf::YieldOp::create(b, next);
      });
  // What lies beyond the scores is dropped.
  AffineExpr y = b.getAffineDimExpr(1);
  OpFoldResult first =
      apply(x * tileCols, {getAsOpFoldResult(tiles.getInductionVar())});
  SmallVector<OpFoldResult> offsets{none, first},
      sizes{numRows, apply(x - y, {numCols, first})}, strides{one, one};
  Value rest = tensor::ExtractSliceOp::create(b, tiles.getRegionIterArg(0),
                                              offsets, sizes, strides);
  Value written = tile::InsertOp::create(b, rest.getType(), heads.getResult(0),
                                         rest, ValueRange(), partCoords);
  Value next = tensor::InsertSliceOp::create(
      b, written, tiles.getRegionIterArg(0), offsets, sizes, strides);
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
        return Part{{at[0], at[1], first, none},
                    {one, one, count, getSize(out, 3)},
                    RankedTensorType::get({getConstantIntValue(count).value_or(
                                               ShapedType::kDynamic),
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
