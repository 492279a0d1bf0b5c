//===- RoutingOps.cpp - Constraints of what chooses blocks of keys --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;
using namespace attn;

static int64_t divideExtent(int64_t extent, int64_t size) {
  return ShapedType::isDynamic(extent)
             ? extent
             : static_cast<int64_t>(llvm::divideCeil(extent, size));
}

LogicalResult PoolOp::verify() {
  if (failed(verifySameKind(*this, "C4")))
    return failure();
  ShapedType input = getInput().getType(), out = getOuts().getType();
  // C1: what is pooled.
  if (input.getRank() != 4 || !isOperandType(input.getElementType()))
    return emitOpError("C1: expected an input of rank 4 of f16, bf16, f32 or "
                       "f64, got ")
           << input;
  // C2: windows.
  int64_t window = getWindow(), stride = getStride();
  if (window <= 0 || stride <= 0)
    return emitOpError("C2: expected a positive window and stride, got ")
           << window << " and " << stride;
  // C3: the rows that there are.
  int64_t B = input.getDimSize(0), H = input.getDimSize(1),
          S = input.getDimSize(2), D = input.getDimSize(3);
  if (failed(verifyFloats(*this, "C3", "output", getOuts(),
                          {B, H, ShapedType::kDynamic, D})))
    return failure();
  int64_t most = divideExtent(S, stride), N = out.getDimSize(2);
  if (!ShapedType::isDynamic(most) && !ShapedType::isDynamic(N) && N > most)
    return emitOpError("C3: expected at most ")
           << most << " windows that begin in " << S << " rows, got " << N;
  return success();
}

FloatType RouteScoreOp::getComputeType() {
  Type element = getQuery().getType().getElementType();
  if (element.isF64())
    return cast<FloatType>(element);
  return Float32Type::get(getContext());
}

LogicalResult RouteScoreOp::verify() {
  if (failed(verifySameKind(*this, "C10")))
    return failure();
  ShapedType q = getQuery().getType(), k = getKey().getType();
  auto error = [&](StringRef rule) {
    return emitOpError(rule) << ", got query " << q << " and key " << k;
  };
  // C1: ranks and types.
  if (q.getRank() != 4 || k.getRank() != 4 ||
      !isOperandType(q.getElementType()) ||
      !isOperandType(k.getElementType()) ||
      q.getElementType().isF64() != k.getElementType().isF64())
    return error("C1: query and key have rank 4 and elements of f16, bf16 or "
                 "f32, or both of f64");
  // C2: batch.
  if (!mayBeEqual(q.getDimSize(0), k.getDimSize(0)))
    return error("C2: batch sizes agree");
  // C3: width.
  if (!mayBeEqual(q.getDimSize(3), k.getDimSize(3)))
    return error("C3: query and key agree in width");
  // C4: groups of heads.
  if (!mayBeMultiple(q.getDimSize(1), k.getDimSize(1)))
    return error("C4: query heads are a multiple of kv heads");
  // C5: blocks.
  int64_t rows = getRows(), cols = getCols();
  if (rows <= 0 || cols <= 0)
    return emitOpError("C5: expected blocks of positive sizes, got ")
           << rows << " and " << cols;
  // C6: scores.
  if (failed(verifyType(*this, "C6", "output", getOuts(),
                        {q.getDimSize(0), ShapedType::kDynamic,
                         divideExtent(q.getDimSize(2), rows),
                         divideExtent(k.getDimSize(2), cols)},
                        getComputeType())))
    return failure();
  if (!mayBeMultiple(q.getDimSize(1), getOuts().getType().getDimSize(1)))
    return emitOpError("C6: query heads are a multiple of the heads of scores, "
                       "got ")
           << q.getDimSize(1) << " and " << getOuts().getType().getDimSize(1);
  // C7: the region.
  if (!getScore().empty()) {
    Block &block = getScore().front();
    Type index = IndexType::get(getContext()), type = getComputeType();
    SmallVector<Type> arguments{type, index, index, index, index};
    if (TypeRange(block.getArgumentTypes()) != TypeRange(arguments))
      return emitOpError("C7: expected the score region to take (")
             << arguments << "), got (" << block.getArgumentTypes() << ")";
    auto yield =
        block.empty() ? attn::YieldOp() : dyn_cast<attn::YieldOp>(block.back());
    if (!yield)
      return emitOpError("C7: expected the score region to yield ") << type;
    if (yield.getValue().getType() != type)
      return emitOpError("C7: expected the score region to yield ")
             << type << ", got " << yield.getValue().getType();
  }
  // C8: scale.
  if (!getScale().isFinite())
    return emitOpError("C8: expected a finite scale, got ")
           << getScale().convertToDouble();
  // C9: the mask.
  return verifyPlainMask(*this, "C9", getMask());
}

LogicalResult SelectOp::verify() {
  if (failed(verifySameKind(*this, "C5")))
    return failure();
  ShapedType scores = getScores().getType();
  Type element = scores.getElementType();
  // C1: scores.
  if (scores.getRank() != 4 || !(element.isF32() || element.isF64()))
    return emitOpError("C1: expected scores of rank 4 of f32 or f64, got ")
           << scores;
  // C2: lists.
  if (failed(verifyType(*this, "C2", "output", getOuts(),
                        {scores.getDimSize(0), scores.getDimSize(1),
                         scores.getDimSize(2), ShapedType::kDynamic},
                        IntegerType::get(getContext(), 32))))
    return failure();
  // C3: masks.
  if (failed(verifyPlainMask(*this, "C3", getMask())) ||
      failed(verifyPlainMask(*this, "C3", getForce())))
    return failure();
  // C4: bounds.
  if (getThreshold() && getThreshold()->isNaN())
    return emitOpError("C4: expected a threshold that is a number, got NaN");
  if (getMass() && !(getMass()->convertToDouble() >= 0))
    return emitOpError("C4: expected a mass of at least 0, got ")
           << getMass()->convertToDouble();
  return success();
}

LogicalResult SortOp::verify() {
  if (failed(verifySameKind(*this, "C3")))
    return failure();
  ShapedType keys = getKeys().getType();
  // C1: keys.
  if (keys.getRank() != 3 || !keys.getElementType().isInteger(32))
    return emitOpError("C1: expected keys of rank 3 of i32, got ") << keys;
  // C2: their order.
  return verifyType(*this, "C2", "output", getOuts(), keys.getShape(),
                    keys.getElementType());
}
