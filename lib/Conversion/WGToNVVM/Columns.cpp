//===- Columns.cpp - Vectors that every warp has --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a vector with a value for each column, thread q of a quad holds elements
// 8 n + 2 q and 8 n + 2 q + 1. So what is wanted of it comes from a thread
// nearby, and no warp waits for another one.
//
//===----------------------------------------------------------------------===//

#include "Columns.h"
#include "Patterns.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace attn::wg;

static Value shuffle(ThreadBuilder &b, Value value, Value lane,
                     gpu::ShuffleMode mode) {
  Type i32 = b.getI32Type(), type = value.getType();
  // Registers have 32 bits.
  bool isNarrow = type.getIntOrFloatBitWidth() < 32;
  if (isNarrow)
    value = arith::ExtFOp::create(b, b.getF32Type(), value);
  Value moved =
      gpu::ShuffleOp::create(b, value, lane, b.constant(i32, 32), mode)
          .getShuffleResult();
  return isNarrow ? arith::TruncFOp::create(b, type, moved) : moved;
}

SmallVector<Value> attn::wg::getRowsOfCols(ThreadBuilder &b, TileType rows,
                                           ArrayRef<Value> cols) {
  Type i32 = b.getI32Type();
  int64_t bands = rows.getNumRows() / 16, warps = b.getBlock().getWarps();
  Value lane = b.rem(b.getThread(i32), 32), row = b.getFragmentRow(i32);
  // Element 8 n + row of block n is with thread row / 2 of the quad.
  Value source = b.add(b.mul(b.div(lane, 4), 4), b.div(row, 2));
  Value isOdd = b.createOrFold<arith::CmpIOp>(
      arith::CmpIPredicate::ne, b.rem(row, 2), b.constant(i32, 0));
  Fragment fragment(b, rows);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
    Value band = b.rem(b.add(b.getWarp(i32), warps * (i / 2)), bands);
    Value parity[2];
    for (int64_t odd : {0, 1}) {
      auto at = [&](int64_t band) {
        return cols[4 * band + 2 * (i % 2) + odd];
      };
      Value mine = at(0);
      for (int64_t other = 1; other < bands; ++other) {
        Value isOther = b.createOrFold<arith::CmpIOp>(
            arith::CmpIPredicate::eq, band, b.constant(i32, other));
        mine = arith::SelectOp::create(b, isOther, at(other), mine);
      }
      parity[odd] = shuffle(b, mine, source, gpu::ShuffleMode::IDX);
    }
    elements.push_back(arith::SelectOp::create(b, isOdd, parity[1], parity[0]));
  }
  return elements;
}

Value attn::wg::getElementOfCols(ThreadBuilder &b, int64_t index,
                                 ArrayRef<Value> cols) {
  return shuffle(b, cols[index / 8 * 2 + index % 2],
                 b.constant(b.getI32Type(), index % 8 / 2),
                 gpu::ShuffleMode::IDX);
}

namespace {

class ScanPattern : public WGPattern<ScanOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ScanOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.renewThread();
    Type i32 = b.getI32Type();
    Value lane = b.rem(b.getThread(i32), 32), quad = b.rem(lane, 4);
    Value last = arith::OrIOp::create(b, lane, b.constant(i32, 3));
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    Value zero = b.zero(elements.front().getType());
    // What the threads before this one have, of those of the quad.
    auto fromBefore = [&](Value value, int64_t distance) {
      Value moved =
          shuffle(b, value, b.constant(i32, distance), gpu::ShuffleMode::UP);
      Value exists = b.less(b.constant(i32, distance - 1), quad);
      return arith::SelectOp::create(b, exists, moved, zero).getResult();
    };
    auto sum = [&](Value x, Value y) {
      return arith::AddFOp::create(b, x, y).getResult();
    };
    Value before;
    for (size_t i = 0; i < elements.size(); i += 2) {
      Value all = sum(elements[i], elements[i + 1]);
      for (int64_t distance : {1, 2})
        all = sum(all, fromBefore(all, distance));
      Value earlier = fromBefore(all, 1);
      Value block = shuffle(b, all, last, gpu::ShuffleMode::IDX);
      if (before) {
        earlier = sum(before, earlier);
        all = sum(before, all);
      }
      before = before ? sum(before, block) : block;
      elements[i] = sum(earlier, elements[i]);
      elements[i + 1] = all;
    }
    rewriter.replaceOp(op, b.pack(elements));
    return success();
  }
};

} // namespace

void attn::wg::populateColumnPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns,
                                      const BlockShape &block) {
  patterns.add<ScanPattern>(converter, patterns.getContext(), block);
}
