//===- Memory.cpp - Loads and stores of tiles -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"
#include "Patterns.h"
#include "Transpose.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn::wg;

//===----------------------------------------------------------------------===//
// What types tell
//===----------------------------------------------------------------------===//

bool attn::wg::isAlignedMemory(MemRefType type, int64_t count) {
  if (!type.getElementType().isIntOrFloat() || type.getRank() == 0 ||
      type.getElementTypeBitWidth() % 8 != 0)
    return false;
  auto isWhole = [count](int64_t extent) {
    return !ShapedType::isDynamic(extent) && extent % count == 0;
  };
  if (!isWhole(type.getShape().back()))
    return false;
  // The strides are products with the last extent.
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1 && isWhole(offset) &&
         llvm::all_of(ArrayRef(strides).drop_back(), isWhole);
}

bool attn::wg::isMultiple(Value index, int64_t factor) {
  if (!index || factor == 1)
    return true;
  if (std::optional<int64_t> constant = getConstantIntValue(index))
    return *constant % factor == 0;
  if (auto add = index.getDefiningOp<arith::AddIOp>())
    return isMultiple(add.getLhs(), factor) && isMultiple(add.getRhs(), factor);
  if (auto mul = index.getDefiningOp<arith::MulIOp>())
    return isMultiple(mul.getLhs(), factor) || isMultiple(mul.getRhs(), factor);
  if (Operation *op = index.getDefiningOp();
      isa_and_present<arith::MinSIOp, arith::MaxSIOp>(op))
    return isMultiple(op->getOperand(0), factor) &&
           isMultiple(op->getOperand(1), factor);
  if (auto argument = dyn_cast<BlockArgument>(index))
    if (auto loop =
            dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp()))
      return index == loop.getInductionVar() &&
             isMultiple(loop.getLowerBound(), factor) &&
             isMultiple(loop.getStep(), factor);
  return false;
}

//===----------------------------------------------------------------------===//
// MemoryTile
//===----------------------------------------------------------------------===//

Value MemoryTile::getExtent(int64_t dim) const {
  return builder.createOrFold<memref::DimOp>(memory, dim);
}

Value MemoryTile::getColumnBound(int64_t cols, Value limit) const {
  int64_t last = getType().getRank() - 1;
  if (!limit && !getType().isDynamicDim(last))
    limit =
        builder.constant(builder.getIndexType(), getType().getDimSize(last));
  if (!limit)
    return getExtent(last);
  std::optional<int64_t> bound = getConstantIntValue(limit);
  std::optional<int64_t> first =
      columnOrigin ? getConstantIntValue(columnOrigin) : 0;
  if (bound && first && *first + cols <= *bound)
    return {};
  return limit;
}

SmallVector<Value> MemoryTile::getIndices(ValueRange at) const {
  SmallVector<Value> all(indices);
  llvm::append_range(all, at);
  return all;
}

llvm::Align MemoryTile::getAlignment(int64_t count) const {
  return llvm::Align(count * getType().getElementTypeBitWidth() / 8);
}

Value MemoryTile::read(ValueRange at) const {
  return memref::LoadOp::create(builder, memory, getIndices(at));
}

SmallVector<Value> MemoryTile::read(ValueRange at, int64_t count) const {
  auto type = VectorType::get(count, getType().getElementType());
  return builder.unpack(
      vector::LoadOp::create(builder, type, memory, getIndices(at),
                             /*nontemporal=*/false, getAlignment(count)));
}

Value MemoryTile::isAligned(int64_t bytes) const {
  int64_t size = getType().getElementTypeBitWidth() / 8;
  auto metadata = memref::ExtractStridedMetadataOp::create(builder, memory);
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, memory);
  Value bits = builder.add(base, builder.mul(metadata.getOffset(), size));
  for (Value stride : metadata.getStrides().drop_back())
    bits = builder.createOrFold<arith::OrIOp>(bits, builder.mul(stride, size));
  if (columnOrigin)
    bits = builder.createOrFold<arith::OrIOp>(bits,
                                              builder.mul(columnOrigin, size));
  Value rest = builder.createOrFold<arith::AndIOp>(
      bits, builder.constant(builder.getIndexType(), bytes - 1));
  return builder.createOrFold<arith::CmpIOp>(
      arith::CmpIPredicate::eq, rest,
      builder.constant(builder.getIndexType(), 0));
}

