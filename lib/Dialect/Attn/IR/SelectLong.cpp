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
// are collected, and each is put where as many are above it.
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

  Value getKeyOfEntry(ValueRange at, Value entry);
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
  Value findBound(const Keys &keys, Value passes);
  Value getNumPasses() {
    return index(llvm::divideCeil(kTierBits + kValueBits + numberBits, 2));
  }
  Value countFrom(const Keys &keys, Value bound);
  SmallVector<Value> collect(const Keys &keys, Value bound,
                             function_ref<Value(Value)> makeEntry, Value list,
                             Value place);
  Value chooseAmongAll(ValueRange at, Value row);
  int64_t getSampleGap();
  Value getSampleBound(ValueRange at, int64_t gap);
  Value findCandidates(ValueRange at, int64_t gap, Value row);
  Value chooseAmong(ValueRange at, Value candidates, Value row);
  Value readKeys(ValueRange at, Value numbers, Value row);
  Value rankEntries(ValueRange at, Value keys, Value row);
  Value order(ValueRange at, Value numbers, Value ranks, Value row);

  /// Scores that lie side by side in a sample; room for candidates, in parts of
  /// how many are to be expected.
  static constexpr int64_t kSampleRun = 32, kRoom = 2;

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

/// The key of a number in a list; of a filler 0.
Value LongListBuilder::getKeyOfEntry(ValueRange at, Value entry) {
  Value exists = compare(Predicate::sge, entry, i32(0));
  Value number = toIndex(choose(exists, entry, i32(0)));
  return choose(exists, getKey(at, number), i64(0));
}

/// A bound that as many keys are not below as the list has places; 0 if it is
/// not full. As soon as one is found nothing is counted any more.
Value LongListBuilder::findBound(const Keys &keys, Value passes) {
  Value all = toI32(keys.count);
  return loop(passes, {i64(0), all},
              [&](Value pass, ValueRange outer) {
                Value left = arith::SubIOp::create(
                    b, arith::SubIOp::create(b, getNumPasses(), index(1)),
                    pass);
                Value bits = shift(
                    arith::IndexCastOp::create(b, b.getI64Type(), left), 1);
                Value step = arith::ShLIOp::create(b, i64(1), bits);
                SmallVector<Value> bounds{add(outer[0], step)};
                for (int i = 0; i < 2; ++i)
                  bounds.push_back(add(bounds.back(), step));
                Value isFound = compare(Predicate::eq, outer[1], i32(places));
                SmallVector<Value> counts = loop(
                    choose(isFound, index(0), keys.count),
                    SmallVector<Value>(3, i32(0)),
                    [&](Value number, ValueRange carried) {
                      Value key = keys.get(number);
                      SmallVector<Value> next;
                      for (auto [sum, bound] : llvm::zip(carried, bounds))
                        next.push_back(add(
                            sum, toCount(compare(Predicate::uge, key, bound))));
                      return next;
                    });
                Value bound = outer[0], above = outer[1];
                for (auto [sum, next] : llvm::zip(counts, bounds)) {
                  Value isEnough = compare(Predicate::sge, sum, i32(places));
                  bound = choose(isEnough, next, bound);
                  above = choose(isEnough, sum, above);
                }
                return SmallVector<Value>{bound, above};
              })
      .front();
}

/// How many keys are not below a bound.
Value LongListBuilder::countFrom(const Keys &keys, Value bound) {
  return loop(keys.count, {i32(0)},
              [&](Value number, ValueRange carried) {
                Value taken = compare(Predicate::uge, keys.get(number), bound);
                return SmallVector<Value>{add(carried[0], toCount(taken))};
              })
      .front();
}

/// Appends to a list, of which `place` is free, an entry for each key that is
/// not below a bound, in their order.
SmallVector<Value>
LongListBuilder::collect(const Keys &keys, Value bound,
                         function_ref<Value(Value)> makeEntry, Value list,
                         Value place) {
  return loop(keys.count, {list, place}, [&](Value number, ValueRange carried) {
    Value key = keys.get(number);
    Value taken = compare(Predicate::uge, key, bound);
    Value entry = makeEntry(number);
    auto choice =
        scf::IfOp::create(b, TypeRange(carried[0].getType()), taken, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    Value longer = tensor::InsertOp::create(b, entry, carried[0], carried[1]);
    scf::YieldOp::create(b, longer);
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, carried[0]);
    b.setInsertionPointAfter(choice);
    Value next = add(carried[1], index(1));
    return SmallVector<Value>{choice.getResult(0),
                              choose(taken, next, carried[1])};
  });
}

/// The numbers whose keys are in the list, and -1.
Value LongListBuilder::chooseAmongAll(ValueRange at, Value row) {
  auto get = [&](Value number) { return getKey(at, number); };
  Keys all{toValue(getSize(select.getScores(), 3)), get};
  Value bound = findBound(all, getNumPasses());
  bound = arith::MaxUIOp::create(b, bound, i64(1));
  row = linalg::FillOp::create(b, i32(-1), row).getResult(0);
  return collect(
             all, bound, [&](Value number) { return toI32(number); }, row,
             index(0))
      .front();
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

/// A bound that enough keys of a sample are not below: runs of scores that lie
/// side by side, one of `gap`.
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
  Value bound = findBound(sample, getNumPasses());
  return arith::MaxUIOp::create(b, bound, i64(1));
}

