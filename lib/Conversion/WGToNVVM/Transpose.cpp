//===- Transpose.cpp - Tiles with rows as columns -------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp holds bands of 16 rows. Transposed, a band is 16 columns: 32 bytes of
// 16-bit elements in each row, two chunks. `ldmatrix` and `stmatrix` turn
// blocks of 8 x 8 on their way between registers and shared memory; four at a
// time are the halves of the band in two blocks of 8 columns. Thread 8 m + i
// has the address of row i of matrix m.
//
// On its way to memory a band is in shared memory that belongs to its warp, so
// no warp waits for another one. Chunk c of row r is at place c xor (r / 4) mod
// 2 of its 32 bytes, which keeps eight rows in different banks.
//
//===----------------------------------------------------------------------===//

#include "Transpose.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn::wg;

namespace {

constexpr int64_t kBand = 16, kBlock = 8;
/// Columns that four matrices cover.
constexpr int64_t kStep = 2 * kBlock;

bool isNarrow(Type element) {
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() == 16;
}

/// Where the matrix of this thread begins in a step: its row, and which of the
/// chunks of the band.
struct MatrixPlace {
  explicit MatrixPlace(ThreadBuilder &b) {
    Type i32 = b.getI32Type();
    Value lane = b.rem(b.getThread(i32), 32);
    row = b.add(b.mul(b.div(lane, kStep), kBlock), b.rem(lane, kBlock));
    half = b.rem(b.div(lane, kBlock), 2);
  }
  Value row, half;
};

/// The two elements in one register, and back.
Value packPair(ThreadBuilder &b, ArrayRef<Value> pair) {
  return LLVM::BitcastOp::create(b, b.getI32Type(), b.pack(pair));
}

NVVM::LdStMatrixShapeAttr getShape(ThreadBuilder &b) {
  return NVVM::LdStMatrixShapeAttr::get(b.getContext(), kBlock, kBlock);
}

} // namespace

//===----------------------------------------------------------------------===//
// From shared memory
//===----------------------------------------------------------------------===//

/// Element by element.
static SmallVector<Value> readElements(ThreadBuilder &b, SharedType shared,
                                       TileType tile, Value base) {
  SharedLayout layout(shared);
  Fragment fragment(b, tile);
  Type i32 = b.getI32Type();
  int64_t bytes = shared.getElementBytes(), perChunk = kChunkBytes / bytes;
  SmallVector<Value> elements(
      tile.getElementsPerThread(b.getBlock().getWarps()));
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i)
    for (int64_t j = 0; j < fragment.getNumHalfCols(); ++j) {
      Value row = fragment.getRow(i, i32);
      Value chunk =
          layout.getChunk(b, fragment.getCol(j, i32), b.div(row, perChunk));
      Value place = b.add(chunk, b.mul(b.rem(row, perChunk), bytes));
      elements[fragment.at(i, j)] = LLVM::LoadOp::create(
          b, shared.getElementType(), getSharedPointer(b, base, place), bytes);
    }
  return elements;
}

SmallVector<Value> attn::wg::readTransposed(ThreadBuilder &b, SharedType shared,
                                            TileType tile, Value base) {
  if (!isNarrow(shared.getElementType()) || tile.getNumCols() % kStep != 0)
    return readElements(b, shared, tile, base);
  SharedLayout layout(shared);
  Fragment fragment(b, tile);
  MLIRContext *context = b.getContext();
  Type i32 = b.getI32Type();
  auto pairType = VectorType::get(2, shared.getElementType());
  auto read = LLVM::LLVMStructType::getLiteral(context, {i32, i32, i32, i32});
  MatrixPlace place(b);
  SmallVector<Value> elements(
      tile.getElementsPerThread(b.getBlock().getWarps()));
  for (int64_t band = 0; band < fragment.getNumBands(); ++band) {
    Value chunk =
        b.add(b.mul(fragment.getBand(band, i32), kBand / kBlock), place.half);
    Value start = layout.getChunk(b, place.row, chunk);
    for (int64_t col = 0; col < tile.getNumCols(); col += kStep) {
      // The swizzle repeats after eight rows.
      Value address =
          getSharedPointer(b, base, start, col * shared.getSwizzle());
      Value matrices =
          NVVM::LdMatrixOp::create(b, read, address, 4, NVVM::MMALayout::col,
                                   getShape(b), NVVM::LdStMatrixEltType::B16);
      for (int64_t m = 0; m < 4; ++m) {
        SmallVector<Value> pair = b.unpack(LLVM::BitcastOp::create(
            b, pairType, LLVM::ExtractValueOp::create(b, matrices, m)));
        int64_t at = fragment.at(2 * band + m % 2, 2 * (col / kBlock + m / 2));
        elements[at] = pair[0];
        elements[at + 1] = pair[1];
      }
    }
  }
  return elements;
}

//===----------------------------------------------------------------------===//
// To memory
//===----------------------------------------------------------------------===//

