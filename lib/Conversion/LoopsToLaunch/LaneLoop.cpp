//===- LaneLoop.cpp - Loops whose iterations lanes can share --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a loop carries is read off the way in which it is updated: as long as
// nothing else in the loop looks at it, it does not matter in which order the
// iterations come, nor that there are several such values to be combined.
//
//===----------------------------------------------------------------------===//

#include "LaneLoop.h"
#include "Memories.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;

namespace {
class LaneLoopMatcher {
public:
  LaneLoopMatcher(scf::ForOp loop, std::string &reason)
      : loop(loop), reason(reason) {}

  FailureOr<LaneLoop> match();

private:
  LogicalResult fail(const Twine &why) {
    reason = why.str();
    return failure();
  }
  bool isOutside(Value value) { return loop.isDefinedOutsideOfLoop(value); }

  LogicalResult matchCarried();
  std::optional<LaneCount> matchCount(unsigned number);
  LogicalResult matchBest(ArrayRef<unsigned> numbers, Value condition);
  LogicalResult splitAtCounts();
  LogicalResult checkStores();
  bool isOwnPlace(memref::StoreOp store);
  bool isOwnNumber(Value index);
  bool isOwnCount(Value index, memref::StoreOp store);

  scf::ForOp loop;
  std::string &reason;
  LaneLoop result;
};

/// Follows a comparison of the values of an iteration with those carried.
class OrderMatcher {
public:
  OrderMatcher(scf::ForOp loop, ArrayRef<unsigned> numbers,
               ArrayRef<Value> candidates)
      : loop(loop), numbers(numbers), candidates(candidates) {}

  /// The keys of an order in which an iteration comes before what is carried if
  /// `condition` holds; conditions on the iteration alone are let through.
  LogicalResult match(Value condition, bool isFiltered = true);

  SmallVector<LaneBest::Key> keys;
  /// All operations that look at carried values.
  DenseSet<Operation *> operations;

private:
  bool dependsOnCarried(Value value);
  std::optional<unsigned> findKey(Value candidate, Value carried);
  bool matchStrict(Value condition);
  bool matchEqual(Value condition, const LaneBest::Key &key);

  scf::ForOp loop;
  ArrayRef<unsigned> numbers;
  ArrayRef<Value> candidates;
};
} // namespace

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// `op`, if it combines `carried`, of which that is the only use but one in
/// `except`, with something else.
static Operation *getCombiner(Value carried, Operation *op, Operation *except) {
  if (!op || op->getNumOperands() != 2 || op->getNumResults() != 1 ||
      !op->hasOneUse() || !arith::getNeutralElement(op) ||
      llvm::count(op->getOperands(), carried) != 1)
    return nullptr;
  for (Operation *user : carried.getUsers())
    if (user != op && user != except)
      return nullptr;
  return op;
}

