//===- ClusterDecompose.cpp - The nearest centroids, as a fold ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of rows is multiplied by one tile of centroids after the other, and
// carries the largest product of each row and its number. Products are never
// written.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "Verify.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <limits>

using namespace mlir;
using namespace attn;

namespace {
class ClusterBuilder : public RoutingBuilder {
public:
  ClusterBuilder(OpBuilder &builder, ClusterOp op)
      : RoutingBuilder(builder, op), op(op), type(op.getComputeType()) {
    // Columns that do not exist read as zero; tiles have whole rows of 32
    // bytes.
    depth = llvm::alignTo(op.getInput().getType().getDimSize(3), 16);
    if (auto tile = op->getAttrOfType<DenseI64ArrayAttr>(kScoreTile)) {
      rows = tile[0];
      cols = tile[1];
    }
    int64_t count = op.getCentroids().getType().getDimSize(2);
    if (!ShapedType::isDynamic(count))
      cols = std::clamp<int64_t>(llvm::alignTo(count, 16), 16, cols);
    AffineExpr i, j;
    bindDims(b.getContext(), i, j);
    whole = b.getMultiDimIdentityMap(2);
    byRow = AffineMap::get(2, 0, {i}, b.getContext());
    byCol = AffineMap::get(2, 0, {j}, b.getContext());
    rowOnly = b.getMultiDimIdentityMap(1);
  }

  Value build();

private:
  /// The number of none, behind all others.
  static constexpr int64_t kNone = std::numeric_limits<int32_t>::max();

  Value readTile(Value tensor, Value batch, Value head, Value coords,
                 int64_t count) {
    auto source = cast<RankedTensorType>(tensor.getType());
    Value tile = tile::RowsOp::create(
        b, RankedTensorType::get({count, depth}, source.getElementType()),
        tensor, ValueRange{batch, head}, coords, Value());
    return convertTile(b, b.getLoc(), tile, type);
  }
  Value hide(Value products, Value rowCoords, Value colCoords, ValueRange at,
             Value isPartial);
  SmallVector<Value> findBest(Value products, Value colCoords);
  SmallVector<Value> step(Value x, Value rowCoords, Value colCoords,
                          ValueRange at, Value isPartial, ValueRange state);
  Value assign(ValueRange at, Value part);

  ClusterOp op;
  FloatType type;
  int64_t rows = 64, cols = 64, depth;
  AffineMap whole, byRow, byCol, rowOnly;
};
} // namespace

/// NaN where nothing takes part: no comparison finds it.
Value ClusterBuilder::hide(Value products, Value rowCoords, Value colCoords,
                           ValueRange at, Value isPartial) {
  auto branch = scf::IfOp::create(b, TypeRange(products.getType()), isPartial,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value visible = tile::PredicateOp::create(
      b, RankedTensorType::get({rows, cols}, b.getI1Type()),
      op.getMask().value_or(tile::VisitAttrInterface()), rowCoords, colCoords,
      at[0], at[1], Value(), Value(), ValueRange(), Value());
  Value hidden =
      buildGeneric(b, b.getLoc(), {products, visible}, {whole, whole}, products,
                   whole, 2,
                   [&](OpBuilder &n, Location l, ValueRange v) {
                     Value nan = arith::ConstantOp::create(
                         n, l,
                         n.getFloatAttr(
                             type, APFloat::getNaN(type.getFloatSemantics())));
                     return SmallVector<Value>{
                         arith::SelectOp::create(n, l, v[1], v[0], nan)};
                   })
          .front();
  scf::YieldOp::create(b, hidden);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, products);
  return branch.getResult(0);
}

