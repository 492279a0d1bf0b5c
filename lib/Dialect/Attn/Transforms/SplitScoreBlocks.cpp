//===- SplitScoreBlocks.cpp - Blocks of scores that tiles do not reduce ---===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_SPLITSCOREBLOCKS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Columns that a block has to have a multiple of to be a tile of logits, or
/// several: of both operands in f32, and of others.
static constexpr int64_t kWideCols = 8, kCols = 16;
/// Longer blocks are several tiles.
static constexpr int64_t kMostCols = 128;

/// How many columns of a block a row's logits can be reduced over in registers.
static int64_t getReducedCols(RouteScoreOp op) {
  int64_t cols = op.getCols();
  bool isWide = op.getQuery().getType().getElementType().isF32() &&
                op.getKey().getType().getElementType().isF32();
  int64_t least = isWide && cols <= kMostCols ? kWideCols : kCols;
  return cols % least == 0 ? cols : 1;
}

namespace {
class BlockBuilder {
public:
  BlockBuilder(RouteScoreOp score, int64_t cols)
      : b(score.getLoc(), score), score(score), cols(cols),
        type(score.getComputeType()) {}

  Value build();

private:
  OpFoldResult getSize(Value tensor, int64_t dim) {
    return tensor::getMixedSize(b, b.getLoc(), tensor, dim);
  }
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands);
  }
  Value toValue(OpFoldResult x) {
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  Value combine(OpBuilder &n, Location l, Value x, Value y) {
    if (score.getKind() == ScoreKind::Sum)
      return arith::AddFOp::create(n, l, x, y);
    return arith::MaximumFOp::create(n, l, x, y);
  }
  Value buildParts();
  Value addPart(OpBuilder &n, Location l, Value number, int64_t size,
                Value limit, Value init,
                function_ref<Value(OpBuilder &, Value, Value)> add);

  ImplicitLocOpBuilder b;
  RouteScoreOp score;
  int64_t cols;
  FloatType type;
};
} // namespace

/// A score for each row, and for each block of columns or each column.
Value BlockBuilder::buildParts() {
  OpFoldResult numCols =
      apply(b.getAffineDimExpr(0).ceilDiv(cols), {getSize(score.getKey(), 2)});
  SmallVector<OpFoldResult> shape{getSize(score.getOuts(), 0),
                                  getSize(score.getOuts(), 1),
                                  getSize(score.getQuery(), 2), numCols};
  Value empty = tensor::EmptyOp::create(b, shape, type);
  auto parts = cast<RouteScoreOp>(b.clone(*score));
  parts.setRows(1);
  parts.setCols(cols);
  parts.getOutsMutable().assign(empty);
  parts->getResult(0).setType(empty.getType());
  return parts->getResult(0);
}

/// Adds what a block has: `size` parts from `number` times as many on, below
/// `limit`.
Value BlockBuilder::addPart(
    OpBuilder &n, Location l, Value number, int64_t size, Value limit,
    Value init, function_ref<Value(OpBuilder &, Value, Value)> add) {
  Value step = arith::ConstantIndexOp::create(n, l, size);
  Value first = arith::MulIOp::create(n, l, number, step);
  Value end = arith::MinSIOp::create(
      n, l, arith::AddIOp::create(n, l, first, step), limit);
  Value one = arith::ConstantIndexOp::create(n, l, 1);
  return scf::ForOp::create(
             n, l, first, end, one, init,
             [&](OpBuilder &inner, Location, Value at, ValueRange carried) {
               scf::YieldOp::create(inner, l, add(inner, at, carried[0]));
             })
      .getResult(0);
}

Value BlockBuilder::build() {
  Value parts = buildParts();
  Value numRows = toValue(getSize(parts, 2)),
        numCols = toValue(getSize(parts, 3));
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  APFloat identity = score.getKind() == ScoreKind::Sum
                         ? APFloat::getZero(semantics)
                         : APFloat::getInf(semantics, /*Negative=*/true);
  Value init = arith::ConstantOp::create(b, b.getFloatAttr(type, identity));
  Value outs = score.getOuts();
  AffineMap map = b.getMultiDimIdentityMap(4);
  SmallVector<utils::IteratorType> iterators(4, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, TypeRange(outs.getType()), ValueRange(), outs, map, iterators,
      [&](OpBuilder &n, Location l, ValueRange) {
        SmallVector<Value> at;
        for (int64_t dim = 0; dim < 4; ++dim)
          at.push_back(linalg::IndexOp::create(n, l, dim));
        auto addRow = [&](OpBuilder &r, Value row, Value sum) {
          auto addColumn = [&](OpBuilder &c, Value column, Value other) {
            Value value = tensor::ExtractOp::create(
                c, l, parts, ValueRange{at[0], at[1], row, column});
            return combine(c, l, other, value);
          };
          int64_t blockCols = score.getCols();
          if (cols == blockCols)
            return addColumn(r, at[3], sum);
          return addPart(r, l, at[3], blockCols, numCols, sum, addColumn);
        };
        Value sum =
            addPart(n, l, at[2], score.getRows(), numRows, init, addRow);
        linalg::YieldOp::create(n, l, sum);
      });
  return generic.getResult(0);
}

namespace {
struct SplitScoreBlocks : attn::impl::SplitScoreBlocksBase<SplitScoreBlocks> {
  void runOnOperation() override {
    SmallVector<RouteScoreOp> scores;
    getOperation().walk([&](RouteScoreOp op) {
      if (isa<RankedTensorType>(op.getOuts().getType()))
        scores.push_back(op);
    });
    for (RouteScoreOp op : scores) {
      int64_t cols = getReducedCols(op), blockCols = op.getCols();
      if (op.getRows() == 1 && blockCols == cols)
        continue;
      remark::missed(op.getLoc(), remark::RemarkOpts::name("split-blocks")
                                      .category("attn-split-score-blocks"))
          << remark::reason("blocks of {0} x {1} are no tiles of logits: a "
                            "score is written for each of 1 x {2}",
                            op.getRows(), op.getCols(), cols);
      op->replaceAllUsesWith(ValueRange(BlockBuilder(op, cols).build()));
      op.erase();
      ++numSplit;
    }
  }
};
} // namespace