Value MemoryTile::getPointer(ValueRange at) const {
  int64_t size = getType().getElementTypeBitWidth() / 8;
  auto metadata = memref::ExtractStridedMetadataOp::create(builder, memory);
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, memory);
  Value place = metadata.getOffset();
  for (auto [index, stride] :
       llvm::zip_equal(getIndices(at), metadata.getStrides()))
    place =
        builder.add(place, builder.createOrFold<arith::MulIOp>(index, stride));
  Value address = builder.castIndex(
      builder.getI64Type(), builder.add(base, builder.mul(place, size)));
  return LLVM::IntToPtrOp::create(
      builder,
      LLVM::LLVMPointerType::get(
          builder.getContext(),
          static_cast<unsigned>(NVVM::NVVMMemorySpace::Global)),
      address);
}

void MemoryTile::write(Value element, ValueRange at) const {
  memref::StoreOp::create(builder, element, memory, getIndices(at));
}

void MemoryTile::write(ValueRange elements, ValueRange at) const {
  vector::StoreOp::create(builder, builder.pack(elements), memory,
                          getIndices(at), /*nontemporal=*/false,
                          getAlignment(elements.size()));
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

class LoadPattern : public WGPattern<LoadOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(LoadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    TileType type = op.getResult().getType();
    MemoryTile memory(b, adaptor.getSource(), adaptor.getIndices(),
                      adaptor.getOrigin(), adaptor.getColumnOrigin());
    SmallVector<Value> elements = op.getTransposed()
                                      ? readTransposedMatrix(b, op, memory)
                                  : type.isMatrix() ? readMatrix(b, op, memory)
                                                    : readVector(b, op, memory);
    rewriter.replaceOp(op, b.pack(elements));
    return success();
  }

private:
  static SmallVector<Value> readVector(ThreadBuilder &b, LoadOp op,
                                       const MemoryTile &memory) {
    TileType type = op.getResult().getType();
    Fragment fragment(b, type);
    bool isRows = type.getLayout() == Layout::Rows;
    SmallVector<Value> elements;
    for (int64_t i = 0, e = type.getElementsPerThread(b.getBlock().getWarps());
         i < e; ++i) {
      Value place =
          memory.getRow(isRows ? fragment.getRow(i, b.getIndexType())
                               : fragment.getCol(i, b.getIndexType()));
      Value exists = op.getLimit() ? b.less(place, op.getLimit()) : Value();
      elements.push_back(b.readIf(exists, type.getElementType(), [&] {
                            return SmallVector<Value>{memory.read(place)};
                          }).front());
    }
    return elements;
  }

  /// Element by element.
  static SmallVector<Value> readTransposedMatrix(ThreadBuilder &b, LoadOp op,
                                                 const MemoryTile &memory) {
    TileType type = op.getResult().getType();
    Fragment fragment(b, type);
    Value bound = memory.getColumnBound(type.getNumRows(), op.getColumnLimit());
    SmallVector<Value> elements(
        type.getElementsPerThread(b.getBlock().getWarps()));
    for (int64_t j = 0; j < fragment.getNumHalfCols(); ++j) {
      Value row = memory.getRow(fragment.getCol(j, b.getIndexType()));
      Value rowExists = op.getLimit() ? b.less(row, op.getLimit()) : Value();
      for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
        Value col = memory.getCol(fragment.getRow(i, b.getIndexType()));
        Value colExists = bound ? b.less(col, bound) : Value();
        elements[fragment.at(i, j)] =
            b.readIf(b.both(rowExists, colExists), type.getElementType(), [&] {
               return SmallVector<Value>{memory.read({row, col})};
             }).front();
      }
    }
    return elements;
  }

  /// A condition for each row, below it one for each column or pair.
  static SmallVector<Value> readMatrix(ThreadBuilder &b, LoadOp op,
                                       const MemoryTile &memory) {
    TileType type = op.getResult().getType();
    Fragment fragment(b, type);
    int64_t rows = fragment.getNumHalfRows(), cols = fragment.getNumHalfCols();
    Value bound = memory.getColumnBound(type.getNumCols(), op.getColumnLimit());
    int64_t step = isAlignedMemory(memory.getType(), 2) &&
                           isMultiple(op.getColumnOrigin(), 2) &&
                           (!bound || isMultiple(bound, 2))
                       ? 2
                       : 1;
    SmallVector<Value> elements(rows * cols);
    SmallVector<Type> types(cols, type.getElementType());
    for (int64_t i = 0; i < rows; ++i) {
      Value row = memory.getRow(fragment.getRow(i, b.getIndexType()));
      Value rowExists = op.getLimit() ? b.less(row, op.getLimit()) : Value();
      SmallVector<Value> ofRow = b.readIf(rowExists, types, [&] {
        SmallVector<Value> values;
        for (int64_t j = 0; j < cols; j += step) {
          Value col = memory.getCol(fragment.getCol(j, b.getIndexType()));
          Value colExists = bound ? b.less(col, bound) : Value();
          SmallVector<Type> wanted(step, type.getElementType());
          values.append(b.readIf(colExists, wanted, [&] {
            return step == 1 ? SmallVector<Value>{memory.read({row, col})}
                             : memory.read({row, col}, step);
          }));
        }
        return values;
      });
      for (int64_t j = 0; j < cols; ++j)
        elements[fragment.at(i, j)] = ofRow[j];
    }
    return elements;
  }
};

