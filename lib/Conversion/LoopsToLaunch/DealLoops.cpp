//===- DealLoops.cpp - Who does the iterations of loops -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneLoop.h"
#include "Memories.h"
#include "attn/Conversion/Passes.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_DEALLOOPS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Whether neighbouring values of `number` lead to neighbouring elements.
static bool isStepOf(Value index, Value number) {
  if (index == number)
    return true;
  if (auto cast = index.getDefiningOp<arith::IndexCastOp>())
    return isStepOf(cast.getIn(), number);
  auto sum = index.getDefiningOp<arith::AddIOp>();
  return sum &&
         (isStepOf(sum.getLhs(), number) || isStepOf(sum.getRhs(), number));
}

/// How many loads inside of `loop` read neighbours for neighbouring `number`s.
static int64_t countSideBySide(Operation *loop, Value number) {
  int64_t count = 0;
  loop->walk([&](memref::LoadOp load) {
    SmallVector<int64_t> strides;
    int64_t offset;
    MemRefType type = load.getMemRefType();
    count += !load.getIndices().empty() &&
             succeeded(type.getStridesAndOffset(strides, offset)) &&
             strides.back() == 1 && isStepOf(load.getIndices().back(), number);
  });
  return count;
}

/// Whether a value is computed, or read, by what `number` is.
static bool dependsOn(Value value, Value number, Operation *loop) {
  if (value == number)
    return true;
  Operation *op = value.getDefiningOp();
  return op && op->getNumRegions() == 0 && loop->isProperAncestor(op) &&
         llvm::any_of(op->getOperands(), [&](Value operand) {
           return dependsOn(operand, number, loop);
         });
}

/// How many loads inside of `loop` read other places for neighbouring `number`s
/// that are no neighbours.
static int64_t countScattered(Operation *loop, Value number, Operation *outer) {
  int64_t count = 0;
  loop->walk([&](memref::LoadOp load) {
    auto indices = load.getIndices();
    count += llvm::any_of(indices, [&](Value index) {
      return dependsOn(index, number, outer) &&
             (index != indices.back() || !isStepOf(index, number));
    });
  });
  return count;
}

/// How often an operation is done at least, as far as numbers of iterations are
/// known, by the loops around it up to `outer` and those inside of it.
static int64_t getKnownWork(Operation *op, Operation *outer) {
  auto getCount = [](Operation *loop) -> int64_t {
    auto serial = dyn_cast<scf::ForOp>(loop);
    std::optional<APInt> count =
        serial ? serial.getStaticTripCount() : std::nullopt;
    constexpr uint64_t kMost = 1 << 20;
    return count ? static_cast<int64_t>(count->getLimitedValue(kMost)) : 1;
  };
  int64_t around = 1, inside = 1;
  for (Operation *loop = op->getParentOp(); loop != outer;
       loop = loop->getParentOp())
    around *= getCount(loop);
  op->walk([&](Operation *inner) {
    int64_t work = 1;
    for (Operation *loop = inner; loop != op->getParentOp();
         loop = loop->getParentOp())
      work *= getCount(loop);
    inside = std::max(inside, work);
  });
  return around * inside;
}

/// Whether lanes of one warp would work for long: for thousands of iterations
/// each, or in loops of any length dozens of times.
static bool isLong(Operation *shared, Operation *outer) {
  constexpr int64_t kManyIterations = 1 << 15, kManyTimes = 32;
  auto loop = dyn_cast<scf::ForOp>(shared);
  bool isUnknown = loop && !loop.getStaticTripCount();
  return getKnownWork(shared, outer) >=
         (isUnknown ? kManyTimes : kManyIterations);
}

namespace {
struct DealLoops : attn::impl::DealLoopsBase<DealLoops> {
  using DealLoopsBase::DealLoopsBase;

  void mark(Operation *loop, wg::Deal deal) {
    loop->setAttr(wg::kDeal, wg::DealAttr::get(&getContext(), deal));
  }

  bool isWorthSharing(scf::ForOp loop) {
    std::optional<APInt> count = loop.getStaticTripCount();
    return !count || count->sge(least);
  }

  /// The outermost loops in `region` that lanes can share.
  void collect(Region &region, SmallVectorImpl<Operation *> &shared);
  void deal(scf::ParallelOp outer);

  void runOnOperation() override {
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<gpu::LaunchOp>(op))
        return WalkResult::skip();
      auto loop = dyn_cast<scf::ParallelOp>(op);
      if (!loop)
        return WalkResult::advance();
      deal(loop);
      return WalkResult::skip();
    });
  }
};
} // namespace

void DealLoops::collect(Region &region, SmallVectorImpl<Operation *> &shared) {
  for (Operation &op : region.getOps()) {
    if (isa<scf::ParallelOp>(op)) {
      shared.push_back(&op);
      continue;
    }
    auto loop = dyn_cast<scf::ForOp>(op);
    if (loop && isWorthSharing(loop)) {
      std::string reason;
      if (succeeded(matchLaneLoop(loop, reason))) {
        shared.push_back(loop);
        continue;
      }
      remark::missed(
          loop.getLoc(),
          remark::RemarkOpts::name("serial-loop").category("deal-loops"))
          << remark::reason("iterations are done one after the other: {0}",
                            reason);
    }
    for (Region &inner : op.getRegions())
      collect(inner, shared);
  }
}

void DealLoops::deal(scf::ParallelOp outer) {
  SmallVector<Operation *> shared;
  Operation *other = nullptr;
  if (failed(collectAccesses(outer, other)))
    remark::missed(
        other->getLoc(),
        remark::RemarkOpts::name("serial-loop").category("deal-loops"))
        << remark::reason("a thread does all of an iteration, which has a "
                          "'{0}'",
                          other->getName().getStringRef());
  else
    collect(outer.getRegion(), shared);

  // Neighbours read side by side, one way or the other.
  Value last = outer.getInductionVars().back();
  int64_t byOuter = 0, byLane = 0, apartByOuter = 0, apartByLane = 0;
  for (Operation *loop : shared) {
    byOuter += countSideBySide(loop, last);
    Value number =
        isa<scf::ForOp>(loop)
            ? cast<scf::ForOp>(loop).getInductionVar()
            : Value(cast<scf::ParallelOp>(loop).getInductionVars().back());
    byLane += countSideBySide(loop, number);
    apartByOuter += countScattered(loop, last, outer);
    apartByLane += countScattered(loop, number, outer);
  }
  if (shared.empty() || byOuter > byLane ||
      (byOuter == byLane && apartByOuter < apartByLane)) {
    mark(outer, wg::Deal::Threads);
    ++numThreads;
    return;
  }
  bool isByBlock = llvm::any_of(
      shared, [&](Operation *loop) { return isLong(loop, outer); });
  mark(outer, isByBlock ? wg::Deal::Blocks : wg::Deal::Warps);
  ++(isByBlock ? numBlocks : numWarps);
  for (Operation *loop : shared) {
    mark(loop, wg::Deal::Lanes);
    ++numLanes;
  }
}