/// The operation that combines `carried` with one value of an iteration, or
/// with all of a loop inside, to give `next`.
static Operation *matchReduction(Value carried, Value next) {
  if (!next.hasOneUse())
    return nullptr;
  if (auto choice = next.getDefiningOp<arith::SelectOp>()) {
    bool isKept = choice.getFalseValue() == carried;
    if (!isKept && choice.getTrueValue() != carried)
      return nullptr;
    Value other = isKept ? choice.getTrueValue() : choice.getFalseValue();
    if (choice.getCondition() == carried)
      return nullptr;
    return getCombiner(carried, other.getDefiningOp(), choice);
  }
  if (auto inner = next.getDefiningOp<scf::ForOp>()) {
    unsigned number = cast<OpResult>(next).getResultNumber();
    if (inner.getInitArgs()[number] != carried || !carried.hasOneUse())
      return nullptr;
    return matchReduction(inner.getRegionIterArg(number),
                          inner.getYieldedValues()[number]);
  }
  return getCombiner(carried, next.getDefiningOp(), nullptr);
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

std::optional<LaneCount> LaneLoopMatcher::matchCount(unsigned number) {
  Value carried = loop.getRegionIterArg(number),
        next = loop.getYieldedValues()[number];
  if (!next.hasOneUse())
    return std::nullopt;
  if (auto choice = next.getDefiningOp<arith::SelectOp>()) {
    auto more = choice.getTrueValue().getDefiningOp<arith::AddIOp>();
    if (choice.getFalseValue() == carried && more && more.getLhs() == carried &&
        matchPattern(more.getRhs(), m_One()))
      return LaneCount{number, choice.getCondition()};
    return std::nullopt;
  }
  auto more = next.getDefiningOp<arith::AddIOp>();
  if (!more || more.getLhs() != carried)
    return std::nullopt;
  auto one = more.getRhs().getDefiningOp<arith::ExtUIOp>();
  if (!one || !one.getIn().getType().isInteger(1))
    return std::nullopt;
  return LaneCount{number, one.getIn()};
}

/// What counts decide in front of it, what they number behind.
LogicalResult LaneLoopMatcher::splitAtCounts() {
  DenseSet<Operation *> updates, numbered;
  for (const LaneCount &count : result.counts)
    updates.insert(loop.getYieldedValues()[count.number].getDefiningOp());
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (updates.contains(&op))
      continue;
    bool isNumbered = false;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        auto argument = dyn_cast<BlockArgument>(operand);
        isNumbered |= argument && argument.getOwner() == loop.getBody() &&
                      argument != loop.getInductionVar();
        isNumbered |= numbered.contains(operand.getDefiningOp());
      }
    });
    if (isNumbered)
      numbered.insert(&op);
    (isNumbered ? result.behind : result.before).push_back(&op);
  }
  for (const LaneCount &count : result.counts)
    if (numbered.contains(count.condition.getDefiningOp()))
      return fail("what is counted depends on the count");
  Operation *other;
  for (Operation *op : result.before) {
    FailureOr<Accesses> accesses = collectAccesses(op, other);
    if (failed(accesses) || !accesses->stores.empty())
      return fail("memory is written where nothing is counted");
  }
  if (!matchPattern(loop.getStep(), m_One()))
    return fail("a count of iterations that are not numbered one by one");
  return success();
}

//===----------------------------------------------------------------------===//
// The best of tuples
//===----------------------------------------------------------------------===//

bool OrderMatcher::dependsOnCarried(Value value) {
  SmallVector<Value> worklist{value};
  DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!seen.insert(next).second || loop.isDefinedOutsideOfLoop(next))
      continue;
    if (llvm::is_contained(loop.getRegionIterArgs(), next))
      return true;
    Operation *op = next.getDefiningOp();
    if (!op)
      continue;
    op->walk([&](Operation *inner) {
      llvm::append_range(worklist, inner->getOperands());
    });
  }
  return false;
}

std::optional<unsigned> OrderMatcher::findKey(Value candidate, Value carried) {
  for (auto [number, mine] : llvm::zip_equal(numbers, candidates))
    if (mine == candidate && loop.getRegionIterArg(number) == carried)
      return number;
  return std::nullopt;
}

/// Whether a float is no NaN: a constant, or what is chosen where it is one.
static bool isNumber(Value value) {
  FloatAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return !constant.getValue().isNaN();
  if (value.getDefiningOp<arith::SIToFPOp>() ||
      value.getDefiningOp<arith::UIToFPOp>())
    return true;
  auto choice = value.getDefiningOp<arith::SelectOp>();
  if (!choice)
    return false;
  auto test = choice.getCondition().getDefiningOp<arith::CmpFOp>();
  if (!test || test.getLhs() != test.getRhs())
    return false;
  bool isUnordered = test.getPredicate() == arith::CmpFPredicate::UNO;
  if (!isUnordered && test.getPredicate() != arith::CmpFPredicate::ORD)
    return false;
  Value number = isUnordered ? choice.getFalseValue() : choice.getTrueValue(),
        other = isUnordered ? choice.getTrueValue() : choice.getFalseValue();
  return number == test.getLhs() && isNumber(other);
}

