//===- InsertBarriers.cpp - Makes warps wait for shared memory ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGINSERTBARRIERS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

bool writesShared(Operation *op) {
  return isa<CopyOp, CopyAsyncOp, ToSharedOp>(op);
}

/// Tiles of channels have their own ways of waiting. A product that was started
/// reads until it is awaited.
bool readsShared(Operation *op) {
  if (auto await = dyn_cast<AwaitMmaOp>(op))
    return readsShared(await.getStarted().getDefiningOp());
  return isa<MmaOp, StartMmaOp, FromSharedOp>(op) &&
         llvm::any_of(op->getOperands(), [](Value operand) {
           return isa<SharedType>(operand.getType()) &&
                  !operand.getDefiningOp<ReceiveOp>();
         });
}

/// Whether all warps wait for each other in an operation, before what it does
/// to shared memory and after.
bool waits(Operation *op) {
  auto scratch = dyn_cast<ScratchOpInterface>(op);
  return scratch && scratch.getScratchBytes() != 0 && !scratch.isPrivate();
}

/// Whether an operation does, or one inside of it.
bool contains(Operation *op, function_ref<bool(Operation *)> does) {
  return op
      ->walk([&](Operation *inner) {
        return does(inner) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// What has happened to shared memory since all warps last waited.
struct Pending {
  bool reads = false, writes = false;
  void join(const Pending &other) {
    reads |= other.reads;
    writes |= other.writes;
  }
};

class BarrierInserter {
public:
  explicit BarrierInserter(MLIRContext *context) : builder(context) {}
  void run(Block &block, Pending &pending);
  int64_t numBarriers = 0;

private:
  void wait(Operation *before, Pending &pending) {
    builder.setInsertionPoint(before);
    BarrierOp::create(builder, before->getLoc());
    pending = {};
    ++numBarriers;
  }
  void runRegions(Operation &op, Pending &pending);

  OpBuilder builder;
};

} // namespace

/// Regions may run or not; a loop runs after what came before or after itself.
void BarrierInserter::runRegions(Operation &op, Pending &pending) {
  Pending before = pending;
  bool isLoop = isa<LoopLikeOpInterface>(op);
  for (Region &region : op.getRegions())
    for (Block &block : region) {
      Pending inside = before;
      inside.reads |= isLoop && contains(&op, readsShared);
      run(block, inside);
      pending.join(inside);
    }
}

void BarrierInserter::run(Block &block, Pending &pending) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    // All threads take the same side of a branch: they wait in front of it,
    // once for what either side does.
    bool isBranch = isa<scf::IfOp>(op);
    bool reads = isBranch ? contains(&op, readsShared) : readsShared(&op);
    bool writes = isBranch ? contains(&op, writesShared) : writesShared(&op);
    if ((reads && pending.writes) || (writes && pending.reads))
      wait(&op, pending);
    if (isa<BarrierOp>(op) || waits(&op))
      pending = {};
    // Copies may have begun long ago; others see them behind the next wait.
    pending.writes |= isa<WaitCopiesOp>(op);
    if (!isBranch) {
      pending.reads |= reads;
      pending.writes |= writes;
    }
    if (op.getNumRegions() != 0 && !isa<MapOp>(op))
      runRegions(op, pending);
  }
}

namespace {
struct WGInsertBarriers
    : attn::wg::impl::WGInsertBarriersBase<WGInsertBarriers> {
  void runOnOperation() override {
    BarrierInserter inserter(&getContext());
    getOperation()->walk([&](gpu::LaunchOp launch) {
      Pending pending;
      inserter.run(launch.getBody().front(), pending);
    });
    numBarriers += inserter.numBarriers;
  }
};
} // namespace
