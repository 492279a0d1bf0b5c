//===- TriProducts.cpp - Blocks of an inverse by tensor cores -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of T = (I + A)^-1, in blocks of 16 x 16, the blocks on the diagonal are
// there. A warp computes the others of a column of blocks, from above to below:
//
//   T_ij^T = -(sum over j <= m < i of T_mj^T A_im^T) T_ii^T
//
// Transposed, what it has computed is a left operand of its next product in the
// registers that it is in, and the blocks of A and T_ii are right operands as
// they lie in memory. So no warp waits for another one. T_ij^T goes to the
// place of block (j, i), where A has nothing.
//
// For an inverse that is rounded to bf16, 8 bits, operands are rounded to the
// 11 bits that a tensor core takes of an f32. For one that is rounded to f16,
// 11 bits, an operand is the sum of two numbers of bf16, 16 bits in all.
//
//===----------------------------------------------------------------------===//

#include "MmaSync.h"
#include "TriInverse.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn::wg;

namespace {

constexpr int64_t kBlock = kTriInverseBlock, kElementBytes = 4;

/// The registers of an operand: of pairs of elements in two parts; or of single
/// elements, neighbours behind each other, without a low part.
struct Parts {
  SmallVector<Value> high, low;
};

/// A block as a sum: two blocks of eight columns.
using Sums = std::array<SmallVector<Value>, 2>;

class ColumnBuilder {
public:
  ColumnBuilder(ThreadBuilder &builder, int64_t size, int64_t stride,
                Value base, bool inParts)
      : b(builder), blocks(size / kBlock), stride(stride), base(base),
        inParts(inParts), row(b.getFragmentRow(b.getI32Type())),
        col(b.getFragmentCol(b.getI32Type())) {}

  void build(int64_t column);

private:
  Value getAddress(Value threadRow, Value threadCol, int64_t constantRow,
                   int64_t constantCol) {
    Value bytes =
        b.mul(b.add(b.mul(threadRow, stride), threadCol), kElementBytes);
    return getSharedPointer(
        b, base, bytes, (constantRow * stride + constantCol) * kElementBytes);
  }
  void add(Parts &parts, Value x, Value y);
  /// Block (i, j), transposed, as a left operand.
  Parts readTransposed(int64_t i, int64_t j);
  /// Block (i, j), transposed, as a right operand, eight of its rows.
  Parts readRight(int64_t i, int64_t j, int64_t half);
  Parts asLeft(const Sums &sums, bool isNegated);
  Sums getZeros();
  void multiply(const Parts &lhs, int64_t i, int64_t j, Sums &sums);
  void write(const Sums &sums, int64_t i, int64_t j);

  ThreadBuilder &b;
  int64_t blocks, stride;
  Value base;
  bool inParts;
  Value row, col;
};

} // namespace

void ColumnBuilder::add(Parts &parts, Value x, Value y) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  if (!inParts) {
    // The tensor core does not read the 13 lower bits.
    for (Value element : {x, y}) {
      Value bits = LLVM::BitcastOp::create(b, i32, element);
      parts.high.push_back(b.add(bits, int64_t{1} << 12));
    }
    return;
  }
  auto round = [&](Value first, Value second) -> Value {
    Value pair = arith::TruncFOp::create(b, VectorType::get(2, b.getBF16Type()),
                                         b.pack({first, second}));
    return LLVM::BitcastOp::create(b, i32, pair);
  };
  Value high = round(x, y);
  // The upper bits of an f32 are a bf16: read from the pair, since rounding one
  // number alone is an instruction at an eighth of the rate.
  auto getRest = [&](Value number, Value bits) -> Value {
    return arith::SubFOp::create(b, number,
                                 LLVM::BitcastOp::create(b, f32, bits));
  };
  Value first = arith::ShLIOp::create(b, high, b.constant(i32, 16));
  Value second =
      arith::AndIOp::create(b, high, b.constant(i32, ~int64_t{0xffff}));
  parts.high.push_back(high);
  parts.low.push_back(round(getRest(x, first), getRest(y, second)));
}

Parts ColumnBuilder::readTransposed(int64_t i, int64_t j) {
  Parts parts;
  auto read = [&](int64_t rows, int64_t cols) -> Value {
    // Neighbours in a row of the operand are below each other here.
    return LLVM::LoadOp::create(
        b, b.getF32Type(),
        getAddress(col, row, kBlock * i + cols, kBlock * j + rows),
        kElementBytes);
  };
  for (int64_t cols : {0, 8})
    for (int64_t rows : {0, 8})
      add(parts, read(rows, cols), read(rows, cols + 1));
  return parts;
}

