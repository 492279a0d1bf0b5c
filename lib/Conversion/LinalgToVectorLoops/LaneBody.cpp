//===- LaneBody.cpp - A scalar region on the lanes of a vector ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneBody.h"
#include "VectorTarget.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace attn {

/// Integer division by a lane that does not exist would trap.
static bool mayTrap(Operation &op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
             arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op);
}

const char *LaneBody::getObstacle(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (op.getNumRegions() != 0)
      return "an operation of the body has a region";
    if (isa<linalg::IndexOp, memref::LoadOp>(op))
      continue;
    if (op.hasTrait<OpTrait::ConstantLike>())
      continue;
    if (!isPure(&op) && !mayTrap(op))
      return "an operation of the body has effects";
    if (!OpTrait::hasElementwiseMappableTraits(&op) || op.getNumResults() != 1)
      return "an operation of the body is not elementwise";
    if (mayTrap(op) && op.getOperand(1).getParentBlock() == &block &&
        !op.getOperand(1).getDefiningOp<arith::ConstantOp>())
      return "an integer division by a value that varies";
    for (Type type : op.getResultTypes())
      if (!type.isIntOrIndexOrFloat())
        return "a value of the body is not a scalar";
  }
  return nullptr;
}

Lanes LaneBody::lookup(Value scalar) {
  auto it = values.find(scalar);
  // Captured values are the same in all lanes.
  return it == values.end() ? Lanes::uniform(scalar) : it->second;
}

Value LaneBody::materialise(Lanes x) {
  if (x.isVector)
    return x.value;
  Value splat = b.splat(x.value, lanes);
  if (x.step == 0)
    return splat;
  Type element = x.value.getType();
  auto type = VectorType::get({lanes}, element);
  SmallVector<Attribute> offsets;
  for (int64_t lane = 0; lane < lanes; ++lane)
    offsets.push_back(b.getIntegerAttr(element, lane * x.step));
  Value iota =
      arith::ConstantOp::create(b, DenseElementsAttr::get(type, offsets));
  return arith::AddIOp::create(b, splat, iota);
}

SmallVector<Lanes> LaneBody::clone(Block &block, ArrayRef<Lanes> dims) {
  indices.assign(dims.begin(), dims.end());
  for (Operation &op : block.without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(op))
      values[index.getResult()] = indices[index.getDim()];
    else if (op.getNumResults() == 1 && values.contains(op.getResult(0)))
      continue;
    else if (op.getNumResults() == 1)
      values[op.getResult(0)] = cloneOp(op);
    else
      cloneOp(op);
  }
  SmallVector<Lanes> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(lookup(value));
  return results;
}

Lanes LaneBody::cloneOp(Operation &op) {
  if (llvm::all_of(op.getOperands(),
                   [&](Value v) { return lookup(v).isUniform(); })) {
    IRMapping mapping;
    for (auto &[scalar, value] : values)
      if (value.isUniform())
        mapping.map(scalar, value.value);
    Operation *copy = b.clone(op, mapping);
    // Only scalar code has regions, and there an index is a number.
    copy->walk([&](linalg::IndexOp index) {
      index.replaceAllUsesWith(indices[index.getDim()].value);
      index.erase();
    });
    for (auto [from, to] : llvm::zip(op.getResults(), copy->getResults()))
      values[from] = Lanes::uniform(to);
    return copy->getNumResults() ? Lanes::uniform(copy->getResult(0)) : Lanes();
  }
  if (isa<memref::LoadOp>(op))
    return cloneLoad(op);
  if (std::optional<Lanes> lanes = cloneIndexArithmetic(op))
    return *lanes;
  if (std::optional<Lanes> lanes = cloneComparison(op))
    return *lanes;
  if (std::optional<Lanes> lanes = cloneMaximum(op))
    return *lanes;
  return cloneElementwise(op);
}

