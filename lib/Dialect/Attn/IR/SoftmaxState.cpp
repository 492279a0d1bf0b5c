//===- SoftmaxState.cpp - Identity, merge and finalize --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SoftmaxStep.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;

namespace attn {

APFloat getLowestReference(FloatType type) {
  APFloat lowest =
      APFloat::getLargest(type.getFloatSemantics(), /*Negative=*/true);
  return scalbn(lowest, -1, APFloat::rmNearestTiesToEven);
}

SoftmaxState buildIdentity(OpBuilder &builder, Location loc,
                           ArrayRef<OpFoldResult> shape, FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  ArrayRef<OpFoldResult> rows = shape.drop_back();
  APFloat zero = APFloat::getZero(semantics);
  return {buildFilled(builder, loc, shape, type, zero),
          buildFilled(builder, loc, rows, type, getLowestReference(type)),
          buildFilled(builder, loc, rows, type, zero)};
}

/// e^x = 2^(x log2(e)).
static Value buildExp(OpBuilder &builder, Location loc, Value x) {
  Value log2e = arith::ConstantOp::create(
      builder, loc, builder.getFloatAttr(x.getType(), M_LOG2E));
  Value product = arith::MulFOp::create(builder, loc, x, log2e);
  return math::Exp2Op::create(builder, loc, product);
}

static Value buildMax(OpBuilder &builder, Location loc, Value a, Value b) {
  return arith::MaximumFOp::create(builder, loc, a, b);
}

SoftmaxState buildMerge(OpBuilder &builder, Location loc, const SoftmaxState &a,
                        const SoftmaxState &b, const SoftmaxState &outs) {
  auto rowType = cast<RankedTensorType>(a.ref.getType());
  unsigned rank = rowType.getRank();
  AffineMap rows = builder.getMultiDimIdentityMap(rank);
  Value factors[2];
  for (Value &factor : factors)
    factor = tensor::EmptyOp::create(builder, loc,
                                     tensor::getMixedSizes(builder, loc, a.ref),
                                     rowType.getElementType());
  SmallVector<Value> perRow = buildGeneric(
      builder, loc, {a.ref, a.sum, b.ref, b.sum}, {rows, rows, rows, rows},
      {outs.ref, outs.sum, factors[0], factors[1]}, {rows, rows, rows, rows},
      rank, [&](OpBuilder &n, Location l, ValueRange arguments) {
        Value ref = buildMax(n, l, arguments[0], arguments[2]);
        Value scaleA =
            buildExp(n, l, arith::SubFOp::create(n, l, arguments[0], ref));
        Value scaleB =
            buildExp(n, l, arith::SubFOp::create(n, l, arguments[2], ref));
        Value sumA = arith::MulFOp::create(n, l, scaleA, arguments[1]);
        Value sumB = arith::MulFOp::create(n, l, scaleB, arguments[3]);
        Value sum = arith::AddFOp::create(n, l, sumA, sumB);
        return SmallVector<Value>{ref, sum, scaleA, scaleB};
      });
  AffineMap whole = builder.getMultiDimIdentityMap(rank + 1);
  AffineMap byRow = whole.dropResult(rank);
  Value acc =
      buildGeneric(
          builder, loc, {a.acc, b.acc, perRow[2], perRow[3]},
          {whole, whole, byRow, byRow}, outs.acc, whole, rank + 1,
          [&](OpBuilder &n, Location l, ValueRange arguments) {
            Value x = arith::MulFOp::create(n, l, arguments[0], arguments[2]);
            Value y = arith::MulFOp::create(n, l, arguments[1], arguments[3]);
            return SmallVector<Value>{arith::AddFOp::create(n, l, x, y)};
          })
          .front();
  return {acc, perRow[0], perRow[1]};
}

/// The factor that turns acc into the output, and the lse, of one row.
static std::pair<Value, Value> buildRowResult(OpBuilder &builder, Location loc,
                                              Value ref, Value sum,
                                              Value sink) {
  Type type = sum.getType();
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(type, value));
  };
  Value isEmpty = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                        sum, constant(0));
  Value factor, lse;
  if (sink) {
    sink = convertFloat(builder, loc, sink, type);
    Value top = buildMax(builder, loc, ref, sink);
    Value weight =
        buildExp(builder, loc, arith::SubFOp::create(builder, loc, ref, top));
    Value extra =
        buildExp(builder, loc, arith::SubFOp::create(builder, loc, sink, top));
    Value denominator = arith::AddFOp::create(
        builder, loc, arith::MulFOp::create(builder, loc, weight, sum), extra);
    factor = arith::DivFOp::create(builder, loc, weight, denominator);
    Value logarithm = math::LogOp::create(builder, loc, denominator);
    lse = arith::AddFOp::create(builder, loc, top, logarithm);
    lse = arith::SelectOp::create(builder, loc, isEmpty, sink, lse);
  } else {
    factor = arith::DivFOp::create(builder, loc, constant(1), sum);
    Value logarithm = math::LogOp::create(builder, loc, sum);
    lse = arith::AddFOp::create(builder, loc, ref, logarithm);
    lse = arith::SelectOp::create(builder, loc, isEmpty, constant(-INFINITY),
                                  lse);
  }
  factor = arith::SelectOp::create(builder, loc, isEmpty, constant(0), factor);
  return {factor, lse};
}