Parts ColumnBuilder::readRight(int64_t i, int64_t j, int64_t half) {
  Parts parts;
  for (int64_t cols : {0, 8}) {
    SmallVector<Value> pair = b.unpack(LLVM::LoadOp::create(
        b, VectorType::get(2, b.getF32Type()),
        getAddress(row, col, kBlock * i + 8 * half, kBlock * j + cols),
        2 * kElementBytes));
    add(parts, pair[0], pair[1]);
  }
  return parts;
}

Parts ColumnBuilder::asLeft(const Sums &sums, bool isNegated) {
  Parts parts;
  auto get = [&](Value x) -> Value {
    return isNegated ? arith::NegFOp::create(b, x).getResult() : x;
  };
  for (const SmallVector<Value> &half : sums)
    for (int64_t i : {0, 2})
      add(parts, get(half[i]), get(half[i + 1]));
  return parts;
}

Sums ColumnBuilder::getZeros() {
  SmallVector<Value> zeros(4, b.zero(b.getF32Type()));
  return {zeros, zeros};
}

void ColumnBuilder::multiply(const Parts &lhs, int64_t i, int64_t j,
                             Sums &sums) {
  Type type = b.getBF16Type();
  for (int64_t half : {0, 1}) {
    Parts rhs = readRight(i, j, half);
    SmallVector<Value> &sum = sums[half];
    if (!inParts) {
      // Eight columns at a time. The order of a sum is free: of two neighbours
      // the second one is multiplied as the column four further on.
      for (int64_t step : {0, 1}) {
        ArrayRef<Value> left = ArrayRef(lhs.high).slice(4 * step, 4);
        sum = emitMma(b, b.getF32Type(), {left[0], left[2], left[1], left[3]},
                      ArrayRef(rhs.high).slice(2 * step, 2), sum);
      }
      continue;
    }
    sum = emitMma(b, type, lhs.low, rhs.high, sum);
    sum = emitMma(b, type, lhs.high, rhs.low, sum);
    sum = emitMma(b, type, lhs.high, rhs.high, sum);
  }
}

void ColumnBuilder::write(const Sums &sums, int64_t i, int64_t j) {
  for (int64_t half : {0, 1})
    for (int64_t rows : {0, 1})
      LLVM::StoreOp::create(
          b, b.pack(ArrayRef(sums[half]).slice(2 * rows, 2)),
          getAddress(row, col, kBlock * i + 8 * rows, kBlock * j + 8 * half),
          2 * kElementBytes);
}

void ColumnBuilder::build(int64_t column) {
  SmallVector<Parts> left{readTransposed(column, column)};
  for (int64_t i = column + 1; i < blocks; ++i) {
    Sums sums = getZeros();
    for (int64_t m = column; m < i; ++m)
      multiply(left[m - column], i, m, sums);
    Sums results = getZeros();
    multiply(asLeft(sums, /*isNegated=*/true), i, i, results);
    write(results, column, i);
    left.push_back(asLeft(results, /*isNegated=*/false));
  }
}

void attn::wg::mergeByProducts(ThreadBuilder &b, int64_t size, int64_t stride,
                               Value base, bool inParts) {
  Type i32 = b.getI32Type();
  int64_t warps = b.getBlock().getWarps();
  Value warp = b.getWarp(i32);
  for (int64_t column = 0; column + 1 < size / kBlock; ++column) {
    Value isMine = b.createOrFold<arith::CmpIOp>(
        arith::CmpIPredicate::eq, warp, b.constant(i32, column % warps));
    b.writeIf(isMine, [&] {
      ColumnBuilder(b, size, stride, base, inParts).build(column);
    });
  }
  b.barrier();
}

SmallVector<Value> attn::wg::loadMerged(ThreadBuilder &b, TileType tile,
                                        int64_t stride, Value base) {
  Fragment fragment(b, tile);
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Value zero = b.zero(f32);
  SmallVector<Value> elements(
      tile.getElementsPerThread(b.getBlock().getWarps()));
  auto isEqual = [&](Value x, Value y) {
    return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, x, y);
  };
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
    Value row = fragment.getRow(i, i32), band = fragment.getBand(i / 2, i32);
    for (int64_t j = 0; j < fragment.getNumHalfCols(); ++j) {
      Value col = fragment.getCol(j, i32);
      Value isDiagonal = isEqual(band, b.constant(i32, 4 * j / kBlock));
      Value inRow = b.add(b.mul(row, stride), col);
      Value inCol = b.add(b.mul(col, stride), row);
      Value place = arith::SelectOp::create(b, isDiagonal, inRow, inCol);
      Value element = LLVM::LoadOp::create(
          b, f32, getSharedPointer(b, base, b.mul(place, kElementBytes)),
          kElementBytes);
      elements[fragment.at(i, j)] =
          arith::SelectOp::create(b, b.less(row, col), zero, element);
    }
  }
  return elements;
}