/// Writes a matrix of which `elements` are those of the thread.
class MatrixWriter {
public:
  MatrixWriter(ThreadBuilder &builder, TileType type, ArrayRef<Value> elements,
               Value rowBound, const MemoryTile &memory)
      : b(builder), type(type), fragment(b, type), elements(elements),
        rowBound(rowBound), memory(memory),
        bound(memory.getColumnBound(type.getNumCols(), Value())) {}

  /// The most elements that can be written at a time if memory is aligned: a
  /// block of columns of 16 bits, or a pair.
  int64_t getWidth() const {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!type.getElementType().isIntOrFloat() ||
        failed(memory.getType().getStridesAndOffset(strides, offset)) ||
        strides.back() != 1)
      return 1;
    auto canBe = [&](int64_t width) {
      return !bound || isMultiple(bound, width);
    };
    bool isNarrow = type.getElementType().getIntOrFloatBitWidth() == 16;
    if (isNarrow && type.getNumCols() >= 8 * kQuad && canBe(8))
      return 8;
    return canBe(2) ? 2 : 1;
  }

  void write(int64_t width) const {
    for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
      Value row = memory.getRow(fragment.getRow(i, b.getIndexType()));
      Value exists = b.less(row, rowBound);
      int64_t col = 0;
      if (width == 8) {
        SmallVector<Value> chunks;
        for (; col + 2 * kQuad <= fragment.getNumHalfCols(); col += 2 * kQuad)
          llvm::append_range(chunks, gatherChunk(i, col));
        b.writeIf(exists, [&] { writeChunks(row, chunks); });
      }
      int64_t step = std::min<int64_t>(width, 2);
      b.writeIf(exists, [&] { writePieces(i, row, col, step); });
    }
  }

