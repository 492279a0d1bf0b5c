//===- OverlapProducts.cpp - Products beside other work -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop body consists of
//   late     the product whose sum is carried, the tile of its right operand
//            and that tile's release;
//   rescale  what depends on the carried sum before that;
//   early    all else.
// The new loop has the late operations of one iteration and the others of the
// next. It carries what the late ones need of the others: the left operand and
// the rescaled sum, which takes the place of the sum. (A sum that is not
// rescaled is carried as it is.)
//
//===----------------------------------------------------------------------===//

#include "LoopOverlapper.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Remarks.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGOVERLAPPRODUCTS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

/// Calls `visit` for what an operation and those inside of it read.
static void forEachOperand(Operation *op, function_ref<void(Value)> visit) {
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      visit(operand);
  });
}

/// The operations of the body that depend on a value.
LoopOverlapper::OpSet LoopOverlapper::getDependents(Value source) {
  OpSet dependents;
  for (Operation &op : getBody()) {
    bool depends = false;
    forEachOperand(&op, [&](Value operand) {
      depends |=
          operand == source || dependents.contains(operand.getDefiningOp());
    });
    if (depends)
      dependents.insert(&op);
  }
  return dependents;
}

/// The operations of the body that an operation depends on.
LoopOverlapper::OpSet LoopOverlapper::getSources(Operation *op) {
  OpSet sources;
  for (Operation &other : llvm::reverse(getBody())) {
    if (&other != op && !sources.contains(&other))
      continue;
    forEachOperand(&other, [&](Value operand) {
      if (Operation *source = operand.getDefiningOp();
          source && source->getBlock() == &getBody())
        sources.insert(source);
    });
  }
  return sources;
}

std::optional<StringRef> LoopOverlapper::findProducts() {
  SmallVector<MmaOp> products(getBody().getOps<MmaOp>());
  if (products.size() != 2)
    return "it has other than two products";
  for (Operation &op : getBody().without_terminator())
    if (op.getNumRegions() != 0 && !isa<MapOp>(op))
      return "it has loops or branches inside";
  first = products[0], last = products[1];
  auto yields = loop.getYieldedValues();
  bool isYielded = false;
  for (auto [i, value] : llvm::enumerate(yields))
    if (value == last.getResult())
      sum = i, isYielded = true;
  if (!isYielded || !last.getResult().hasOneUse())
    return "its last product is not only carried";
  if (!isa<TileType>(last.getLhs().getType()) ||
      !last.getRhs().getDefiningOp<ReceiveOp>() ||
      !first.getRhs().getDefiningOp<ReceiveOp>())
    return "its products do not read tiles of channels";
  return std::nullopt;
}

std::optional<StringRef> LoopOverlapper::splitBody() {
  auto received = last.getRhs().getDefiningOp<ReceiveOp>();
  for (Operation &op : getBody().without_terminator())
    parts[&op] = Part::Early;
  for (Operation *op : getDependents(loop.getRegionIterArg(sum)))
    parts[op] = Part::Rescale;
  if (Operation *op = last.getLhs().getDefiningOp();
      op && op->getBlock() == &getBody()) {
    for (Value result : op->getResults())
      for (Operation *dependent : getDependents(result))
        parts[dependent] = Part::Operand;
    parts[op] = Part::Operand;
  }
  for (Operation *op : received.getCursor().getUsers())
    if (op->getBlock() == &getBody() && isa<ReleaseOp, AdvanceOp>(op))
      parts[op] = Part::Late;
  parts[received] = parts[last] = Part::Late;
  parts[getBody().getTerminator()] = Part::Late;
  if (getPart(first) != Part::Early)
    return "its first product depends on the carried sum";
  for (Operation *op : getSources(first))
    if (getPart(op) != Part::Early)
      return "its first product depends on the carried sum";
  return std::nullopt;
}

std::optional<StringRef> LoopOverlapper::checkLate() {
  auto isLate = [&](Value value) {
    if (Operation *op = value.getDefiningOp())
      return op->getBlock() == &getBody() && getPart(op) == Part::Late;
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &getBody() &&
           argument != loop.getInductionVar() &&
           isLateArgument(argument.getArgNumber() - 1);
  };
  bool isClean = true;
  for (Operation &op : getBody().without_terminator())
    forEachOperand(&op, [&](Value operand) {
      if (getPart(&op) != Part::Late) {
        isClean &= !isLate(operand);
        return;
      }
      Operation *source = operand.getDefiningOp();
      if (source && source->getBlock() == &getBody() && !isLate(operand))
        carried.insert(operand);
      else if (operand == loop.getRegionIterArg(sum))
        carried.insert(operand);
      else if (auto argument = dyn_cast<BlockArgument>(operand);
               argument && argument.getOwner() == &getBody())
        isClean &= isLate(operand);
    });
  if (!isClean)
    return "what its last product needs is needed elsewhere";
  for (auto [argument, value] :
       llvm::zip(loop.getRegionIterArgs(), loop.getYieldedValues()))
    if (isa<BlockArgument>(value) && value != argument &&
        value.getParentBlock() == &getBody())
      return "it carries a value on as another one";
  return std::nullopt;
}

