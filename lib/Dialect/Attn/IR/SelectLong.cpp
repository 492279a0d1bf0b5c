//===- SelectLong.cpp - Lists of many places, by a bound of their keys ----===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No two keys of a row are equal, so there is a bound that as many are not
// below as a list has places. It is found from the highest bits down, two at a
// time, by counting the keys from each of three bounds on. Those in the list
// are collected, and each is put where as many are above it. A key has its
// number in it, so that scores are not read again.
//
//===----------------------------------------------------------------------===//

#include "SelectRanks.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

/// By count of comparisons a scan a place is less for lists of a third of
/// these; long enough that both ways are not used for one row of a test.
static constexpr int64_t kManyPlaces = 64;

bool attn::isLongList(SelectOp select) {
  ShapedType lists = select.getOuts().getType();
  // A mass is that of the scores before, in their order.
  return hasKeys(select) && !lists.isDynamicDim(3) &&
         lists.getDimSize(3) >= kManyPlaces && !select.getMass();
}

namespace {
class LongListBuilder : public SelectRanks {
public:
  LongListBuilder(OpBuilder &builder, SelectOp select)
      : SelectRanks(builder, select),
        places(select.getOuts().getType().getDimSize(3)) {}

  Value build();

private:
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  /// 1 or 0.
  Value toCount(Value condition) {
    return arith::ExtUIOp::create(b, b.getI32Type(), condition);
  }
  /// A tensor with as many rows as the scores have.
  Value makeRows(int64_t length, Type element,
                 function_ref<Value(ValueRange at, Value row)> body);

  /// A number that is read from a list of rows.
  Value getEntry(Value numbers, ValueRange at, Value place) {
    return tensor::ExtractOp::create(b, numbers,
                                     ValueRange{at[0], at[1], at[2], place});
  }

  /// Some of the keys of a row, by numbers below `count`.
  struct Keys {
    Value count;
    function_ref<Value(Value)> get;
  };
  /// Bits that all of some keys have in front, and those behind them, as ones.
  struct Range {
    Value common, others;
  };
  Range findRange(const Keys &keys);
  Value findBound(const Keys &keys, Value rounds, int64_t more = 0,
                  std::optional<Range> range = std::nullopt);
  SmallVector<Value> countFrom(const Keys &keys, ValueRange bounds);
  SmallVector<Value> unless(Value condition, ValueRange values,
                            function_ref<SmallVector<Value>()> make);
  uint64_t getMostKey() {
    return llvm::maskTrailingOnes<uint64_t>(kTierBits + kValueBits +
                                            numberBits);
  }
  int64_t getNumRounds() {
    return llvm::divideCeil(kTierBits + kValueBits + numberBits, 2 * kPasses);
  }
  SmallVector<Value> collect(const Keys &keys, Value bound, Value list,
                             Value place, Value end = {});
  Value chooseAmongAll(ValueRange at, Value row);
  int64_t getSampleGap();
  Value getSampleBound(ValueRange at, int64_t gap);
  Value findCandidates(ValueRange at, int64_t gap, Value row);
  Value chooseAmong(ValueRange at, Value candidates, Value row);
  Value rankEntries(ValueRange at, Value keys, Value row);
  Value order(ValueRange at, Value keys, Value ranks, Value row);

  /// Scores that lie side by side in a sample; room for candidates, in parts of
  /// how many are to be expected.
  static constexpr int64_t kSampleRun = 32, kRoom = 2;
  /// What part of the places a bound of a sample may be off by.
  static constexpr int64_t kFewer = 8;
  /// Pairs of bits of a bound between two looks at whether it is one.
  static constexpr int64_t kPasses = 4;

  int64_t places;
};
} // namespace

Value LongListBuilder::makeRows(int64_t length, Type element,
                                function_ref<Value(ValueRange, Value)> body) {
  SmallVector<OpFoldResult> shape;
  for (int64_t dim = 0; dim < 3; ++dim)
    shape.push_back(getSize(select.getScores(), dim));
  shape.push_back(b.getIndexAttr(length));
  return forEachRow(tensor::EmptyOp::create(b, shape, element), body);
}

