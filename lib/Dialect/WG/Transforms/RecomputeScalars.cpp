//===- RecomputeScalars.cpp - Scalars that do not wait in registers -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "BulkCopy.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGRECOMPUTESCALARS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

/// The body of a loop over work, whose number all scalars come from.
class Recomputer {
public:
  explicit Recomputer(scf::ForOp work) : work(work), b(work.getContext()) {}
  int64_t run();

private:
  Value recompute(Value value);
  void replaceOperands(Operation *op);

  scf::ForOp work;
  OpBuilder b;
  /// Scalars computed behind the last loop that was passed.
  IRMapping again;
  int64_t count = 0;
};

} // namespace

/// The value computed at the insertion point, or itself if it does not come
/// from scalars of the body.
Value Recomputer::recompute(Value value) {
  if (Value known = again.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  // What is loaded is not loaded again: it may have been written since.
  if (!op || op->getBlock() != work.getBody() || !isScalarCode(op) ||
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

int64_t Recomputer::run() {
  Value number = work.getInductionVar();
  bool isBehindLoop = false;
  for (Operation &op :
       llvm::make_early_inc_range(work.getBody()->without_terminator())) {
    // Scalars are computed where they are used.
    if (isBehindLoop && !isScalarCode(&op)) {
      b.setInsertionPoint(&op);
      if (!again.contains(number))
        again.map(number, AgainOp::create(b, op.getLoc(), number));
      replaceOperands(&op);
    }
    if (isa<scf::ForOp>(op)) {
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
      for (auto work : roles.getConsume().getOps<scf::ForOp>())
        numScalars += Recomputer(work).run();
    });
  }
};
} // namespace
