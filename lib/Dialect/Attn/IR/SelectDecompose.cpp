//===- SelectDecompose.cpp - Lists of the best scores, as scans ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each place of a list goes to what a scan over the scores finds that ranks
// behind the place before it and before all others: so a list needs no memory
// but itself.
//
//===----------------------------------------------------------------------===//

#include "RoutingBuilder.h"
#include "Verify.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn;

namespace {
class SelectBuilder : public RoutingBuilder {
public:
  SelectBuilder(OpBuilder &builder, SelectOp select)
      : RoutingBuilder(builder, select), select(select),
        type(cast<FloatType>(select.getScores().getType().getElementType())) {}

  Value build();

private:
  using Predicate = arith::CmpIPredicate;
  /// Where a score ranks: by tier (i32), the larger the better; then by its
  /// value, then by its number (i32), the smaller the better.
  struct Rank {
    Value tier, value, number;
  };
  /// Not a candidate; a NaN; a number. Those that are forced are above both.
  static constexpr int64_t kNone = -1, kNaN = 0, kNumber = 1, kForced = 2;

  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
  Value choose(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value isForced(const Rank &rank) {
    return arith::CmpIOp::create(b, Predicate::sge, rank.tier, i32(kForced));
  }
  Value holds(std::optional<tile::VisitAttrInterface> mask, ValueRange at,
              Value number);
  Rank getRank(ValueRange at, Value number);
  Value ranksBefore(const Rank &x, const Rank &y);
  Rank findNext(ValueRange at, const Rank &last);
  Value getMass(ValueRange at);
  Value fillList(ValueRange at, Value list);

  SelectOp select;
  FloatType type;
};
} // namespace

Value SelectBuilder::holds(std::optional<tile::VisitAttrInterface> mask,
                           ValueRange at, Value number) {
  Value row = at[2];
  if (Value offset = select.getOffset())
    row = arith::AddIOp::create(b, row, offset);
  return tile::emitTest(b, b.getLoc(), mask->getFormula(), at[0], at[1], row,
                        number, Value(), ValueRange());
}

SelectBuilder::Rank SelectBuilder::getRank(ValueRange at, Value number) {
  Value value = tensor::ExtractOp::create(
      b, select.getScores(), ValueRange{at[0], at[1], at[2], number});
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  Value tier = choose(isNaN, i32(kNaN), i32(kNumber));
  if (select.getForce()) {
    Value above = arith::AddIOp::create(b, tier, i32(kForced));
    tier = choose(holds(select.getForce(), at, number), above, tier);
  }
  if (select.getMask())
    tier = choose(holds(select.getMask(), at, number), tier, i32(kNone));
  return {tier, choose(isNaN, constant(type, 0), value),
          arith::IndexCastOp::create(b, b.getI32Type(), number)};
}

Value SelectBuilder::ranksBefore(const Rank &x, const Rank &y) {
  auto compare = [&](Predicate predicate, Value p, Value q) -> Value {
    return arith::CmpIOp::create(b, predicate, p, q);
  };
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
        if (select.getThreshold()) {
          Value isNumber =
              arith::CmpIOp::create(b, Predicate::sge, next.tier, i32(kNumber));
          Value isEnough = arith::CmpFOp::create(
              b, arith::CmpFPredicate::OGE, next.value,
              constant(type, select.getThreshold()->convertToDouble()));
          taken = both(taken, either(isForced(next), both(isNumber, isEnough)));
        }
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
  return SmallVector<Value>{SelectBuilder(builder, *this).build()};
}