/// `candidate > carried`, or `<`, of one key: the next one.
bool OrderMatcher::matchStrict(Value condition) {
  auto add = [&](Value left, Value right, bool isGreater, bool isUnsigned) {
    std::optional<unsigned> number = findKey(left, right);
    bool isSwapped = !number;
    if (isSwapped)
      number = findKey(right, left);
    if (!number)
      return false;
    keys.push_back({*number, isGreater != isSwapped, isUnsigned});
    operations.insert(condition.getDefiningOp());
    return true;
  };
  if (auto test = condition.getDefiningOp<arith::CmpIOp>()) {
    using Predicate = arith::CmpIPredicate;
    Predicate predicate = test.getPredicate();
    bool isUnsigned =
        predicate == Predicate::ugt || predicate == Predicate::ult;
    bool isGreater = predicate == Predicate::ugt || predicate == Predicate::sgt;
    if (!isUnsigned && !isGreater && predicate != Predicate::slt)
      return false;
    return add(test.getLhs(), test.getRhs(), isGreater, isUnsigned);
  }
  auto test = condition.getDefiningOp<arith::CmpFOp>();
  if (!test)
    return false;
  using Predicate = arith::CmpFPredicate;
  if (test.getPredicate() != Predicate::OGT &&
      test.getPredicate() != Predicate::OLT)
    return false;
  // A NaN comes neither before nor behind a number: no order.
  size_t first = keys.size();
  return add(test.getLhs(), test.getRhs(),
             test.getPredicate() == Predicate::OGT, false) &&
         isNumber(loop.getInitArgs()[keys[first].number]) &&
         (first == 0 || isNumber(loop.getYieldedValues()[keys[first].number]
                                     .getDefiningOp<arith::SelectOp>()
                                     .getTrueValue()));
}

bool OrderMatcher::matchEqual(Value condition, const LaneBest::Key &key) {
  Value left, right;
  if (auto test = condition.getDefiningOp<arith::CmpIOp>()) {
    if (test.getPredicate() != arith::CmpIPredicate::eq)
      return false;
    left = test.getLhs();
    right = test.getRhs();
  } else if (auto test = condition.getDefiningOp<arith::CmpFOp>()) {
    if (test.getPredicate() != arith::CmpFPredicate::OEQ)
      return false;
    left = test.getLhs();
    right = test.getRhs();
  } else {
    return false;
  }
  if (findKey(left, right) != key.number && findKey(right, left) != key.number)
    return false;
  operations.insert(condition.getDefiningOp());
  return true;
}

LogicalResult OrderMatcher::match(Value condition, bool isFiltered) {
  if (matchStrict(condition))
    return success();
  if (auto both = condition.getDefiningOp<arith::AndIOp>()) {
    if (!isFiltered)
      return failure();
    operations.insert(both);
    if (!dependsOnCarried(both.getLhs()))
      return match(both.getRhs());
    if (!dependsOnCarried(both.getRhs()))
      return match(both.getLhs());
    return failure();
  }
  auto either = condition.getDefiningOp<arith::OrIOp>();
  if (!either)
    return failure();
  operations.insert(either);
  for (auto [first, rest] : {std::pair(either.getLhs(), either.getRhs()),
                             std::pair(either.getRhs(), either.getLhs())}) {
    auto both = rest.getDefiningOp<arith::AndIOp>();
    size_t count = keys.size();
    if (!both || !matchStrict(first)) {
      keys.truncate(count);
      continue;
    }
    operations.insert(both);
    LaneBest::Key key = keys.back();
    if (matchEqual(both.getLhs(), key))
      return match(both.getRhs(), /*isFiltered=*/false);
    if (matchEqual(both.getRhs(), key))
      return match(both.getLhs(), /*isFiltered=*/false);
    return failure();
  }
  return failure();
}

LogicalResult LaneLoopMatcher::matchBest(ArrayRef<unsigned> numbers,
                                         Value condition) {
  SmallVector<Value> candidates;
  DenseSet<Operation *> choices;
  for (unsigned number : numbers) {
    auto choice =
        loop.getYieldedValues()[number].getDefiningOp<arith::SelectOp>();
    candidates.push_back(choice.getTrueValue());
    choices.insert(choice);
  }
  OrderMatcher order(loop, numbers, candidates);
  if (failed(order.match(condition)))
    return fail("what is carried is chosen by something that is no order");
  // What ties in all keys must be the same.
  if (order.keys.size() != numbers.size())
    return fail(llvm::formatv("{0} values are chosen by the order of {1}",
                              numbers.size(), order.keys.size()));
  auto isKnown = [&](Operation *user) {
    return order.operations.contains(user) || choices.contains(user);
  };
  for (unsigned number : numbers)
    if (!llvm::all_of(loop.getRegionIterArg(number).getUsers(), isKnown))
      return fail("what is carried is used before the loop ends");
  for (Operation *op : order.operations)
    if (!llvm::all_of(op->getUsers(), isKnown))
      return fail("a comparison with what is carried is used elsewhere");
  result.bests.push_back({order.keys});
  return success();
}

