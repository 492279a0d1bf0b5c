//===- LaneBuilder.cpp - What lanes, and warps, do together ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;

Value LaneBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value LaneBuilder::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}

void LaneBuilder::barrier() {
  if (team.size == kLanes)
    NVVM::SyncWarpOp::create(*this, i32(-1));
  else
    gpu::BarrierOp::create(*this);
}

/// The number of the lane in its warp, of i32.
Value LaneBuilder::getLane() {
  Value member = arith::IndexCastOp::create(*this, getI32Type(), team.member);
  if (team.size == kLanes)
    return member;
  return arith::AndIOp::create(*this, member, i32(kLanes - 1));
}

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

Value LaneBuilder::reduceWarp(Operation *combiner, Value value) {
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
  return reduce(combiner, value, 1, kLanes);
}

Value LaneBuilder::reduce(Operation *combiner, Value value, int64_t first,
                          int64_t end) {
  for (int64_t distance = end / 2; distance >= first; distance /= 2)
    value = combine(combiner, value, exchange(value, distance));
  return value;
}

SmallVector<Value> LaneBuilder::reduce(ArrayRef<Operation *> combiners,
                                       ValueRange values) {
  SmallVector<Value> results;
  for (auto [combiner, value] : llvm::zip_equal(combiners, values))
    results.push_back(reduceWarp(combiner, value));
  if (team.size == kLanes || results.empty())
    return results;
  results = gatherWarps(results);
  Value isWarp = arith::CmpIOp::create(*this, arith::CmpIPredicate::ult,
                                       getLane(), i32(team.getWarps()));
  for (auto [combiner, value] : llvm::zip_equal(combiners, results)) {
    Value neutral =
        arith::ConstantOp::create(*this, *arith::getNeutralElement(combiner));
    value = arith::SelectOp::create(*this, isWarp, value, neutral);
    value = reduceWarp(combiner, value);
  }
  return results;
}

SmallVector<std::pair<Value, Value>> LaneBuilder::count(ValueRange conditions,
                                                        Type type) {
  Value lane = getLane();
  Value mine = arith::ShLIOp::create(*this, i32(1), lane);
  Value below = arith::SubIOp::create(*this, mine, i32(1));
  SmallVector<Value> fronts, alls;
  for (Value condition : conditions) {
    Value votes = NVVM::VoteSyncOp::create(
        *this, getI32Type(), i32(-1), condition, NVVM::VoteSyncKind::ballot);
    fronts.push_back(LLVM::CtPopOp::create(
        *this, getI32Type(), arith::AndIOp::create(*this, votes, below)));
    alls.push_back(LLVM::CtPopOp::create(*this, getI32Type(), votes));
  }
  if (team.size != kLanes) {
    Value member = arith::IndexCastOp::create(*this, getI32Type(), team.member);
    Value warp = arith::DivUIOp::create(*this, member, i32(kLanes));
    // Lane i has what warp i counts, two counts in a word.
    SmallVector<Value> words;
    for (size_t i = 0; i < alls.size(); i += 2) {
      Value word = alls[i];
      if (i + 1 < alls.size())
        word = arith::OrIOp::create(
            *this, word, arith::ShLIOp::create(*this, alls[i + 1], i32(16)));
      words.push_back(word);
    }
    words = gatherWarps(words);
    auto sumBelow = [&](Value word, Value end, size_t half) -> Value {
      Value isIn =
          arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, lane, end);
      Value sum =
          reduceWord(*this, NVVM::ReduxKind::ADD,
                     arith::SelectOp::create(*this, isIn, word, i32(0)));
      return half ? arith::ShRUIOp::create(*this, sum, i32(16)).getResult()
                  : arith::AndIOp::create(*this, sum, i32(0xffff)).getResult();
    };
    for (size_t i = 0; i < alls.size(); ++i) {
      fronts[i] = arith::AddIOp::create(*this, fronts[i],
                                        sumBelow(words[i / 2], warp, i % 2));
      alls[i] = sumBelow(words[i / 2], i32(team.getWarps()), i % 2);
    }
  }
  auto convert = [&](Value sum) -> Value {
    if (type.isIndex())
      return arith::IndexCastUIOp::create(*this, type, sum);
    unsigned width = type.getIntOrFloatBitWidth();
    if (width > 32)
      return arith::ExtUIOp::create(*this, type, sum);
    return width < 32 ? arith::TruncIOp::create(*this, type, sum).getResult()
                      : sum;
  };
  SmallVector<std::pair<Value, Value>> counts;
  for (auto [front, all] : llvm::zip_equal(fronts, alls))
    counts.push_back({convert(front), convert(all)});
  return counts;
}

//===----------------------------------------------------------------------===//
// Warps of a block
//===----------------------------------------------------------------------===//

/// The bits of a value in 64, and back.
static Value toWord(LaneBuilder &b, Value value) {
  Type type = value.getType(), word = b.getI64Type();
  if (type.isIndex())
    return arith::IndexCastOp::create(b, word, value);
  unsigned width = type.getIntOrFloatBitWidth();
  if (isa<FloatType>(type))
    value = arith::BitcastOp::create(b, b.getIntegerType(width), value);
  return width == 64 ? value
                     : arith::ExtUIOp::create(b, word, value).getResult();
}

static Value fromWord(LaneBuilder &b, Value word, Type type) {
  if (type.isIndex())
    return arith::IndexCastOp::create(b, type, word);
  unsigned width = type.getIntOrFloatBitWidth();
  Type integer = b.getIntegerType(width);
  if (width < 64)
    word = arith::TruncIOp::create(b, integer, word);
  return isa<FloatType>(type)
             ? arith::BitcastOp::create(b, type, word).getResult()
             : word;
}

/// Of values that are the same in a warp, those of warp i in lane i, i + warps
/// and so on of each.
SmallVector<Value> LaneBuilder::gatherWarps(ValueRange values) {
  SmallVector<Value> gathered;
  for (size_t first = 0; first < values.size(); first += Team::kWords) {
    ValueRange some = values.slice(
        first, std::min<size_t>(Team::kWords, values.size() - first));
    Value lane = arith::IndexCastOp::create(*this, getIndexType(), getLane());
    Value isFirst =
        arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, lane, index(0));
    Value warp = arith::DivUIOp::create(*this, team.member, index(kLanes));
    // Nobody reads what was there before.
    barrier();
    auto guard = scf::IfOp::create(*this, isFirst, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard inside(*this);
      setInsertionPointToStart(guard.thenBlock());
      for (auto [number, value] : llvm::enumerate(some))
        memref::StoreOp::create(*this, toWord(*this, value), team.words,
                                ValueRange{warp, index(number)});
    }
    barrier();
    Value other = arith::RemUIOp::create(*this, lane, index(team.getWarps()));
    for (auto [number, value] : llvm::enumerate(some)) {
      Value word = memref::LoadOp::create(*this, team.words,
                                          ValueRange{other, index(number)});
      gathered.push_back(fromWord(*this, word, value.getType()));
    }
  }
  return gathered;
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
  SmallVector<Value> best = findBestOfWarp(keys, values);
  return team.size == kLanes ? best : findBestOfWarp(keys, gatherWarps(best));
}

SmallVector<Value> LaneBuilder::findBestOfWarp(ArrayRef<LaneBest::Key> keys,
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
