//===- AttnCanonicalize.cpp - Canonical forms -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SoftmaxStep.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/Masks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace attn;

namespace {

/// Replaces a mask by an equal, shorter one.
template <typename OpTy>
struct SimplifyMask : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getMask())
      return rewriter.notifyMatchFailure(op, "has no mask");
    tile::VisitAttrInterface simple = simplifyMask(*op.getMask());
    if (simple == *op.getMask())
      return rewriter.notifyMatchFailure(op, "the mask is simple");
    rewriter.modifyOpInPlace(op, [&] { op.setMaskAttr(simple); });
    return success();
  }
};

/// Queries multiplied by a constant: the constant joins the scale. Only where
/// the product is not rounded to less than the logits are.
template <typename OpTy>
struct FoldQueryScale : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto product = op.getQuery().template getDefiningOp<arith::MulFOp>();
    if (!product)
      return rewriter.notifyMatchFailure(op, "queries are not a product");
    Type element = op.getQuery().getType().getElementType();
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "the product is rounded");
    for (auto [factor, other] :
         {std::pair(product.getRhs(), product.getLhs()),
          std::pair(product.getLhs(), product.getRhs())}) {
      FloatAttr constant;
      if (!matchPattern(factor, m_Constant(&constant))) {
        SplatElementsAttr splat;
        if (!matchPattern(factor, m_Constant(&splat)))
          continue;
        constant = splat.getSplatValue<FloatAttr>();
      }
      double scale =
          op.getScale().convertToDouble() * constant.getValueAsDouble();
      if (!std::isfinite(scale))
        return rewriter.notifyMatchFailure(op, "the scale would overflow");
      Value query = other;
      rewriter.modifyOpInPlace(op, [&] {
        op.getQueryMutable().assign(query);
        op.setScaleAttr(rewriter.getF64FloatAttr(scale));
      });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is a constant");
  }
};

/// Drops a log-sum-exp that nobody reads.
struct DropDeadLse : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() != 2 || !op.getResult(1).use_empty())
      return rewriter.notifyMatchFailure(op, "the lse is used or absent");
    // Clone without the second result, then drop its destination.
    auto clone = AttentionOp::create(
        rewriter, op.getLoc(), TypeRange(op.getResult(0).getType()),
        op->getOperands(), op->getDiscardableAttrDictionary().getValue());
    clone->copyProperties(op->getPropertiesStorage());
    clone.getOutsMutable().erase(1);
    for (auto [from, to] : llvm::zip(op->getRegions(), clone->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    rewriter.replaceAllUsesWith(op.getResult(0), clone.getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// Results without elements are the destinations.
template <typename OpTy>
struct DropEmptyResults : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto isEmpty = [](Type type) {
      return llvm::is_contained(cast<ShapedType>(type).getShape(), 0);
    };
    if (op->getNumResults() == 0 || !llvm::all_of(op.getResultTypes(), isEmpty))
      return rewriter.notifyMatchFailure(op, "a result has elements");
    rewriter.replaceOp(op, op.getOuts());
    return success();
  }
};

/// Whether there are no keys, or none is selected.
static bool isKeyless(LogitsOpInterface op) {
  return op.getKey().getType().getDimSize(2) == 0 ||
         (op.getSelection() && op.getSelection().getType().getDimSize(3) == 0);
}

/// Without keys the state stays what it was. Tiles of keys are not cut from
/// nothing then: upstream, a slice at offset 0 of an extent of 0 is an error.
struct DropKeylessPartial : OpRewritePattern<PartialOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PartialOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() == 0 || !isKeyless(op))
      return rewriter.notifyMatchFailure(op, "may have keys");
    rewriter.replaceOp(op, op.getOuts());
    return success();
  }
};

/// Without keys the value is that of the identity, whose lse is that of sinks.
struct DropKeylessAttention : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() == 0 || !isKeyless(op))
      return rewriter.notifyMatchFailure(op, "may have keys");
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> shape =
        tensor::getMixedSizes(rewriter, loc, op.getOutput());
    SoftmaxState identity =
        buildIdentity(rewriter, loc, shape, op.getComputeType());
    rewriter.replaceOpWithNewOp<FinalizeOp>(
        op, op.getResultTypes(), identity.acc, identity.ref, identity.sum,
        op.getOuts(), op.getSink());
    return success();
  }
};

/// Casts of operands to less static types fold into the operation. The same as
/// the upstream pattern for destination-style operations, which cannot be
/// trusted with empty regions; the benefit lets this one go first.
template <typename OpTy>
struct FoldCasts : OpRewritePattern<OpTy> {
  explicit FoldCasts(MLIRContext *context)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!tensor::hasFoldableTensorCastOperand(op))
      return rewriter.notifyMatchFailure(op, "no operand is a cast");
    SmallVector<Type> types(op->getResultTypes());
    SmallVector<Value> operands =
        tensor::getUpdatedOperandsAfterCastOpFolding(op, types);
    Operation *folded = cloneWithoutRegions(rewriter, op, types, operands);
    for (auto [from, to] : llvm::zip(op->getRegions(), folded->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    SmallVector<Value> results;
    for (auto [before, after] :
         llvm::zip(op->getResults(), folded->getResults())) {
      Value result = after;
      if (result.getType() != before.getType())
        result = tensor::CastOp::create(rewriter, op.getLoc(), before.getType(),
                                        result);
      results.push_back(result);
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<FoldCasts<AttentionOp>, SimplifyMask<AttentionOp>,
               FoldQueryScale<AttentionOp>, DropDeadLse,
               DropEmptyResults<AttentionOp>, DropKeylessAttention>(context);
}

void PartialOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<FoldCasts<PartialOp>, SimplifyMask<PartialOp>,
               FoldQueryScale<PartialOp>, DropEmptyResults<PartialOp>,
               DropKeylessPartial>(context);
}
