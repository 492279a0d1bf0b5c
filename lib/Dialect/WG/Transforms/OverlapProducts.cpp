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

#include "ContinueLoops.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGOVERLAPPRODUCTS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

class LoopOverlapper {
public:
  explicit LoopOverlapper(scf::ForOp loop)
      : loop(loop), rewriter(loop.getContext()) {}

  /// Nothing if the loop has the form, else what is different.
  std::optional<StringRef> analyze();
  /// Whether it computes with positions of elements: such loops are those of
  /// the tiles that a mask cuts, which are few, and what the mask needs takes
  /// registers.
  bool usesPositions() { return usesPositions(2); }
  /// Whether it may have more than one iteration. A mask that tells columns
  /// apart, but not rows, cuts one tile.
  bool mayGoOn() { return !hasOneIteration(loop) && usesPositions(1); }
  bool continues(LoopOverlapper &previous);
  /// Rewrites the loop, and `previous` if there is one: what is late in its
  /// last iteration is late in the first of this loop.
  void run(LoopOverlapper *previous);

private:
  bool usesPositions(unsigned count);
  Value cutLast();
  ReleaseOp findOuterRelease();
  enum class Part { Early, Rescale, Operand, Late };
  using OpSet = llvm::SmallPtrSet<Operation *, 16>;

  Block &getBody() { return *loop.getBody(); }
  std::optional<StringRef> findProducts();
  std::optional<StringRef> splitBody();
  std::optional<StringRef> checkLate();
  OpSet getDependents(Value source);
  OpSet getSources(Operation *op);
  Part getPart(Operation *op) const {
    return op ? parts.lookup(op) : Part::Early;
  }
  bool isLateArgument(unsigned i) {
    return i != sum && getPart(yielded(i).getDefiningOp()) == Part::Late;
  }
  Value yielded(unsigned i) { return loop.getYieldedValues()[i]; }

  void clone(function_ref<bool(Operation *)> isWanted, IRMapping &mapping);
  AwaitMmaOp await(StartMmaOp started, MmaOp op, int64_t pending,
                   IRMapping &mapping);
  StartMmaOp start(MmaOp op, IRMapping &mapping);
  SmallVector<Value> getState(const IRMapping &early, const IRMapping &late);
  void mapState(ValueRange state, IRMapping &early, IRMapping &late);
  SmallVector<Value> emitIteration(Value number, ValueRange state);
  SmallVector<Value> emitFirst(Block *block, Value number, ValueRange inits);
  scf::ForOp emitLoop(Block *block, Value begin, Value end, ValueRange state);

  scf::ForOp loop;
  IRRewriter rewriter;
  /// The product that begins an iteration, and the one that ends it.
  MmaOp first, last;
  /// The number of the carried sum.
  unsigned sum = 0;
  DenseMap<Operation *, Part> parts;
  /// What the late operations take from the others.
  llvm::SmallSetVector<Value, 4> carried;
};

} // namespace

//===----------------------------------------------------------------------===//
// The form of the loop
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// The new loop
//===----------------------------------------------------------------------===//

/// Clones operations of the body, in order.
void LoopOverlapper::clone(function_ref<bool(Operation *)> isWanted,
                           IRMapping &mapping) {
  for (Operation &op : getBody().without_terminator())
    if (isWanted(&op))
      rewriter.clone(op, mapping);
}

StartMmaOp LoopOverlapper::start(MmaOp op, IRMapping &mapping) {
  return StartMmaOp::create(rewriter, op.getLoc(),
                            mapping.lookupOrDefault(op.getLhs()),
                            mapping.lookupOrDefault(op.getRhs()),
                            mapping.lookupOrDefault(op.getAcc()),
                            op.getLhsTransposed(), op.getRhsTransposed());
}

AwaitMmaOp LoopOverlapper::await(StartMmaOp started, MmaOp op, int64_t pending,
                                 IRMapping &mapping) {
  auto awaited = AwaitMmaOp::create(rewriter, op.getLoc(), started, pending);
  mapping.map(op.getResult(), awaited.getResult());
  return awaited;
}

