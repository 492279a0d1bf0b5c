//===- ContinueLoops.cpp - Loops that go on where others end --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ContinueLoops.h"
#include "attn/Dialect/WG/IR/WG.h"

using namespace mlir;
using namespace attn::wg;

scf::ForOp attn::wg::carryResults(RewriterBase &rewriter, scf::ForOp loop,
                                  scf::ForOp previous) {
  // The old number of each result of `previous`, if it is carried.
  SmallVector<std::optional<unsigned>> numbers(previous.getNumResults());
  for (auto [i, init] : llvm::enumerate(loop.getInitArgs())) {
    auto result = dyn_cast<OpResult>(init);
    if (!result || result.getOwner() != previous ||
        numbers[result.getResultNumber()])
      return loop;
    numbers[result.getResultNumber()] = i;
  }
  if (llvm::equal(previous.getResults(), loop.getInitArgs()))
    return loop;

  rewriter.setInsertionPoint(loop);
  auto all = scf::ForOp::create(rewriter, loop.getLoc(), loop.getLowerBound(),
                                loop.getUpperBound(), loop.getStep(),
                                previous.getResults());
  all->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
  Block *from = loop.getBody(), *to = all.getBody();
  to->getOperations().splice(to->end(), from->getOperations());
  rewriter.replaceAllUsesWith(loop.getInductionVar(), all.getInductionVar());
  SmallVector<Value> yields;
  auto yield = cast<scf::YieldOp>(to->getTerminator());
  for (auto [i, number] : llvm::enumerate(numbers)) {
    Value result = previous.getResult(i), argument = all.getRegionIterArg(i);
    if (number) {
      rewriter.replaceAllUsesWith(loop.getRegionIterArg(*number), argument);
      rewriter.replaceAllUsesWith(loop.getResult(*number), all.getResult(i));
      yields.push_back(yield.getOperand(*number));
      continue;
    }
    yields.push_back(argument);
    result.replaceUsesWithIf(argument, [&](OpOperand &use) {
      return all.getRegion().isAncestor(use.getOwner()->getParentRegion());
    });
    result.replaceUsesWithIf(all.getResult(i), [&](OpOperand &use) {
      Operation *user = all->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return user && user != all && all->isBeforeInBlock(user);
    });
  }
  rewriter.setInsertionPoint(yield);
  rewriter.replaceOpWithNewOp<scf::YieldOp>(yield, yields);
  rewriter.eraseOp(loop);
  return all;
}

scf::ForOp attn::wg::carryMore(RewriterBase &rewriter, scf::ForOp loop,
                               ValueRange inits) {
  auto yield = [](OpBuilder &, Location, ArrayRef<BlockArgument> arguments) {
    return SmallVector<Value>(arguments.begin(), arguments.end());
  };
  rewriter.setInsertionPoint(loop);
  return cast<scf::ForOp>(*loop.replaceWithAdditionalYields(
      rewriter, inits, /*replaceInitOperandUsesInLoop=*/false, yield));
}

bool attn::wg::hasOneIteration(scf::ForOp loop) {
  auto getNumber = [](Value value) {
    if (auto again = value.getDefiningOp<AgainOp>())
      value = again.getValue();
    return getConstantIntValue(value);
  };
  std::optional<int64_t> begin = getNumber(loop.getLowerBound()),
                         end = getNumber(loop.getUpperBound()),
                         step = getNumber(loop.getStep());
  return begin && end && step && *begin < *end && *end <= *begin + *step;
}
