//===- BoundSegments.cpp - Which tiles have segments in common ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of rows and one of keys can have a segment in common only if their
// ranges of ids overlap; all of their ids are the same if both ranges are one
// id. Full tiles are counted, too: if there are as many as lie between the
// first and the last, there is none between them that is not full.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {
#define GEN_PASS_DEF_BOUNDSEGMENTS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {

class BoundsBuilder {
public:
  explicit BoundsBuilder(AttentionOp op)
      : b(op.getLoc(), op), op(op), rows(op.getSchedule()->getRows()),
        cols(op.getSchedule()->getCols()) {}

  Value build();

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }
  Value smaller(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  Value larger(Value x, Value y) { return arith::MaxSIOp::create(b, x, y); }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value toI32(Value x) {
    return arith::IndexCastOp::create(b, b.getI32Type(), x);
  }
  Value getSize(Value tensor, int64_t dim) {
    return getValueOrCreateConstantIndexOp(
        b, b.getLoc(), tensor::getMixedSize(b, b.getLoc(), tensor, dim));
  }
  Value countTiles(Value size, int64_t tile) {
    return getValueOrCreateConstantIndexOp(
        b, b.getLoc(),
        affine::makeComposedFoldedAffineApply(
            b, b.getLoc(), b.getAffineDimExpr(0).ceilDiv(tile),
            {getAsOpFoldResult(size)}));
  }
  /// A tensor of batch x tiles x `numbers`.
  Value
  generate(Value numTiles, int64_t numbers,
           function_ref<SmallVector<Value>(Value batch, Value tile)> body);
  /// A loop that carries i32.
  SmallVector<Value>
  loop(Value begin, Value end, ArrayRef<Value> inits,
       function_ref<SmallVector<Value>(Value at, ValueRange carried)> body);
  /// The smallest and the largest id of a tile.
  SmallVector<Value> getRange(Value ids, Value batch, Value tile, int64_t size);
  Value buildKeyRanges();
  SmallVector<Value> compareTiles(Value keyRanges, Value batch, Value tile);

  ImplicitLocOpBuilder b;
  AttentionOp op;
  int64_t rows, cols;
};

} // namespace

Value BoundsBuilder::generate(
    Value numTiles, int64_t numbers,
    function_ref<SmallVector<Value>(Value, Value)> body) {
  auto type = RankedTensorType::get(
      {ShapedType::kDynamic, ShapedType::kDynamic, numbers}, b.getI32Type());
  Value batch = getSize(op.getQuerySegments(), 0);
  return tensor::GenerateOp::create(
      b, type, ValueRange{batch, numTiles},
      [&](OpBuilder &, Location, ValueRange at) {
        SmallVector<Value> values = body(at[0], at[1]);
        Value value = values.front();
        for (int64_t number = 1; number < numbers; ++number)
          value =
              select(compare(arith::CmpIPredicate::eq, at[2], index(number)),
                     values[number], value);
        tensor::YieldOp::create(b, value);
      });
}

SmallVector<Value>
BoundsBuilder::loop(Value begin, Value end, ArrayRef<Value> inits,
                    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto forOp = scf::ForOp::create(
      b, begin, end, index(1), inits,
      [&](OpBuilder &, Location, Value at, ValueRange carried) {
        scf::YieldOp::create(b, body(at, carried));
      });
  return llvm::to_vector_of<Value>(forOp.getResults());
}

SmallVector<Value> BoundsBuilder::getRange(Value ids, Value batch, Value tile,
                                           int64_t size) {
  Value begin = arith::MulIOp::create(b, tile, index(size));
  Value end =
      smaller(arith::AddIOp::create(b, begin, index(size)), getSize(ids, 1));
  return loop(begin, end,
              {i32(std::numeric_limits<int32_t>::max()),
               i32(std::numeric_limits<int32_t>::min())},
              [&](Value at, ValueRange carried) {
                Value id =
                    tensor::ExtractOp::create(b, ids, ValueRange{batch, at});
                return SmallVector<Value>{smaller(carried[0], id),
                                          larger(carried[1], id)};
              });
}

