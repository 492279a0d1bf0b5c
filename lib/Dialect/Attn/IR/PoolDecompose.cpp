//===- PoolDecompose.cpp - Windows of rows, as reductions ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LinalgTiles.h"
#include "RoutingBuilder.h"
#include "Verify.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;
using namespace attn;

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
  OpFoldResult count =
      smaller(b.getIndexAttr(window),
              apply(x - y * stride, {getSize(input, 2), number}));
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
                     return SmallVector<Value>{
                         combine(n, l, v[1], convertFloat(n, l, v[0], type))};
                   })
          .front();
  Value divisor;
  if (pool.getKind() == PoolKind::Mean)
    divisor = arith::SIToFPOp::create(
        b, type, arith::IndexCastOp::create(b, b.getI64Type(), toValue(count)));
  Type element = getElementTypeOrSelf(part.getType());
  return buildGeneric(b, loc, pooled, line, part, line, 1,
                      [&](OpBuilder &n, Location l, ValueRange v) {
                        Value result = v[0];
                        if (divisor)
                          result = arith::DivFOp::create(n, l, result, divisor);
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