/// What the loop carries: the values of the old one but the sum, those of late
/// operations before these, then what these need.
SmallVector<Value> LoopOverlapper::getState(const IRMapping &early,
                                            const IRMapping &late) {
  SmallVector<Value> state;
  for (unsigned i = 0; i < loop.getNumResults(); ++i)
    if (i != sum)
      state.push_back(isLateArgument(i) ? late.lookupOrDefault(yielded(i))
                                        : early.lookupOrDefault(yielded(i)));
  for (Value value : carried)
    state.push_back(early.lookupOrDefault(value));
  return state;
}

void LoopOverlapper::mapState(ValueRange state, IRMapping &early,
                              IRMapping &late) {
  for (unsigned i = 0; i < loop.getNumResults(); ++i) {
    if (i == sum)
      continue;
    (isLateArgument(i) ? late : early)
        .map(loop.getRegionIterArg(i), state.front());
    state = state.drop_front();
  }
  for (auto [value, now] : llvm::zip_equal(carried, state))
    late.map(value, now);
}

SmallVector<Value> LoopOverlapper::emitIteration(Value number,
                                                 ValueRange state) {
  IRMapping early, late;
  early.map(loop.getInductionVar(), number);
  mapState(state, early, late);
  OpSet needed = getSources(first), before = getSources(last);

  clone([&](Operation *op) { return needed.contains(op); }, early);
  TakeTurnOp::create(rewriter, first.getLoc());
  StartMmaOp startedFirst = start(first, early);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Late && before.contains(op);
      },
      late);
  StartMmaOp startedLast = start(last, late);
  PassTurnOp::create(rewriter, last.getLoc());
  await(startedFirst, first, 1, early);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Early && op != first &&
               !needed.contains(op);
      },
      early);
  Value total = await(startedLast, last, 0, late);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Late && op != last && !before.contains(op);
      },
      late);
  early.map(loop.getRegionIterArg(sum), total);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Rescale || getPart(op) == Part::Operand;
      },
      early);
  return getState(early, late);
}

/// All of an iteration but what is late, at the end of a block.
SmallVector<Value> LoopOverlapper::emitFirst(Block *block, Value number,
                                             ValueRange inits) {
  rewriter.setInsertionPointToEnd(block);
  IRMapping begin, before;
  begin.map(loop.getInductionVar(), number);
  for (auto [i, init] : llvm::enumerate(inits)) {
    begin.map(loop.getRegionIterArg(i), init);
    if (isLateArgument(i))
      before.map(yielded(i), init);
  }
  clone([&](Operation *op) { return getPart(op) != Part::Late; }, begin);
  return getState(begin, before);
}

/// The release, behind the loop, of a tile that only the first product reads:
/// it need not wait for the last one.
ReleaseOp LoopOverlapper::findOuterRelease() {
  auto received = first.getLhs().getDefiningOp<ReceiveOp>();
  if (!received || received->getBlock() != loop->getBlock() ||
      received.getChannel() ==
          last.getRhs().getDefiningOp<ReceiveOp>().getChannel())
    return {};
  for (Operation *user : received.getChannel().getUsers()) {
    auto release = dyn_cast<ReleaseOp>(user);
    if (!release || release->getBlock() != loop->getBlock() ||
        release.getCursor() != received.getCursor() ||
        !loop->isBeforeInBlock(release))
      continue;
    // Nothing between reads the tile.
    bool isLast =
        llvm::all_of(received.getResult().getUsers(), [&](Operation *op) {
          Operation *ancestor = loop->getBlock()->findAncestorOpInBlock(*op);
          return ancestor && !loop->isBeforeInBlock(ancestor);
        });
    return isLast ? release : ReleaseOp();
  }
  return {};
}

/// The iterations from `begin`, each with what is late in the one before, at
/// the end of a block.
scf::ForOp LoopOverlapper::emitLoop(Block *block, Value begin, Value end,
                                    ValueRange state) {
  Location loc = loop.getLoc();
  rewriter.setInsertionPointToEnd(block);
  return scf::ForOp::create(
      rewriter, loc, begin, end, loop.getStep(), state,
      [&](OpBuilder &, Location, Value number, ValueRange values) {
        OpBuilder::InsertionGuard guard(rewriter);
        rewriter.setInsertionPointToEnd(number.getParentBlock());
        scf::YieldOp::create(rewriter, loc, emitIteration(number, values));
      });
}