namespace {

class TransposedWriter {
public:
  TransposedWriter(ThreadBuilder &builder, TileType tile,
                   ArrayRef<Value> elements, Value bound,
                   const MemoryTile &memory)
      : b(builder), tile(tile), fragment(b, tile), elements(elements),
        bound(bound), memory(memory),
        columnBound(memory.getColumnBound(tile.getNumRows(), Value())) {}

  void writeElements() const;
  void writeChunks(Value scratch) const;

private:
  static constexpr int64_t kRowBytes = 2 * kChunkBytes;

  int64_t getBandBytes() const { return tile.getNumCols() * kRowBytes; }
  void fill(int64_t band, Value base) const;
  void drain(int64_t band, Value base) const;
  /// Where chunk `half` of a row is.
  Value getPlace(Value row, Value half) const {
    return b.add(
        b.mul(row, kRowBytes),
        b.mul(b.exclusiveOr(half, b.rem(b.div(row, 4), 2)), kChunkBytes));
  }

  ThreadBuilder &b;
  TileType tile;
  Fragment fragment;
  ArrayRef<Value> elements;
  Value bound;
  const MemoryTile &memory;
  Value columnBound;
};

} // namespace

void TransposedWriter::writeElements() const {
  Type index = b.getIndexType();
  for (int64_t j = 0; j < fragment.getNumHalfCols(); ++j) {
    Value row = memory.getRow(fragment.getCol(j, index));
    b.writeIf(b.less(row, bound), [&] {
      for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
        Value col = memory.getCol(fragment.getRow(i, index));
        b.writeIf(columnBound ? b.less(col, columnBound) : Value(), [&] {
          memory.write(elements[fragment.at(i, j)], {row, col});
        });
      }
    });
  }
}

void TransposedWriter::fill(int64_t band, Value base) const {
  MatrixPlace place(b);
  Value start = getPlace(place.row, place.half);
  for (int64_t col = 0; col < tile.getNumCols(); col += kStep) {
    SmallVector<Value> matrices;
    for (int64_t m = 0; m < 4; ++m)
      matrices.push_back(packPair(
          b,
          elements.slice(
              fragment.at(2 * band + m % 2, 2 * (col / kBlock + m / 2)), 2)));
    NVVM::StMatrixOp::create(
        b, getSharedPointer(b, base, start, col * kRowBytes), matrices,
        NVVM::MMALayout::col, getShape(b), NVVM::LdStMatrixEltType::B16);
  }
}

void TransposedWriter::drain(int64_t band, Value base) const {
  Type i32 = b.getI32Type(), index = b.getIndexType();
  auto chunkType = VectorType::get(kBlock, tile.getElementType());
  Value lane = b.rem(b.getThread(i32), 32);
  Value row = b.div(lane, 2), half = b.rem(lane, 2);
  Value start = getPlace(row, half);
  Value col = memory.getCol(
      b.castIndex(index, b.add(b.mul(fragment.getBand(band, i32), kBand),
                               b.mul(half, kBlock))));
  Value exists = columnBound ? b.less(col, columnBound) : Value();
  for (int64_t first = 0; first < tile.getNumCols(); first += kStep) {
    Value at = memory.getRow(b.castIndex(index, b.add(row, first)));
    b.writeIf(b.both(exists, b.less(at, bound)), [&] {
      Value chunk = LLVM::LoadOp::create(
          b, chunkType, getSharedPointer(b, base, start, first * kRowBytes),
          kChunkBytes);
      memory.write(b.unpack(chunk), {at, col});
    });
  }
}

void TransposedWriter::writeChunks(Value scratch) const {
  Value all = b.constant(b.getI32Type(), -1);
  for (int64_t band = 0; band < fragment.getNumBands(); ++band) {
    Value number = fragment.getBand(band, b.getI32Type());
    Value base = getSharedPointer(b, scratch, b.mul(number, getBandBytes()));
    // What was there has been read.
    NVVM::SyncWarpOp::create(b, all);
    fill(band, base);
    NVVM::SyncWarpOp::create(b, all);
    drain(band, base);
  }
}

void attn::wg::writeTransposed(ThreadBuilder &b, TileType tile,
                               ArrayRef<Value> elements, Value bound,
                               const MemoryTile &memory, Value scratch) {
  TransposedWriter writer(b, tile, elements, bound, memory);
  SmallVector<int64_t> strides;
  int64_t offset;
  Value columnBound = memory.getColumnBound(tile.getNumRows(), Value());
  // Several warps with one band would write to one place.
  int64_t bands = tile.getNumRows() / kBand, warps = b.getBlock().getWarps();
  if (!scratch || !b.getBlock().hasWarpgroups || bands % warps != 0 ||
      failed(memory.getType().getStridesAndOffset(strides, offset)) ||
      strides.back() != 1 || (columnBound && !isMultiple(columnBound, kBlock)))
    return writer.writeElements();
  if (isAlignedMemory(memory.getType(), kBlock))
    return writer.writeChunks(scratch);
  auto branch = scf::IfOp::create(b, memory.isAligned(kChunkBytes),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  writer.writeChunks(scratch);
  b.setInsertionPointToStart(branch.elseBlock());
  writer.writeElements();
}
