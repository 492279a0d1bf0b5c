//===- RankSorts.cpp - Sorting as parallel merges -------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs of sorted numbers, at first of one, are merged by twos. Where a number
// goes is known without the others: behind those in front of it in its own run,
// and behind as many of the other run as a binary search finds.
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
  Value getKey(ValueRange at, Value number) {
    return read(keys, at,
                arith::IndexCastOp::create(b, b.getIndexType(), number));
  }
  Value forEach(OpFoldResult count, Value out,
                function_ref<std::pair<Value, Value>(ValueRange)> body);
  Value countBefore(Value order, ValueRange at, Value key, Value isLeft,
                    Value begin, Value end, Value steps);
  Value merge(Value order, Value out, Value count, Value width, Value steps);

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
      b, RankedTensorType::get({1}, b.getI32Type()), whole, offsets, ones,
      ones);
  Value written = tensor::InsertOp::create(b, number, part, index(0));
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, written, whole, offsets, ones, ones);
  return forall.getResult(0);
}

/// The first place of a sorted run that does not come before a key of the other
/// one: equal keys of the left run do.
Value RankSortBuilder::countBefore(Value order, ValueRange at, Value key,
                                   Value isLeft, Value begin, Value end,
                                   Value steps) {
  Value last = subtract(size, index(1));
  SmallVector<Value> inits{begin, end};
  auto search = scf::ForOp::create(
      b, index(0), steps, index(1), inits,
      [&](OpBuilder &, Location, Value, ValueRange carried) {
        Value low = carried[0], high = carried[1];
        Value isOpen = compare(Predicate::slt, low, high);
        Value middle =
            arith::ShRUIOp::create(b, add(low, high), index(1)).getResult();
        // What is behind the end is read, but not looked at.
        Value other = getKey(at, read(order, at, smaller(middle, last)));
        Value isBefore = choose(isLeft, compare(Predicate::slt, other, key),
                                compare(Predicate::sle, other, key));
        Value isAfter = arith::XOrIOp::create(
            b, isBefore, arith::ConstantIntOp::create(b, 1, 1));
        scf::YieldOp::create(
            b, ValueRange{
                   choose(both(isOpen, isBefore), add(middle, index(1)), low),
                   choose(both(isOpen, isAfter), middle, high)});
      });
  return search.getResult(0);
}

/// Merges runs of `width` in `order` by twos.
Value RankSortBuilder::merge(Value order, Value out, Value count, Value width,
                             Value steps) {
  return forEach(getAsOpFoldResult(count), out, [&](ValueRange at) {
    Value place = at[2], twice = add(width, width);
    Value base = arith::MulIOp::create(
        b, arith::DivUIOp::create(b, place, twice), twice);
    Value middle = smaller(add(base, width), size),
          end = smaller(add(base, twice), size);
    Value isLeft = compare(Predicate::slt, place, middle);
    Value number = read(order, at, place);
    Value before = countBefore(order, at, getKey(at, number), isLeft,
                               choose(isLeft, middle, base),
                               choose(isLeft, end, middle), steps);
    // Those in front in both runs.
    return std::pair(add(subtract(place, middle), before), number);
  });
}

Value RankSortBuilder::build() {
  Value other = tensor::EmptyOp::create(b, shape, b.getI32Type());
  Value numbers = forEach(shape[2], outs, [&](ValueRange at) {
    Value number = arith::IndexCastOp::create(b, b.getI32Type(), at[2]);
    return std::pair(at[2], number);
  });
  int64_t extent = cast<ShapedType>(keys.getType()).getDimSize(2);
  if (!ShapedType::isDynamic(extent)) {
    for (int64_t width = 1, steps = 1; width < extent; width *= 2, ++steps)
      other = std::exchange(
          numbers, merge(numbers, other, size, index(width), index(steps)));
    return numbers;
  }
  // Two passes at a time, there and back; numbers are i32.
  SmallVector<Value> inits{numbers, other, index(1), index(1)};
  auto passes = scf::ForOp::create(
      b, index(0), index(16), index(1), inits,
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

Value RankSortBuilder::buildInverse() {
  return forEach(shape[2], outs, [&](ValueRange at) {
    Value place =
        arith::IndexCastOp::create(b, b.getIndexType(), read(keys, at, at[2]));
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
