//===- PoolDecompose.cpp - Windows of rows, as reductions ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LinalgTiles.h"
#include "Verify.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
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

/// A window: its columns in parallel, its rows one after the other.
Value PoolBuilder::poolWindow(ValueRange at, Value part) {
  Value input = pool.getInput();
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult first = apply(x * pool.getStride(), {getAsOpFoldResult(at[2])});
  // No window begins behind the last row (C3).
  Value count = toValue(smaller(b.getIndexAttr(pool.getWindow()),
                                apply(x - y, {getSize(input, 2), first})));
  Value firstRow = toValue(first), zero = index(0), one = index(1);
  Value batch = at[0], head = at[1];
  Type element = getElementTypeOrSelf(part.getType());
  return buildGeneric(
             b, b.getLoc(), ValueRange(), {}, part, b.getMultiDimIdentityMap(1),
             1,
             [&](OpBuilder &n, Location l, ValueRange) {
               Value column = linalg::IndexOp::create(n, l, 0);
               Value init = arith::ConstantOp::create(
                   n, l, n.getFloatAttr(type, getIdentity()));
               auto rows = scf::ForOp::create(
                   n, l, zero, count, one, init,
                   [&](OpBuilder &r, Location, Value row, ValueRange carried) {
                     Value from = arith::AddIOp::create(r, l, firstRow, row);
                     Value number = tensor::ExtractOp::create(
                         r, l, input, ValueRange{batch, head, from, column});
                     scf::YieldOp::create(
                         r, l,
                         combine(r, l, carried[0],
                                 convertFloat(r, l, number, type)));
                   });
               Value result = rows.getResult(0);
               if (pool.getKind() == PoolKind::Mean) {
                 Value number =
                     arith::IndexCastOp::create(n, l, n.getI64Type(), count);
                 result = arith::DivFOp::create(
                     n, l, result, arith::SIToFPOp::create(n, l, type, number));
               }
               return SmallVector<Value>{convertFloat(n, l, result, element)};
             })
      .front();
}

Value PoolBuilder::build() {
  return forEachRow(pool.getOuts(), [&](ValueRange at, Value row) {
    return poolWindow(at, row);
  });
}

FailureOr<SmallVector<Value>> PoolOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  return SmallVector<Value>{PoolBuilder(builder, *this).build()};
}
