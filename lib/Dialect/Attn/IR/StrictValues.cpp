//===- StrictValues.cpp - Products in which zero times anything is zero ---===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finite values are multiplied as they are. Of the others only their kind
// matters: a sum with one of them is infinite or NaN, whatever its weight is.
// So two more products count, for each sum, those that are +inf and those that
// are -inf; a NaN is both. Their factors are 0 and 1, which operands of 16 bits
// hold as well.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

namespace {

class StrictProduct {
public:
  StrictProduct(OpBuilder &builder, Location loc, FloatType type, Type element)
      : b(builder), loc(loc), type(type), element(element),
        whole(builder.getMultiDimIdentityMap(2)) {}

  /// Values with 0 for what is not finite.
  Value getFinite(Value value);
  /// 1 for each weight that is not 0.
  Value getWeighing(Value weights);
  /// Adds an infinity to each sum with values of its sign, or NaN.
  Value addInfinities(Value weighing, Value value, bool isNegative, Value acc);
  Value multiply(Value weights, Value value, Value acc) {
    return buildContract(b, loc, weights, {0, 2}, value, {2, 1}, acc);
  }

private:
  using ElementBuilder = function_ref<Value(OpBuilder &, Location, Value)>;

  static Value constant(OpBuilder &n, Location l, const APFloat &x,
                        FloatType type) {
    return arith::ConstantOp::create(n, l, n.getFloatAttr(type, x));
  }
  Value getZero(OpBuilder &n, Location l) {
    return constant(n, l, APFloat::getZero(type.getFloatSemantics()), type);
  }
  Value getOne(OpBuilder &n, Location l) {
    return constant(n, l, APFloat::getOne(type.getFloatSemantics()), type);
  }
  Value getInfinity(OpBuilder &n, Location l, bool isNegative) {
    return constant(n, l, APFloat::getInf(type.getFloatSemantics(), isNegative),
                    type);
  }
  /// Whether an element is this infinity, or NaN.
  Value isInfinite(OpBuilder &n, Location l, Value x, bool isNegative) {
    return arith::CmpFOp::create(n, l,
                                 isNegative ? arith::CmpFPredicate::ULE
                                            : arith::CmpFPredicate::UGE,
                                 x, getInfinity(n, l, isNegative));
  }
  Value isZero(OpBuilder &n, Location l, Value x) {
    return arith::CmpFOp::create(n, l, arith::CmpFPredicate::OEQ, x,
                                 getZero(n, l));
  }
  /// A tile computed from another, of `to`.
  Value map(Value tile, Type to, ElementBuilder build) {
    Value out = tensor::EmptyOp::create(
        b, loc, cast<RankedTensorType>(tile.getType()).getShape(), to);
    return buildGeneric(b, loc, tile, whole, out, whole, 2,
                        [&](OpBuilder &n, Location l, ValueRange x) {
                          return SmallVector<Value>{
                              convertFloat(n, l, build(n, l, x[0]), to)};
                        })
        .front();
  }
  /// Operands of 16 bits are such again.
  Value mapValues(Value value, ElementBuilder build) {
    return convertTile(b, loc, map(value, element, build), type);
  }

  OpBuilder &b;
  Location loc;
  FloatType type;
  Type element;
  AffineMap whole;
};

} // namespace

Value StrictProduct::getFinite(Value value) {
  return mapValues(value, [&](OpBuilder &n, Location l, Value x) -> Value {
    Value isOther = arith::OrIOp::create(n, l, isInfinite(n, l, x, false),
                                         isInfinite(n, l, x, true));
    return arith::SelectOp::create(n, l, isOther, getZero(n, l), x);
  });
}

Value StrictProduct::getWeighing(Value weights) {
  return map(weights, type, [&](OpBuilder &n, Location l, Value x) -> Value {
    return arith::SelectOp::create(n, l, isZero(n, l, x), getZero(n, l),
                                   getOne(n, l));
  });
}

Value StrictProduct::addInfinities(Value weighing, Value value, bool isNegative,
                                   Value acc) {
  Value are = mapValues(value, [&](OpBuilder &n, Location l, Value x) -> Value {
    return arith::SelectOp::create(n, l, isInfinite(n, l, x, isNegative),
                                   getOne(n, l), getZero(n, l));
  });
  ArrayRef<int64_t> shape = cast<RankedTensorType>(acc.getType()).getShape();
  Value zeros =
      buildFilled(b, loc, getAsIndexOpFoldResult(b.getContext(), shape), type,
                  APFloat::getZero(type.getFloatSemantics()));
  Value count = multiply(weighing, are, zeros);
  return buildGeneric(b, loc, count, whole, acc, whole, 2,
                      [&](OpBuilder &n, Location l, ValueRange x) {
                        Value addend = arith::SelectOp::create(
                            n, l, isZero(n, l, x[0]), getZero(n, l),
                            getInfinity(n, l, isNegative));
                        return SmallVector<Value>{
                            arith::AddFOp::create(n, l, x[1], addend)};
                      })
      .front();
}

Value attn::accumulateStrictly(OpBuilder &builder, Location loc, Value weights,
                               Value value, Type element, Value acc) {
  auto type = cast<FloatType>(getElementTypeOrSelf(acc.getType()));
  StrictProduct product(builder, loc, type, element);
  acc = product.multiply(weights, product.getFinite(value), acc);
  Value weighing = product.getWeighing(weights);
  acc = product.addInfinities(weighing, value, /*isNegative=*/false, acc);
  return product.addInfinities(weighing, value, /*isNegative=*/true, acc);
}
