//===- SortDecompose.cpp - The order of keys, by merging ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs of sorted numbers, at first of one, are merged by twos from one half of
// a buffer to the other and back. After two such passes runs are four times as
// long.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn;

namespace {
class SortBuilder : public RoutingBuilder {
public:
  SortBuilder(OpBuilder &builder, SortOp sort)
      : RoutingBuilder(builder, sort), sort(sort) {
    size = toValue(getSize(sort.getKeys(), 2));
  }

  Value build();

private:
  using Predicate = arith::CmpIPredicate;
  Value compare(Predicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  Value choose(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value smaller(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value getKey(ValueRange at, Value number) {
    Value place = arith::IndexCastOp::create(b, b.getIndexType(), number);
    return tensor::ExtractOp::create(b, sort.getKeys(),
                                     ValueRange{at[0], at[1], place});
  }
  SmallVector<Value> mergeNext(ValueRange at, Value k, Value width, Value from,
                               Value to, ValueRange carried);
  Value merge(ValueRange at, Value halves, Value width, Value count,
              int64_t from);
  Value sortRow(ValueRange at, Value halves);

  SortOp sort;
  Value size;
};
} // namespace

/// Number `k` of a pass: the smaller of the first two that are left of two
/// runs.
SmallVector<Value> SortBuilder::mergeNext(ValueRange at, Value k, Value width,
                                          Value from, Value to,
                                          ValueRange carried) {
  Value halves = carried[0];
  Value both = add(width, width);
  Value base =
      arith::MulIOp::create(b, arith::DivUIOp::create(b, k, both), both);
  Value middle = smaller(add(base, width), size),
        end = smaller(add(base, both), size);
  Value begins = compare(Predicate::eq, k, base);
  Value left = choose(begins, base, carried[1]),
        right = choose(begins, middle, carried[2]);
  // What is behind the end is read, but not taken.
  Value last = arith::SubIOp::create(b, size, index(1));
  auto get = [&](Value place) -> Value {
    return tensor::ExtractOp::create(b, halves,
                                     ValueRange{from, smaller(place, last)});
  };
  Value leftNumber = get(left), rightNumber = get(right);
  Value isLess =
      compare(Predicate::sle, getKey(at, leftNumber), getKey(at, rightNumber));
  Value hasRight = compare(Predicate::slt, right, end);
  Value takesLeft =
      arith::AndIOp::create(b, compare(Predicate::slt, left, middle),
                            choose(hasRight, isLess, boolean(true)));
  Value taken = choose(takesLeft, leftNumber, rightNumber);
  return {tensor::InsertOp::create(b, taken, halves, ValueRange{to, k}),
          choose(takesLeft, add(left, index(1)), left),
          choose(takesLeft, right, add(right, index(1)))};
}

/// A pass over `count` numbers: all, or none.
Value SortBuilder::merge(ValueRange at, Value halves, Value width, Value count,
                         int64_t from) {
  Value zero = index(0);
  SmallVector<Value> inits{halves, zero, zero};
  auto pass = scf::ForOp::create(
      b, zero, count, index(1), inits,
      [&](OpBuilder &, Location, Value k, ValueRange carried) {
        scf::YieldOp::create(
            b, mergeNext(at, k, width, index(from), index(1 - from), carried));
      });
  return pass.getResult(0);
}

Value SortBuilder::sortRow(ValueRange at, Value halves) {
  Value zero = index(0), one = index(1);
  auto numbers = scf::ForOp::create(
      b, zero, size, one, halves,
      [&](OpBuilder &, Location, Value k, ValueRange carried) {
        Value number = arith::IndexCastOp::create(b, b.getI32Type(), k);
        Value next = tensor::InsertOp::create(b, number, carried[0],
                                              ValueRange{zero, k});
        scf::YieldOp::create(b, next);
      });
  // A tensor whose numbers are i32 has no more than 2^31 of them.
  SmallVector<Value> inits{numbers.getResult(0), one};
  auto passes = scf::ForOp::create(
      b, zero, index(16), one, inits,
      [&](OpBuilder &, Location, Value, ValueRange carried) {
        Value width = carried[1], twice = add(width, width);
        Value isShort = compare(Predicate::slt, width, size);
        Value count = choose(isShort, size, zero);
        Value there = merge(at, carried[0], width, count, /*from=*/0);
        Value back = merge(at, there, twice, count, /*from=*/1);
        scf::YieldOp::create(b, ValueRange{back, add(twice, twice)});
      });
  return passes.getResult(0);
}

Value SortBuilder::build() {
  Value keys = sort.getKeys();
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0),
               two = b.getIndexAttr(2);
  auto type = cast<RankedTensorType>(sort.getOuts().getType());
  SmallVector<OpFoldResult> extents{getSize(keys, 0), getSize(keys, 1)};
  OpFoldResult length = getSize(keys, 2);
  SmallVector<OpFoldResult> shape(extents);
  llvm::append_values(shape, two, length);
  Value buffer = tensor::EmptyOp::create(b, shape, b.getI32Type());
  Value sorted = forEachPart(
      extents, buffer,
      [&](ValueRange at) {
        int64_t extent = cast<RankedTensorType>(buffer.getType()).getDimSize(3);
        return Part{{at[0], at[1], none, none},
                    {one, one, two, length},
                    RankedTensorType::get({2, extent}, b.getI32Type())};
      },
      [&](ValueRange at, Value part) { return sortRow(at, part); });
  // The half is taken first and dropped then: which one of several extents of
  // 1 a slice drops would be anyone's guess.
  auto half = tensor::ExtractSliceOp::create(
      b, sorted, SmallVector<OpFoldResult>(4, none),
      SmallVector<OpFoldResult>{extents[0], extents[1], one, length},
      SmallVector<OpFoldResult>(4, one));
  return tensor::CollapseShapeOp::create(
      b, type, half, ArrayRef<ReassociationIndices>{{0}, {1, 2}, {3}});
}

FailureOr<SmallVector<Value>> SortOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  return SmallVector<Value>{SortBuilder(builder, *this).build()};
}
