//===- Scratch.cpp - Vectors that threads exchange ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All elements go to scratch memory and come back. Nobody else waits for this
// memory, so the operations do: before they write, between their writes and
// their reads, and after these.
//
//===----------------------------------------------------------------------===//

#include "Columns.h"
#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn::wg;

namespace {

/// A vector in scratch memory, an element after the other.
class VectorMemory {
public:
  VectorMemory(ThreadBuilder &builder, Type element, Value base)
      : b(builder), element(element), stored(element), base(base) {
    // Memory has no bits and no indices.
    if (element.isIndex())
      stored = b.getI64Type();
    else if (element.isInteger(1))
      stored = b.getI8Type();
  }

  /// Stores a tile of which `elements` are those of the thread.
  void write(TileType type, ArrayRef<Value> elements) const {
    b.writeIf(isVectorWriter(b, type), [&] {
      for (auto [place, value] : llvm::zip_equal(getPlaces(type), elements))
        write(place, value);
    });
  }

  /// The elements of the thread of a tile.
  SmallVector<Value> read(TileType type) const {
    SmallVector<Value> elements;
    for (Value place : getPlaces(type))
      elements.push_back(read(place));
    return elements;
  }

  /// The element at a place, an i32.
  Value read(Value place) const {
    Value value =
        LLVM::LoadOp::create(b, stored, getAddress(place), getBytes());
    if (element.isIndex())
      return b.castIndex(element, value);
    if (stored != element)
      return arith::TruncIOp::create(b, element, value);
    return value;
  }

  void write(Value place, Value value) const {
    if (element.isIndex())
      value = b.castIndex(stored, value);
    else if (stored != element)
      value = arith::ExtUIOp::create(b, stored, value);
    LLVM::StoreOp::create(b, value, getAddress(place), getBytes());
  }

private:
  SmallVector<Value> getPlaces(TileType type) const {
    Fragment fragment(b, type);
    Type i32 = b.getI32Type();
    SmallVector<Value> places;
    for (int64_t i = 0, e = type.getElementsPerThread(b.getBlock().getWarps());
         i < e; ++i)
      places.push_back(type.getLayout() == Layout::Rows
                           ? fragment.getRow(i, i32)
                           : fragment.getCol(i, i32));
    return places;
  }
  int64_t getBytes() const {
    return llvm::divideCeil(stored.getIntOrFloatBitWidth(), 8);
  }
  Value getAddress(Value place) const {
    return getSharedPointer(b, base, b.mul(place, getBytes()));
  }

  ThreadBuilder &b;
  Type element, stored;
  Value base;
};

class RelayoutPattern : public WGPattern<RelayoutOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(RelayoutOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileType from = op.getTile().getType(), to = op.getResult().getType();
    if (from == to) {
      rewriter.replaceOp(op, adaptor.getTile());
      return success();
    }
    ThreadBuilder b(op.getLoc(), rewriter, block);
    if (op.getScratchBytes() == 0) {
      b.renewThread();
      rewriter.replaceOp(
          op, b.pack(getRowsOfCols(b, to, b.unpack(adaptor.getTile()))));
      return success();
    }
    VectorMemory memory(b, from.getElementType(), getSharedAddress(b, op));
    b.barrier();
    memory.write(from, b.unpack(adaptor.getTile()));
    b.barrier();
    SmallVector<Value> results = memory.read(to);
    b.barrier();
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

class ExtractPattern : public WGPattern<ExtractOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ExtractOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileType type = op.getTile().getType();
    ThreadBuilder b(op.getLoc(), rewriter, block);
    if (op.getScratchBytes() == 0) {
      rewriter.replaceOp(
          op, getElementOfCols(b, *getConstantIntValue(op.getIndex()),
                               b.unpack(adaptor.getTile())));
      return success();
    }
    VectorMemory memory(b, type.getElementType(), getSharedAddress(b, op));
    b.barrier();
    memory.write(type, b.unpack(adaptor.getTile()));
    b.barrier();
    Value result = memory.read(b.castIndex(b.getI32Type(), adaptor.getIndex()));
    b.barrier();
    rewriter.replaceOp(op, result);
    return success();
  }
};

class SumRowsPattern : public WGPattern<SumRowsOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(SumRowsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileType from = op.getTile().getType(), to = op.getResult().getType();
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.renewThread();
    Fragment tile(b, from), vector(b, to);
    Type i32 = b.getI32Type();
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    VectorMemory memory(b, from.getElementType(), getSharedAddress(b, op));
    auto getPlace = [&](Value band, int64_t col) {
      return b.add(b.mul(band, from.getNumCols()), vector.getCol(col, i32));
    };
    Value isFirst = b.less(b.getFragmentRow(i32), b.constant(i32, 1));
    b.barrier();
    for (int64_t band = 0; band < tile.getNumBands(); ++band) {
      SmallVector<Value> sums;
      for (int64_t col = 0; col < tile.getNumHalfCols(); ++col) {
        Value sum = arith::AddFOp::create(b, elements[tile.at(2 * band, col)],
                                          elements[tile.at(2 * band + 1, col)]);
        // The threads that hold other rows of these columns.
        for (int32_t distance : {4, 8, 16})
          sum = arith::AddFOp::create(
              b, sum,
              gpu::ShuffleOp::create(b, sum, distance, 32,
                                     gpu::ShuffleMode::XOR)
                  .getShuffleResult());
        sums.push_back(sum);
      }
      b.writeIf(isFirst, [&] {
        for (auto [col, sum] : llvm::enumerate(sums))
          memory.write(getPlace(tile.getBand(band, i32), col), sum);
      });
    }
    b.barrier();
    SmallVector<Value> results;
    for (int64_t col = 0; col < tile.getNumHalfCols(); ++col) {
      Value sum;
      for (int64_t band = 0; band < from.getNumRows() / 16; ++band) {
        Value part = memory.read(getPlace(b.constant(i32, band), col));
        sum = sum ? arith::AddFOp::create(b, sum, part).getResult() : part;
      }
      results.push_back(sum);
    }
    b.barrier();
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

} // namespace

void attn::wg::populateScratchPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns,
                                       const BlockShape &block) {
  patterns.add<RelayoutPattern, ExtractPattern, SumRowsPattern>(
      converter, patterns.getContext(), block);
}