/// Of the first positions of elements, rows and columns, so many.
bool LoopOverlapper::usesPositions(unsigned count) {
  return llvm::any_of(getBody().getOps<MapOp>(), [&](MapOp map) {
    return map.getTileType().isMatrix() &&
           llvm::any_of(
               map.getBody().getArguments().take_front(count),
               [](BlockArgument position) { return !position.use_empty(); });
  });
}

/// Whether `previous` ends where this loop begins, with the same late
/// operations.
bool LoopOverlapper::continues(LoopOverlapper &previous) {
  scf::ForOp other = previous.loop;
  // Its last iteration is the one before its end, and what happens between the
  // loops may happen before that.
  if (other->getBlock() != loop->getBlock() ||
      getConstantIntValue(other.getStep()) != 1)
    return false;
  for (Operation *op = other->getNextNode(); op != loop; op = op->getNextNode())
    if (!op || !(isMemoryEffectFree(op) || isa<AgainOp>(op)))
      return false;
  if (previous.sum != sum ||
      !llvm::equal(other.getResults(), loop.getInitArgs()) ||
      !llvm::all_of(other.getResults(),
                    [](Value result) { return result.hasOneUse(); }) ||
      previous.carried.size() != carried.size())
    return false;
  for (auto [mine, others] : llvm::zip(carried, previous.carried))
    if (mine.getType() != others.getType())
      return false;
  for (unsigned i = 0; i < loop.getNumResults(); ++i)
    if (isLateArgument(i) != previous.isLateArgument(i))
      return false;
  auto getLate = [](LoopOverlapper &of) {
    SmallVector<Operation *> late;
    for (Operation &op : of.getBody().without_terminator())
      if (of.getPart(&op) == Part::Late)
        late.push_back(&op);
    return late;
  };
  auto isOutside = [](LoopOverlapper &of, Value value) {
    return value.getParentRegion() != &of.loop.getRegion();
  };
  return llvm::all_of_zip(
      getLate(*this), getLate(previous), [&](Operation *a, Operation *b) {
        return a->getName() == b->getName() &&
               a->getAttrDictionary() == b->getAttrDictionary() &&
               a->getNumOperands() == b->getNumOperands() &&
               llvm::all_of_zip(
                   a->getOperands(), b->getOperands(), [&](Value x, Value y) {
                     return isOutside(*this, x) ? x == y
                                                : !isOutside(previous, y);
                   });
      });
}

std::optional<StringRef> LoopOverlapper::analyze() {
  if (auto reason = findProducts())
    return reason;
  if (auto reason = splitBody())
    return reason;
  return checkLate();
}

namespace {
struct WGOverlapProducts
    : attn::wg::impl::WGOverlapProductsBase<WGOverlapProducts> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](RolesOp roles) {
      roles.getConsume().walk([&](scf::ForOp loop) {
        if (!loop.getBody()->getOps<MmaOp>().empty())
          loops.push_back(loop);
      });
    });
    IRRewriter rewriter(&getContext());
    for (size_t i = 1; i < loops.size(); ++i)
      if (loops[i]->getBlock() == loops[i - 1]->getBlock())
        loops[i] = carryResults(rewriter, loops[i], loops[i - 1]);
    // The loop before, if it has the form but does not pay.
    std::unique_ptr<LoopOverlapper> previous;
    // A loop that may become part of the next one's pipeline has not stayed
    // yet.
    std::optional<std::pair<Location, StringRef>> pending;
    auto report = [&] {
      if (pending)
        remark::missed(pending->first, remark::RemarkOpts::name("no-overlap")
                                           .category("wg-overlap-products"))
            << remark::reason("nothing is computed beside the loop's last "
                              "product: {0}",
                              pending->second);
      pending.reset();
    };
    for (scf::ForOp loop : loops) {
      auto overlapper = std::make_unique<LoopOverlapper>(loop);
      std::optional<StringRef> reason = overlapper->analyze();
      bool hasForm = !reason;
      if (hasForm && overlapper->usesPositions())
        reason = "it computes with positions";
      else if (hasForm && hasOneIteration(loop))
        reason = "it has one iteration";
      if (reason) {
        report();
        pending.emplace(loop.getLoc(), *reason);
        previous = hasForm ? std::move(overlapper) : nullptr;
        continue;
      }
      if (previous && !overlapper->continues(*previous))
        previous.reset();
      if (previous && previous->mayGoOn()) {
        pending.reset();
        ++numLoops;
      }
      report();
      overlapper->run(previous.get());
      previous.reset();
      ++numLoops;
    }
    report();
  }
};
} // namespace
