//===- RowFusion.cpp - Operations that share a loop over rows -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RowFusion.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace attn {

static Value getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

static bool isAllocation(Value root) {
  return root.getDefiningOp<memref::AllocOp>() ||
         root.getDefiningOp<memref::AllocaOp>();
}

/// An allocation shares no memory with another one or with an argument of the
/// function it is in.
static bool areDistinct(Value x, Value y) {
  x = getRoot(x);
  y = getRoot(y);
  if (x == y)
    return false;
  auto isDistinctFromAllocations = [](Value root) {
    auto arg = dyn_cast<BlockArgument>(root);
    return isAllocation(root) ||
           (arg && isa<FunctionOpInterface>(arg.getOwner()->getParentOp())) ||
           root.getDefiningOp<memref::GetGlobalOp>();
  };
  return (isAllocation(x) && isDistinctFromAllocations(y)) ||
         (isAllocation(y) && isDistinctFromAllocations(x));
}

/// The dimension of `operand` that the row indexes, if the row indexes it
/// alone and nothing else.
static std::optional<unsigned> getRowPosition(linalg::LinalgOp op,
                                              OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  std::optional<unsigned> position;
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(0))
      continue;
    if (position || !isa<AffineDimExpr>(expr))
      return std::nullopt;
    position = i;
  }
  return position;
}

/// True if running rows of `first` and `second` in turn is the same as running
/// all of `first` before all of `second`.
static bool mayInterleave(linalg::LinalgOp first, linalg::LinalgOp second) {
  for (OpOperand &x : first->getOpOperands()) {
    if (!isa<MemRefType>(x.get().getType()))
      continue;
    for (OpOperand &y : second->getOpOperands()) {
      if (!isa<MemRefType>(y.get().getType()) ||
          (!first.isDpsInit(&x) && !second.isDpsInit(&y)) ||
          areDistinct(x.get(), y.get()))
        continue;
      std::optional<unsigned> row = getRowPosition(first, x);
      if (x.get() != y.get() || !row || row != getRowPosition(second, y))
        return false;
    }
  }
  return true;
}

/// Loads inside the body read memory that the operands do not tell about.
static bool hasOnlyItsOperands(linalg::LinalgOp op) {
  for (Operation &inner : *op.getBlock())
    if (!isMemoryEffectFree(&inner))
      return false;
  return true;
}

static bool hasRows(linalg::LinalgOp op) {
  return op.getNumLoops() > 0 &&
         op.getIteratorTypesArray().front() == utils::IteratorType::parallel &&
         ShapedType::isStatic(op.getStaticLoopRanges().front()) &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &out) {
           return getRowPosition(op, out).has_value();
         });
}

/// True if `op` may move up over operations that write buffers.
static bool mayHoist(Operation &op, Operation *before) {
  if (isa<memref::AllocaOp>(op) || op.getNumRegions() != 0 ||
      op.hasTrait<OpTrait::IsTerminator>())
    return false;
  if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op))
    return false;
  return llvm::all_of(op.getOperands(), [&](Value operand) {
    Operation *def = operand.getDefiningOp();
    return !def || def->getBlock() != before->getBlock() ||
           def->isBeforeInBlock(before);
  });
}

SmallVector<RowGroup>
findRowGroups(Block &block, function_ref<bool(linalg::LinalgOp)> isCandidate) {
  SmallVector<RowGroup> groups;
  RowGroup current;
  auto finish = [&] {
    if (current.size() > 1)
      groups.push_back(current);
    current.clear();
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || !linalgOp.hasPureBufferSemantics()) {
      if (current.empty())
        continue;
      if (mayHoist(op, current.front()))
        op.moveBefore(current.front());
      else
        finish();
      continue;
    }
    bool fits = isCandidate(linalgOp) && hasRows(linalgOp) &&
                hasOnlyItsOperands(linalgOp);
    if (!fits) {
      finish();
      continue;
    }
    bool joins = llvm::all_of(current, [&](linalg::LinalgOp member) {
      return member.getStaticLoopRanges().front() ==
                 linalgOp.getStaticLoopRanges().front() &&
             mayInterleave(member, linalgOp);
    });
    if (!joins)
      finish();
    current.push_back(linalgOp);
  }
  finish();
  return groups;
}

} // namespace attn
