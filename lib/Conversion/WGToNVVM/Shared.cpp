//===- Shared.cpp - Tiles between registers and shared memory -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shared.h"
#include "Patterns.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

Type attn::wg::getSharedPointerType(MLIRContext *context) {
  return LLVM::LLVMPointerType::get(
      context, static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared));
}

Value attn::wg::getSharedAddress(ThreadBuilder &builder, Operation *op) {
  Type pointer = getSharedPointerType(builder.getContext());
  Value base = LLVM::AddressOfOp::create(builder, pointer, kSharedMemory);
  int64_t offset = op->getAttrOfType<IntegerAttr>(kOffset).getInt();
  if (offset == 0)
    return base;
  return LLVM::GEPOp::create(
      builder, pointer, builder.getI8Type(), base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

Value attn::wg::getSharedPointer(ThreadBuilder &builder, Value base,
                                 Value bytes, int64_t constantBytes) {
  Type pointer = base.getType(), byte = builder.getI8Type();
  Value address = LLVM::GEPOp::create(builder, pointer, byte, base,
                                      ArrayRef<LLVM::GEPArg>{bytes});
  // Last, so that it becomes part of the instruction.
  if (constantBytes != 0)
    address = LLVM::GEPOp::create(
        builder, pointer, byte, address,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(constantBytes)});
  return address;
}

void attn::wg::fenceForTensorCores(ThreadBuilder &builder) {
  MLIRContext *context = builder.getContext();
  NVVM::FenceProxyOp::create(
      builder, NVVM::ProxyKindAttr::get(context, NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(context, NVVM::SharedSpace::shared_cta));
}

Value SharedLayout::getMask(ThreadBuilder &builder, Value row) const {
  return builder.rem(builder.div(row, 128 / type.getSwizzle()),
                     getChunksPerBlock());
}

Value SharedLayout::getChunk(ThreadBuilder &builder, Value row,
                             Value chunk) const {
  int64_t perBlock = getChunksPerBlock(), swizzle = type.getSwizzle();
  Value place =
      builder.exclusiveOr(builder.rem(chunk, perBlock), getMask(builder, row));
  Value bytes =
      builder.add(builder.mul(row, swizzle), builder.mul(place, kChunkBytes));
  if (perBlock == getChunksPerRow())
    return bytes;
  return builder.add(
      builder.mul(builder.div(chunk, perBlock), type.getNumRows() * swizzle),
      bytes);
}

std::pair<Value, int64_t> SharedLayout::getChunk(ThreadBuilder &builder,
                                                 Value row,
                                                 int64_t constantRows,
                                                 int64_t chunk) const {
  assert(constantRows % 8 == 0 && "rows that change the swizzle");
  int64_t perBlock = getChunksPerBlock(), swizzle = type.getSwizzle();
  Value place = builder.exclusiveOr(
      builder.constant(row.getType(), chunk % perBlock * kChunkBytes),
      builder.mul(getMask(builder, row), kChunkBytes));
  return {builder.add(builder.mul(row, swizzle), place),
          constantRows * swizzle +
              chunk / perBlock * type.getNumRows() * swizzle};
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

/// Calls `visit` with the address of each pair of columns of the thread and
/// its place in the thread's vector.
static void forEachPair(ThreadBuilder &b, SharedType shared, TileType tile,
                        Value base,
                        function_ref<void(Value address, int64_t at)> visit) {
  SharedLayout layout(shared);
  Fragment fragment(b, tile);
  Type i32 = b.getI32Type();
  int64_t bytes = shared.getElementBytes();
  // A thread's pair begins at pairBytes of the 8 columns of its block: in one
  // of their chunks (of which there may be a half, one or several).
  Value pairBytes = b.mul(b.getFragmentCol(i32), bytes);
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
    for (int64_t j = 0; j < fragment.getNumHalfCols(); j += 2) {
      int64_t blockBytes = 8 * (j / 2) * bytes;
      auto [row, constantRows] = fragment.splitRow(i, i32);
      if (8 * bytes <= kChunkBytes) {
        auto [chunk, offset] =
            layout.getChunk(b, row, constantRows, blockBytes / kChunkBytes);
        visit(getSharedPointer(b, base, b.add(chunk, pairBytes),
                               offset + blockBytes % kChunkBytes),
              fragment.at(i, j));
        continue;
      }
      Value chunk =
          b.add(b.div(pairBytes, kChunkBytes), blockBytes / kChunkBytes);
      Value bytes =
          b.add(layout.getChunk(b, row, chunk), b.rem(pairBytes, kChunkBytes));
      // Eight rows on, the swizzle is the same.
      visit(
          getSharedPointer(b, base, bytes, constantRows * shared.getSwizzle()),
          fragment.at(i, j));
    }
  }
}

namespace {

class ToSharedPattern : public WGPattern<ToSharedOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ToSharedOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    SharedType type = op.getResult().getType();
    Value base = getSharedAddress(b, op);
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    forEachPair(
        b, type, op.getTile().getType(), base, [&](Value address, int64_t at) {
          Value pair = b.pack(ArrayRef(elements).slice(at, 2));
          LLVM::StoreOp::create(b, pair, address, 2 * type.getElementBytes());
        });
    fenceForTensorCores(b);
    rewriter.replaceOp(op, base);
    return success();
  }
};

class FromSharedPattern : public WGPattern<FromSharedOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(FromSharedOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    SharedType type = op.getShared().getType();
    TileType tile = op.getResult().getType();
    SmallVector<Value> elements(tile.getElementsPerThread(block.getWarps()));
    auto pairType = VectorType::get(2, type.getElementType());
    forEachPair(b, type, tile, adaptor.getShared(),
                [&](Value address, int64_t at) {
                  SmallVector<Value> pair = b.unpack(LLVM::LoadOp::create(
                      b, pairType, address, 2 * type.getElementBytes()));
                  elements[at] = pair[0];
                  elements[at + 1] = pair[1];
                });
    rewriter.replaceOp(op, b.pack(elements));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

/// All elements go to scratch memory and come back. Nobody else waits for this
/// memory, so the operation itself does: before it writes, between its writes
/// and its reads, and after these.
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
    Value base = getSharedAddress(b, op);
    // Memory has no bits and no indices.
    Type element = from.getElementType(), stored = element;
    if (element.isIndex())
      stored = b.getI64Type();
    else if (element.isInteger(1))
      stored = b.getI8Type();
    int64_t bytes = llvm::divideCeil(stored.getIntOrFloatBitWidth(), 8);

    gpu::BarrierOp::create(b);
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    // Of the threads that hold an element one writes it: the first of a quad
    // for rows (of several warps all write the same), a quad for columns.
    Value thread = b.getThread(b.getI32Type());
    bool isRows = from.getLayout() == Layout::Rows;
    Value isWriter = b.less(isRows ? b.rem(thread, 4) : thread,
                            b.constant(b.getI32Type(), isRows ? 1 : 4));
    b.writeIf(isWriter, [&] {
      forEachElement(b, from, base, bytes, [&](Value address, int64_t at) {
        Value value = elements[at];
        if (element.isIndex())
          value = b.castIndex(stored, value);
        else if (stored != element)
          value = arith::ExtUIOp::create(b, stored, value);
        LLVM::StoreOp::create(b, value, address, bytes);
      });
    });
    gpu::BarrierOp::create(b);
    SmallVector<Value> results;
    forEachElement(b, to, base, bytes, [&](Value address, int64_t) {
      Value value = LLVM::LoadOp::create(b, stored, address, bytes);
      if (element.isIndex())
        value = b.castIndex(element, value);
      else if (stored != element)
        value = arith::TruncIOp::create(b, element, value);
      results.push_back(value);
    });
    gpu::BarrierOp::create(b);
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }

private:
  static void
  forEachElement(ThreadBuilder &b, TileType type, Value base, int64_t bytes,
                 function_ref<void(Value address, int64_t at)> visit) {
    Fragment fragment(b, type);
    Type i32 = b.getI32Type();
    bool isRows = type.getLayout() == Layout::Rows;
    for (int64_t i = 0, e = type.getElementsPerThread(b.getBlock().getWarps());
         i < e; ++i) {
      Value place = isRows ? fragment.getRow(i, i32) : fragment.getCol(i, i32);
      visit(getSharedPointer(b, base, b.mul(place, bytes)), i);
    }
  }
};

} // namespace

void attn::wg::populateSharedPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns,
                                      const BlockShape &block) {
  patterns.add<ToSharedPattern, FromSharedPattern, RelayoutPattern>(
      converter, patterns.getContext(), block);
}
