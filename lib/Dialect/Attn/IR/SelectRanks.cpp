//===- SelectRanks.cpp - Where a score ranks in its row -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SelectRanks.h"

using namespace mlir;
using namespace attn;

Value SelectRanks::holds(std::optional<tile::VisitAttrInterface> mask,
                         ValueRange at, Value number) {
  Value row = at[2];
  if (Value offset = select.getOffset())
    row = arith::AddIOp::create(b, row, offset);
  return tile::emitTest(b, b.getLoc(), mask->getFormula(), at[0], at[1], row,
                        number, Value(), ValueRange());
}

SelectRanks::Rank SelectRanks::getRank(ValueRange at, Value number) {
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

Value SelectRanks::isEnough(const Rank &rank) {
  Value isNumber = compare(Predicate::sge, rank.tier, i32(kNumber));
  Value isLarge = arith::CmpFOp::create(
      b, arith::CmpFPredicate::OGE, rank.value,
      constant(type, select.getThreshold()->convertToDouble()));
  return either(isForced(rank), both(isNumber, isLarge));
}
