//===- ClusterOps.cpp - Constraints of what groups rows and moves them ----===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;
using namespace attn;

FloatType ClusterOp::getComputeType() {
  Type element = getInput().getType().getElementType();
  if (element.isF64())
    return cast<FloatType>(element);
  return Float32Type::get(getContext());
}

LogicalResult ClusterOp::verify() {
  if (failed(verifySameKind(*this, "C7")))
    return failure();
  ShapedType x = getInput().getType(), c = getCentroids().getType(),
             out = getOuts().getType();
  auto error = [&](StringRef rule) {
    return emitOpError(rule) << ", got x " << x << " and centroids " << c;
  };
  // C1: ranks and types.
  if (x.getRank() != 4 || c.getRank() != 4 ||
      !isOperandType(x.getElementType()) ||
      !isOperandType(c.getElementType()) ||
      x.getElementType().isF64() != c.getElementType().isF64())
    return error("C1: x and centroids have rank 4 and elements of f16, bf16 or "
                 "f32, or both of f64");
  // C2: width.
  if (!mayBeEqual(x.getDimSize(3), c.getDimSize(3)))
    return error("C2: x and centroids agree in width");
  // C3: batch.
  if (c.getDimSize(0) != 1 && !mayBeEqual(x.getDimSize(0), c.getDimSize(0)))
    return error("C3: centroids have the batch entries of x, or one");
  // C4: numbers.
  if (failed(
          verifyType(*this, "C4", "output", getOuts(),
                     {x.getDimSize(0), ShapedType::kDynamic, x.getDimSize(2)},
                     IntegerType::get(getContext(), 32))))
    return failure();
  // C5: groups of heads.
  if (!mayBeMultiple(out.getDimSize(1), x.getDimSize(1)) ||
      !mayBeMultiple(out.getDimSize(1), c.getDimSize(1)))
    return error("C5: heads of the output are a multiple of those of x and of "
                 "the centroids")
           << " for output " << out;
  // C6: the mask.
  return verifyPlainMask(*this, "C6", getMask());
}

LogicalResult PermuteOp::verify() {
  if (failed(verifySameKind(*this, "C6")))
    return failure();
  ShapedType x = getInput().getType(), order = getOrder().getType(),
             out = getOuts().getType();
  // C1: what is moved.
  Type element = x.getElementType();
  bool isMean = getKind() == PermuteKind::Mean;
  if ((x.getRank() != 3 && x.getRank() != 4) ||
      !(isOperandType(element) || (element.isInteger(32) && !isMean)))
    return emitOpError("C1: expected rows of rank 3 or 4 of f16, bf16, f32, "
                       "f64 or, but for a mean, i32, got ")
           << x;
  // C2: numbers.
  if (order.getRank() != 3 || !order.getElementType().isInteger(32))
    return emitOpError("C2: expected an order of rank 3 of i32, got ") << order;
  // C3: what it is moved to.
  SmallVector<int64_t> shape{x.getDimSize(0), ShapedType::kDynamic,
                             ShapedType::kDynamic};
  if (x.getRank() == 4)
    shape.push_back(x.getDimSize(3));
  if (failed(verifyType(*this, "C3", "output", getOuts(), shape, element)))
    return failure();
  if (!mayBeEqual(order.getDimSize(0), x.getDimSize(0)))
    return emitOpError("C3: x and order agree in batch, got ")
           << x << " and " << order;
  // C4: groups of heads.
  if (!mayBeMultiple(out.getDimSize(1), x.getDimSize(1)) ||
      !mayBeMultiple(out.getDimSize(1), order.getDimSize(1)))
    return emitOpError("C4: heads of the output are a multiple of those of x "
                       "and of the order, got ")
           << x << " and " << order << " for output " << out;
  // C5: a number for each row that is moved.
  bool isGather = getKind() == PermuteKind::Gather;
  if (!mayBeEqual((isGather ? out : x).getDimSize(2), order.getDimSize(2)))
    return emitOpError("C5: expected an order of as many numbers as ")
           << (isGather ? "the output" : "x") << " has rows, got "
           << (isGather ? out : x) << " and " << order;
  return success();
}
