//===- MmaSync.cpp - Products by single warps -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instruction multiplies 16 x 8 elements; its depth is 16 of 16 bits or 8 of
// 32. Of every 8 x 8 block of operands (8 x 4 of 32 bits) thread t of the warp
// has, in one register, what is at row t / 4 and bytes 4 (t mod 4) of the
// chunk: what ldmatrix reads from chunks of eight rows, with the roles of rows
// and columns exchanged on request (of elements of 16 bits).
//
// The result is a band of a matrix as the dialect lays it out, and with 16-bit
// elements so is the left operand. With 32-bit elements a thread holds columns
// 2 c and 2 c + 1 of a block where the instruction wants c and c + 4. The order
// of a sum is free: column 2 c is multiplied as c, 2 c + 1 as c + 4, and the
// right operand is read in the same order.
//
// f32 is multiplied in three steps: x = high + low, both of the 11 bits that
// the tensor core takes of an f32, and x y = high high + high low + low high up
// to 2^-22. The small terms come first. A tensor core rounds sums towards zero,
// which over many steps would be the largest error; so each begins at zero, and
// threads add them. Of long sums, those of a few steps come first, and what
// comes of it is added to the sum so far, which is larger, and is rounded less
// often so.
//
//===----------------------------------------------------------------------===//

#include "MmaSync.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace attn::wg;

//===----------------------------------------------------------------------===//
// Operands in shared memory
//===----------------------------------------------------------------------===//

namespace {

/// What instructions read of a tile. The *outer* extent is that of the result
/// (m or n), the inner one that of the sum (k).
class WarpOperand {
public:
  /// The tile at `base`, given as (k, outer) if `isOuterMajor`, else as
  /// (outer, k). Of a left operand, two blocks of the outer extent come before
  /// those of the inner one, and `band` is the number (i32) of the 16 rows that
  /// the thread begins at.
  WarpOperand(ThreadBuilder &builder, SharedType type, Value base,
              bool isOuterMajor, bool isLhs, Value band)
      : b(builder), type(type), layout(type), base(base),
        outerMajor(isOuterMajor), isLhs(isLhs), band(band) {}

  /// Four registers (i32), or the first two, for a depth of an instruction from
  /// inner index `inner` on: of the outer extent 16 (or 8) from `outer` on.
  SmallVector<Value> read(int64_t outer, int64_t inner, int64_t count) const;
  /// The same of elements of 32 bits one by one; `isPaired` says that the depth
  /// is in the order in which threads hold columns.
  SmallVector<Value> readElements(int64_t outer, int64_t inner, int64_t count,
                                  bool isPaired) const;

  bool isOuterMajor() const { return outerMajor; }

private:
  /// A chunk of the thread: `half` is 0 or 1, which chunk of the pair at column
  /// `col`; `row` and `col` are constants.
  Value getAddress(Value threadRow, Value half, Value inChunk, int64_t row,
                   int64_t col) const;
  Value getLane() const { return b.rem(b.getThread(b.getI32Type()), 32); }

  ThreadBuilder &b;
  SharedType type;
  SharedLayout layout;
  Value base;
  bool outerMajor, isLhs;
  Value band;
};

} // namespace

Value WarpOperand::getAddress(Value threadRow, Value half, Value inChunk,
                              int64_t row, int64_t col) const {
  int64_t chunk = col * type.getElementBytes() / kChunkBytes;
  std::pair<Value, int64_t> place;
  if (band && outerMajor) {
    // The columns depend on the warp.
    int64_t chunksPerBand = kMmaRows * type.getElementBytes() / kChunkBytes;
    Value all = b.add(b.add(b.mul(band, chunksPerBand), half), chunk);
    place = {layout.getChunk(b, threadRow, all), row * type.getSwizzle()};
  } else {
    if (band)
      threadRow = b.add(b.mul(band, kMmaRows), threadRow);
    place = layout.getChunkOfPair(b, threadRow, row, half, chunk);
  }
  Value bytes = inChunk ? b.add(place.first, inChunk) : place.first;
  return getSharedPointer(b, base, bytes, place.second);
}