/// The largest product of each row, and the smallest number that has it.
SmallVector<Value> ClusterBuilder::findBest(Value products, Value colCoords) {
  Location loc = b.getLoc();
  bool isRotated = op.getKind() == ClusterKind::Rotated;
  OpFoldResult shape[] = {b.getIndexAttr(rows)};
  Value lowest =
      buildFilled(b, loc, shape, type,
                  APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true));
  Value best = buildGeneric(b, loc, products, whole, lowest, byRow, 1,
                            [&](OpBuilder &n, Location l, ValueRange v) {
                              Value size = v[0];
                              if (isRotated)
                                size = math::AbsFOp::create(n, l, size);
                              return SmallVector<Value>{
                                  arith::MaxNumFOp::create(n, l, v[1], size)};
                            })
                   .front();
  Value none = i32(kNone);
  Value empty =
      tensor::EmptyOp::create(b, ArrayRef<int64_t>{rows}, b.getI32Type());
  Value nothing = linalg::FillOp::create(b, none, empty).getResult(0);
  Value positions = tile::PositionsOp::create(
      b, RankedTensorType::get(cols, b.getI32Type()), colCoords);
  Value count = toI32(toValue(getSize(op.getCentroids(), 2)));
  Value number =
      buildGeneric(
          b, loc, {products, best, positions}, {whole, byRow, byCol}, nothing,
          byRow, 1,
          [&](OpBuilder &n, Location l, ValueRange v) {
            auto isBest = [&](Value product) -> Value {
              return arith::CmpFOp::create(n, l, arith::CmpFPredicate::OEQ,
                                           product, v[1]);
            };
            Value other = none;
            if (isRotated)
              other = arith::SelectOp::create(
                  n, l, isBest(arith::NegFOp::create(n, l, v[0])),
                  arith::AddIOp::create(n, l, v[2], count), none);
            Value mine =
                arith::SelectOp::create(n, l, isBest(v[0]), v[2], other);
            return SmallVector<Value>{arith::MinSIOp::create(n, l, v[3], mine)};
          })
          .front();
  return {best, number};
}

SmallVector<Value> ClusterBuilder::step(Value x, Value rowCoords,
                                        Value colCoords, ValueRange at,
                                        Value isPartial, ValueRange state) {
  Location loc = b.getLoc();
  Value centroids = op.getCentroids();
  bool isShared =
      cast<RankedTensorType>(centroids.getType()).getDimSize(0) == 1;
  Value c = readTile(centroids, isShared ? index(0) : at[0],
                     getGroup(at[1], centroids, op.getOuts()), colCoords, cols);
  OpFoldResult shape[] = {b.getIndexAttr(rows), b.getIndexAttr(cols)};
  Value zeros = buildFilled(b, loc, shape, type,
                            APFloat::getZero(type.getFloatSemantics()));
  Value products = buildContract(b, loc, x, {0, 2}, c, {1, 2}, zeros);
  products = hide(products, rowCoords, colCoords, at, isPartial);
  SmallVector<Value> best = findBest(products, colCoords);
  // Whatever tile comes first: of equal products the smaller number stays.
  return buildGeneric(
      b, loc, {best[0], best[1], state[0], state[1]},
      SmallVector<AffineMap>(4, rowOnly), {state[0], state[1]},
      {rowOnly, rowOnly}, 1, [&](OpBuilder &n, Location l, ValueRange v) {
        Value isLarger =
            arith::CmpFOp::create(n, l, arith::CmpFPredicate::OGT, v[0], v[2]);
        Value isEqual =
            arith::CmpFOp::create(n, l, arith::CmpFPredicate::OEQ, v[0], v[2]);
        Value isBefore =
            arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt, v[1], v[3]);
        Value isBetter = arith::OrIOp::create(
            n, l, isLarger, arith::AndIOp::create(n, l, isEqual, isBefore));
        return SmallVector<Value>{
            arith::SelectOp::create(n, l, isBetter, v[0], v[2]),
            arith::SelectOp::create(n, l, isBetter, v[1], v[3])};
      });
}

