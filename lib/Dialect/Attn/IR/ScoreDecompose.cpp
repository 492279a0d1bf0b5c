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
#include "Verify.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

/// Tiles of columns that are done one after the other, with the same queries.
/// Few rows, as of means of clusters, have many columns.
static constexpr int64_t kTilesOfPart = 8;

namespace {
class ScoreBuilder : public RoutingBuilder {
public:
  ScoreBuilder(OpBuilder &builder, RouteScoreOp score)
      : RoutingBuilder(builder, score), score(score),
        type(score.getComputeType()), blockRows(score.getRows()),
        blockCols(score.getCols()),
        // Whole blocks, of about this many logits.
        rows(llvm::alignTo(kRows, blockRows)),
        cols(llvm::alignTo(kCols, blockCols)) {
    if (auto tile = score->getAttrOfType<DenseI64ArrayAttr>(kScoreTile)) {
      rows = llvm::alignTo(tile[0], blockRows);
      cols = llvm::alignTo(tile[1], blockCols);
    }
    if (isByRow())
      cols = getPartOfBlock();
  }

  Value build();

private:
  static constexpr int64_t kRows = 64, kCols = 64, kMostCols = 128;

  /// Whether a row has scores of its own: a tile of columns is then one block,
  /// or a part of one, and a vector all that it makes.
  bool isByRow() const { return blockRows == 1 && blockCols > 1; }
  int64_t getPartOfBlock() const;

  Value buildTile(ValueRange at, Value part);
  Value addHead(Value acc, Value batch, Value head, Value rowCoords,
                Value colCoords);
  Value readTile(Value tensor, Value batch, Value head, Value coords,
                 int64_t count) {
    auto source = cast<RankedTensorType>(tensor.getType());
    return tile::RowsOp::create(
        b, RankedTensorType::get({count, depth}, source.getElementType()),
        tensor, ValueRange{batch, head}, coords, Value());
  }
  Value getCoords(Value tile, int64_t count, Value source, Value shift) {
    AffineExpr x = b.getAffineDimExpr(0);
    return tile::CoordsOp::create(
        b, tile::CoordsType::get(b.getContext(), count),
        toValue(apply(x * count, {getAsOpFoldResult(tile)})),
        toValue(getSize(source, 2)), shift, Value(), /*complete=*/false);
  }
  SmallVector<Operation *> getReads(Value operand, unsigned position);
  Value isVisited(ValueRange at, Value colTile);
  Value addHeads(Value acc, ValueRange at, Value rowCoords, Value colTile);
  Value addBlock(ValueRange at, Value rowCoords, Value number);
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
  /// Columns that do not exist read as zero; tiles have whole rows of 32 bytes.
  int64_t depth = llvm::alignTo(score.getQuery().getType().getDimSize(3), 16);
};
} // namespace

int64_t ScoreBuilder::getPartOfBlock() const {
  for (int64_t part = kMostCols; part >= 16; part -= 16)
    if (blockCols > kMostCols && blockCols % part == 0)
      return part;
  return blockCols;
}

/// What the region reads of the row of `operand` that argument `position` is,
/// and of no other: a number for each. All that exist may be read, whatever the
/// mask shows of them, so each is read once for all columns, or rows.
SmallVector<Operation *> ScoreBuilder::getReads(Value operand,
                                                unsigned position) {
  SmallVector<Operation *> reads;
  if (score.getScore().empty() || score.getOffset())
    return reads;
  Block &body = score.getScore().front();
  ArrayRef<int64_t> extents =
      cast<ShapedType>(operand.getType()).getShape().take_front(3);
  // The region knows the head of the query.
  if (extents[1] != score.getQuery().getType().getDimSize(1))
    return reads;
  SmallVector<Value> place{body.getArgument(1), body.getArgument(2),
                           body.getArgument(position)};
  for (auto read : body.getOps<tensor::ExtractOp>()) {
    auto type = cast<RankedTensorType>(read.getTensor().getType());
    if (type.getRank() == 3 && type.getElementType().isF32() &&
        type.hasStaticShape() && type.getShape() == extents &&
        llvm::equal(read.getIndices(), place) &&
        read.getTensor().getParentRegion() != &score.getScore())
      reads.push_back(read);
  }
  return reads;
}

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
  Value key = convertTile(
      b, loc, readTile(score.getKey(), batch, kvHead, colCoords, cols), type);
  OpFoldResult shape[] = {b.getIndexAttr(rows), b.getIndexAttr(cols)};
  Value zeros = buildFilled(b, loc, shape, type,
                            APFloat::getZero(type.getFloatSemantics()));
  Value logits = buildContract(b, loc, query, {0, 2}, key, {1, 2}, zeros);

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
  SmallVector<Value> inputs{logits, visible, positions(rowCoords, rows),
                            positions(colCoords, cols)};
  SmallVector<AffineMap> maps{whole, whole, byRow, byCol};
  SmallVector<Operation *> known;
  auto addReads = [&](Value operand, unsigned position, Value coords,
                      int64_t count, AffineMap map) {
    for (Operation *read : getReads(operand, position)) {
      Value vector = cast<tensor::ExtractOp>(read).getTensor();
      Type element = cast<RankedTensorType>(vector.getType()).getElementType();
      inputs.push_back(
          tile::RowsOp::create(b, RankedTensorType::get(count, element), vector,
                               ValueRange{batch, head}, coords, Value()));
      maps.push_back(map);
      known.push_back(read);
    }
  };
  addReads(score.getQuery(), 3, rowCoords, rows, byRow);
  addReads(score.getKey(), 4, colCoords, cols, byCol);
  bool reads =
      !score.getScore().empty() && readsTensors(score.getScore(), known);
  Value values =
      buildGeneric(
          b, loc, inputs, maps, logits, whole, 2,
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
                  {logit, batch, head, toIndex(v[2]), toIndex(v[3])}, known,
                  v.slice(4, known.size()));
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
  if (isByRow())
    return buildGeneric(b, loc, values, whole, acc, byRow, 1, accumulate)
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