/// How many candidates there are, and their keys; none if there is no room.
Value LongListBuilder::findCandidates(ValueRange at, int64_t gap, Value row) {
  Value bound = getSampleBound(at, gap);
  auto get = [&](Value number) { return getKey(at, number); };
  Value count = toValue(getSize(select.getScores(), 3));
  Value found = countFrom({count, get}, bound);
  Value hasRoom =
      compare(Predicate::slt, found, toI32(toValue(getSize(row, 0))));
  Keys all{choose(hasRoom, count, index(0)), get};
  row = collect(all, bound, get, row, index(1)).front();
  Value entry = choose(hasRoom, toI64(found), i64(~uint64_t(0)));
  return tensor::InsertOp::create(b, entry, row, index(0));
}

/// The numbers whose keys are in the list, of candidates if there are some.
Value LongListBuilder::chooseAmong(ValueRange at, Value candidates, Value row) {
  Value found = toIndex(getEntry(candidates, at, index(0)));
  Value isListed = compare(Predicate::sge, found, index(0));
  Value none = index(0), passes = getNumPasses();
  Value count = toValue(getSize(select.getScores(), 3));
  auto getListed = [&](Value place) {
    return getEntry(candidates, at, add(place, index(1)));
  };
  auto get = [&](Value number) { return getKey(at, number); };
  Keys listed{choose(isListed, found, none), getListed};
  Keys all{choose(isListed, none, count), get};
  Value bound =
      choose(isListed, findBound(listed, choose(isListed, passes, none)),
             findBound(all, choose(isListed, none, passes)));
  bound = arith::MaxUIOp::create(b, bound, i64(1));
  row = linalg::FillOp::create(b, i32(-1), row).getResult(0);
  SmallVector<Value> list = collect(
      listed, bound,
      [&](Value place) { return getKeyNumber(getListed(place)); }, row, none);
  return collect(
             all, bound, [&](Value number) { return toI32(number); }, list[0],
             list[1])
      .front();
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// The keys of the numbers in a list.
Value LongListBuilder::readKeys(ValueRange at, Value numbers, Value row) {
  return loop(index(places), {row},
              [&](Value place, ValueRange carried) {
                Value entry = getEntry(numbers, at, place);
                return SmallVector<Value>{tensor::InsertOp::create(
                    b, getKeyOfEntry(at, entry), carried[0], place)};
              })
      .front();
}

/// How many of the list rank above each of its numbers.
Value LongListBuilder::rankEntries(ValueRange at, Value keys, Value row) {
  auto getEntryKey = [&](Value place) -> Value {
    return tensor::ExtractOp::create(b, keys,
                                     ValueRange{at[0], at[1], at[2], place});
  };
  return loop(index(places), {row},
              [&](Value place, ValueRange outer) {
                Value own = getEntryKey(place);
                Value above =
                    loop(index(places), {i32(0)},
                         [&](Value other, ValueRange carried) {
                           Value isAbove =
                               compare(Predicate::ugt, getEntryKey(other), own);
                           return SmallVector<Value>{
                               add(carried[0], toCount(isAbove))};
                         })
                        .front();
                return SmallVector<Value>{
                    tensor::InsertOp::create(b, above, outer[0], place)};
              })
      .front();
}

/// The list: at each place the number that has this rank, or -1.
Value LongListBuilder::order(ValueRange at, Value numbers, Value ranks,
                             Value row) {
  return loop(index(places), {row},
              [&](Value place, ValueRange outer) {
                Value wanted =
                    arith::IndexCastOp::create(b, b.getI32Type(), place);
                Value found =
                    loop(index(places), {i32(-1)},
                         [&](Value other, ValueRange carried) {
                           SmallVector<Value> entry{at[0], at[1], at[2], other};
                           Value rank =
                               tensor::ExtractOp::create(b, ranks, entry);
                           Value number =
                               tensor::ExtractOp::create(b, numbers, entry);
                           Value isIt = compare(Predicate::eq, rank, wanted);
                           // Fillers are all -1.
                           Value other32 = choose(isIt, number, i32(-1));
                           return SmallVector<Value>{
                               arith::MaxSIOp::create(b, carried[0], other32)};
                         })
                        .front();
                return SmallVector<Value>{
                    tensor::InsertOp::create(b, found, outer[0], place)};
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
  Value numbers =
      makeRows(places, b.getI32Type(), [&](ValueRange at, Value row) {
        return candidates ? chooseAmong(at, candidates, row)
                          : chooseAmongAll(at, row);
      });
  Value keys = makeRows(places, b.getI64Type(), [&](ValueRange at, Value row) {
    return readKeys(at, numbers, row);
  });
  Value ranks = makeRows(places, b.getI32Type(), [&](ValueRange at, Value row) {
    return rankEntries(at, keys, row);
  });
  return forEachRow(select.getOuts(), [&](ValueRange at, Value row) {
    return order(at, numbers, ranks, row);
  });
}

Value attn::buildLongLists(OpBuilder &builder, SelectOp select) {
  return LongListBuilder(builder, select).build();
}