SmallVector<Value> WarpOperand::read(int64_t outer, int64_t inner,
                                     int64_t count) const {
  // Threads 8 q to 8 q + 7 give the rows of block q. The registers of an
  // operand go through its blocks, on the left in the order of the outer
  // extent, on the right in that of the inner one.
  Value lane = getLane(), fast = b.rem(b.div(lane, 8), 2),
        slow = b.div(lane, 16);
  bool isRowFast = isLhs != outerMajor;
  Value threadRow = b.add(b.mul(isRowFast ? fast : slow, 8), b.rem(lane, 8));
  Value address =
      getAddress(threadRow, isRowFast ? slow : fast, Value(),
                 outerMajor ? inner : outer, outerMajor ? outer : inner);
  MLIRContext *context = b.getContext();
  Type i32 = b.getI32Type();
  Value read = NVVM::LdMatrixOp::create(
      b,
      LLVM::LLVMStructType::getLiteral(context, SmallVector<Type>(count, i32)),
      address, static_cast<uint32_t>(count),
      outerMajor ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
      NVVM::LdStMatrixEltType::B16);
  SmallVector<Value> registers;
  for (int64_t i = 0; i < count; ++i)
    registers.push_back(LLVM::ExtractValueOp::create(b, read, i));
  return registers;
}

