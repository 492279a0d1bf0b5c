//===- ScanOp.cpp - Types, shapes and canonical forms ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ScanStep.h"
#include "Slices.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace attn;

FloatType ScanOp::getComputeType() {
  Type element = getValue().getType().getElementType();
  if (element.isF64())
    return cast<FloatType>(element);
  return Float32Type::get(getContext());
}

OpFoldResult ScanOp::getStateWidth(OpBuilder &builder) {
  // The first that is known, or any.
  OpFoldResult width = builder.getIndexAttr(1);
  for (auto [operand, dim] : {std::pair<Value, int64_t>{getKey(), 3},
                              {getQuery(), 3},
                              {getRate(), 1}})
    if (operand) {
      width = getDim(builder, getLoc(), operand, dim);
      if (getConstantIntValue(width))
        break;
    }
  return width;
}

int64_t ScanOp::getStaticStateWidth() {
  int64_t width = 1;
  for (auto [operand, dim] : {std::pair<Value, int64_t>{getKey(), 3},
                              {getQuery(), 3},
                              {getRate(), 1}})
    if (operand) {
      width = cast<ShapedType>(operand.getType()).getDimSize(dim);
      if (!ShapedType::isDynamic(width))
        break;
    }
  return width;
}

/// Of the operands, so that a caller can relate a result to what it passes in.
LogicalResult ScanOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  if (getNumResults() == 0)
    return failure();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, getLoc(), getValue());
  shapes.push_back(sizes);
  for (unsigned i = 0; i < getFinalStates().size(); ++i)
    shapes.push_back({sizes[0], sizes[1], getStateWidth(builder), sizes[3]});
  return success();
}

namespace {

/// Drops a final state that nobody reads.
struct DropDeadScanState : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() < 2)
      return rewriter.notifyMatchFailure(op, "has no state as a result");
    if (!llvm::all_of(op.getResults().drop_front(),
                      [](Value state) { return state.use_empty(); }))
      return rewriter.notifyMatchFailure(op, "the state is used");
    auto clone = ScanOp::create(
        rewriter, op.getLoc(), TypeRange(op.getResult(0).getType()),
        op->getOperands(), op->getDiscardableAttrDictionary().getValue());
    clone->copyProperties(op->getPropertiesStorage());
    clone.getOutsMutable().erase(1, op.getFinalStates().size());
    rewriter.replaceAllUsesWith(op.getResult(0), clone.getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// A scan without channels has empty results, one without tokens the state
/// that it began with, and one without numbers in its state reads zero.
/// Upstream, a slice at offset 0 of an extent of 0 is an error.
struct DropTokenlessScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "works on buffers");
    auto isEmpty = [](Type type) {
      return llvm::is_contained(cast<ShapedType>(type).getShape(), 0);
    };
    if (llvm::all_of(op.getResultTypes(), isEmpty)) {
      rewriter.replaceOp(op, op.getOuts());
      return success();
    }
    if (op.getValue().getType().getDimSize(2) != 0 &&
        op.getStaticStateWidth() != 0)
      return rewriter.notifyMatchFailure(op, "may have tokens and a state");
    auto fill = [&](Value dest, unsigned number) {
      auto element = cast<FloatType>(getElementTypeOrSelf(dest));
      Value constant = arith::ConstantOp::create(
          rewriter, op.getLoc(),
          rewriter.getFloatAttr(element, getScanIdentity(element, number)));
      return linalg::FillOp::create(rewriter, op.getLoc(), constant, dest)
          .getResult(0);
    };
    SmallVector<Value> results{fill(op.getOutput(), 0)};
    for (auto [number, state] : llvm::enumerate(op.getFinalStates())) {
      Value init = op.getInit().empty() ? Value() : op.getInit()[number];
      results.push_back(!init ? fill(state, number)
                        : init.getType() == state.getType()
                            ? init
                            : tensor::CastOp::create(rewriter, op.getLoc(),
                                                     state.getType(), init)
                                  .getResult());
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<DropDeadScanState, DropTokenlessScan>(context);
}
