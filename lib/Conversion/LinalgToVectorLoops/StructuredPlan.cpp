//===- StructuredPlan.cpp - How a structured operation is vectorised ------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "StructuredPlan.h"
#include "LaneBody.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace attn {

bool isLastDimContiguous(MemRefType type) {
  if (type.getRank() == 0)
    return false;
  int64_t offset;
  SmallVector<int64_t> strides;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

/// The factor of `dim` in `expr`, if `dim` occurs linearly or not at all.
static std::optional<int64_t> getFactor(AffineExpr expr, unsigned dim) {
  if (!expr.isFunctionOfDim(dim))
    return 0;
  if (isa<AffineDimExpr>(expr))
    return 1;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  std::optional<int64_t> lhs = getFactor(binary.getLHS(), dim);
  std::optional<int64_t> rhs = getFactor(binary.getRHS(), dim);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return *lhs + *rhs;
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && constant)
    return *lhs * constant.getValue();
  return std::nullopt;
}

static LaneAccess classifyAccess(linalg::LinalgOp op, OpOperand &operand,
                                 unsigned dim) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!type || !map.isFunctionOfDim(dim))
    return LaneAccess::Uniform;
  // A vector of i1 is packed, a buffer of i1 is not.
  bool contiguous =
      isLastDimContiguous(type) && !type.getElementType().isInteger(1) &&
      getFactor(map.getResults().back(), dim) == 1 &&
      llvm::none_of(map.getResults().drop_back(),
                    [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); });
  return contiguous ? LaneAccess::Contiguous : LaneAccess::Strided;
}

/// The operation that alone combines output `number` with new values.
static Operation *matchCombiner(linalg::LinalgOp op, unsigned number) {
  SmallVector<Operation *, 4> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), number, combiners) ||
      combiners.size() != 1 || !linalg::getCombinerOpKind(combiners.front()))
    return nullptr;
  return combiners.front();
}

/// The widest type of the operation decides how many lanes a register has.
/// Positions in the body do not count: most of their arithmetic stays scalar.
static int64_t getWidestBits(linalg::LinalgOp op) {
  int64_t widest = 8;
  auto add = [&](Type type) {
    if (type.isIntOrFloat())
      widest = std::max<int64_t>(widest, type.getIntOrFloatBitWidth());
  };
  for (Type type : op->getOperandTypes()) {
    Type element = getElementTypeOrSelf(type);
    if (isa<MemRefType>(type) && element.isIndex())
      widest = 64;
    add(element);
  }
  for (Operation &inner : *op.getBlock())
    for (Type type : inner.getResultTypes())
      add(type);
  return widest;
}

/// Roughly the instructions of one instance of the body.
static int64_t getBodyCost(Block &block) {
  int64_t cost = 0;
  for (Operation &op : block.without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      continue;
    bool function = isa<math::MathDialect>(op.getDialect()) &&
                    !isa<math::FmaOp, math::AbsFOp, math::SqrtOp>(op);
    cost += function ? 12 : 1;
  }
  return cost;
}

namespace {
/// One choice of the vectorised dimension.
struct Candidate {
  unsigned dim = 0;
  int64_t lanes = 1;
  unsigned strided = 0, contiguous = 0;
  bool hasScalarTail = false;
  SmallVector<LaneAccess> access;
  SmallVector<Operation *> combiners;

  bool isBetterThan(const Candidate &other) const {
    return std::tuple(-int64_t(strided), lanes, contiguous, dim) >
           std::tuple(-int64_t(other.strided), other.lanes, other.contiguous,
                      other.dim);
  }
};
} // namespace