SmallVector<Value> WarpOperand::readElements(int64_t outer, int64_t inner,
                                             int64_t count,
                                             bool isPaired) const {
  constexpr int64_t kPerChunk = 4;
  Type i32 = b.getI32Type();
  Value outerLane = b.getFragmentRow(i32), quad = b.rem(getLane(), 4);
  SmallVector<Value> registers(count);
  // Pairs of the inner extent; on the left, of rows 8 apart.
  for (int64_t i = 0; i < count / 2; ++i) {
    // On the right the outer blocks are the slow ones.
    int64_t at = outer + 8 * i;
    auto place = [&](int64_t j) -> Value & {
      return registers[isLhs ? i + 2 * j : 2 * i + j];
    };
    if (!outerMajor) {
      assert(isPaired && "ldmatrix reads the other order");
      // Two neighbours: a half of a chunk.
      Value address = getAddress(outerLane, b.div(quad, 2),
                                 b.mul(b.rem(quad, 2), 8), at, inner);
      SmallVector<Value> pair = b.unpack(
          LLVM::LoadOp::create(b, VectorType::get(2, i32), address, 8));
      place(0) = pair[0];
      place(1) = pair[1];
      continue;
    }
    for (int64_t j = 0; j < 2; ++j) {
      Value row = isPaired ? b.add(b.mul(quad, 2), j) : b.add(quad, 4 * j);
      Value address =
          getAddress(row, b.div(outerLane, kPerChunk),
                     b.mul(b.rem(outerLane, kPerChunk), 4), inner, at);
      place(j) = LLVM::LoadOp::create(b, i32, address, 4);
    }
  }
  return registers;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

SmallVector<Value> attn::wg::emitMma(ThreadBuilder &b, Type element,
                                     ArrayRef<Value> lhs, ArrayRef<Value> rhs,
                                     ArrayRef<Value> acc) {
  MLIRContext *context = b.getContext();
  Type f32 = b.getF32Type();
  NVVM::MMATypes type = element.isF16()    ? NVVM::MMATypes::f16
                        : element.isBF16() ? NVVM::MMATypes::bf16
                                           : NVVM::MMATypes::tf32;
  auto asOperands = [&](ArrayRef<Value> registers) {
    SmallVector<Value> operands(registers);
    if (element.isF16())
      for (Value &operand : operands)
        operand = b.createOrFold<LLVM::BitcastOp>(VectorType::get(2, element),
                                                  operand);
    return operands;
  };
  int64_t depth = 8 * kMmaDepthBytes / element.getIntOrFloatBitWidth();
  Value result = NVVM::MmaOp::create(
      b, LLVM::LLVMStructType::getLiteral(context, SmallVector<Type>(4, f32)),
      asOperands(lhs), asOperands(rhs), acc,
      ArrayRef<int64_t>{kMmaRows, kMmaCols, depth}, std::nullopt, std::nullopt,
      std::array{type, type},
      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  SmallVector<Value> results;
  for (int64_t i = 0; i < 4; ++i)
    results.push_back(LLVM::ExtractValueOp::create(b, result, i));
  return results;
}

namespace {

/// Registers of an operand; of f32, those of its parts.
struct Registers {
  SmallVector<Value> high, low, rest;
};

} // namespace

/// x = high + low + rest; both parts of 11 bits may leave one of 24. An
/// infinity, or a number that rounds to one, has no low part: what is
/// multiplied with it becomes NaN.
static Registers split(ThreadBuilder &b, ArrayRef<Value> bits) {
  Type f32 = b.getF32Type(), i32 = b.getI32Type();
  auto round = [&](Value x) -> Value {
    return NVVM::ConvertFloatToTF32Op::create(b, i32, x,
                                              NVVM::FPRoundingMode::RNA);
  };
  Registers parts;
  for (Value value : bits) {
    Value x = b.createOrFold<LLVM::BitcastOp>(f32, value);
    // Rounded: cut off, all products would be too small.
    Value high = round(x);
    x = arith::SubFOp::create(b, x, LLVM::BitcastOp::create(b, f32, high));
    Value low = round(x);
    x = arith::SubFOp::create(b, x, LLVM::BitcastOp::create(b, f32, low));
    parts.high.push_back(high);
    parts.low.push_back(low);
    parts.rest.push_back(LLVM::BitcastOp::create(b, i32, x));
  }
  return parts;
}

namespace {

class ProductEmitter {
public:
  ProductEmitter(ThreadBuilder &builder, const WarpProduct &product);
  SmallVector<Value> emit(SmallVector<Value> acc);

private:
  bool isWide() const { return element.isF32(); }
  Registers prepare(SmallVector<Value> registers) {
    return isWide() ? split(b, registers)
                    : Registers{std::move(registers), {}, {}};
  }
  Registers getLhs(int64_t band, int64_t k);
  Registers getRhs(int64_t col, int64_t k, int64_t count);
  SmallVector<Value> multiplyWide(const Registers &lhs, const Registers &rhs,
                                  int64_t block);
  void multiply(ArrayRef<Registers> lhs, ArrayRef<Registers> rhs, int64_t block,
                MutableArrayRef<Value> acc);

  ThreadBuilder &b;
  const WarpProduct &product;
  Type element;
  int64_t depth, step, bands;
  /// What the thread holds of the left operand, or it in shared memory, for
  /// each band.
  SmallVector<Value> held;
  SmallVector<WarpOperand> shared;
  WarpOperand rhs;
};

} // namespace

ProductEmitter::ProductEmitter(ThreadBuilder &builder,
                               const WarpProduct &product)
    : b(builder), product(product), element(product.rhsType.getElementType()),
      depth(product.rhsType.getShape()[product.rhsTransposed ? 1 : 0]),
      step(kMmaDepthBytes / product.rhsType.getElementBytes()),
      bands(Fragment(builder, product.accType).getNumBands()),
      rhs(builder, product.rhsType, product.rhs,
          /*isOuterMajor=*/!product.rhsTransposed, /*isLhs=*/false, Value()) {
  auto type = dyn_cast<SharedType>(product.lhsType);
  if (!type) {
    held = b.unpack(product.lhs);
    return;
  }
  Type i32 = b.getI32Type();
  int64_t warps = b.getBlock().getWarps(),
          all = product.accType.getNumRows() / kMmaRows;
  for (int64_t i = 0; i < bands; ++i) {
    Value band = b.add(b.getWarp(i32), warps * i);
    if (all % warps != 0)
      band = b.rem(band, all);
    shared.emplace_back(b, type, product.lhs, product.lhsTransposed,
                        /*isLhs=*/true, band);
  }
}

Registers ProductEmitter::getLhs(int64_t band, int64_t k) {
  if (!shared.empty()) {
    const WarpOperand &operand = shared[band];
    return prepare(isWide() && operand.isOuterMajor()
                       ? operand.readElements(0, k, 4, /*isPaired=*/false)
                       : operand.read(0, k, 4));
  }
  // Blocks of 8 columns, four elements each: (r, c), (r, c + 1), (r + 8, c),
  // (r + 8, c + 1).
  ArrayRef<Value> all(held);
  ArrayRef<Value> elements =
      all.slice((band * depth + k) / 8 * 4, step / 8 * 4);
  Type i32 = b.getI32Type();
  SmallVector<Value> registers;
  if (isWide()) {
    for (int64_t i : {0, 2, 1, 3})
      registers.push_back(LLVM::BitcastOp::create(b, i32, elements[i]));
  } else {
    for (int64_t i = 0; i < 8; i += 2)
      registers.push_back(
          LLVM::BitcastOp::create(b, i32, b.pack(elements.slice(i, 2))));
  }
  return prepare(std::move(registers));
}

Registers ProductEmitter::getRhs(int64_t col, int64_t k, int64_t count) {
  bool isPaired = shared.empty();
  return prepare(isWide() && (rhs.isOuterMajor() || isPaired)
                     ? rhs.readElements(col, k, count, isPaired)
                     : rhs.read(col, k, count));
}

/// The registers of block `block` of the columns in `rhs`.
static ArrayRef<Value> getBlock(ArrayRef<Value> rhs, int64_t block) {
  return rhs.slice(2 * block, 2);
}

/// The product of one step of f32, the smallest terms first.
SmallVector<Value> ProductEmitter::multiplyWide(const Registers &lhs,
                                                const Registers &rhs,
                                                int64_t block) {
  SmallVector<Value> sum(4, b.zero(b.getF32Type()));
  // With the rest of the right operand, 1 x is x, if what was computed is 1;
  // what comes from memory is multiplied as it is rounded.
  if (shared.empty())
    sum = emitMma(b, element, lhs.high, getBlock(rhs.rest, block), sum);
  sum = emitMma(b, element, lhs.low, getBlock(rhs.high, block), sum);
  sum = emitMma(b, element, lhs.high, getBlock(rhs.low, block), sum);
  return emitMma(b, element, lhs.high, getBlock(rhs.high, block), sum);
}

/// Adds the products of a few steps with block `block` of the columns.
void ProductEmitter::multiply(ArrayRef<Registers> lhs, ArrayRef<Registers> rhs,
                              int64_t block, MutableArrayRef<Value> acc) {
  auto add = [&](MutableArrayRef<Value> totals, ArrayRef<Value> addends) {
    for (auto [total, addend] : llvm::zip_equal(totals, addends))
      total = b.createOrFold<arith::AddFOp>(total, addend);
  };
  if (!isWide()) {
    for (auto [left, right] : llvm::zip_equal(lhs, rhs))
      llvm::copy(
          emitMma(b, element, left.high, getBlock(right.high, block), acc),
          acc.begin());
    return;
  }
  SmallVector<Value> sum = multiplyWide(lhs.front(), rhs.front(), block);
  for (auto [left, right] : llvm::zip_equal(lhs.drop_front(), rhs.drop_front()))
    add(sum, multiplyWide(left, right, block));
  add(acc, sum);
}

SmallVector<Value> ProductEmitter::emit(SmallVector<Value> acc) {
  int64_t cols = product.accType.getNumCols(), blocks = cols / kMmaCols;
  // Sums with what the thread holds go over all keys. Wide accumulators, and
  // operands that are read, leave no registers for several steps.
  constexpr int64_t kFewCols = 64;
  bool isGrouped = isWide() && shared.empty() && cols <= kFewCols;
  int64_t most = step * (isGrouped ? 4 : 1);
  for (int64_t from = 0; from < depth; from += most) {
    int64_t to = std::min(from + most, depth);
    SmallVector<SmallVector<Registers>> lhs(bands);
    for (int64_t band = 0; band < bands; ++band)
      for (int64_t k = from; k < to; k += step)
        lhs[band].push_back(getLhs(band, k));
    // What is read of the right operand serves all bands.
    for (int64_t block = 0; block < blocks; block += 2) {
      int64_t count = std::min<int64_t>(2, blocks - block);
      SmallVector<Registers> right;
      for (int64_t k = from; k < to; k += step)
        right.push_back(getRhs(block * kMmaCols, k, 2 * count));
      for (int64_t i = 0; i < count; ++i)
        for (int64_t band = 0; band < bands; ++band)
          multiply(
              lhs[band], right, i,
              MutableArrayRef(acc).slice(4 * (band * blocks + block + i), 4));
    }
  }
  return acc;
}

SmallVector<Value> attn::wg::emitWarpProduct(ThreadBuilder &builder,
                                             const WarpProduct &product,
                                             SmallVector<Value> acc) {
  return ProductEmitter(builder, product).emit(std::move(acc));
}
