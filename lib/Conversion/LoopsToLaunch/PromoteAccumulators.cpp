//===- PromoteAccumulators.cpp - Sums in registers, not in memory ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memories.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace attn {
#define GEN_PASS_DEF_PROMOTEACCUMULATORS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// The store that ends what `load` begins in each iteration, if nothing else in
/// the loop may touch that place.
static memref::StoreOp findStore(scf::ForOp loop, memref::LoadOp load,
                                 const Accesses &accesses) {
  auto isOutside = [&](Value value) {
    return loop.isDefinedOutsideOfLoop(value);
  };
  if (load->getParentOp() != loop ||
      !llvm::all_of(load->getOperands(), isOutside))
    return {};
  memref::StoreOp found;
  for (memref::StoreOp store : accesses.stores) {
    if (areApart(store.getMemRef(), load.getMemRef()))
      continue;
    if (found || store->getParentOp() != loop ||
        store.getMemRef() != load.getMemRef() ||
        store.getIndices() != load.getIndices() ||
        !load->isBeforeInBlock(store))
      return {};
    found = store;
  }
  for (memref::LoadOp other : accesses.loads)
    if (other != load && !areApart(other.getMemRef(), load.getMemRef()))
      return {};
  return found;
}

/// Carries one place; false if there is none.
static bool promote(IRRewriter &rewriter, scf::ForOp loop) {
  Operation *other;
  FailureOr<Accesses> accesses = collectAccesses(loop, other);
  if (failed(accesses))
    return false;
  for (memref::LoadOp load : accesses->loads) {
    memref::StoreOp store = findStore(loop, load, *accesses);
    if (!store)
      continue;
    Value next = store.getValueToStore();
    rewriter.setInsertionPoint(loop);
    Value init = rewriter.clone(*load)->getResult(0);
    FailureOr<LoopLikeOpInterface> replaced = loop.replaceWithAdditionalYields(
        rewriter, init, /*replaceInitOperandUsesInLoop=*/false,
        [&](OpBuilder &, Location, ArrayRef<BlockArgument>) {
          return SmallVector<Value>{next};
        });
    if (failed(replaced))
      return false;
    auto carried = cast<scf::ForOp>(replaced->getOperation());
    rewriter.replaceOp(load, carried.getRegionIterArgs().back());
    rewriter.moveOpAfter(store, carried);
    rewriter.modifyOpInPlace(store, [&] {
      store.getValueMutable().assign(carried.getResults().back());
    });
    return true;
  }
  return false;
}

namespace {
struct PromoteAccumulators
    : attn::impl::PromoteAccumulatorsBase<PromoteAccumulators> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // From the inside out; a loop with a new one in its place begins again.
    for (bool hasChanged = true; hasChanged;) {
      hasChanged = false;
      getOperation().walk([&](scf::ForOp loop) {
        // Kernels that are made keep their scalars where they are.
        if (loop->getParentOfType<gpu::LaunchOp>())
          return WalkResult::advance();
        moveLoopInvariantCode(loop);
        if (!promote(rewriter, loop))
          return WalkResult::advance();
        ++numPromoted;
        hasChanged = true;
        return WalkResult::interrupt();
      });
    }
  }
};
} // namespace