/// The numbers of a tile of rows.
Value ClusterBuilder::assign(ValueRange at, Value part) {
  Location loc = b.getLoc();
  MLIRContext *context = b.getContext();
  Value input = op.getInput();
  AffineExpr n = b.getAffineDimExpr(0);
  Value rowCoords = tile::CoordsOp::create(
      b, tile::CoordsType::get(context, rows),
      toValue(apply(n * rows, {getAsOpFoldResult(at[2])})),
      toValue(getSize(input, 2)), Value(), Value(), /*complete=*/false);
  Value x = readTile(input, at[0], getGroup(at[1], input, op.getOuts()),
                     rowCoords, rows);
  auto mask = op.getMask().value_or(tile::VisitAttrInterface());
  Value domain = tile::DomainOp::create(
      b, tile::DomainType::get(context, cols),
      toValue(getSize(op.getCentroids(), 2)), mask, mask ? rowCoords : Value(),
      mask ? at[0] : Value(), mask ? at[1] : Value(), Value(), Value(),
      ValueRange(), ValueRange(), /*span=*/ValueRange(), /*list=*/Value(),
      ValueRange(), /*irregular=*/false);
  OpFoldResult shape[] = {b.getIndexAttr(rows)};
  Value lowest =
      buildFilled(b, loc, shape, type,
                  APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true));
  Value empty =
      tensor::EmptyOp::create(b, ArrayRef<int64_t>{rows}, b.getI32Type());
  Value nothing = linalg::FillOp::create(b, i32(kNone), empty).getResult(0);
  auto fold = tile::FoldOp::create(b, tile::FoldOrder::Free, domain,
                                   ValueRange{lowest, nothing},
                                   ArrayRef<StringRef>{"partial"});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(fold.getBody());
    SmallVector<Value> next =
        step(x, rowCoords, fold.getCoords(), at, fold.getFlagArguments()[0],
             fold.getStateArguments());
    tile::YieldOp::create(b, next);
  }
  Value numbers =
      buildGeneric(b, loc, fold.getResult(1), rowOnly, nothing, rowOnly, 1,
                   [&](OpBuilder &m, Location l, ValueRange v) {
                     Value none = arith::ConstantIntOp::create(m, l, kNone, 32);
                     Value isNone = arith::CmpIOp::create(
                         m, l, arith::CmpIPredicate::eq, v[0], none);
                     return SmallVector<Value>{arith::SelectOp::create(
                         m, l, isNone,
                         arith::ConstantIntOp::create(m, l, -1, 32), v[0])};
                   })
          .front();
  Value partCoords = tile::CoordsOp::create(
      b, tile::CoordsType::get(context, rows), index(0),
      toValue(getSize(part, 0)), Value(), Value(), /*complete=*/false);
  return tile::InsertOp::create(b, part.getType(), numbers, part, ValueRange(),
                                partCoords);
}

Value ClusterBuilder::build() {
  Value out = op.getOuts();
  SmallVector<OpFoldResult> extents{getSize(out, 0), getSize(out, 1),
                                    ceilDiv(getSize(out, 2), rows)};
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult one = b.getIndexAttr(1);
  return forEachPart(
      extents, out,
      [&](ValueRange at) {
        OpFoldResult first = apply(x * rows, {getAsOpFoldResult(at[2])});
        OpFoldResult count = smaller(b.getIndexAttr(rows),
                                     apply(x - y, {getSize(out, 2), first}));
        auto partType = RankedTensorType::get(
            getConstantIntValue(count).value_or(ShapedType::kDynamic),
            b.getI32Type());
        return Part{{at[0], at[1], first}, {one, one, count}, partType};
      },
      [&](ValueRange at, Value part) { return assign(at, part); });
}

FailureOr<SmallVector<Value>>
ClusterOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  int64_t depth = getInput().getType().getDimSize(3);
  if (ShapedType::isDynamic(depth) || depth == 0 ||
      getCentroids().getType().getDimSize(3) != depth)
    return emitError("expected static, positive widths, got x ")
           << getInput().getType() << " and centroids "
           << getCentroids().getType();
  auto tile = (*this)->getAttrOfType<DenseI64ArrayAttr>(kScoreTile);
  if (tile && (tile.size() != 2 || tile[0] <= 0 || tile[1] <= 0))
    return emitError("expected a tile of two positive numbers, got ") << tile;
  return SmallVector<Value>{ClusterBuilder(builder, *this).build()};
}
