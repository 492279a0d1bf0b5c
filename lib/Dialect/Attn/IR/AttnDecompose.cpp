//===- AttnDecompose.cpp - Operations as smaller operations ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SoftmaxStep.h"
#include "Verify.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
/// Attention is the partial form over all keys, from the identity, finalised.
FailureOr<SmallVector<Value>> AttentionOp::decomposeOperation(OpBuilder &b) {
  if (failed(requireTensors(*this)))
    return failure();
  Location loc = getLoc();
  SmallVector<OpFoldResult> shape = tensor::getMixedSizes(b, loc, getOutput());
  SoftmaxState identity = buildIdentity(b, loc, shape, getComputeType());
  SmallVector<Value> outs{identity.acc, identity.ref, identity.sum};
  SmallVector<Value> origin(getOrigin());
  if (!origin.empty()) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    origin.push_back(zero);
  }
  auto partial = PartialOp::create(
      b, loc, TypeRange(outs), getQuery(), getKey(), getValue(), outs,
      getScaleAttr(), getMaskAttr(), getAlignAttr(), getOffset(), getBias(),
      getQuerySegments(), getKeySegments(), getSegmentBounds(), getParameters(),
      getKvLengths(), getQueryPositions(), getKeyPositions(), getAncestors(),
      getSelection(), getSelectedRowsAttr(), getSelectedColsAttr(),
      getTileLists(), getStrictValuesAttr(), origin, getScheduleAttr());
  IRMapping mapping;
  getScore().cloneInto(&partial.getScore(), mapping);
  getWhere().cloneInto(&partial.getWhere(), mapping);
  auto finalize = FinalizeOp::create(
      b, loc, getResultTypes(), partial.getResult(0), partial.getResult(1),
      partial.getResult(2), getOuts(), getSink());
  return llvm::to_vector_of<Value>(finalize.getResults());
}

FailureOr<SmallVector<Value>> MergeOp::decomposeOperation(OpBuilder &b) {
  if (failed(requireTensors(*this)))
    return failure();
  SoftmaxState merged =
      buildMerge(b, getLoc(), {getAcc0(), getRef0(), getSum0()},
                 {getAcc1(), getRef1(), getSum1()},
                 {getOuts()[0], getOuts()[1], getOuts()[2]});
  return SmallVector<Value>{merged.acc, merged.ref, merged.sum};
}

FailureOr<SmallVector<Value>> FinalizeOp::decomposeOperation(OpBuilder &b) {
  if (failed(requireTensors(*this)))
    return failure();
  // Rows are (b, h, i); sinks are indexed by h.
  AffineMap sinkMap =
      AffineMap::get(3, 0, b.getAffineDimExpr(1), b.getContext());
  return buildFinalize(
      b, getLoc(), {getAcc(), getRef(), getSum()}, getOuts()[0],
      getOuts().size() > 1 ? getOuts()[1] : Value(), getSink(), sinkMap);
}
