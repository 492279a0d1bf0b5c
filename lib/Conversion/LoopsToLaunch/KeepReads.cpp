//===- KeepReads.cpp - What lanes read again and again --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM cannot do this: it does not know that what the outer loop writes is
// other memory, and it does not unroll inner loops before it looks at outer
// ones.
//
//===----------------------------------------------------------------------===//

#include "KeepReads.h"
#include "Memories.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

using namespace mlir;
using namespace attn;

/// Iterations of which a lane has room for what they read, and make of it.
static constexpr int64_t kMostIterations = 16;

/// Whether a loop comes to its body, so that what is in it may be read early.
static bool isEntered(scf::ForOp loop) {
  std::optional<APInt> count = loop.getStaticTripCount();
  return count && !count->isZero();
}

/// Whether memory is other than what an operation writes.
static bool isLeftAlone(Value memref, ArrayRef<memref::StoreOp> stores) {
  return llvm::all_of(stores, [&](memref::StoreOp store) {
    return areApart(memref, store.getMemRef());
  });
}

/// All that writes memory in a loop of a kernel that loops were made into.
static SmallVector<memref::StoreOp> getStores(Operation *op) {
  SmallVector<memref::StoreOp> stores;
  op->walk([&](memref::StoreOp store) { stores.push_back(store); });
  return stores;
}

/// Whether the inner loop reads, in few iterations, what the outer one leaves
/// alone.
static bool isWorthKeeping(scf::ForOp inner, scf::ForOp outer,
                           ArrayRef<memref::StoreOp> stores) {
  std::optional<APInt> count = inner.getStaticTripCount();
  if (!count || count->isZero() || count->ugt(kMostIterations) ||
      !inner.getOps<scf::ForOp>().empty())
    return false;
  return llvm::any_of(inner.getOps<memref::LoadOp>(), [&](memref::LoadOp load) {
    return outer.isDefinedOutsideOfLoop(load.getMemRef()) &&
           isLeftAlone(load.getMemRef(), stores);
  });
}

static void keepReadsOf(scf::ForOp outer) {
  SmallVector<memref::StoreOp> stores = getStores(outer);
  bool isKept = false;
  for (scf::ForOp inner :
       llvm::make_early_inc_range(outer.getOps<scf::ForOp>()))
    if (isWorthKeeping(inner, outer, stores))
      isKept |= succeeded(loopUnrollFull(inner));
  if (!isKept)
    return;
  // Unrolling may have replaced stores.
  stores = getStores(outer);
  moveLoopInvariantCode(
      {&outer.getRegion()},
      [&](Value value, Region *) {
        return outer.isDefinedOutsideOfLoop(value);
      },
      [&](Operation *op, Region *) {
        if (auto load = dyn_cast<memref::LoadOp>(op))
          return isLeftAlone(load.getMemRef(), stores);
        return isMemoryEffectFree(op) && isSpeculatable(op);
      },
      [&](Operation *op, Region *) { op->moveBefore(outer); });
}

void attn::keepReads(Region &region) {
  // Those that are written out contain no loops, so none of these is.
  SmallVector<scf::ForOp> outer;
  region.walk([&](scf::ForOp loop) {
    if (isEntered(loop) && !loop.getOps<scf::ForOp>().empty())
      outer.push_back(loop);
  });
  for (scf::ForOp loop : outer)
    keepReadsOf(loop);
}
