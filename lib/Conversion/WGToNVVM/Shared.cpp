//===- Shared.cpp - Tiles between registers and shared memory -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shared.h"
#include "Patterns.h"
#include "Transpose.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

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
  if (!builder.getBlock().hasWarpgroups)
    return;
  MLIRContext *context = builder.getContext();
  NVVM::FenceProxyOp::create(
      builder, NVVM::ProxyKindAttr::get(context, NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(context, NVVM::SharedSpace::shared_cta));
}

void attn::wg::waitForPhase(ThreadBuilder &builder, Value barrier,
                            Value phase) {
  // For how long an attempt sleeps, in nanoseconds.
  constexpr int64_t kTicks = 10000000;
  NVVM::MBarrierTryWaitParityOp::create(
      builder, barrier, phase, builder.constant(builder.getI32Type(), kTicks));
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

std::pair<Value, int64_t> SharedLayout::getChunkOfPair(ThreadBuilder &builder,
                                                       Value row,
                                                       int64_t constantRows,
                                                       Value half,
                                                       int64_t chunk) const {
  assert(chunk % 2 == 0 && "a pair begins at an even chunk");
  // A row of a column block has an even number of chunks, so that the second of
  // a pair differs from the first in the lowest bit alone.
  auto [bytes, offset] = getChunk(builder, row, constantRows, chunk);
  return {builder.exclusiveOr(bytes, builder.mul(half, kChunkBytes)), offset};
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

PairAddresses::PairAddresses(ThreadBuilder &builder, SharedType shared,
                             TileType tile, Value base)
    : b(builder), shared(shared), fragment(builder, tile), base(base) {
  // A thread's pair begins at pairBytes of the 8 columns of its block: in one
  // of their chunks (of which there may be a half, one or several).
  Type i32 = b.getI32Type();
  pairBytes = b.mul(b.getFragmentCol(i32), shared.getElementBytes());
}

Value PairAddresses::get(int64_t halfRow, int64_t halfCol) {
  SharedLayout layout(shared);
  Type i32 = b.getI32Type();
  int64_t bytes = shared.getElementBytes();
  int64_t blockBytes = 8 * (halfCol / 2) * bytes;
  auto [row, constantRows] = fragment.splitRow(halfRow, i32);
  if (8 * bytes <= kChunkBytes) {
    auto [chunk, offset] =
        layout.getChunk(b, row, constantRows, blockBytes / kChunkBytes);
    return getSharedPointer(b, base, b.add(chunk, pairBytes),
                            offset + blockBytes % kChunkBytes);
  }
  Value chunk = b.add(b.div(pairBytes, kChunkBytes), blockBytes / kChunkBytes);
  Value place =
      b.add(layout.getChunk(b, row, chunk), b.rem(pairBytes, kChunkBytes));
  // Eight rows on, the swizzle is the same.
  return getSharedPointer(b, base, place, constantRows * shared.getSwizzle());
}

SmallVector<Value> PairAddresses::load(int64_t halfRow, int64_t halfCol) {
  auto type = VectorType::get(2, shared.getElementType());
  return b.unpack(LLVM::LoadOp::create(b, type, get(halfRow, halfCol),
                                       2 * shared.getElementBytes()));
}

/// Calls `visit` with the address of each pair of columns of the thread and
/// its place in the thread's vector.
static void forEachPair(ThreadBuilder &b, SharedType shared, TileType tile,
                        Value base,
                        function_ref<void(Value address, int64_t at)> visit) {
  PairAddresses addresses(b, shared, tile, base);
  Fragment fragment(b, tile);
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i)
    for (int64_t j = 0; j < fragment.getNumHalfCols(); j += 2)
      visit(addresses.get(i, j), fragment.at(i, j));
}

Value attn::wg::isVectorWriter(ThreadBuilder &b, TileType tile) {
  Value thread = b.getThread(b.getI32Type());
  bool isRows = tile.getLayout() == Layout::Rows;
  return b.less(isRows ? b.rem(thread, 4) : thread,
                b.constant(b.getI32Type(), isRows ? 1 : 4));
}

/// The address of element `i` of those of the thread of a vector.
static Value getVectorAddress(ThreadBuilder &b, TileType tile, Value base,
                              int64_t i) {
  Type i32 = b.getI32Type();
  int64_t bytes = tile.getElementType().getIntOrFloatBitWidth() / 8;
  Fragment fragment(b, tile);
  if (tile.getLayout() == Layout::Rows)
    return getSharedPointer(b, base, b.mul(fragment.getRow(i, i32), bytes));
  return getSharedPointer(b, base, b.mul(b.getFragmentCol(i32), bytes),
                          (i / 2 * 8 + i % 2) * bytes);
}

void attn::wg::storeTile(ThreadBuilder &b, SharedType shared, TileType tile,
                         Value base, ArrayRef<Value> elements) {
  int64_t bytes = shared.getElementBytes();
  if (!tile.isMatrix()) {
    b.writeIf(isVectorWriter(b, tile), [&] {
      for (auto [i, element] : llvm::enumerate(elements))
        LLVM::StoreOp::create(
            b, element,
            getVectorAddress(b, tile, base, static_cast<int64_t>(i)), bytes);
    });
    return;
  }
  forEachPair(b, shared, tile, base, [&](Value address, int64_t at) {
    Value pair = b.pack(elements.slice(at, 2));
    LLVM::StoreOp::create(b, pair, address, 2 * bytes);
  });
}

/// The elements of this thread of a vector; columns in pairs.
static SmallVector<Value> loadVector(ThreadBuilder &b, TileType tile,
                                     Value base) {
  Type element = tile.getElementType();
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  int64_t step = tile.getLayout() == Layout::Rows ? 1 : 2;
  SmallVector<Value> elements;
  for (int64_t i = 0, e = tile.getElementsPerThread(b.getBlock().getWarps());
       i < e; i += step) {
    Value address = getVectorAddress(b, tile, base, i);
    if (step == 1)
      elements.push_back(LLVM::LoadOp::create(b, element, address, bytes));
    else
      llvm::append_range(
          elements, b.unpack(LLVM::LoadOp::create(
                        b, VectorType::get(2, element), address, 2 * bytes)));
  }
  return elements;
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
    if (op->hasAttr(kStreamed))
      b.renewThread();
    Value base = getSharedAddress(b, op);
    storeTile(b, type, op.getTile().getType(), base,
              b.unpack(adaptor.getTile()));
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
    // In loops in which registers are short.
    if (!tile.isMatrix() || op.getTransposed() || op->hasAttr(kStreamed))
      b.renewThread();
    if (!tile.isMatrix()) {
      rewriter.replaceOp(op, b.pack(loadVector(b, tile, adaptor.getShared())));
      return success();
    }
    if (op.getTransposed()) {
      rewriter.replaceOp(
          op, b.pack(readTransposed(b, type, tile, adaptor.getShared())));
      return success();
    }
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

} // namespace

void attn::wg::populateSharedPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns,
                                      const BlockShape &block) {
  patterns.add<ToSharedPattern, FromSharedPattern>(
      converter, patterns.getContext(), block);
}
