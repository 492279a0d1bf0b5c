//===- SelectDecompose.cpp - Lists of the best scores, as scans ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each place of a list goes to what a scan over the scores finds that ranks
// behind the place before it and before all others: so a list needs no memory
// but itself. Lists of many places are made otherwise (SelectLong.cpp), and
// those of f32 by keys (SelectKeys.cpp).
//
//===----------------------------------------------------------------------===//

#include "SelectRanks.h"
#include "Verify.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn;

namespace {
class SelectBuilder : public SelectRanks {
public:
  using SelectRanks::SelectRanks;

  Value build();

private:
  Value ranksBefore(const Rank &x, const Rank &y);
  Rank findNext(ValueRange at, const Rank &last);
  Value getMass(ValueRange at);
  Value fillList(ValueRange at, Value list);
};
} // namespace

Value SelectBuilder::ranksBefore(const Rank &x, const Rank &y) {
  auto compareValues = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(b, predicate, x.value, y.value);
  };
  Value byNumber = both(compareValues(arith::CmpFPredicate::OEQ),
                        compare(Predicate::slt, x.number, y.number));
  Value byValue = either(compareValues(arith::CmpFPredicate::OGT), byNumber);
  return either(compare(Predicate::sgt, x.tier, y.tier),
                both(compare(Predicate::eq, x.tier, y.tier), byValue));
}

/// The first candidate behind `last`.
SelectBuilder::Rank SelectBuilder::findNext(ValueRange at, const Rank &last) {
  Value count = toValue(getSize(select.getScores(), 3));
  SmallVector<Value> none{i32(kNone), constant(type, 0), i32(-1)};
  auto scan = scf::ForOp::create(
      b, index(0), count, index(1), none,
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Rank best{carried[0], carried[1], carried[2]};
        Rank rank = getRank(at, number);
        Value isCandidate =
            arith::CmpIOp::create(b, Predicate::sge, rank.tier, i32(kNaN));
        Value isBetter = both(both(isCandidate, ranksBefore(last, rank)),
                              ranksBefore(rank, best));
        scf::YieldOp::create(
            b, ValueRange{choose(isBetter, rank.tier, best.tier),
                          choose(isBetter, rank.value, best.value),
                          choose(isBetter, rank.number, best.number)});
      });
  return {scan.getResult(0), scan.getResult(1), scan.getResult(2)};
}

/// Below this sum more is taken.
Value SelectBuilder::getMass(ValueRange at) {
  Value count = toValue(getSize(select.getScores(), 3));
  auto sum = scf::ForOp::create(
      b, index(0), count, index(1), constant(type, 0),
      [&](OpBuilder &, Location, Value number, ValueRange carried) {
        Rank rank = getRank(at, number);
        Value isCandidate =
            arith::CmpIOp::create(b, Predicate::sge, rank.tier, i32(kNaN));
        Value more = arith::AddFOp::create(b, carried[0], rank.value);
        scf::YieldOp::create(b, choose(isCandidate, more, carried[0]));
      });
  return arith::MulFOp::create(
      b, sum.getResult(0), constant(type, select.getMass()->convertToDouble()));
}

Value SelectBuilder::fillList(ValueRange at, Value list) {
  Value mass = select.getMass() ? getMass(at) : Value();
  // What ranks behind nothing.
  SmallVector<Value> inits{list, i32(2 * kForced), constant(type, 0), i32(-1)};
  if (mass)
    inits.push_back(constant(type, 0));
  auto places = scf::ForOp::create(
      b, index(0), toValue(getSize(list, 0)), index(1), inits,
      [&](OpBuilder &, Location, Value place, ValueRange carried) {
        Rank next = findNext(at, {carried[1], carried[2], carried[3]});
        Value taken =
            arith::CmpIOp::create(b, Predicate::sge, next.tier, i32(kNaN));
        if (select.getThreshold())
          taken = both(taken, isEnough(next));
        SmallVector<Value> results;
        if (mass) {
          Value isShort = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                                                carried[4], mass);
          taken = both(taken, either(isForced(next), isShort));
        }
        Value number = choose(taken, next.number, i32(-1));
        results = {tensor::InsertOp::create(b, number, carried[0], place),
                   // Nothing ranks behind what is no candidate.
                   choose(taken, next.tier, i32(kNone)), next.value,
                   next.number};
        if (mass)
          results.push_back(arith::AddFOp::create(b, carried[4], next.value));
        scf::YieldOp::create(b, results);
      });
  return places.getResult(0);
}

Value SelectBuilder::build() {
  return forEachRow(select.getOuts(), [&](ValueRange at, Value row) {
    return fillList(at, row);
  });
}

FailureOr<SmallVector<Value>> SelectOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  if (isLongList(*this))
    return SmallVector<Value>{buildLongLists(builder, *this)};
  return SmallVector<Value>{hasKeys(*this)
                                ? buildListsByKeys(builder, *this)
                                : SelectBuilder(builder, *this).build()};
}
