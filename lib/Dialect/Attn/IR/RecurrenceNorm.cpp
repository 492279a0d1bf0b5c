//===- RecurrenceNorm.cpp - A norm is a recurrence of ones ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sum of the keys z follows every rule of a column of the state whose
// values are 1. So, with the same queries, keys, gates, bonus and segments,
//
//   n = recurrence of values 1, of one column, from init_sum to the final sum
//   a = recurrence of the values, from init to the final state
//   out = a / n, or a / max(|n|, bound), and 0 where that divides by 0
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

namespace {

/// Emits what a normalised recurrence is made of.
class NormBuilder {
public:
  NormBuilder(OpBuilder &builder, RecurrenceOp op)
      : b(builder), loc(op.getLoc()), op(op) {
    element = cast<FloatType>(op.getQuery().getType().getElementType());
    // Sums of keys leave the range of f16.
    if (element.isF16())
      element = b.getF32Type();
  }

  SmallVector<Value> build();

private:
  /// A tensor in `type`.
  Value convert(Value tensor, Type type);
  Value getEmpty(ArrayRef<OpFoldResult> shape, Type type) {
    return tensor::EmptyOp::create(b, loc, shape, type);
  }
  SmallVector<OpFoldResult> getShape(Value tensor) {
    return tensor::getMixedSizes(b, loc, tensor);
  }
  /// The recurrence without a norm, of `values` to `outs`.
  RecurrenceOp readValues(Value values, Value init, ArrayRef<Value> outs,
                          ChunkScheduleAttr schedule);
  Value divide(Value read, Value norms);

  OpBuilder &b;
  Location loc;
  RecurrenceOp op;
  FloatType element;
  Value query, key;
};

} // namespace

Value NormBuilder::convert(Value tensor, Type type) {
  if (getElementTypeOrSelf(tensor) == type)
    return tensor;
  AffineMap map = b.getMultiDimIdentityMap(4);
  return buildGeneric(
             b, loc, tensor, map, getEmpty(getShape(tensor), type), map, 4,
             [&](OpBuilder &n, Location l, ValueRange a) {
               return SmallVector<Value>{convertFloat(n, l, a[0], type)};
             })
      .front();
}

RecurrenceOp NormBuilder::readValues(Value values, Value init,
                                     ArrayRef<Value> outs,
                                     ChunkScheduleAttr schedule) {
  return RecurrenceOp::create(
      b, loc, TypeRange(outs), query, key, values, outs, op.getScaleAttr(),
      op.getDecayAttr(), op.getGate(), op.getUpdateAttr(), op.getCoefficients(),
      op.getBonus(), init, op.getSegments(),
      NormAttr::get(b.getContext(), Norm::None), /*bound=*/Value(),
      /*init_sum=*/Value(), schedule);
}

/// Rows of `read` over the numbers of `norms`, in the output.
Value NormBuilder::divide(Value read, Value norms) {
  Value out = op.getOutput();
  Type compute = op.getComputeType(),
       result = cast<ShapedType>(out.getType()).getElementType();
  MLIRContext *context = b.getContext();
  AffineExpr i[4];
  bindDimsList(context, MutableArrayRef(i));
  AffineMap all = b.getMultiDimIdentityMap(4);
  AffineMap row = AffineMap::get(
      4, 0, {i[0], i[1], i[2], b.getAffineConstantExpr(0)}, context);
  SmallVector<Value> inputs{read, norms};
  SmallVector<AffineMap> maps{all, row};
  if (Value bound = op.getBound()) {
    // That of the state which a head reads.
    // Where these counts are not known, they are one value or an error.
    int64_t heads = cast<ShapedType>(out.getType()).getDimSize(1),
            states = cast<ShapedType>(bound.getType()).getDimSize(1);
    AffineExpr state = i[1];
    if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(states) &&
        heads != states)
      state = state.floorDiv(heads / states);
    inputs.push_back(bound);
    maps.push_back(AffineMap::get(4, 0, {i[0], state, i[2]}, context));
  }
  return buildGeneric(
             b, loc, inputs, maps, out, all, 4,
             [&](OpBuilder &n, Location l, ValueRange a) {
               Value x = convertFloat(n, l, a[0], compute);
               Value norm = convertFloat(n, l, a[1], compute);
               if (op.getBound())
                 norm = arith::MaximumFOp::create(
                     n, l, math::AbsFOp::create(n, l, norm), a[2]);
               Value zero =
                   arith::ConstantOp::create(n, l, n.getFloatAttr(compute, 0));
               Value isZero = arith::CmpFOp::create(
                   n, l, arith::CmpFPredicate::OEQ, norm, zero);
               Value quotient = arith::DivFOp::create(n, l, x, norm);
               Value y = arith::SelectOp::create(n, l, isZero, zero, quotient);
               return SmallVector<Value>{convertFloat(n, l, y, result)};
             })
      .front();
}

SmallVector<Value> NormBuilder::build() {
  query = convert(op.getQuery(), element);
  key = convert(op.getKey(), element);
  Value values = convert(op.getValue(), element);
  Value out = op.getOutput();
  SmallVector<OpFoldResult> shape = getShape(out);
  Value rows =
      getElementTypeOrSelf(out) == element ? out : getEmpty(shape, element);
  SmallVector<Value> outs{rows};
  if (op.getFinalState())
    outs.push_back(op.getFinalState());
  RecurrenceOp read =
      readValues(values, op.getInit(), outs, op.getScheduleAttr());

  // A state of one column: a sum with one more extent, of 1.
  SmallVector<ReassociationIndices> groups{{0}, {1}, {2, 3}};
  auto getColumn = [&](Value sum) -> Value {
    auto type = cast<RankedTensorType>(sum.getType());
    SmallVector<int64_t> wide(type.getShape());
    wide.push_back(1);
    SmallVector<OpFoldResult> sizes = getShape(sum);
    sizes.push_back(b.getIndexAttr(1));
    return tensor::ExpandShapeOp::create(
        b, loc, RankedTensorType::get(wide, type.getElementType()), sum, groups,
        sizes);
  };
  SmallVector<OpFoldResult> ones = getShape(op.getValue());
  ones.back() = shape.back() = b.getIndexAttr(1);
  // A schedule is one for the width of the values.
  outs = {getEmpty(shape, element)};
  if (Value sum = op.getFinalSum())
    outs.push_back(getColumn(sum));
  RecurrenceOp norms =
      readValues(buildFilled(b, loc, ones, element,
                             APFloat(element.getFloatSemantics(), 1)),
                 op.getInitSum() ? getColumn(op.getInitSum()) : Value(), outs,
                 /*schedule=*/ChunkScheduleAttr());

  SmallVector<Value> results{divide(read.getResult(0), norms.getResult(0))};
  if (Value sum = op.getFinalSum()) {
    results.push_back(read.getResult(1));
    results.push_back(tensor::CollapseShapeOp::create(
        b, loc, cast<RankedTensorType>(sum.getType()), norms.getResult(1),
        groups));
  }
  return results;
}

SmallVector<Value> RecurrenceOp::expandNorm(OpBuilder &builder) {
  return NormBuilder(builder, *this).build();
}