//===----------------------------------------------------------------------===//
// What is carried, and what is written
//===----------------------------------------------------------------------===//

LogicalResult LaneLoopMatcher::matchCarried() {
  llvm::MapVector<Value, SmallVector<unsigned>> choices;
  for (unsigned i = 0, e = loop.getNumRegionIterArgs(); i < e; ++i) {
    Value carried = loop.getRegionIterArg(i), next = loop.getYieldedValues()[i];
    if (Operation *combiner = matchReduction(carried, next)) {
      result.reductions.push_back({i, combiner});
      continue;
    }
    if (std::optional<LaneCount> count = matchCount(i)) {
      result.counts.push_back(*count);
      continue;
    }
    auto choice = next.getDefiningOp<arith::SelectOp>();
    if (!choice || !next.hasOneUse() || choice.getFalseValue() != carried)
      return fail("an iteration needs what the one before it has made");
    choices[choice.getCondition()].push_back(i);
  }
  for (auto &[condition, numbers] : choices)
    if (failed(matchBest(numbers, condition)))
      return failure();
  if (result.counts.empty())
    return success();
  if (!result.reductions.empty() || !result.bests.empty())
    return fail("something is carried beside a count");
  return splitAtCounts();
}

/// Whether an index is another one in each iteration.
bool LaneLoopMatcher::isOwnNumber(Value index) {
  if (index == loop.getInductionVar())
    return true;
  if (auto cast = index.getDefiningOp<arith::IndexCastOp>())
    return isOwnNumber(cast.getIn());
  if (auto sum = index.getDefiningOp<arith::AddIOp>())
    return (isOutside(sum.getRhs()) && isOwnNumber(sum.getLhs())) ||
           (isOutside(sum.getLhs()) && isOwnNumber(sum.getRhs()));
  return false;
}

/// Whether a store comes behind those that were counted, and is counted itself.
bool LaneLoopMatcher::isOwnCount(Value index, memref::StoreOp store) {
  if (auto cast = index.getDefiningOp<arith::IndexCastOp>())
    index = cast.getIn();
  if (auto sum = index.getDefiningOp<arith::AddIOp>()) {
    if (!isOutside(sum.getRhs()))
      return false;
    index = sum.getLhs();
  }
  for (const LaneCount &count : result.counts) {
    if (index != loop.getRegionIterArg(count.number))
      continue;
    for (auto test = store->getParentOfType<scf::IfOp>(); test;
         test = test->getParentOfType<scf::IfOp>())
      if (test.getCondition() == count.condition &&
          test.getThenRegion().isAncestor(store->getParentRegion()))
        return true;
  }
  return false;
}

bool LaneLoopMatcher::isOwnPlace(memref::StoreOp store) {
  return llvm::any_of(store.getIndices(), [&](Value index) {
    return isOwnNumber(index) || isOwnCount(index, store);
  });
}

LogicalResult LaneLoopMatcher::checkStores() {
  Operation *other = nullptr;
  FailureOr<Accesses> accesses = collectAccesses(loop, other);
  if (failed(accesses))
    return fail("it has a '" + other->getName().getStringRef() + "'");
  for (memref::StoreOp store : accesses->stores) {
    if (!isOutside(store.getMemRef()))
      return fail("memory is written that is another one in each iteration");
    for (memref::LoadOp load : accesses->loads)
      if (!areApart(store.getMemRef(), load.getMemRef()))
        return fail("memory is written that may be read in other iterations");
    // The same value may be written by all.
    bool isSame = isOutside(store.getValueToStore());
    for (memref::StoreOp more : accesses->stores)
      if (more != store && !areApart(store.getMemRef(), more.getMemRef()) &&
          !(isSame && more.getValueToStore() == store.getValueToStore()))
        return fail("memory is written in two places");
    if (!isSame && !isOwnPlace(store))
      return fail("an iteration may write where another one does");
  }
  return success();
}

FailureOr<LaneLoop> LaneLoopMatcher::match() {
  if (failed(matchCarried()) || failed(checkStores()))
    return failure();
  return result;
}

FailureOr<LaneLoop> attn::matchLaneLoop(scf::ForOp loop, std::string &reason) {
  return LaneLoopMatcher(loop, reason).match();
}