SmallVector<Value> buildFinalize(OpBuilder &builder, Location loc,
                                 const SoftmaxState &state, Value out,
                                 Value lse, Value sink, AffineMap sinkMap) {
  auto rowType = cast<RankedTensorType>(state.ref.getType());
  unsigned rank = rowType.getRank();
  AffineMap rows = builder.getMultiDimIdentityMap(rank);
  SmallVector<Value> ins{state.ref, state.sum};
  SmallVector<AffineMap> inMaps{rows, rows};
  bool sinkIsTensor = sink && isa<TensorType>(sink.getType());
  if (sinkIsTensor) {
    ins.push_back(sink);
    inMaps.push_back(sinkMap);
  }
  SmallVector<Value> outs{tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, state.ref),
      rowType.getElementType())};
  if (lse)
    outs.push_back(lse);
  SmallVector<AffineMap> outMaps(outs.size(), rows);
  SmallVector<Value> perRow =
      buildGeneric(builder, loc, ins, inMaps, outs, outMaps, rank,
                   [&](OpBuilder &n, Location l, ValueRange arguments) {
                     auto [factor, rowLse] =
                         buildRowResult(n, l, arguments[0], arguments[1],
                                        sinkIsTensor ? arguments[2] : sink);
                     SmallVector<Value> results{factor};
                     if (lse)
                       results.push_back(rowLse);
                     return results;
                   });
  AffineMap whole = builder.getMultiDimIdentityMap(rank + 1);
  AffineMap byRow = whole.dropResult(rank);
  Type element = cast<RankedTensorType>(out.getType()).getElementType();
  Value output =
      buildGeneric(
          builder, loc, {state.acc, perRow[0]}, {whole, byRow}, out, whole,
          rank + 1,
          [&](OpBuilder &n, Location l, ValueRange arguments) {
            Value zero = arith::ConstantOp::create(
                n, l, n.getFloatAttr(arguments[1].getType(), 0));
            // A row without keys is 0 whatever acc holds (0 * NaN is not).
            Value isEmpty = arith::CmpFOp::create(
                n, l, arith::CmpFPredicate::OEQ, arguments[1], zero);
            Value product =
                arith::MulFOp::create(n, l, arguments[0], arguments[1]);
            Value value = arith::SelectOp::create(n, l, isEmpty, zero, product);
            return SmallVector<Value>{convertFloat(n, l, value, element)};
          })
          .front();
  SmallVector<Value> results{output};
  if (lse)
    results.push_back(perRow[1]);
  return results;
}

} // namespace attn
