//===- MergeCursors.cpp - One cursor for channels in step -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cursors that a loop carries are taken for the same until one begins elsewhere
// or goes on in another way, which parts them; so do those of loops around it.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGMERGECURSORS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

class Merger {
public:
  explicit Merger(Region &role) {
    role.walk([&](scf::ForOp loop) { loops.push_back(loop); });
  }
  int64_t run();

private:
  /// The first of the arguments that are taken for the same as this one.
  Value getLeader(Value value);
  bool areSame(Value x, Value y);
  /// Parts what is not the same; whether there was any.
  bool refine(scf::ForOp loop);

  SmallVector<scf::ForOp> loops;
  DenseMap<Value, Value> leaders;
};

} // namespace

Value Merger::getLeader(Value value) {
  auto found = leaders.find(value);
  return found == leaders.end() ? value : found->second;
}

bool Merger::areSame(Value x, Value y) {
  x = getLeader(x), y = getLeader(y);
  if (x == y)
    return true;
  std::optional<int64_t> a = getConstantIntValue(x), b = getConstantIntValue(y);
  if (a || b)
    return a == b;
  auto next = x.getDefiningOp<AdvanceOp>(),
       other = y.getDefiningOp<AdvanceOp>();
  if (next && other)
    return next.getChannel().getType().getSlots() ==
               other.getChannel().getType().getSlots() &&
           areSame(next.getCursor(), other.getCursor());
  auto loop = x.getDefiningOp<scf::ForOp>();
  return loop && loop == y.getDefiningOp<scf::ForOp>() &&
         areSame(loop.getTiedLoopRegionIterArg(cast<OpResult>(x)),
                 loop.getTiedLoopRegionIterArg(cast<OpResult>(y)));
}

bool Merger::refine(scf::ForOp loop) {
  bool changed = false;
  auto arguments = loop.getRegionIterArgs();
  for (size_t i = 0; i < arguments.size(); ++i) {
    Value leader = getLeader(arguments[i]);
    if (leader == arguments[i])
      continue;
    auto isLike = [&](size_t j) {
      return areSame(loop.getInitArgs()[i], loop.getInitArgs()[j]) &&
             areSame(loop.getYieldedValues()[i], loop.getYieldedValues()[j]);
    };
    size_t first =
        cast<BlockArgument>(leader).getArgNumber() - loop.getNumInductionVars();
    if (isLike(first))
      continue;
    // Join a class that was begun for the same reason, or begin one.
    changed = true;
    auto isJoined = [&](size_t j) {
      if (arguments[j].getType() != arguments[i].getType() ||
          getLeader(arguments[j]) != arguments[j])
        return false;
      leaders[arguments[i]] = arguments[j];
      return isLike(j);
    };
    if (!llvm::any_of(llvm::seq(first + 1, i), isJoined))
      leaders[arguments[i]] = arguments[i];
  }
  return changed;
}

int64_t Merger::run() {
  for (scf::ForOp loop : loops) {
    Value first;
    for (BlockArgument argument : loop.getRegionIterArgs()) {
      if (!argument.getType().isInteger(32))
        continue;
      if (!first)
        first = argument;
      leaders[argument] = first;
    }
  }
  auto refineAll = [&] {
    bool changed = false;
    for (scf::ForOp loop : loops)
      changed |= refine(loop);
    return changed;
  };
  while (refineAll()) {
  }
  int64_t merged = 0;
  for (scf::ForOp loop : loops)
    for (auto [argument, result] :
         llvm::zip_equal(loop.getRegionIterArgs(), loop.getResults())) {
      Value leader = getLeader(argument);
      if (leader == argument)
        continue;
      argument.replaceAllUsesWith(leader);
      result.replaceAllUsesWith(
          loop.getTiedLoopResult(cast<BlockArgument>(leader)));
      ++merged;
    }
  return merged;
}

namespace {
struct WGMergeCursors : attn::wg::impl::WGMergeCursorsBase<WGMergeCursors> {
  void runOnOperation() override {
    getOperation()->walk([&](RolesOp roles) {
      if (roles.getHelp().empty())
        return;
      for (Region &region : roles->getRegions())
        numMerged += Merger(region).run();
    });
  }
};
} // namespace
