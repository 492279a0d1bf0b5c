//===- Copy.cpp - Tiles of memory to shared memory ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The threads of a block take chunks of 16 bytes in turn: chunk i of thread t
// is t + i * threads, in the order of the rows, so that neighbours read
// neighbouring bytes. Some chunks are read before the first of them is stored,
// for the latency of memory.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

namespace {

/// One chunk of a thread.
struct Chunk {
  /// Row of the tile, to which a constant multiple of 8 is to be added, and
  /// chunk of the row, i32.
  Value row, inRow;
  int64_t constantRows = 0;
  /// Whether there is such a chunk, null if certainly.
  Value exists;
};

/// Copies a tile in chunks, thread by thread in turn.
class TileCopier {
public:
  TileCopier(ThreadBuilder &builder, SharedType type, const MemoryTile &memory,
             Value limit, Value columnLimit, Value base)
      : b(builder), type(type), layout(type), memory(memory), limit(limit),
        base(base),
        columnBound(memory.getColumnBound(type.getNumCols(), columnLimit)) {}

  /// Rows that begin at multiples of a chunk are copied without registers, and
  /// may still be on their way behind.
  void copy();

private:
  int64_t getElementsPerChunk() const {
    return kChunkBytes / type.getElementBytes();
  }
  bool canBeWide() const;
  Chunk getChunk(int64_t number) const;
  std::pair<Value, Value> getPlace(const Chunk &chunk) const;
  Value getRowCondition(const Chunk &chunk, Value row) const;
  Value getAddress(const Chunk &chunk) const;
  void copyWide(ArrayRef<Chunk> chunks) const;
  void copyElements(ArrayRef<Chunk> chunks) const;

  ThreadBuilder &b;
  SharedType type;
  SharedLayout layout;
  const MemoryTile &memory;
  Value limit, base, columnBound;
};

} // namespace

Chunk TileCopier::getChunk(int64_t i) const {
  Type i32 = b.getI32Type();
  int64_t perRow = layout.getChunksPerRow(),
          threads = b.getBlock().getThreads(),
          numChunks = type.getNumRows() * perRow;
  Value thread = b.getThread(i32);
  Chunk chunk;
  if (threads % perRow == 0) {
    // Then a thread stays in its column, and mostly in its row of eight.
    int64_t rows = i * (threads / perRow);
    chunk.constantRows = rows % 8 == 0 ? rows : 0;
    chunk.row = b.add(b.div(thread, perRow), rows - chunk.constantRows);
    chunk.inRow = b.rem(thread, perRow);
  } else {
    Value number = b.add(thread, i * threads);
    chunk.row = b.div(number, perRow);
    chunk.inRow = b.rem(number, perRow);
  }
  if ((i + 1) * threads > numChunks)
    chunk.exists =
        b.less(b.add(thread, i * threads), b.constant(i32, numChunks));
  return chunk;
}

/// The row and the first column of a chunk in the buffer.
std::pair<Value, Value> TileCopier::getPlace(const Chunk &chunk) const {
  Type index = b.getIndexType();
  Value row =
      b.add(memory.getRow(b.castIndex(index, chunk.row)), chunk.constantRows);
  Value col = memory.getCol(
      b.mul(b.castIndex(index, chunk.inRow), getElementsPerChunk()));
  return {row, col};
}

Value TileCopier::getAddress(const Chunk &chunk) const {
  Value bytes = layout.getChunk(b, chunk.row, chunk.inRow);
  return getSharedPointer(b, base, bytes,
                          chunk.constantRows * type.getSwizzle());
}