/// Sums of progressions are progressions, and narrowing is exact modulo the
/// width, so positions need no vectors.
std::optional<Lanes> LaneBody::cloneIndexArithmetic(Operation &op) {
  auto scalars =
      llvm::map_to_vector(op.getOperands(), [&](Value v) { return lookup(v); });
  if (llvm::any_of(scalars, [](Lanes &l) { return l.isVector; }))
    return std::nullopt;
  Type type = op.getNumResults() ? op.getResult(0).getType() : Type();
  auto create = [&](int64_t step) {
    IRMapping mapping;
    for (auto [operand, lane] : llvm::zip(op.getOperands(), scalars))
      mapping.map(operand, lane.value);
    return Lanes::progression(b.clone(op, mapping)->getResult(0), step);
  };
  if (isa<arith::AddIOp>(op))
    return create(scalars[0].step + scalars[1].step);
  if (isa<arith::SubIOp>(op))
    return create(scalars[0].step - scalars[1].step);
  if (isa<arith::MulIOp>(op)) {
    for (unsigned i : {0, 1})
      if (std::optional<int64_t> factor = getConstant(scalars[i].value);
          factor && scalars[i].isUniform())
        return create(scalars[1 - i].step * *factor);
    return std::nullopt;
  }
  auto narrows = [&] {
    auto width = [](Type t) {
      return t.isIndex() ? 64u : t.getIntOrFloatBitWidth();
    };
    return width(type) <= width(op.getOperand(0).getType());
  };
  if (isa<arith::IndexCastOp, arith::TruncIOp>(op) && narrows())
    return create(scalars[0].step);
  return std::nullopt;
}

/// first + step * lane < limit, say, on `index` values: the comparison of
/// step * lane, a constant, with limit - first, which fits any integer once it
/// is clamped to just outside the range of the constant.
std::optional<Lanes> LaneBody::cloneComparison(Operation &op) {
  auto cmp = dyn_cast<arith::CmpIOp>(op);
  if (!cmp || !cmp.getLhs().getType().isIndex())
    return std::nullopt;
  using Pred = arith::CmpIPredicate;
  Pred pred = cmp.getPredicate();
  if (!llvm::is_contained(
          {Pred::eq, Pred::ne, Pred::slt, Pred::sle, Pred::sgt, Pred::sge},
          pred))
    return std::nullopt;
  Lanes lhs = lookup(cmp.getLhs()), rhs = lookup(cmp.getRhs());
  if (lhs.isVector || rhs.isVector)
    return std::nullopt;
  int64_t step = lhs.step - rhs.step;
  Value limit = b.sub(rhs.value, lhs.value);
  if (step == 0)
    return Lanes::uniform(arith::CmpIOp::create(b, pred, b.index(0), limit));
  int64_t end = step * (lanes - 1);
  if (std::max(std::abs(end), std::abs(step)) > (int64_t(1) << 30))
    return std::nullopt;
  limit = b.min(b.max(limit, b.index(std::min<int64_t>(end, 0) - 1)),
                b.index(std::max<int64_t>(end, 0) + 1));
  Value narrow = arith::IndexCastOp::create(b, b.getI32Type(), limit);
  Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  return Lanes::vector(arith::CmpIOp::create(
      b, pred, materialise(Lanes::progression(zero, step)),
      b.splat(narrow, lanes)));
}

static bool isMaximum(Operation *op) {
  return isa<arith::MaximumFOp, arith::MaxNumFOp>(op);
}

static bool isMinimum(Operation *op) {
  return isa<arith::MinimumFOp, arith::MinNumFOp>(op);
}

static bool hasNoNaN(Operation *op) {
  auto fast = cast<arith::ArithFastMathInterface>(op);
  return bitEnumContainsAll(fast.getFastMathFlagsAttr().getValue(),
                            arith::FastMathFlags::nnan);
}

static bool nanLoses(Operation *op) {
  return isa<arith::MaxNumFOp, arith::MinNumFOp>(op);
}

bool isReductionNeverNaN(Operation *combiner) {
  return (isMaximum(combiner) || isMinimum(combiner)) &&
         (nanLoses(combiner) || hasNoNaN(combiner));
}

