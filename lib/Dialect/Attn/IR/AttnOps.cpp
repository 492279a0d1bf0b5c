//===- AttnOps.cpp - Effects, shapes and canonical forms ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/Masks.h"
#include "attn/Dialect/Tile/IR/DpsTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace attn;
using attn::tile::parseDpsTypes;
using attn::tile::printDpsTypes;

#include "attn/Dialect/Attn/IR/AttnInterfaces.cpp.inc"

/// A mask as an operand of an operation keeps its `#attn.`, so that it reads
/// the same as anywhere else; without it, it is understood too.
static ParseResult parseMask(OpAsmParser &parser,
                             tile::VisitAttrInterface &mask) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute attribute;
  OptionalParseResult full = parser.parseOptionalAttribute(attribute, Type());
  if (full.has_value()) {
    if (failed(*full))
      return failure();
  } else {
    auto *dialect = parser.getContext()->getLoadedDialect<AttnDialect>();
    attribute = dialect->parseBareMask(parser);
    if (!attribute)
      return failure();
  }
  mask = dyn_cast<tile::VisitAttrInterface>(attribute);
  if (!mask)
    return parser.emitError(loc, "expected a mask, got ") << attribute;
  return success();
}

static void printMask(OpAsmPrinter &printer, Operation *,
                      tile::VisitAttrInterface mask) {
  printer << mask;
}

/// An optional attribute would be printed without its name and then not be
/// parsed without it.
static ParseResult parseSchedule(OpAsmParser &parser, ScheduleAttr &schedule) {
  return parser.parseCustomAttributeWithFallback(schedule);
}

static void printSchedule(OpAsmPrinter &printer, Operation *,
                          ScheduleAttr schedule) {
  printer.printStrippedAttrOrType(schedule);
}

#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Memory effects
//===----------------------------------------------------------------------===//

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

/// On memrefs: reads every operand, writes the destinations. On tensors: none.
static void getDpsEffects(DestinationStyleOpInterface op, Effects &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

void AttentionOp::getEffects(Effects &effects) {
  getDpsEffects(*this, effects);
}
void PartialOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void MergeOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void FinalizeOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }

//===----------------------------------------------------------------------===//
// Result shapes
//===----------------------------------------------------------------------===//

/// A result has the shape of its destination.
static LogicalResult reifyFromOuts(OpBuilder &builder, Operation *op,
                                   OperandRange outs,
                                   ReifiedRankedShapedTypeDims &shapes) {
  if (op->getNumResults() == 0)
    return failure();
  for (Value out : outs)
    shapes.push_back(tensor::getMixedSizes(builder, op->getLoc(), out));
  return success();
}

/// [B, Hq, Sq] and, for the output, Dv: of the operands, so that a caller can
/// relate the result to what it passes in.
static LogicalResult reifyFromOperands(OpBuilder &builder, LogitsOpInterface op,
                                       ReifiedRankedShapedTypeDims &shapes) {
  if (op->getNumResults() == 0)
    return failure();
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> rows =
      tensor::getMixedSizes(builder, loc, op.getQuery());
  rows.pop_back();
  OpFoldResult width = tensor::getMixedSize(builder, loc, op.getValue(), 3);
  for (Value out : op.getOuts()) {
    shapes.push_back(rows);
    if (cast<ShapedType>(out.getType()).getRank() == 4)
      shapes.back().push_back(width);
  }
  return success();
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOperands(builder, *this, shapes);
}
LogicalResult
PartialOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOperands(builder, *this, shapes);
}
LogicalResult MergeOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult
FinalizeOp::reifyResultShapes(OpBuilder &builder,
                              ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}

//===----------------------------------------------------------------------===//
// Canonicalisation
//===----------------------------------------------------------------------===//

namespace {

/// Replaces a mask by an equal, shorter one.
struct SimplifyMask : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
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
struct FoldQueryScale : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    auto product = op.getQuery().getDefiningOp<arith::MulFOp>();
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

} // namespace

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<SimplifyMask, FoldQueryScale, DropDeadLse>(context);
}