/// The bits from the highest one on in which keys differ, and what is before.
LongListBuilder::Range LongListBuilder::findRange(const Keys &keys) {
  SmallVector<Value> ends = loop(
      keys.count, {i64(~uint64_t(0)), i64(0)},
      [&](Value number, ValueRange carried) {
        Value key = keys.get(number);
        return SmallVector<Value>{arith::AndIOp::create(b, carried[0], key),
                                  arith::OrIOp::create(b, carried[1], key)};
      });
  Value others = arith::XOrIOp::create(b, ends[0], ends[1]);
  for (int64_t distance = 1; distance < 64; distance *= 2) {
    Value below = arith::ShRUIOp::create(b, others, i64(distance));
    others = arith::OrIOp::create(b, others, below);
  }
  // Pairs of bits: the higher one has an odd number.
  Value above = arith::AndIOp::create(b, shift(others, 1),
                                      i64(uint64_t(0xaaaaaaaaaaaaaaaa)));
  others = arith::OrIOp::create(b, others, above);
  Value kept = arith::XOrIOp::create(b, others, i64(~uint64_t(0)));
  return {arith::AndIOp::create(b, ends[0], kept), others};
}

/// A bound that as many keys are not below as the list has places, or up to so
/// many more; one that no key is below if it is not full. As soon as one is
/// found nothing is counted any more, and nothing for bits that all keys have
/// in common (`range`).
Value LongListBuilder::findBound(const Keys &keys, Value rounds, int64_t more,
                                 std::optional<Range> range) {
  auto isFound = [&](Value above) {
    return compare(Predicate::ule, arith::SubIOp::create(b, above, i32(places)),
                   i32(more));
  };
  auto refine = [&](Value round, Value inRound, Value bound, Value above) {
    Value last = index(kPasses * getNumRounds() - 1);
    Value pass = add(arith::MulIOp::create(b, round, index(kPasses)), inRound);
    Value left = arith::SubIOp::create(b, last, pass);
    Value step = arith::ShLIOp::create(
        b, i64(1),
        shift(arith::IndexCastOp::create(b, b.getI64Type(), left), 1));
    SmallVector<Value> bounds{add(bound, step)};
    for (int i = 0; i < 2; ++i)
      bounds.push_back(add(bounds.back(), step));
    Value isDone = isFound(above);
    Value others = range ? range->others : i64(getMostKey());
    isDone = either(isDone, compare(Predicate::ult, others, step));
    SmallVector<Value> none(bounds.size(), i32(0));
    SmallVector<Value> counts =
        unless(isDone, none, [&] { return countFrom(keys, bounds); });
    for (auto [sum, next] : llvm::zip(counts, bounds)) {
      Value isEnough = compare(Predicate::sge, sum, i32(places));
      bound = choose(isEnough, next, bound);
      above = choose(isEnough, sum, above);
    }
    return SmallVector<Value>{bound, above};
  };
  SmallVector<Value> begin{range ? range->common : i64(0), toI32(keys.count)};
  return loop(rounds, begin,
              [&](Value round, ValueRange outer) {
                return unless(isFound(outer[1]), outer, [&] {
                  return loop(index(kPasses), SmallVector<Value>(outer),
                              [&](Value inRound, ValueRange state) {
                                return refine(round, inRound, state[0],
                                              state[1]);
                              });
                });
              })
      .front();
}

