//===- SelectRanks.cpp - Where a score ranks in its row -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SelectRanks.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

SelectRanks::SelectRanks(OpBuilder &builder, SelectOp select)
    : RoutingBuilder(builder, select), select(select),
      type(cast<FloatType>(select.getScores().getType().getElementType())) {
  int64_t most = select.getScores().getType().getDimSize(3);
  if (!ShapedType::isDynamic(most))
    numberBits = std::min<int64_t>(
        kMostNumberBits, llvm::Log2_64_Ceil(std::max<int64_t>(2, most)));
}

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

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

bool attn::hasKeys(SelectOp select) {
  return select.getScores().getType().getElementType().isF32();
}

Value SelectRanks::i64(uint64_t value) {
  return arith::ConstantOp::create(
      b, b.getI64IntegerAttr(static_cast<int64_t>(value)));
}

Value SelectRanks::toI64(Value x) {
  return arith::ExtUIOp::create(b, b.getI64Type(), x);
}

Value SelectRanks::shift(Value x, int64_t bits) {
  return arith::ShLIOp::create(b, x, i64(bits));
}

Value SelectRanks::getKey(ValueRange at, Value number) {
  Rank rank = getRank(at, number);
  Value isIn = compare(Predicate::sge, rank.tier, i32(kNaN));
  if (select.getThreshold())
    isIn = both(isIn, isEnough(rank));
  // Of -0 and 0, which are equal, the one in place of the other.
  Value value = arith::AddFOp::create(b, rank.value, constant(type, 0));
  Value bits = arith::BitcastOp::create(b, b.getI32Type(), value);
  // Of what is negative all bits are the other way round, else the first one.
  Value flipped = either(arith::ShRSIOp::create(b, bits, i32(31)),
                         i32(std::numeric_limits<int32_t>::min()));
  Value ordered = toI64(arith::XOrIOp::create(b, bits, flipped));
  Value tier = toI64(arith::AddIOp::create(b, rank.tier, i32(1)));
  Value last = i64((uint64_t(1) << numberBits) - 1);
  Value place = arith::SubIOp::create(b, last, toI64(rank.number));
  Value key = either(
      either(shift(tier, kValueBits + numberBits), shift(ordered, numberBits)),
      place);
  return choose(isIn, key, i64(0));
}

Value SelectRanks::getKeyNumber(Value key) {
  int64_t last = (int64_t(1) << numberBits) - 1;
  Value low = arith::TruncIOp::create(b, b.getI32Type(), key);
  return arith::SubIOp::create(b, i32(last), both(low, i32(last)));
}

Value SelectRanks::getKeyValue(Value key) {
  Value ordered = arith::TruncIOp::create(
      b, b.getI32Type(), arith::ShRUIOp::create(b, key, i64(numberBits)));
  Value isPositive = compare(Predicate::slt, ordered, i32(0));
  Value flipped =
      choose(isPositive, i32(std::numeric_limits<int32_t>::min()), i32(-1));
  return arith::BitcastOp::create(b, type,
                                  arith::XOrIOp::create(b, ordered, flipped));
}

Value SelectRanks::isForcedKey(Value key) {
  uint64_t least = uint64_t(kForced + 1) << (kValueBits + numberBits);
  return compare(Predicate::uge, key, i64(least));
}