/// They are computed once: what `tensor.generate` makes would be computed again
/// wherever it is read.
Value BoundsBuilder::buildKeyRanges() {
  Value ids = op.getKeySegments();
  Value numTiles = countTiles(getSize(ids, 1), cols);
  auto type = RankedTensorType::get(
      {ShapedType::kDynamic, ShapedType::kDynamic, 2}, b.getI32Type());
  Value empty =
      tensor::EmptyOp::create(b, type, ValueRange{getSize(ids, 0), numTiles});
  return linalg::GenericOp::create(
             b, type, ValueRange(), empty,
             ArrayRef{b.getMultiDimIdentityMap(3)},
             SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel),
             [&](OpBuilder &, Location, ValueRange) {
               Value batch = linalg::IndexOp::create(b, 0),
                     tile = linalg::IndexOp::create(b, 1),
                     number = linalg::IndexOp::create(b, 2);
               SmallVector<Value> range = getRange(ids, batch, tile, cols);
               Value isLow =
                   compare(arith::CmpIPredicate::eq, number, index(0));
               linalg::YieldOp::create(b, select(isLow, range[0], range[1]));
             })
      .getResult(0);
}

/// In columns: the first and the end of those of overlapping tiles, and of full
/// ones.
SmallVector<Value> BoundsBuilder::compareTiles(Value keyRanges, Value batch,
                                               Value tile) {
  using Predicate = arith::CmpIPredicate;
  SmallVector<Value> own = getRange(op.getQuerySegments(), batch, tile, rows);
  Value numTiles = getSize(keyRanges, 1), zero = i32(0);
  Value none = toI32(numTiles);
  Value isOne = compare(Predicate::eq, own[0], own[1]);
  SmallVector<Value> found = loop(
      index(0), numTiles, {none, zero, none, zero, zero},
      [&](Value at, ValueRange carried) {
        auto get = [&](int64_t number) {
          return tensor::ExtractOp::create(
              b, keyRanges, ValueRange{batch, at, index(number)});
        };
        Value low = get(0), high = get(1);
        Value overlaps = both(compare(Predicate::sle, low, own[1]),
                              compare(Predicate::sge, high, own[0]));
        Value isFull = both(isOne, both(compare(Predicate::eq, low, own[0]),
                                        compare(Predicate::eq, high, own[0])));
        Value number = toI32(at),
              next = arith::AddIOp::create(b, number, i32(1));
        return SmallVector<Value>{
            smaller(carried[0], select(overlaps, number, none)),
            larger(carried[1], select(overlaps, next, zero)),
            smaller(carried[2], select(isFull, number, none)),
            larger(carried[3], select(isFull, next, zero)),
            arith::AddIOp::create(b, carried[4], select(isFull, i32(1), zero))};
      });
  Value isRun = compare(Predicate::eq,
                        arith::SubIOp::create(b, found[3], found[2]), found[4]);
  found[3] = select(isRun, found[3], zero);
  return llvm::map_to_vector(ArrayRef(found).take_front(4), [&](Value value) {
    return Value(arith::MulIOp::create(b, value, i32(cols)));
  });
}

Value BoundsBuilder::build() {
  Value keyRanges = buildKeyRanges();
  return generate(countTiles(getSize(op.getQuerySegments(), 1), rows), 4,
                  [&](Value batch, Value tile) {
                    return compareTiles(keyRanges, batch, tile);
                  });
}

namespace {
struct BoundSegments : attn::impl::BoundSegmentsBase<BoundSegments> {
  void runOnOperation() override {
    getOperation().walk([&](AttentionOp op) {
      if (!op.getQuerySegments() || op.getSegmentBounds() ||
          !op.getSchedule() || op.getQueryPositions() ||
          !op.getOrigin().empty() ||
          !isa<RankedTensorType>(op.getQuery().getType()))
        return;
      op.getSegmentBoundsMutable().assign(BoundsBuilder(op).build());
      ++numBounded;
    });
  }
};
} // namespace
