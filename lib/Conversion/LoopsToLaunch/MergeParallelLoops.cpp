//===- MergeParallelLoops.cpp - One loop of nests of parallel loops -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"

namespace attn {
#define GEN_PASS_DEF_MERGEPARALLELLOOPS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

/// The loop that is all of `outer` but scalars that cost little.
static scf::ParallelOp findInner(scf::ParallelOp outer) {
  scf::ParallelOp inner;
  for (Operation &op : outer.getBody()->without_terminator()) {
    if (inner)
      return {};
    inner = dyn_cast<scf::ParallelOp>(op);
    if (!inner && (op.getNumRegions() != 0 || !isPure(&op)))
      return {};
  }
  if (!inner || outer.getNumResults() != 0 || inner.getNumResults() != 0)
    return {};
  auto isOutside = [&](Value bound) {
    return outer.isDefinedOutsideOfLoop(bound);
  };
  bool isBox = llvm::all_of(inner.getLowerBound(), isOutside) &&
               llvm::all_of(inner.getUpperBound(), isOutside) &&
               llvm::all_of(inner.getStep(), isOutside);
  return isBox ? inner : scf::ParallelOp();
}

/// Moves what is in front of `inner` into it, and its dimensions to `outer`.
static scf::ParallelOp merge(RewriterBase &rewriter, scf::ParallelOp outer,
                             scf::ParallelOp inner) {
  auto join = [](ValueRange first, ValueRange second) {
    SmallVector<Value> all(first);
    llvm::append_range(all, second);
    return all;
  };
  rewriter.setInsertionPoint(outer);
  auto merged = scf::ParallelOp::create(
      rewriter, outer.getLoc(),
      join(outer.getLowerBound(), inner.getLowerBound()),
      join(outer.getUpperBound(), inner.getUpperBound()),
      join(outer.getStep(), inner.getStep()));
  SmallVector<Value> indices = merged.getInductionVars();
  size_t rank = outer.getNumLoops();
  Operation *end = merged.getBody()->getTerminator();
  Block *body = inner.getBody(), *around = outer.getBody();
  rewriter.eraseOp(body->getTerminator());
  rewriter.inlineBlockBefore(body, inner, ValueRange(indices).drop_front(rank));
  rewriter.eraseOp(inner);
  rewriter.eraseOp(around->getTerminator());
  rewriter.inlineBlockBefore(around, end, ValueRange(indices).take_front(rank));
  rewriter.eraseOp(outer);
  return merged;
}

namespace {
struct MergeParallelLoops
    : attn::impl::MergeParallelLoopsBase<MergeParallelLoops> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<gpu::LaunchOp>(op))
        return WalkResult::skip();
      auto loop = dyn_cast<scf::ParallelOp>(op);
      if (!loop)
        return WalkResult::advance();
      loops.push_back(loop);
      return WalkResult::skip();
    });
    IRRewriter rewriter(&getContext());
    for (scf::ParallelOp loop : loops)
      while (scf::ParallelOp inner = findInner(loop)) {
        loop = merge(rewriter, loop, inner);
        ++numMerged;
      }
  }
};
} // namespace