/// What `make` computes, or `values` if a condition holds.
SmallVector<Value>
LongListBuilder::unless(Value condition, ValueRange values,
                        function_ref<SmallVector<Value>()> make) {
  auto choice = scf::IfOp::create(b, values.getTypes(), condition, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  scf::YieldOp::create(b, values);
  b.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(b, make());
  return llvm::to_vector_of<Value>(choice.getResults());
}

/// How many keys are not below each of some bounds.
SmallVector<Value> LongListBuilder::countFrom(const Keys &keys,
                                              ValueRange bounds) {
  return loop(keys.count, SmallVector<Value>(bounds.size(), i32(0)),
              [&](Value number, ValueRange carried) {
                Value key = keys.get(number);
                SmallVector<Value> next;
                for (auto [sum, bound] : llvm::zip(carried, bounds))
                  next.push_back(
                      add(sum, toCount(compare(Predicate::uge, key, bound))));
                return next;
              });
}

/// Appends to a list, of which `place` is free, the keys that are not below a
/// bound, in the order of their numbers; gives the list and the next place. Of
/// those from `end` on, if that is given, there is only the number.
SmallVector<Value> LongListBuilder::collect(const Keys &keys, Value bound,
                                            Value list, Value place,
                                            Value end) {
  return loop(keys.count, {list, place}, [&](Value number, ValueRange carried) {
    Value key = keys.get(number);
    Value taken = compare(Predicate::uge, key, bound);
    auto choice =
        scf::IfOp::create(b, TypeRange(carried[0].getType()), taken, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, carried[0]);
    b.setInsertionPointToStart(choice.thenBlock());
    if (end) {
      Value hasRoom = compare(Predicate::slt, carried[1], end);
      auto inside =
          scf::IfOp::create(b, TypeRange(carried[0].getType()), hasRoom, true);
      scf::YieldOp::create(b, inside.getResult(0));
      b.setInsertionPointToStart(inside.elseBlock());
      scf::YieldOp::create(b, carried[0]);
      b.setInsertionPointToStart(inside.thenBlock());
    }
    Value longer =
        tensor::InsertOp::create(b, key, carried[0], toIndex(carried[1]));
    scf::YieldOp::create(b, longer);
    b.setInsertionPointAfter(choice);
    Value next = add(carried[1], i32(1));
    return SmallVector<Value>{choice.getResult(0),
                              choose(taken, next, carried[1])};
  });
}

/// The keys in the list, and 0.
Value LongListBuilder::chooseAmongAll(ValueRange at, Value row) {
  auto get = [&](Value number) { return getKey(at, number); };
  Keys all{toValue(getSize(select.getScores(), 3)), get};
  Value bound = findBound(all, index(getNumRounds()));
  bound = arith::MaxUIOp::create(b, bound, i64(1));
  row = linalg::FillOp::create(b, i64(0), row).getResult(0);
  return collect(all, bound, row, i32(0)).front();
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// One of how many scores is looked at first, or 1 for all. What is found to
/// have enough keys above it among some has enough among all; by as many times
/// more, mostly, as there are scores for one that is looked at. Both, a sample
/// and these candidates, are few if the gap is about the square root of how
/// many scores there are for each place.
int64_t LongListBuilder::getSampleGap() {
  int64_t count = select.getScores().getType().getDimSize(3);
  if (ShapedType::isDynamic(count))
    return 1;
  int64_t gap = 1;
  while (4 * gap * gap * places <= count)
    gap *= 2;
  // A part that is not looked at must not be the only one that has keys.
  return count / (gap * kSampleRun) * kSampleRun >= 2 * places ? gap : 1;
}

/// A bound that enough keys of a sample are not below, and not many more: runs
/// of scores that lie side by side, one of `gap`.
Value LongListBuilder::getSampleBound(ValueRange at, int64_t gap) {
  int64_t count = select.getScores().getType().getDimSize(3);
  AffineExpr n = b.getAffineDimExpr(0);
  auto get = [&](Value number) {
    OpFoldResult place =
        apply(n.floorDiv(kSampleRun) * (kSampleRun * gap) + n % kSampleRun,
              {getAsOpFoldResult(number)});
    return getKey(at, toValue(place));
  };
  Keys sample{index(count / (gap * kSampleRun) * kSampleRun), get};
  Value bound = findBound(sample, index(getNumRounds()), places / kFewer);
  return arith::MaxUIOp::create(b, bound, i64(1));
}

/// How many candidates there are, and their keys; none if there is no room.
Value LongListBuilder::findCandidates(ValueRange at, int64_t gap, Value row) {
  Value bound = getSampleBound(at, gap);
  auto get = [&](Value number) { return getKey(at, number); };
  Keys all{toValue(getSize(select.getScores(), 3)), get};
  Value size = toI32(toValue(getSize(row, 0)));
  SmallVector<Value> found = collect(all, bound, row, i32(1), size);
  Value hasRoom = compare(Predicate::sle, found[1], size);
  Value count = arith::SubIOp::create(b, found[1], i32(1));
  Value entry = choose(hasRoom, toI64(count), i64(~uint64_t(0)));
  return tensor::InsertOp::create(b, entry, found[0], index(0));
}

/// The keys in the list, of candidates if there are some.
Value LongListBuilder::chooseAmong(ValueRange at, Value candidates, Value row) {
  Value found = toIndex(getEntry(candidates, at, index(0)));
  Value isListed = compare(Predicate::sge, found, index(0));
  Value none = index(0), rounds = index(getNumRounds());
  Value count = toValue(getSize(select.getScores(), 3));
  auto getListed = [&](Value place) {
    return getEntry(candidates, at, add(place, index(1)));
  };
  auto get = [&](Value number) { return getKey(at, number); };
  Keys listed{choose(isListed, found, none), getListed};
  Keys all{choose(isListed, none, count), get};
  Value bound = choose(isListed,
                       findBound(listed, choose(isListed, rounds, none),
                                 /*more=*/0, findRange(listed)),
                       findBound(all, choose(isListed, none, rounds)));
  bound = arith::MaxUIOp::create(b, bound, i64(1));
  row = linalg::FillOp::create(b, i64(0), row).getResult(0);
  SmallVector<Value> list = collect(listed, bound, row, i32(0));
  return collect(all, bound, list[0], list[1]).front();
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// How many of the list rank above each of its keys.
Value LongListBuilder::rankEntries(ValueRange at, Value keys, Value row) {
  return loop(index(places), {row},
              [&](Value place, ValueRange outer) {
                Value own = getEntry(keys, at, place);
                Value above =
                    loop(index(places), {i32(0)},
                         [&](Value other, ValueRange carried) {
                           Value isAbove = compare(
                               Predicate::ugt, getEntry(keys, at, other), own);
                           return SmallVector<Value>{
                               add(carried[0], toCount(isAbove))};
                         })
                        .front();
                return SmallVector<Value>{
                    tensor::InsertOp::create(b, above, outer[0], place)};
              })
      .front();
}

/// The list: at each place the number that has this rank, or -1. All fillers
/// have the one behind the last.
Value LongListBuilder::order(ValueRange at, Value keys, Value ranks,
                             Value row) {
  return loop(index(places), {row},
              [&](Value place, ValueRange outer) {
                Value wanted = toI32(place);
                Value found =
                    loop(index(places), {i32(-1)},
                         [&](Value other, ValueRange carried) {
                           Value rank = getEntry(ranks, at, other);
                           Value isIt = compare(Predicate::eq, rank, wanted);
                           Value number = choose(isIt, toI32(other), i32(-1));
                           return SmallVector<Value>{
                               arith::MaxSIOp::create(b, carried[0], number)};
                         })
                        .front();
                Value isThere = compare(Predicate::sge, found, i32(0));
                Value key =
                    getEntry(keys, at, toIndex(choose(isThere, found, i32(0))));
                isThere = both(isThere, compare(Predicate::ne, key, i64(0)));
                Value number = choose(isThere, getKeyNumber(key), i32(-1));
                return SmallVector<Value>{
                    tensor::InsertOp::create(b, number, outer[0], place)};
              })
      .front();
}

Value LongListBuilder::build() {
  int64_t gap = getSampleGap();
  Value candidates;
  if (gap > 1)
    candidates = makeRows(
        1 + kRoom * gap * places, b.getI64Type(),
        [&](ValueRange at, Value row) { return findCandidates(at, gap, row); });
  Value keys = makeRows(places, b.getI64Type(), [&](ValueRange at, Value row) {
    return candidates ? chooseAmong(at, candidates, row)
                      : chooseAmongAll(at, row);
  });
  Value ranks = makeRows(places, b.getI32Type(), [&](ValueRange at, Value row) {
    return rankEntries(at, keys, row);
  });
  return forEachRow(select.getOuts(), [&](ValueRange at, Value row) {
    return order(at, keys, ranks, row);
  });
}

Value attn::buildLongLists(OpBuilder &builder, SelectOp select) {
  return LongListBuilder(builder, select).build();
}
