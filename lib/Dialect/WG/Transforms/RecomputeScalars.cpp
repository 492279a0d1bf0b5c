//===- RecomputeScalars.cpp - Scalars that do not wait in registers -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "BulkCopy.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGRECOMPUTESCALARS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

/// A block with loops, and what its scalars come from: the number of an
/// iteration, or without one what comes from outside of the role.
class Recomputer {
public:
  explicit Recomputer(Block &block, Value number = {})
      : block(block), number(number), b(block.getParentOp()->getContext()) {}
  int64_t run();

private:
  bool isRoot(Value value);
  Value recompute(Value value);
  void hideBounds(scf::ForOp loop);
  void replaceOperands(Operation *op);

  Block &block;
  Value number;
  OpBuilder b;
  /// Scalars computed behind the last loop that was passed.
  IRMapping again;
  int64_t count = 0;
};

} // namespace

bool Recomputer::isRoot(Value value) {
  if (number)
    return value == number;
  return value.getType().isIntOrIndex() && !value.getType().isInteger(1) &&
         !matchPattern(value, m_Constant()) &&
         !block.getParent()->isAncestor(value.getParentRegion());
}

/// The value computed at the insertion point, or itself if it does not come
/// from scalars of the body.
Value Recomputer::recompute(Value value) {
  if (Value known = again.lookupOrNull(value))
    return known;
  if (isRoot(value)) {
    Value hidden = AgainOp::create(b, value.getLoc(), value);
    again.map(value, hidden);
    return hidden;
  }
  Operation *op = value.getDefiningOp();
  // What is loaded is not loaded again: it may have been written since.
  if (!op || op->getBlock() != &block || !isScalarCode(op) ||
      !isMemoryEffectFree(op) || op->hasTrait<OpTrait::ConstantLike>())
    return value;
  bool isSame = true;
  for (Value operand : op->getOperands())
    isSame &= recompute(operand) == operand;
  if (isSame)
    return value;
  b.clone(*op, again);
  ++count;
  return again.lookup(value);
}

void Recomputer::replaceOperands(Operation *op) {
  op->walk([&](Operation *inner) {
    for (OpOperand &operand : inner->getOpOperands())
      operand.set(recompute(operand.get()));
  });
}

/// What is computed from bounds that are the same for all work is not kept from
/// one piece of work to the next.
void Recomputer::hideBounds(scf::ForOp loop) {
  for (OpOperand *bound :
       {&loop.getLowerBoundMutable(), &loop.getUpperBoundMutable()}) {
    Value value = bound->get();
    if (matchPattern(value, m_Constant()) || value.getDefiningOp<AgainOp>() ||
        block.getParent()->isAncestor(value.getParentRegion()))
      continue;
    b.setInsertionPoint(loop);
    bound->set(AgainOp::create(b, loop.getLoc(), value));
  }
}

int64_t Recomputer::run() {
  bool isBehindLoop = false;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (op.hasTrait<OpTrait::IsTerminator>())
      break;
    // Scalars are computed where they are used.
    if (isBehindLoop && !isScalarCode(&op)) {
      b.setInsertionPoint(&op);
      replaceOperands(&op);
    }
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (number)
        hideBounds(loop);
      isBehindLoop = true;
      again.clear();
    }
  }
  return count;
}

namespace {
struct WGRecomputeScalars
    : attn::wg::impl::WGRecomputeScalarsBase<WGRecomputeScalars> {
  void runOnOperation() override {
    getOperation()->walk([&](RolesOp roles) {
      numScalars += Recomputer(roles.getConsume().front()).run();
      for (auto work : roles.getConsume().getOps<scf::ForOp>()) {
        Value number = work.getInductionVar();
        numScalars += Recomputer(*work.getBody(), number).run();
        // Work that is not done in each iteration.
        for (auto branch : work.getBody()->getOps<scf::IfOp>())
          numScalars += Recomputer(*branch.thenBlock(), number).run();
      }
    });
  }
};
} // namespace
