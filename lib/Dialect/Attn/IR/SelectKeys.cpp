//===- SelectKeys.cpp - Lists of few places, by keys ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each place of a list goes to the largest key below that of the place before
// it: a maximum of words, which is what lanes of a warp find in two
// instructions, and whose terms are the same for all places.
//
//===----------------------------------------------------------------------===//

#include "SelectRanks.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn;

namespace {
class KeyListBuilder : public SelectRanks {
public:
  using SelectRanks::SelectRanks;

  Value build();

private:
  Value findBelow(ValueRange at, Value last);
  Value getMass(ValueRange at);
  Value fillList(ValueRange at, Value list);
};
} // namespace

/// The largest key below `last`, or 0.
Value KeyListBuilder::findBelow(ValueRange at, Value last) {
  Value count = toValue(getSize(select.getScores(), 3));
  return loop(count, {i64(0)},
              [&](Value number, ValueRange carried) {
                Value key = getKey(at, number);
                Value isBelow = compare(Predicate::ult, key, last);
                return SmallVector<Value>{arith::MaxUIOp::create(
                    b, carried[0], choose(isBelow, key, i64(0)))};
              })
      .front();
}

/// Below this sum more is taken.
Value KeyListBuilder::getMass(ValueRange at) {
  Value count = toValue(getSize(select.getScores(), 3));
  Value sum =
      loop(count, {constant(type, 0)}, [&](Value number, ValueRange carried) {
        Rank rank = getRank(at, number);
        Value isCandidate = compare(Predicate::sge, rank.tier, i32(kNaN));
        Value more = arith::AddFOp::create(b, carried[0], rank.value);
        return SmallVector<Value>{choose(isCandidate, more, carried[0])};
      }).front();
  return arith::MulFOp::create(
      b, sum, constant(type, select.getMass()->convertToDouble()));
}

Value KeyListBuilder::fillList(ValueRange at, Value list) {
  Value mass = select.getMass() ? getMass(at) : Value();
  // All keys are below the first.
  SmallVector<Value> inits{list, i64(~uint64_t(0))};
  if (mass)
    inits.push_back(constant(type, 0));
  return loop(toValue(getSize(list, 0)), inits,
              [&](Value place, ValueRange carried) {
                Value found = findBelow(at, carried[1]);
                Value taken = compare(Predicate::ne, found, i64(0));
                if (mass) {
                  Value isShort = arith::CmpFOp::create(
                      b, arith::CmpFPredicate::OLT, carried[2], mass);
                  taken = both(taken, either(isForcedKey(found), isShort));
                }
                Value number = choose(taken, getKeyNumber(found), i32(-1));
                // Nothing is below what is no key.
                SmallVector<Value> next{
                    tensor::InsertOp::create(b, number, carried[0], place),
                    choose(taken, found, i64(0))};
                if (mass)
                  next.push_back(
                      arith::AddFOp::create(b, carried[2], getKeyValue(found)));
                return next;
              })
      .front();
}

Value KeyListBuilder::build() {
  return forEachRow(select.getOuts(), [&](ValueRange at, Value row) {
    return fillList(at, row);
  });
}

Value attn::buildListsByKeys(OpBuilder &builder, SelectOp select) {
  return KeyListBuilder(builder, select).build();
}