/// Whether the mask may show something of a tile; nothing if it always may, or
/// may for some heads only.
Value ScoreBuilder::isVisited(ValueRange at, Value colTile) {
  if (!score.getMask())
    return {};
  tile::Formula formula = score.getMask()->getFormula();
  if (formula.readsDim(tile::PositionDim::Head))
    return {};
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult shift = b.getIndexAttr(0), number = getAsOpFoldResult(at[2]);
  if (Value offset = score.getOffset())
    shift = getAsOpFoldResult(offset);
  OpFoldResult end =
      smaller(apply(x * rows + rows, {number}), getSize(score.getQuery(), 2));
  tile::RowBlock block{getAsOpFoldResult(at[0]), b.getIndexAttr(0),
                       apply(x * rows + y, {number, shift}),
                       apply(x + y - 1, {end, shift})};
  tile::ColumnInterval visited =
      tile::getVisitedColumns(b, b.getLoc(), formula, block);
  Value result;
  auto add = [&](arith::CmpIPredicate predicate, OpFoldResult column,
                 OpFoldResult bound) {
    Value holds = compare(predicate, toValue(column), toValue(bound));
    result = result ? both(result, holds) : holds;
  };
  OpFoldResult tile = getAsOpFoldResult(colTile);
  if (visited.lower)
    add(arith::CmpIPredicate::sgt, apply(x * cols + cols, {tile}),
        *visited.lower);
  if (visited.upper)
    add(arith::CmpIPredicate::slt, apply(x * cols, {tile}), *visited.upper);
  return result;
}

/// The logits of a group of heads on a tile, reduced into `acc`.
Value ScoreBuilder::addHeads(Value acc, ValueRange at, Value rowCoords,
                             Value colTile) {
  Value group = arith::DivUIOp::create(b, toValue(getSize(score.getQuery(), 1)),
                                       toValue(getSize(score.getOuts(), 1)));
  Value firstHead = arith::MulIOp::create(b, at[1], group);
  Value colCoords = getCoords(colTile, cols, score.getKey(), Value());
  // Of what the mask hides there is nothing to add.
  Value count = group;
  if (Value visited = isVisited(at, colTile))
    count = choose(visited, group, index(0));
  auto heads = scf::ForOp::create(
      b, index(0), count, index(1), acc,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Value head = arith::AddIOp::create(b, firstHead, number);
        Value next = addHead(carried[0], at[0], head, rowCoords, colCoords);
        scf::YieldOp::create(b, next);
      });
  return heads.getResult(0);
}

/// What a tile of columns, or a block of them by row, is reduced to.
Value ScoreBuilder::addBlock(ValueRange at, Value rowCoords, Value number) {
  Location loc = b.getLoc();
  SmallVector<OpFoldResult> shape{b.getIndexAttr(rows / blockRows)};
  if (!isByRow()) {
    shape.push_back(b.getIndexAttr(cols / blockCols));
    Value init = buildFilled(b, loc, shape, type, getIdentity());
    return addHeads(init, at, rowCoords, number);
  }
  Value init = buildFilled(b, loc, shape, type, getIdentity());
  if (cols == blockCols)
    return addHeads(init, at, rowCoords, number);
  // Those parts of the block that have a column.
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult block = getAsOpFoldResult(number);
  Value first = toValue(apply(x * (blockCols / cols), {block}));
  Value count = toValue(smaller(b.getIndexAttr(blockCols / cols),
                                apply((x - y * blockCols).ceilDiv(cols),
                                      {getSize(score.getKey(), 2), block})));
  auto parts = scf::ForOp::create(
      b, index(0), count, index(1), init,
      [&](OpBuilder &, Location, Value part, ValueRange carried) {
        Value tile = arith::AddIOp::create(b, first, part);
        Value next = addHeads(carried[0], at, rowCoords, tile);
        scf::YieldOp::create(b, next);
      });
  return parts.getResult(0);
}