/// Whether the innermost dimension is contiguous.
bool TileCopier::canBeWide() const {
  SmallVector<int64_t> strides;
  int64_t offset;
  return memory.getType().getElementType().isIntOrFloat() &&
         succeeded(memory.getType().getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

/// Asynchronous copies; what does not exist is not read and becomes zero.
void TileCopier::copyWide(ArrayRef<Chunk> chunks) const {
  Type i32 = b.getI32Type(), index = b.getIndexType();
  for (const Chunk &chunk : chunks) {
    auto [row, col] = getPlace(chunk);
    Value zero = b.constant(index, 0);
    Value bytes;
    if (columnBound) {
      Value exist = b.createOrFold<arith::MaxSIOp>(
          b.createOrFold<arith::SubIOp>(columnBound, col), zero);
      exist = b.createOrFold<arith::MinSIOp>(
          exist, b.constant(index, getElementsPerChunk()));
      bytes = b.castIndex(i32, b.mul(exist, type.getElementBytes()));
    }
    if (limit) {
      Value exists = b.less(row, limit);
      bytes = b.createOrFold<arith::SelectOp>(
          exists, bytes ? bytes : b.constant(i32, kChunkBytes),
          b.constant(i32, 0));
      row = b.createOrFold<arith::SelectOp>(exists, row, zero);
    }
    if (columnBound)
      col =
          b.createOrFold<arith::SelectOp>(b.less(col, columnBound), col, zero);
    Value address = getAddress(chunk), source = memory.getPointer({row, col});
    b.writeIf(chunk.exists, [&] {
      NVVM::CpAsyncOp::create(b, address, source, kChunkBytes,
                              NVVM::LoadCacheModifierKind::CG, bytes);
    });
  }
}

/// Element by element, through registers.
void TileCopier::copyElements(ArrayRef<Chunk> chunks) const {
  Type element = type.getElementType();
  int64_t count = getElementsPerChunk();
  for (const Chunk &chunk : chunks) {
    auto [row, firstCol] = getPlace(chunk);
    Value col = firstCol;
    Value condition = chunk.exists;
    if (limit)
      condition = b.both(condition, b.less(row, limit));
    SmallVector<Type> types(count, element);
    SmallVector<Value> elements = b.readIf(condition, types, [&, row = row] {
      SmallVector<Value> values;
      for (int64_t i = 0; i < count; ++i) {
        Value at = b.add(col, i);
        values.append(b.readIf(
            columnBound ? b.less(at, columnBound) : Value(), element,
            [&] { return SmallVector<Value>{memory.read({row, at})}; }));
      }
      return values;
    });
    b.writeIf(chunk.exists, [&] {
      LLVM::StoreOp::create(b, b.pack(elements), getAddress(chunk),
                            kChunkBytes);
    });
  }
}

void TileCopier::copy() {
  int64_t perThread = llvm::divideCeil(
      type.getNumRows() * layout.getChunksPerRow(), b.getBlock().getThreads());
  SmallVector<Chunk> chunks;
  for (int64_t i = 0; i < perThread; ++i)
    chunks.push_back(getChunk(i));
  if (!canBeWide())
    return copyElements(chunks);
  Value isAligned = memory.isAligned(kChunkBytes);
  auto branch = scf::IfOp::create(b, isAligned, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  copyWide(chunks);
  b.setInsertionPointToStart(branch.elseBlock());
  copyElements(chunks);
}

namespace {

class CopyPattern : public WGPattern<CopyOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Value base = getSharedAddress(b, op);
    MemoryTile memory(b, adaptor.getSource(), adaptor.getIndices(),
                      adaptor.getOrigin(), adaptor.getColumnOrigin());
    TileCopier(b, op.getResult().getType(), memory, adaptor.getLimit(),
               adaptor.getColumnLimit(), base)
        .copy();
    NVVM::CpAsyncCommitGroupOp::create(b);
    NVVM::CpAsyncWaitGroupOp::create(b, 0);
    fenceForTensorCores(b);
    rewriter.replaceOp(op, base);
    return success();
  }
};

class CopyAsyncPattern : public WGPattern<CopyAsyncOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(CopyAsyncOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    MemoryTile memory(b, adaptor.getSource(), adaptor.getIndices(),
                      adaptor.getOrigin(), adaptor.getColumnOrigin());
    TileCopier(b, op.getTile().getType(), memory, adaptor.getLimit(),
               adaptor.getColumnLimit(), adaptor.getTile())
        .copy();
    rewriter.eraseOp(op);
    return success();
  }
};

class CommitCopiesPattern : public WGPattern<CommitCopiesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(CommitCopiesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::CpAsyncCommitGroupOp>(op);
    return success();
  }
};

class WaitCopiesPattern : public WGPattern<WaitCopiesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(WaitCopiesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    NVVM::CpAsyncWaitGroupOp::create(b, op.getPending());
    fenceForTensorCores(b);
    rewriter.eraseOp(op);
    return success();
  }
};

class MakeRingPattern : public WGPattern<MakeRingOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(MakeRingOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    rewriter.replaceOp(op, getSharedAddress(b, op));
    return success();
  }
};

class SlotPattern : public WGPattern<SlotOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(SlotOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Value bytes = b.mul(b.castIndex(b.getI32Type(), adaptor.getIndex()),
                        op.getResult().getType().getBytes());
    rewriter.replaceOp(op, getSharedPointer(b, adaptor.getRing(), bytes));
    return success();
  }
};

} // namespace

void attn::wg::populateCopyPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns,
                                    const BlockShape &block) {
  patterns.add<CommitCopiesPattern, CopyAsyncPattern, CopyPattern,
               MakeRingPattern, SlotPattern, WaitCopiesPattern>(
      converter, patterns.getContext(), block);
}
