//===- LaneBuilder.cpp - What the lanes of a warp do together -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;

Value LaneBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value LaneBuilder::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}

void LaneBuilder::barrier() { NVVM::SyncWarpOp::create(*this, i32(-1)); }

//===----------------------------------------------------------------------===//
// Exchanges
//===----------------------------------------------------------------------===//

Value LaneBuilder::exchangeWord(Value value, int64_t distance) {
  return NVVM::ShflOp::create(*this, getI32Type(), i32(-1), value,
                              i32(distance), i32(kLanes - 1),
                              NVVM::ShflKind::bfly, UnitAttr());
}

/// The value of the lane whose number differs in the bits of `distance`.
Value LaneBuilder::exchange(Value value, int64_t distance) {
  Type type = value.getType();
  if (type.isIndex()) {
    Value bits = arith::IndexCastOp::create(*this, getI64Type(), value);
    return arith::IndexCastOp::create(*this, type, exchange(bits, distance));
  }
  unsigned width = type.getIntOrFloatBitWidth();
  Type integer = getIntegerType(width);
  if (isa<FloatType>(type)) {
    Value bits = arith::BitcastOp::create(*this, integer, value);
    return arith::BitcastOp::create(*this, type, exchange(bits, distance));
  }
  if (width == 32)
    return exchangeWord(value, distance);
  Type word = getI32Type();
  if (width < 32) {
    Value wide = arith::ExtUIOp::create(*this, word, value);
    return arith::TruncIOp::create(*this, type, exchangeWord(wide, distance));
  }
  Value half = arith::ConstantOp::create(*this, getIntegerAttr(type, 32));
  Value low = arith::TruncIOp::create(*this, word, value);
  Value high = arith::TruncIOp::create(
      *this, word, arith::ShRUIOp::create(*this, value, half));
  low = arith::ExtUIOp::create(*this, type, exchangeWord(low, distance));
  high = arith::ExtUIOp::create(*this, type, exchangeWord(high, distance));
  return arith::OrIOp::create(*this, low,
                              arith::ShLIOp::create(*this, high, half));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Value LaneBuilder::combine(Operation *combiner, Value x, Value y) {
  IRMapping mapping;
  mapping.map(combiner->getOperand(0), x);
  mapping.map(combiner->getOperand(1), y);
  return clone(*combiner, mapping)->getResult(0);
}

/// The instruction that reduces words of a warp as `combiner` does.
static std::optional<NVVM::ReduxKind> getReduxKind(Operation *combiner) {
  using Kind = std::optional<NVVM::ReduxKind>;
  return TypeSwitch<Operation *, Kind>(combiner)
      .Case([](arith::AddIOp) { return NVVM::ReduxKind::ADD; })
      .Case([](arith::AndIOp) { return NVVM::ReduxKind::AND; })
      .Case([](arith::OrIOp) { return NVVM::ReduxKind::OR; })
      .Case([](arith::XOrIOp) { return NVVM::ReduxKind::XOR; })
      .Case([](arith::MaxSIOp) { return NVVM::ReduxKind::MAX; })
      .Case([](arith::MinSIOp) { return NVVM::ReduxKind::MIN; })
      .Case([](arith::MaxUIOp) { return NVVM::ReduxKind::UMAX; })
      .Case([](arith::MinUIOp) { return NVVM::ReduxKind::UMIN; })
      .Default(Kind());
}

static Value reduceWord(LaneBuilder &b, NVVM::ReduxKind kind, Value value) {
  return NVVM::ReduxOp::create(b, b.getI32Type(), value, kind, b.i32(-1));
}

/// The largest or smallest double word: that of the upper words, then that of
/// the lower words of the lanes that have it.
static Value reduceDoubleWord(LaneBuilder &b, NVVM::ReduxKind kind,
                              Value value) {
  bool isLargest =
      kind == NVVM::ReduxKind::MAX || kind == NVVM::ReduxKind::UMAX;
  Type word = b.getI32Type(), type = value.getType();
  Value half = arith::ConstantOp::create(b, b.getIntegerAttr(type, 32));
  Value low = arith::TruncIOp::create(b, word, value);
  Value high =
      arith::TruncIOp::create(b, word, arith::ShRUIOp::create(b, value, half));
  Value best = reduceWord(b, kind, high);
  Value isBest = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, high, best);
  low = arith::SelectOp::create(b, isBest, low, b.i32(isLargest ? 0 : -1));
  low = reduceWord(b, isLargest ? NVVM::ReduxKind::UMAX : NVVM::ReduxKind::UMIN,
                   low);
  best = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, type, best), half);
  return arith::OrIOp::create(b, best, arith::ExtUIOp::create(b, type, low));
}

Value LaneBuilder::reduce(Operation *combiner, Value value) {
  Type type = value.getType();
  std::optional<NVVM::ReduxKind> kind = getReduxKind(combiner);
  if (kind && type.isInteger(32))
    return reduceWord(*this, *kind, value);
  if (type.isInteger(64) &&
      isa<arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp>(
          combiner))
    return reduceDoubleWord(*this, *kind, value);
  if (type.isInteger(1) && isa<arith::AndIOp, arith::OrIOp>(combiner)) {
    auto vote = isa<arith::AndIOp>(combiner) ? NVVM::VoteSyncKind::all
                                             : NVVM::VoteSyncKind::any;
    return NVVM::VoteSyncOp::create(*this, type, i32(-1), value, vote);
  }
  for (int64_t distance = kLanes / 2; distance > 0; distance /= 2)
    value = combine(combiner, value, exchange(value, distance));
  return value;
}

