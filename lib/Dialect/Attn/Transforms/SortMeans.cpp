//===- SortMeans.cpp - Means of rows in the order of their numbers --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sorted by their numbers, the rows that go to one place stand together, in
// their order. Where they begin is what a binary search finds.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

namespace attn {
#define GEN_PASS_DEF_SORTMEANS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
class MeanBuilder : public RoutingBuilder {
public:
  explicit MeanBuilder(PermuteOp op) : RoutingBuilder(op), op(op) {
    Type element = op.getInput().getType().getElementType();
    type = element.isF64() ? cast<FloatType>(element) : b.getF32Type();
  }

  Value build();

private:
  /// Halvings until nothing is left of a row of numbers.
  int64_t getNumSteps() {
    int64_t extent = op.getOrder().getType().getDimSize(2);
    return ShapedType::isDynamic(extent) ? 32
                                         : llvm::Log2_64_Ceil(extent + 1) + 1;
  }
  Value findBegin(Value order, ValueRange at);
  Value findBegins(Value order);
  Value sumRows(Value order, Value begins, ValueRange at);
  Value buildParallel(Value out, function_ref<Value(ValueRange)> body);

  PermuteOp op;
  FloatType type;
};
} // namespace

/// A `linalg.generic` without inputs.
Value MeanBuilder::buildParallel(Value out,
                                 function_ref<Value(ValueRange)> body) {
  int64_t rank = cast<RankedTensorType>(out.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, TypeRange(out.getType()), ValueRange(), ValueRange(out),
      ArrayRef<AffineMap>{b.getMultiDimIdentityMap(rank)}, iterators);
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&generic.getRegion(), {},
                {cast<RankedTensorType>(out.getType()).getElementType()},
                {b.getLoc()});
  SmallVector<Value> at;
  for (int64_t dim = 0; dim < rank; ++dim)
    at.push_back(linalg::IndexOp::create(b, dim));
  linalg::YieldOp::create(b, body(at));
  return generic.getResult(0);
}

/// How many of the numbers of row (b, h) are smaller than at[2].
Value MeanBuilder::findBegin(Value order, ValueRange at) {
  Value numbers = op.getOrder(), one = index(1);
  Value size = toValue(getSize(numbers, 2));
  SmallVector<Value> found = loop(
      index(getNumSteps()), {index(0), size}, [&](Value, ValueRange carried) {
        Value low = carried[0], high = carried[1];
        Value isOpen = compare(arith::CmpIPredicate::slt, low, high);
        Value middle =
            arith::ShRUIOp::create(b, arith::AddIOp::create(b, low, high), one);
        // Of an empty range nothing is read.
        auto branch = scf::IfOp::create(b, TypeRange(b.getI1Type()), isOpen,
                                        /*addThenBlock=*/true,
                                        /*addElseBlock=*/true);
        {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(branch.thenBlock());
          Value place = toIndex(tensor::ExtractOp::create(
              b, order, ValueRange{at[0], at[1], middle}));
          Value number = toIndex(tensor::ExtractOp::create(
              b, numbers, ValueRange{at[0], at[1], place}));
          scf::YieldOp::create(
              b, compare(arith::CmpIPredicate::slt, number, at[2]));
          b.setInsertionPointToStart(branch.elseBlock());
          scf::YieldOp::create(b, boolean(false));
        }
        Value isBefore = branch.getResult(0);
        Value next = arith::AddIOp::create(b, middle, one);
        Value isBehind =
            both(isOpen, arith::XOrIOp::create(b, isBefore, boolean(true)));
        return SmallVector<Value>{choose(isBefore, next, low),
                                  choose(isBehind, middle, high)};
      });
  return found[0];
}

/// For each place where the rows that go there begin, and where the last end.
Value MeanBuilder::findBegins(Value order) {
  OpFoldResult extent =
      apply(b.getAffineDimExpr(0) + 1, {getSize(op.getOuts(), 2)});
  Value empty = tensor::EmptyOp::create(
      b,
      SmallVector<OpFoldResult>{getSize(order, 0), getSize(order, 1), extent},
      b.getI32Type());
  return buildParallel(
      empty, [&](ValueRange at) { return toI32(findBegin(order, at)); });
}

/// The mean of the rows that go to at[2].
Value MeanBuilder::sumRows(Value order, Value begins, ValueRange at) {
  Value x = op.getInput();
  Value head = getGroup(at[1], order, op.getOuts()),
        sourceHead = getGroup(at[1], x, op.getOuts());
  auto getBegin = [&](Value place) {
    return toIndex(
        tensor::ExtractOp::create(b, begins, ValueRange{at[0], head, place}));
  };
  Value begin = getBegin(at[2]),
        end = getBegin(arith::AddIOp::create(b, at[2], index(1)));
  auto convert = [&](Value value, Type to) -> Value {
    if (value.getType() == to)
      return value;
    if (value.getType().getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(b, to, value);
    return arith::TruncFOp::create(b, to, value);
  };
  Value zero = constant(type, 0);
  auto sum = scf::ForOp::create(
      b, begin, end, index(1), zero,
      [&](OpBuilder &, Location, Value place, ValueRange carried) {
        SmallVector<Value> from(at);
        from[1] = sourceHead;
        from[2] = toIndex(tensor::ExtractOp::create(
            b, order, ValueRange{at[0], head, place}));
        Value row = convert(tensor::ExtractOp::create(b, x, from), type);
        scf::YieldOp::create(
            b, ValueRange(arith::AddFOp::create(b, carried[0], row)));
      });
  Value count = toI32(arith::SubIOp::create(b, end, begin));
  Value some = arith::MaxSIOp::create(b, count, i32(1));
  Value mean = arith::DivFOp::create(b, sum.getResult(0),
                                     arith::SIToFPOp::create(b, type, some));
  return convert(mean, getElementTypeOrSelf(op.getOuts().getType()));
}

Value MeanBuilder::build() {
  Value numbers = op.getOrder();
  auto orderType = cast<RankedTensorType>(numbers.getType());
  Value empty = tensor::EmptyOp::create(
      b, tensor::getMixedSizes(b, b.getLoc(), numbers), b.getI32Type());
  if (empty.getType() != orderType)
    empty = tensor::CastOp::create(b, orderType, empty);
  Value order =
      SortOp::create(b, TypeRange(orderType), numbers, empty).getResult(0);
  Value begins = findBegins(order);
  return buildParallel(
      op.getOuts(), [&](ValueRange at) { return sumRows(order, begins, at); });
}

namespace {
struct SortMeans : attn::impl::SortMeansBase<SortMeans> {
  void runOnOperation() override {
    SmallVector<PermuteOp> means;
    getOperation().walk([&](PermuteOp op) {
      if (op.getKind() == PermuteKind::Mean && op.getNumResults() != 0)
        means.push_back(op);
    });
    for (PermuteOp op : means) {
      op.getResult(0).replaceAllUsesWith(MeanBuilder(op).build());
      op.erase();
      ++numMeans;
    }
  }
};
} // namespace