/// Some tiles of columns of a tile of rows of scores.
Value ScoreBuilder::buildTile(ValueRange at, Value part) {
  Value rowCoords = getCoords(at[2], rows, score.getQuery(), score.getOffset());
  int64_t tileRows = rows / blockRows,
          tileCols = isByRow() ? 1 : cols / blockCols;
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  OpFoldResult numRows = getSize(part, 0), numCols = getSize(part, 1);
  Value partCoords = tile::CoordsOp::create(
      b, tile::CoordsType::get(b.getContext(), tileRows), index(0),
      toValue(numRows), Value(), Value(), /*complete=*/false);

  Value numTiles = toValue(ceilDiv(numCols, tileCols));
  auto tiles = scf::ForOp::create(b, index(0), numTiles, index(1), part);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tiles.getBody());
  Value number = tiles.getInductionVar();
  AffineExpr n, p;
  bindDims(b.getContext(), n, p);
  Value global = number;
  if (at.size() > 3)
    global = toValue(apply(n + p * kTilesOfPart, {getAsOpFoldResult(number),
                                                  getAsOpFoldResult(at[3])}));
  Value block = addBlock(at, rowCoords, global);
  // What lies beyond the scores is dropped.
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult first = apply(x * tileCols, {getAsOpFoldResult(number)});
  SmallVector<OpFoldResult> offsets{none, first}, sizes{numRows},
      strides{one, one};
  sizes.push_back(isByRow() ? one : apply(x - y, {numCols, first}));
  auto partType = cast<RankedTensorType>(part.getType());
  SmallVector<int64_t> extents{partType.getDimSize(0)};
  if (!isByRow())
    extents.push_back(
        getConstantIntValue(sizes[1]).value_or(ShapedType::kDynamic));
  Value rest = tensor::ExtractSliceOp::create(
      b, RankedTensorType::get(extents, partType.getElementType()),
      tiles.getRegionIterArg(0), offsets, sizes, strides);
  Value written = tile::InsertOp::create(b, rest.getType(), block, rest,
                                         ValueRange(), partCoords);
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
  OpFoldResult numCols = getSize(out, 3);
  int64_t partCols = kTilesOfPart * (isByRow() ? 1 : cols / blockCols);
  std::optional<int64_t> staticCols = getConstantIntValue(numCols);
  bool hasParts = !staticCols || *staticCols > partCols;
  if (hasParts)
    extents.push_back(ceilDiv(numCols, partCols));
  auto toExtent = [](OpFoldResult size) {
    return getConstantIntValue(size).value_or(ShapedType::kDynamic);
  };
  Value result = forEachPart(
      extents, out,
      [&](ValueRange at) {
        OpFoldResult first = apply(x * tileRows, {getAsOpFoldResult(at[2])});
        OpFoldResult count = smaller(b.getIndexAttr(tileRows),
                                     apply(x - y, {getSize(out, 2), first}));
        OpFoldResult column = none, width = numCols;
        if (hasParts) {
          column = apply(x * partCols, {getAsOpFoldResult(at[3])});
          width = smaller(b.getIndexAttr(partCols),
                          apply(x - y, {numCols, column}));
        }
        auto type = RankedTensorType::get(
            {toExtent(count), toExtent(width)},
            cast<RankedTensorType>(out.getType()).getElementType());
        return Part{
            {at[0], at[1], first, column}, {one, one, count, width}, type};
      },
      [&](ValueRange at, Value part) { return buildTile(at, part); });
  if (Attribute blocks = score->getAttr(tile::kBlocks))
    result.getDefiningOp()->setAttr(tile::kBlocks, blocks);
  return result;
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
  auto tile = (*this)->getAttrOfType<DenseI64ArrayAttr>(kScoreTile);
  if (tile && (tile.size() != 2 || tile[0] <= 0 || tile[1] <= 0))
    return emitError("expected a tile of two positive numbers, got ") << tile;
  return SmallVector<Value>{ScoreBuilder(builder, *this).build()};
}
