//===- RecurrenceOp.cpp - Types, shapes and canonical forms ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace attn;

FloatType RecurrenceOp::getComputeType() {
  Type element = getQuery().getType().getElementType();
  if (element.isF64())
    return cast<FloatType>(element);
  return Float32Type::get(getContext());
}

bool RecurrenceOp::hasChunkForm() {
  return getDecay() != Decay::Value && getUpdate() != Update::DPLR &&
         !getBonus() && !getSegments();
}

/// Of the operands, so that a caller can relate a result to what it passes in.
LogicalResult
RecurrenceOp::reifyResultShapes(OpBuilder &builder,
                                ReifiedRankedShapedTypeDims &shapes) {
  if (getNumResults() == 0)
    return failure();
  auto size = [&](Value value, int64_t dim) {
    return tensor::getMixedSize(builder, getLoc(), value, dim);
  };
  shapes.push_back({size(getQuery(), 0), size(getOutput(), 1),
                    size(getQuery(), 2), size(getValue(), 3)});
  if (getFinalState())
    shapes.push_back({size(getQuery(), 0), size(getValue(), 1),
                      size(getKey(), 3), size(getValue(), 3)});
  if (getFinalSum())
    shapes.push_back(
        {size(getQuery(), 0), size(getValue(), 1), size(getKey(), 3)});
  return success();
}

namespace {

/// Drops a final state, and sum, that nobody reads.
struct DropDeadState : OpRewritePattern<RecurrenceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RecurrenceOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() < 2 ||
        !llvm::all_of(op.getResults().drop_front(),
                      [](Value result) { return result.use_empty(); }))
      return rewriter.notifyMatchFailure(op, "the state is used or absent");
    auto clone = RecurrenceOp::create(
        rewriter, op.getLoc(), TypeRange(op.getResult(0).getType()),
        op->getOperands(), op->getDiscardableAttrDictionary().getValue());
    clone->copyProperties(op->getPropertiesStorage());
    clone.getOutsMutable().erase(1, op.getNumResults() - 1);
    rewriter.replaceAllUsesWith(op.getResult(0), clone.getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// A key of no width writes nothing, and a query of none reads zero; a state
/// without elements, or an output and a state that both have none, are their
/// destinations. Upstream, a slice at offset 0 of an extent of 0 is an error.
struct DropTokenless : OpRewritePattern<RecurrenceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RecurrenceOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "works on buffers");
    auto isEmpty = [](Type type) {
      return llvm::is_contained(cast<ShapedType>(type).getShape(), 0);
    };
    ShapedType key = op.getKey().getType();
    if (llvm::all_of(op.getResultTypes(), isEmpty)) {
      rewriter.replaceOp(op, op.getOuts());
      return success();
    }
    if (key.getDimSize(2) != 0 && key.getDimSize(3) != 0)
      return rewriter.notifyMatchFailure(op, "may have tokens");
    auto zero = [&](Value dest) {
      auto type = cast<RankedTensorType>(dest.getType());
      Value constant = arith::ConstantOp::create(
          rewriter, op.getLoc(), rewriter.getZeroAttr(type.getElementType()));
      return linalg::FillOp::create(rewriter, op.getLoc(), constant, dest)
          .getResult(0);
    };
    SmallVector<Value> results{zero(op.getOutput())};
    auto keep = [&](Value final, Value init) {
      if (!final)
        return;
      results.push_back(!init ? zero(final)
                        : init.getType() == final.getType()
                            ? init
                            : tensor::CastOp::create(rewriter, op.getLoc(),
                                                     final.getType(), init)
                                  .getResult());
    };
    keep(op.getFinalState(), op.getInit());
    keep(op.getFinalSum(), op.getInitSum());
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void RecurrenceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<DropDeadState, DropTokenless>(context);
}