std::pair<Value, Value> LaneBuilder::count(Value condition, Type type) {
  Value votes = NVVM::VoteSyncOp::create(*this, getI32Type(), i32(-1),
                                         condition, NVVM::VoteSyncKind::ballot);
  Value number = arith::IndexCastOp::create(*this, getI32Type(), lane);
  Value mine = arith::ShLIOp::create(*this, i32(1), number);
  Value front = arith::SubIOp::create(*this, mine, i32(1));
  auto toCount = [&](Value bits) -> Value {
    Value sum = LLVM::CtPopOp::create(*this, getI32Type(), bits);
    if (type.isIndex())
      return arith::IndexCastUIOp::create(*this, type, sum);
    unsigned width = type.getIntOrFloatBitWidth();
    if (width > 32)
      return arith::ExtUIOp::create(*this, type, sum);
    return width < 32 ? arith::TruncIOp::create(*this, type, sum).getResult()
                      : sum;
  };
  return {toCount(arith::AndIOp::create(*this, votes, front)), toCount(votes)};
}

//===----------------------------------------------------------------------===//
// The best of tuples
//===----------------------------------------------------------------------===//

/// A word whose order as a signed number is that of the float: those that are
/// negative count backwards. Both zeros are one.
static Value toOrdered(LaneBuilder &b, Value value) {
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
  Value bits = arith::BitcastOp::create(b, b.getI32Type(),
                                        arith::AddFOp::create(b, value, zero));
  Value sign = arith::ShRSIOp::create(b, bits, b.i32(31));
  Value flips = arith::AndIOp::create(
      b, sign, b.i32(std::numeric_limits<int32_t>::max()));
  return arith::XOrIOp::create(b, bits, flips);
}

static Value fromOrdered(LaneBuilder &b, Value word) {
  Value sign = arith::ShRSIOp::create(b, word, b.i32(31));
  Value flips = arith::AndIOp::create(
      b, sign, b.i32(std::numeric_limits<int32_t>::max()));
  return arith::BitcastOp::create(b, b.getF32Type(),
                                  arith::XOrIOp::create(b, word, flips));
}

/// Key by key, among the lanes that are best in those before.
SmallVector<Value> LaneBuilder::findByWords(ArrayRef<LaneBest::Key> keys,
                                            ValueRange values) {
  SmallVector<Value> best;
  Value isBest;
  for (auto [key, value] : llvm::zip_equal(keys, values)) {
    bool isFloat = value.getType().isF32();
    Value word = isFloat ? toOrdered(*this, value) : value;
    int64_t least = key.isUnsigned ? 0 : std::numeric_limits<int32_t>::min(),
            most = key.isUnsigned ? -1 : std::numeric_limits<int32_t>::max();
    if (isBest)
      word = arith::SelectOp::create(*this, isBest, word,
                                     i32(key.isLargest ? least : most));
    NVVM::ReduxKind kind =
        key.isUnsigned
            ? (key.isLargest ? NVVM::ReduxKind::UMAX : NVVM::ReduxKind::UMIN)
            : (key.isLargest ? NVVM::ReduxKind::MAX : NVVM::ReduxKind::MIN);
    Value found = reduceWord(*this, kind, word);
    Value isFound =
        arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, word, found);
    isBest = isBest ? arith::AndIOp::create(*this, isBest, isFound).getResult()
                    : isFound;
    best.push_back(isFloat ? fromOrdered(*this, found) : found);
  }
  return best;
}

Value LaneBuilder::comesBefore(ArrayRef<LaneBest::Key> keys, ValueRange x,
                               ValueRange y) {
  Value result;
  for (size_t i = keys.size(); i-- > 0;) {
    Value isBefore, isEqual;
    if (isa<FloatType>(x[i].getType())) {
      isBefore =
          arith::CmpFOp::create(*this,
                                keys[i].isLargest ? arith::CmpFPredicate::OGT
                                                  : arith::CmpFPredicate::OLT,
                                x[i], y[i]);
      isEqual =
          arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, x[i], y[i]);
    } else {
      using Predicate = arith::CmpIPredicate;
      Predicate predicate =
          keys[i].isUnsigned
              ? (keys[i].isLargest ? Predicate::ugt : Predicate::ult)
              : (keys[i].isLargest ? Predicate::sgt : Predicate::slt);
      isBefore = arith::CmpIOp::create(*this, predicate, x[i], y[i]);
      isEqual = arith::CmpIOp::create(*this, Predicate::eq, x[i], y[i]);
    }
    result = result ? arith::OrIOp::create(
                          *this, isBefore,
                          arith::AndIOp::create(*this, isEqual, result))
                          .getResult()
                    : isBefore;
  }
  return result;
}

SmallVector<Value> LaneBuilder::findBest(ArrayRef<LaneBest::Key> keys,
                                         ValueRange values) {
  auto isWord = [](Value value) {
    return value.getType().isInteger(32) || value.getType().isF32();
  };
  if (llvm::all_of(values, isWord))
    return findByWords(keys, values);
  SmallVector<Value> best(values);
  for (int64_t distance = kLanes / 2; distance > 0; distance /= 2) {
    SmallVector<Value> others;
    for (Value value : best)
      others.push_back(exchange(value, distance));
    Value isOther = comesBefore(keys, others, best);
    for (auto [mine, other] : llvm::zip_equal(best, others))
      mine = arith::SelectOp::create(*this, isOther, other, mine);
  }
  return best;
}