/// A comparison and a select are one instruction on x86 whatever the flags;
/// the operations for maxima are several without them. The same value if no
/// operand is NaN, or if `y` is not and NaN shall lose.
static Value createMaximum(LoopBuilder &b, Operation *op, Value x, Value y) {
  auto predicate =
      isMaximum(op) ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT;
  Value wins = arith::CmpFOp::create(b, predicate, x, y);
  return arith::SelectOp::create(b, wins, x, y);
}

Value combine(LoopBuilder &b, Operation *combiner, Value x, Value y) {
  if (isReductionNeverNaN(combiner))
    return createMaximum(b, combiner, x, y);
  OperationState state(b.getLoc(), combiner->getName(), {x, y}, x.getType(),
                       combiner->getAttrs());
  return b.create(state)->getResult(0);
}

std::optional<Lanes> LaneBody::cloneMaximum(Operation &op) {
  if (!isMaximum(&op) && !isMinimum(&op))
    return std::nullopt;
  Value x = op.getOperand(0), y = op.getOperand(1);
  Value acc = combiners.lookup(&op);
  auto isNeverNaN = [&](Value v) {
    FloatAttr constant;
    if (matchPattern(v, m_Constant(&constant)))
      return !constant.getValue().isNaN();
    return v == acc;
  };
  if (isNeverNaN(x))
    std::swap(x, y);
  if (!hasNoNaN(&op) && !(nanLoses(&op) && isNeverNaN(y)))
    return std::nullopt;
  return Lanes::vector(
      createMaximum(b, &op, materialise(lookup(x)), materialise(lookup(y))));
}

Lanes LaneBody::cloneLoad(Operation &op) {
  auto load = cast<memref::LoadOp>(op);
  auto memrefType = load.getMemRefType();
  Type element = memrefType.getElementType();
  auto type = VectorType::get({lanes}, element);
  Value memref = lookup(load.getMemRef()).value;
  SmallVector<Lanes> indices = llvm::map_to_vector(
      load.getIndices(), [&](Value v) { return lookup(v); });
  bool contiguous = isLastDimContiguous(memrefType) &&
                    !indices.back().isVector && indices.back().step == 1 &&
                    !element.isInteger(1) &&
                    llvm::all_of(ArrayRef(indices).drop_back(),
                                 [](const Lanes &l) { return l.isUniform(); });
  if (contiguous) {
    SmallVector<Value> at =
        llvm::map_to_vector(indices, [](Lanes &l) { return l.value; });
    if (!mask)
      return Lanes::vector(vector::LoadOp::create(b, type, memref, at));
    return Lanes::vector(vector::MaskedLoadOp::create(b, type, memref, at, mask,
                                                      b.zeros(element, lanes)));
  }
  // Lane by lane; a lane that does not exist reads what lane 0 reads.
  SmallVector<Value> vectors =
      llvm::map_to_vector(indices, [&](Lanes &l) { return materialise(l); });
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value exists;
    if (mask && lane > 0)
      exists = vector::ExtractOp::create(b, mask, lane);
    SmallVector<Value> at;
    for (Value vector : vectors) {
      Value index = vector::ExtractOp::create(b, vector, lane);
      if (exists)
        index = arith::SelectOp::create(
            b, exists, index, vector::ExtractOp::create(b, vector, 0));
      at.push_back(index);
    }
    elements.push_back(memref::LoadOp::create(b, memref, at));
  }
  return Lanes::vector(vector::FromElementsOp::create(b, type, elements));
}

Lanes LaneBody::cloneElementwise(Operation &op) {
  SmallVector<Value> operands;
  for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
    Lanes value = lookup(operand);
    // A select takes one condition for all lanes as it is.
    if (isa<arith::SelectOp>(op) && i == 0 && value.isUniform())
      operands.push_back(value.value);
    else
      operands.push_back(materialise(value));
  }
  auto type = VectorType::get({lanes}, op.getResult(0).getType());
  OperationState state(b.getLoc(), op.getName(), operands, type, op.getAttrs());
  return Lanes::vector(b.create(state)->getResult(0));
}

} // namespace attn