static std::optional<Candidate> evaluate(linalg::LinalgOp op, unsigned dim,
                                         const VectorTarget &target) {
  Candidate c;
  c.dim = dim;
  c.lanes = target.bits / getWidestBits(op);
  int64_t size = op.getStaticLoopRanges()[dim];
  while (c.lanes > 1 && ShapedType::isStatic(size) && c.lanes / 2 >= size)
    c.lanes /= 2;
  if (c.lanes <= 1)
    return std::nullopt;
  bool summed = linalg::isReductionIterator(op.getIteratorTypesArray()[dim]);
  for (OpOperand &operand : op->getOpOperands()) {
    LaneAccess access = classifyAccess(op, operand, dim);
    c.access.push_back(access);
    if (op.isDpsInput(&operand)) {
      c.strided += access == LaneAccess::Strided;
      c.contiguous += access == LaneAccess::Contiguous;
      continue;
    }
    Operation *combiner = nullptr;
    if (access == LaneAccess::Uniform) {
      // One element for all lanes: only a reduction makes sense of that, and
      // it is carried through all sums, so it may depend on none of them.
      AffineMap map = op.getMatchingIndexingMap(&operand);
      SmallVector<unsigned> sums;
      op.getReductionDims(sums);
      if (!summed || llvm::any_of(sums, [&](unsigned sum) {
            return map.isFunctionOfDim(sum);
          }))
        return std::nullopt;
      combiner =
          matchCombiner(op, operand.getOperandNumber() - op.getNumDpsInputs());
      if (!combiner)
        return std::nullopt;
    } else if (access == LaneAccess::Strided) {
      return std::nullopt;
    } else {
      ++c.contiguous;
      Type element = getElementTypeOrSelf(operand.get().getType());
      if (element.isIntOrFloat() && element.getIntOrFloatBitWidth() < 32)
        c.hasScalarTail = true;
    }
    c.combiners.push_back(combiner);
  }
  // The accumulators of a sum cannot take scalars.
  if (summed && c.hasScalarTail &&
      (ShapedType::isDynamic(size) || size % c.lanes != 0))
    return std::nullopt;
  return c;
}

/// The dimension along which all strided inputs of `c` are contiguous.
static std::optional<unsigned> findTransposedDim(linalg::LinalgOp op,
                                                 const Candidate &c) {
  if (op.getNumReductionLoops() != 0 || c.strided == 0)
    return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto isLong = [&](unsigned dim) {
    return ShapedType::isDynamic(sizes[dim]) || sizes[dim] >= c.lanes;
  };
  if (!isLong(c.dim) || !llvm::is_contained({4, 8, 16}, c.lanes))
    return std::nullopt;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    if (dim == c.dim || !isLong(dim))
      continue;
    bool all = llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
      return c.access[operand->getOperandNumber()] != LaneAccess::Strided ||
             classifyAccess(op, *operand, dim) == LaneAccess::Contiguous;
    });
    if (all)
      return dim;
  }
  return std::nullopt;
}

StructuredPlan planStructured(linalg::LinalgOp op, const VectorTarget &target) {
  StructuredPlan plan;
  plan.op = op;
  plan.access.assign(op->getNumOperands(), LaneAccess::Uniform);
  plan.combiners.assign(op.getNumDpsInits(), nullptr);
  plan.obstacle = LaneBody::getObstacle(*op.getBlock());
  if (plan.obstacle)
    return plan;
  std::optional<Candidate> best;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    std::optional<Candidate> c = evaluate(op, dim, target);
    if (c && (!best || c->isBetterThan(*best)))
      best = c;
  }
  if (!best) {
    plan.obstacle = "no dimension along which every result is contiguous or a "
                    "reduction with one combining operation";
    return plan;
  }
  plan.vectorDim = best->dim;
  plan.isVectorDimSummed =
      linalg::isReductionIterator(op.getIteratorTypesArray()[best->dim]);
  plan.lanes = best->lanes;
  plan.access = best->access;
  plan.combiners = best->combiners;
  plan.hasScalarTail = best->hasScalarTail;
  plan.transposedDim = findTransposedDim(op, *best);
  // A long body has parallelism of its own and needs the registers: an
  // exponential keeps ten constants, which are loaded again for each vector if
  // 16 registers must hold two of its evaluations as well.
  bool isLong = getBodyCost(*op.getBlock()) >= 10;
  plan.unroll = !isLong ? 4 : target.registers > 16 ? 2 : 1;
  int64_t size = op.getStaticLoopRanges()[best->dim];
  if (ShapedType::isStatic(size))
    plan.unroll = std::clamp<int64_t>(size / plan.lanes, 1, plan.unroll);
  return plan;
}

SmallVector<DimRange> getRanges(LoopBuilder &b, linalg::LinalgOp op) {
  SmallVector<DimRange> ranges;
  for (auto [dim, size] : llvm::enumerate(op.getStaticLoopRanges())) {
    Value count;
    if (ShapedType::isStatic(size)) {
      count = b.index(size);
    } else {
      Value operand;
      unsigned operandDim = 0;
      LogicalResult found =
          op.mapIterationSpaceDimToOperandDim(dim, operand, operandDim);
      assert(succeeded(found) && "a dimension without extent");
      (void)found;
      count = memref::DimOp::create(b, operand, operandDim);
    }
    ranges.push_back({b.index(0), count});
  }
  return ranges;
}

} // namespace attn