/// Leaves the last iteration to who asks for its number.
Value LoopOverlapper::cutLast() {
  rewriter.setInsertionPoint(loop);
  Value last = hasOneIteration(loop)
                   ? loop.getLowerBound()
                   : arith::SubIOp::create(rewriter, loop.getLoc(),
                                           loop.getUpperBound(), loop.getStep())
                         .getResult();
  loop.setUpperBound(last);
  return last;
}

void LoopOverlapper::run(LoopOverlapper *previous) {
  Location loc = loop.getLoc();
  ReleaseOp outer = findOuterRelease();
  rewriter.setInsertionPoint(loop);
  auto isSome = [&](scf::ForOp of) -> Value {
    if (hasOneIteration(of))
      return arith::ConstantIntOp::create(rewriter, loc, 1, 1);
    return arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt,
                                 of.getLowerBound(), of.getUpperBound());
  };
  auto getSecond = [&](scf::ForOp of) -> Value {
    return arith::AddIOp::create(rewriter, loc, of.getLowerBound(),
                                 of.getStep());
  };
  ValueRange inits = loop.getInitArgs();
  Value hasAny = isSome(loop), hasPrevious, firstOfPrevious;
  bool goesOn = previous && previous->mayGoOn();
  if (previous) {
    hasPrevious = isSome(previous->loop);
    hasAny = arith::OrIOp::create(rewriter, loc, hasPrevious, hasAny);
    firstOfPrevious =
        goesOn ? previous->loop.getLowerBound() : previous->cutLast();
    if (goesOn)
      inits = previous->loop.getInitArgs();
  }
  auto branch = scf::IfOp::create(rewriter, loc, loop.getResultTypes(), hasAny,
                                  /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  rewriter.setInsertionPointToStart(branch.elseBlock());
  if (outer)
    rewriter.clone(*outer);
  scf::YieldOp::create(rewriter, loc, inits);

  SmallVector<Value> state;
  rewriter.setInsertionPointToStart(branch.thenBlock());
  Value second = getSecond(loop);
  if (previous) {
    second = arith::SelectOp::create(rewriter, loc, hasPrevious,
                                     loop.getLowerBound(), second);
    SmallVector<Type> types;
    for (unsigned i = 0; i < loop.getNumResults(); ++i)
      if (i != sum)
        types.push_back(loop.getResult(i).getType());
    for (Value value : carried)
      types.push_back(value.getType());
    auto first = scf::IfOp::create(rewriter, loc, types, hasPrevious,
                                   /*addThenBlock=*/true,
                                   /*addElseBlock=*/true);
    auto emit = [&](LoopOverlapper &of, Block *block, Value number) {
      SmallVector<Value> values = of.emitFirst(block, number, inits);
      rewriter.setInsertionPointToEnd(block);
      scf::YieldOp::create(rewriter, loc, values);
    };
    emit(*previous, first.thenBlock(), firstOfPrevious);
    emit(*this, first.elseBlock(), loop.getLowerBound());
    state.assign(first.result_begin(), first.result_end());
    if (goesOn) {
      rewriter.setInsertionPointToEnd(branch.thenBlock());
      scf::ForOp rest =
          previous->emitLoop(branch.thenBlock(), getSecond(previous->loop),
                             previous->loop.getUpperBound(), state);
      state.assign(rest.result_begin(), rest.result_end());
    }
  } else {
    state = emitFirst(branch.thenBlock(), loop.getLowerBound(), inits);
  }

  scf::ForOp rotated =
      emitLoop(branch.thenBlock(), second, loop.getUpperBound(), state);

  // What is late in the last iteration.
  rewriter.setInsertionPointToEnd(branch.thenBlock());
  if (outer) {
    rewriter.clone(*outer);
    rewriter.eraseOp(outer);
  }
  IRMapping rest, end;
  mapState(rotated.getResults(), rest, end);
  clone([&](Operation *op) { return getPart(op) == Part::Late; }, end);
  SmallVector<Value> results;
  for (unsigned i = 0; i < loop.getNumResults(); ++i) {
    bool isLate = i == sum || isLateArgument(i);
    results.push_back(isLate ? end.lookup(yielded(i))
                             : rest.lookup(loop.getRegionIterArg(i)));
  }
  scf::YieldOp::create(rewriter, loc, results);
  rewriter.replaceOp(loop, branch.getResults());
  if (goesOn)
    rewriter.eraseOp(previous->loop);
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
