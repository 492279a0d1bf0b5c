//===- RankSorts.cpp - Sorting as parallel merges -------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs of sorted numbers are merged by twos. Where a number goes is known
// without the others: behind those in front of it in its own run, and behind as
// many of the other run as a binary search finds. The first runs are short
// enough to compare each number with all of its run.
//
// A key and its number are one word of 64 bits, the key in front: words are in
// the order that is wanted, no two of them are equal, and a search reads one.
//
// The order of an order needs none of that: it is the place of each number.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"

namespace attn {
#define GEN_PASS_DEF_RANKSORTS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using Predicate = arith::CmpIPredicate;

namespace {
class RankSortBuilder {
public:
  explicit RankSortBuilder(SortOp sort)
      : b(sort.getLoc(), sort), keys(sort.getKeys()), outs(sort.getOuts()) {
    shape = tensor::getMixedSizes(b, b.getLoc(), keys);
    size = getValueOrCreateConstantIndexOp(b, b.getLoc(), shape[2]);
  }

  Value build();
  /// The same of keys that are an order themselves.
  Value buildInverse();

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value subtract(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value smaller(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  Value compare(Predicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  Value choose(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value read(Value tensor, ValueRange at, Value place) {
    return tensor::ExtractOp::create(b, tensor,
                                     ValueRange{at[0], at[1], place});
  }
  Value toIndex(Value x) {
    return arith::IndexCastOp::create(b, b.getIndexType(), x);
  }
  Value getWord(ValueRange at, Value place);
  Value forEach(OpFoldResult count, Value out,
                function_ref<std::pair<Value, Value>(ValueRange)> body);
  Value makeRuns(Value out);
  Value countBefore(Value words, ValueRange at, Value word, Value begin,
                    Value end, Value width, Value steps);
  Value merge(Value words, Value out, Value count, Value width, Value steps);
  Value mergeRuns(Value words, Value other);

  /// Numbers of the first runs.
  static constexpr int64_t kRun = 32;

  ImplicitLocOpBuilder b;
  Value keys, outs, size;
  SmallVector<OpFoldResult> shape;
};
} // namespace

/// Writes a number for each of `count` places of each row, all in parallel:
/// `body` says where, and which.
Value RankSortBuilder::forEach(
    OpFoldResult count, Value out,
    function_ref<std::pair<Value, Value>(ValueRange)> body) {
  auto forall = scf::ForallOp::create(
      b, ArrayRef<OpFoldResult>{shape[0], shape[1], count}, ValueRange(out),
      std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  SmallVector<Value> at = forall.getInductionVars();
  auto [place, number] = body(at);
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets{at[0], at[1], place}, ones(3, one);
  Value whole = forall.getRegionIterArgs().front();
  Value part = tensor::ExtractSliceOp::create(
      b, RankedTensorType::get({1}, number.getType()), whole, offsets, ones,
      ones);
  Value written = tensor::InsertOp::create(b, number, part, index(0));
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, written, whole, offsets, ones, ones);
  return forall.getResult(0);
}

/// A key and its number.
Value RankSortBuilder::getWord(ValueRange at, Value place) {
  Type type = b.getI64Type();
  Value key = arith::ExtSIOp::create(b, type, read(keys, at, place));
  Value high =
      arith::ShLIOp::create(b, key, arith::ConstantIntOp::create(b, 32, 64));
  return arith::OrIOp::create(b, high,
                              arith::IndexCastOp::create(b, type, place));
}

/// Words in runs of `kRun` that are in order: each counts those before it.
Value RankSortBuilder::makeRuns(Value out) {
  Value last = subtract(size, index(1));
  return forEach(shape[2], out, [&](ValueRange at) {
    Value place = at[2], run = index(kRun);
    Value base =
        arith::MulIOp::create(b, arith::DivUIOp::create(b, place, run), run);
    Value word = getWord(at, place), before = index(0);
    for (int64_t i = 0; i < kRun; ++i) {
      Value other = add(base, index(i));
      // What is behind the end is the last one again, and not counted.
      Value exists = compare(Predicate::slt, other, size);
      Value isBefore =
          compare(Predicate::slt, getWord(at, smaller(other, last)), word);
      Value counts = both(exists, isBefore);
      before = choose(counts, add(before, index(1)), before);
    }
    return std::pair(add(base, before), word);
  });
}

/// The first place of a run whose word does not come before this one. Steps are
/// halved from `width`, the longest run, on: words that are passed come before.
/// Numbers are i32, and so are places, which costs half of what indices do.
Value RankSortBuilder::countBefore(Value words, ValueRange at, Value word,
                                   Value begin, Value end, Value width,
                                   Value steps) {
  auto toI32 = [&](Value x) -> Value {
    return arith::IndexCastOp::create(b, b.getI32Type(), x);
  };
  Value one = arith::ConstantIntOp::create(b, 1, 32);
  Value last = subtract(toI32(size), one), limit = toI32(end);
  SmallVector<Value> inits{toI32(begin), toI32(width)};
  auto search = scf::ForOp::create(
      b, index(0), steps, index(1), inits,
      [&](OpBuilder &, Location, Value, ValueRange carried) {
        Value passed = add(carried[0], carried[1]);
        // What is behind the end is read, but not looked at.
        Value probe = smaller(subtract(passed, one), last);
        Value other = read(words, at, toIndex(probe));
        Value isBefore = both(compare(Predicate::sle, passed, limit),
                              compare(Predicate::slt, other, word));
        Value half = arith::ShRUIOp::create(b, carried[1], one);
        scf::YieldOp::create(
            b, ValueRange{choose(isBefore, passed, carried[0]), half});
      });
  return toIndex(search.getResult(0));
}

/// Merges runs of `width` by twos.
Value RankSortBuilder::merge(Value words, Value out, Value count, Value width,
                             Value steps) {
  return forEach(getAsOpFoldResult(count), out, [&](ValueRange at) {
    Value place = at[2], twice = add(width, width);
    Value base = arith::MulIOp::create(
        b, arith::DivUIOp::create(b, place, twice), twice);
    Value middle = smaller(add(base, width), size),
          end = smaller(add(base, twice), size);
    Value isLeft = compare(Predicate::slt, place, middle);
    Value word = read(words, at, place);
    Value before = countBefore(words, at, word, choose(isLeft, middle, base),
                               choose(isLeft, end, middle), width, steps);
    // Those in front in both runs.
    return std::pair(add(subtract(place, middle), before), word);
  });
}

/// All words in order.
Value RankSortBuilder::mergeRuns(Value words, Value other) {
  constexpr int64_t kFirstSteps = llvm::ConstantLog2<kRun>() + 1;
  int64_t extent = cast<ShapedType>(keys.getType()).getDimSize(2);
  if (!ShapedType::isDynamic(extent)) {
    for (int64_t width = kRun, steps = kFirstSteps; width < extent;
         width *= 2, ++steps)
      other = std::exchange(
          words, merge(words, other, size, index(width), index(steps)));
    return words;
  }
  // Two passes at a time, there and back; numbers are i32.
  SmallVector<Value> inits{words, other, index(kRun), index(kFirstSteps)};
  auto passes = scf::ForOp::create(
      b, index(0), index((32 - kFirstSteps) / 2 + 1), index(1), inits,
      [&](OpBuilder &, Location, Value, ValueRange carried) {
        Value width = carried[2], steps = carried[3];
        Value twice = add(width, width), more = add(steps, index(1));
        // All, or none, if there is one run.
        Value count =
            choose(compare(Predicate::slt, width, size), size, index(0));
        Value there = merge(carried[0], carried[1], count, width, steps);
        Value back = merge(there, carried[0], count, twice, more);
        scf::YieldOp::create(
            b, ValueRange{back, there, add(twice, twice), add(more, index(1))});
      });
  return passes.getResult(0);
}

Value RankSortBuilder::build() {
  auto makeWords = [&]() -> Value {
    return tensor::EmptyOp::create(b, shape, b.getI64Type());
  };
  Value words = makeRuns(makeWords());
  words = mergeRuns(words, makeWords());
  return forEach(shape[2], outs, [&](ValueRange at) {
    Value number =
        arith::TruncIOp::create(b, b.getI32Type(), read(words, at, at[2]));
    return std::pair(at[2], number);
  });
}

Value RankSortBuilder::buildInverse() {
  return forEach(shape[2], outs, [&](ValueRange at) {
    Value place = toIndex(read(keys, at, at[2]));
    Value number = arith::IndexCastOp::create(b, b.getI32Type(), at[2]);
    return std::pair(place, number);
  });
}

namespace {
struct RankSorts : attn::impl::RankSortsBase<RankSorts> {
  void runOnOperation() override {
    SmallVector<SortOp> sorts;
    getOperation().walk([&](SortOp sort) {
      if (sort.getNumResults() != 0)
        sorts.push_back(sort);
    });
    // Those that sort what another one made come first, while it is there.
    for (SortOp sort : llvm::reverse(sorts)) {
      RankSortBuilder builder(sort);
      Value order = sort.getKeys().getDefiningOp<SortOp>()
                        ? builder.buildInverse()
                        : builder.build();
      sort.getResult(0).replaceAllUsesWith(order);
      sort.erase();
      ++numSorts;
    }
  }
};
} // namespace