private:
  /// Threads that hold a row together.
  static constexpr int64_t kQuad = 4;

  /// From `first` on, `step` elements at a time.
  void writePieces(int64_t i, Value row, int64_t first, int64_t step) const {
    for (int64_t j = first; j < fragment.getNumHalfCols(); j += step) {
      Value col = fragment.getCol(j, b.getIndexType());
      b.writeIf(bound ? b.less(col, bound) : Value(), [&] {
        ArrayRef<Value> piece = elements.slice(fragment.at(i, j), step);
        if (step == 1)
          memory.write(piece.front(), {row, col});
        else
          memory.write(piece, {row, col});
      });
    }
  }

  /// Of four blocks of eight columns, each thread of a quad has a pair of all;
  /// they exchange them so that each has all pairs of one: a transposition, by
  /// exchange with the neighbour and then with the next but one.
  SmallVector<Value> gatherChunk(int64_t i, int64_t first) const {
    Type i32 = b.getI32Type();
    SmallVector<Value> pairs;
    for (int64_t block = 0; block < kQuad; ++block)
      pairs.push_back(LLVM::BitcastOp::create(
          b, i32,
          b.pack(elements.slice(fragment.at(i, first + 2 * block), 2))));
    Value thread = b.getThread(i32);
    for (int32_t distance : {1, 2}) {
      Value isUpper = b.createOrFold<arith::CmpIOp>(
          arith::CmpIPredicate::ne,
          arith::AndIOp::create(b, thread, b.constant(i32, distance)),
          b.constant(i32, 0));
      for (int64_t lower = 0; lower < kQuad; ++lower) {
        if (lower & distance)
          continue;
        Value &x = pairs[lower], &y = pairs[lower + distance];
        Value sent = arith::SelectOp::create(b, isUpper, x, y);
        Value received =
            gpu::ShuffleOp::create(b, sent, distance, 32, gpu::ShuffleMode::XOR)
                .getShuffleResult();
        x = arith::SelectOp::create(b, isUpper, received, x);
        y = arith::SelectOp::create(b, isUpper, y, received);
      }
    }
    return pairs;
  }

  /// The chunks of this thread: of each four blocks the one of its place in the
  /// quad.
  void writeChunks(Value row, ArrayRef<Value> chunks) const {
    Type index = b.getIndexType();
    Value place = b.mul(b.rem(b.getThread(index), kQuad), 8);
    for (size_t i = 0; i < chunks.size(); i += kQuad) {
      SmallVector<Value> values;
      auto pairType = VectorType::get(2, type.getElementType());
      for (Value pair : chunks.slice(i, kQuad))
        values.append(b.unpack(LLVM::BitcastOp::create(b, pairType, pair)));
      Value col = b.add(place, static_cast<int64_t>(8 * i));
      b.writeIf(bound ? b.less(col, bound) : Value(),
                [&] { memory.write(values, {row, col}); });
    }
  }

  ThreadBuilder &b;
  TileType type;
  Fragment fragment;
  ArrayRef<Value> elements;
  Value rowBound;
  const MemoryTile &memory;
  Value bound;
};

class StorePattern : public WGPattern<StoreOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.renewThread();
    MemoryTile memory(b, adaptor.getDest(), adaptor.getIndices(),
                      adaptor.getOrigin(), Value());
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    // Elements that do not exist are dropped, whatever the limit says.
    Value bound = memory.getExtent(op.getIndices().size());
    if (op.getLimit())
      bound = b.createOrFold<arith::MinSIOp>(bound, adaptor.getLimit());
    if (op.getTransposed())
      writeTransposed(b, op.getTile().getType(), elements, bound, memory,
                      op.getScratchBytes() == 0 ? Value()
                                                : getSharedAddress(b, op));
    else if (op.getTile().getType().isMatrix())
      writeMatrix(b, op.getTile().getType(), elements, bound, memory);
    else
      writeVector(b, op.getTile().getType(), elements, bound, memory);
    rewriter.eraseOp(op);
    return success();
  }

private:
  static void writeVector(ThreadBuilder &b, TileType type,
                          ArrayRef<Value> elements, Value bound,
                          const MemoryTile &memory) {
    Fragment fragment(b, type);
    bool isRows = type.getLayout() == Layout::Rows;
    for (auto [i, element] : llvm::enumerate(elements)) {
      Value place =
          memory.getRow(isRows ? fragment.getRow(i, b.getIndexType())
                               : fragment.getCol(i, b.getIndexType()));
      b.writeIf(b.less(place, bound),
                [&, element = element] { memory.write(element, place); });
    }
  }

  /// In the widest pieces that the memory has, as far as types say, else as
  /// is found when the kernel runs.
  static void writeMatrix(ThreadBuilder &b, TileType type,
                          ArrayRef<Value> elements, Value rowBound,
                          const MemoryTile &memory) {
    MatrixWriter writer(b, type, elements, rowBound, memory);
    int64_t width = writer.getWidth();
    if (width == 1 || isAlignedMemory(memory.getType(), width))
      return writer.write(width);
    Value isAligned = memory.isAligned(
        width * type.getElementType().getIntOrFloatBitWidth() / 8);
    auto branch = scf::IfOp::create(b, isAligned, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    writer.write(width);
    b.setInsertionPointToStart(branch.elseBlock());
    writer.write(1);
  }
};

} // namespace

void attn::wg::populateMemoryPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns,
                                      const BlockShape &block) {
  patterns.add<LoadPattern, StorePattern>(converter, patterns.getContext(),
                                          block);
}
