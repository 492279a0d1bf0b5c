//===- ContractionMatch.cpp - Which operations are contractions -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ContractionLoops.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attn {

/// True if `value` is `arg`, perhaps widened.
static bool isArgument(Value value, BlockArgument arg) {
  if (auto ext = value.getDefiningOp<arith::ExtFOp>())
    value = ext.getIn();
  return value == arg;
}

static bool arePair(Value x, Value y, BlockArgument a, BlockArgument b) {
  return (isArgument(x, a) && isArgument(y, b)) ||
         (isArgument(x, b) && isArgument(y, a));
}

/// True for `yield out + lhs * rhs`.
static bool hasMultiplyAddBody(Block &block) {
  if (block.getNumArguments() != 3)
    return false;
  BlockArgument lhs = block.getArgument(0), rhs = block.getArgument(1),
                out = block.getArgument(2);
  Value result = block.getTerminator()->getOperand(0);
  if (auto fma = result.getDefiningOp<math::FmaOp>())
    return fma.getC() == out && arePair(fma.getA(), fma.getB(), lhs, rhs);
  auto add = result.getDefiningOp<arith::AddFOp>();
  if (!add || (add.getLhs() != out && add.getRhs() != out))
    return false;
  Value other = add.getLhs() == out ? add.getRhs() : add.getLhs();
  auto mul = other.getDefiningOp<arith::MulFOp>();
  return mul && arePair(mul.getLhs(), mul.getRhs(), lhs, rhs);
}

static FailureOr<Contraction> matchLinalg(RewriterBase &rewriter,
                                          linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0 || !hasMultiplyAddBody(*op.getBlock()))
    return failure();
  Contraction c;
  c.lhs = op.getDpsInputs()[0];
  c.rhs = op.getDpsInputs()[1];
  c.out = op.getDpsInits()[0];
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  std::tie(c.lhsMap, c.rhsMap, c.outMap) = std::tie(maps[0], maps[1], maps[2]);
  for (AffineMap map : maps)
    if (!map.isProjectedPermutation(/*allowZeroInResults=*/false))
      return rewriter.notifyMatchFailure(
          op, "an indexing map is not a projected permutation");
  return c;
}

static Contraction matchTile(tile::ContractOp op) {
  Contraction c;
  c.lhs = op.getLhs();
  c.rhs = op.getRhs();
  c.out = op.getOut();
  auto maps = op.getMaps().getAsValueRange<AffineMapAttr>();
  c.lhsMap = *maps.begin();
  c.rhsMap = *std::next(maps.begin());
  c.outMap = *std::next(maps.begin(), 2);
  c.overwrite = op.getOverwrite();
  if (tile::MicroTileAttr micro = op.getMicroAttr()) {
    c.microRows = micro.getRows();
    c.microCols = micro.getCols();
    c.microLanes = micro.getLanes();
  }
  c.lower = op.getLower();
  c.upper = op.getUpper();
  c.boundDim = op.getBoundDim().value_or(0);
  c.group = op.getGroup().value_or(1);
  return c;
}

FailureOr<Contraction> matchContraction(RewriterBase &rewriter, Operation *op) {
  FailureOr<Contraction> c = failure();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    c = matchLinalg(rewriter, linalgOp);
  else if (auto tileOp = dyn_cast<tile::ContractOp>(op))
    c = matchTile(tileOp);
  if (failed(c))
    return failure();
  for (Value operand : {c->lhs, c->rhs, c->out}) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "an operand is not a buffer");
    if (!isa<FloatType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "elements are not floats");
  }
  return c;
}

LogicalResult lowerContraction(RewriterBase &rewriter, Operation *op,
                               Contraction contraction,
                               const VectorTarget &target) {
  Type element = cast<MemRefType>(contraction.out.getType()).getElementType();
  if (!element.isF32() && !element.isF64())
    return rewriter.notifyMatchFailure(op, "sums are neither f32 nor f64");
  rewriter.setInsertionPoint(op);
  contraction = ContractionLoops::collapse(rewriter, op, contraction);
  ContractionLoops loops(rewriter, op, contraction);
  if (!loops.isRegular())
    return rewriter.notifyMatchFailure(op,
                                       "a dimension is in one operand only");
  if (canTile(loops)) {
    emitTiled(loops, target);
    rewriter.eraseOp(op);
    return success();
  }
  // The product is symmetric: let the other operand be the one that is read
  // as vectors.
  std::swap(contraction.lhs, contraction.rhs);
  std::swap(contraction.lhsMap, contraction.rhsMap);
  contraction.microRows = 0;
  ContractionLoops swapped(rewriter, op, contraction);
  if (!contraction.lower && canTile(swapped)) {
    emitTiled(swapped, target);
    rewriter.eraseOp(op);
    return success();
  }
  if (canDot(loops)) {
    emitDot(loops, target);
    rewriter.eraseOp(op);
    return success();
  }
  return rewriter.notifyMatchFailure(
      op, "no operand is contiguous along a dimension of the result or, with "
          "the other one, along the sum");
}

} // namespace attn
