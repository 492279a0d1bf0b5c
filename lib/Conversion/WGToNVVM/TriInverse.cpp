//===- TriInverse.cpp - Inverses of triangular tiles ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In place, in shared memory. First the blocks on the diagonal, by forward
// substitution, a thread for each column. Then neighbours are merged until one
// block is left:
//
//   [ L11      ]^-1   [      T11           ]
//   [ A21  L22 ]    = [ -T22 (A21 T11)  T22 ]
//
// The place above T22 is free: A21 T11 goes there. An inverse that is rounded
// to 16-bit floats is merged by tensor cores instead (TriProducts.cpp).
//
//===----------------------------------------------------------------------===//

#include "TriInverse.h"
#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

/// Neighbours in a row that are loaded together, and rows of a product that a
/// thread computes together.
static constexpr int64_t kQuad = 4;
static constexpr int64_t kElementBytes = 4;

namespace {

/// The place of an element: i32 each.
struct Place {
  Value row, col;
};

class Inverter {
public:
  Inverter(ThreadBuilder &builder, TriInverseOp op)
      : b(builder), type(op.getTile().getType()), size(type.getNumRows()),
        stride(op.getScratchStride()), base(getSharedAddress(builder, op)) {}

  void store(ArrayRef<Value> elements);
  void invertDiagonal();
  /// Merges pairs of blocks with `half` rows each.
  void merge(int64_t half);
  SmallVector<Value> load();

private:
  /// Calls `visit` with the address of each pair of columns of the thread,
  /// their place in its vector and what they are in the matrix.
  void forEachPair(
      function_ref<void(Value address, int64_t at, int64_t row, int64_t col)>
          visit);
  SmallVector<Value> solveColumn(Value thread);
  /// Four rows of one column of x y, sums over first <= k < end.
  SmallVector<Value> multiply(Place x, Place y, Value first, Value end);
  void forEachItem(int64_t items, function_ref<void(Value item)> body);

  Value getBytes(Place place) {
    return b.mul(b.add(b.mul(place.row, stride), place.col), kElementBytes);
  }
  Value getAddress(Place place, int64_t rows = 0) {
    return getSharedPointer(b, base, getBytes(place),
                            rows * stride * kElementBytes);
  }
  Value loadElement(Value address) {
    return LLVM::LoadOp::create(b, b.getF32Type(), address, kElementBytes);
  }
  SmallVector<Value> loadVector(Value address, int64_t count) {
    auto vector = VectorType::get(count, b.getF32Type());
    return b.unpack(
        LLVM::LoadOp::create(b, vector, address, count * kElementBytes));
  }
  Value number(int64_t value) { return b.constant(b.getI32Type(), value); }

  ThreadBuilder &b;
  TileType type;
  int64_t size, stride;
  Value base;
};

} // namespace

//===----------------------------------------------------------------------===//
// Between registers and shared memory
//===----------------------------------------------------------------------===//

void Inverter::forEachPair(
    function_ref<void(Value, int64_t, int64_t, int64_t)> visit) {
  Fragment fragment(b, type);
  Type i32 = b.getI32Type();
  for (int64_t i = 0; i < fragment.getNumHalfRows(); ++i) {
    auto [row, constantRows] = fragment.splitRow(i, i32);
    Value bytes = getBytes({row, b.getFragmentCol(i32)});
    for (int64_t j = 0; j < fragment.getNumHalfCols(); j += 2)
      visit(getSharedPointer(b, base, bytes,
                             (constantRows * stride + 4 * j) * kElementBytes),
            fragment.at(i, j), i, j);
  }
}

void Inverter::store(ArrayRef<Value> elements) {
  forEachPair([&](Value address, int64_t at, int64_t, int64_t) {
    LLVM::StoreOp::create(b, b.pack(elements.slice(at, 2)), address,
                          2 * kElementBytes);
  });
}

SmallVector<Value> Inverter::load() {
  Fragment fragment(b, type);
  Type i32 = b.getI32Type();
  Value zero = b.zero(b.getF32Type());
  SmallVector<Value> elements(
      type.getElementsPerThread(b.getBlock().getWarps()));
  forEachPair([&](Value address, int64_t at, int64_t row, int64_t col) {
    for (auto [i, element] : llvm::enumerate(loadVector(address, 2))) {
      // Above the diagonal the work has left something.
      Value isAbove =
          b.less(fragment.getRow(row, i32), fragment.getCol(col + i, i32));
      elements[at + i] = arith::SelectOp::create(b, isAbove, zero, element);
    }
  });
  return elements;
}

//===----------------------------------------------------------------------===//
// Blocks on the diagonal
//===----------------------------------------------------------------------===//

/// t[i] = (1 if this is column i) - sum over k < i of A[i, k] t[k]
SmallVector<Value> Inverter::solveColumn(Value thread) {
  Type f32 = b.getF32Type();
  Value zero = b.zero(f32);
  Value one = arith::ConstantOp::create(b, b.getFloatAttr(f32, 1));
  Value col = b.rem(thread, kTriInverseBlock);
  Value first = b.mul(b.div(thread, kTriInverseBlock), kTriInverseBlock);
  SmallVector<Value> column;
  for (int64_t i = 0; i < kTriInverseBlock; ++i) {
    Value isDiagonal =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, col, number(i));
    Value sum = arith::SelectOp::create(b, isDiagonal, one, zero);
    SmallVector<Value> row;
    for (int64_t k = 0; k < i; ++k) {
      if (k % kQuad == 0)
        row = loadVector(getAddress({first, b.add(first, k)}, i), kQuad);
      Value factor = arith::NegFOp::create(b, row[k % kQuad]);
      sum = LLVM::FMAOp::create(b, factor, column[k], sum);
    }
    column.push_back(sum);
  }
  return column;
}

void Inverter::invertDiagonal() {
  Value thread = b.getThread(b.getI32Type());
  Value isColumn = size == b.getBlock().getThreads()
                       ? Value()
                       : b.less(thread, number(size));
  SmallVector<Type> types(kTriInverseBlock, b.getF32Type());
  SmallVector<Value> column =
      b.readIf(isColumn, types, [&] { return solveColumn(thread); });
  b.barrier();
  b.writeIf(isColumn, [&] {
    Value first = b.mul(b.div(thread, kTriInverseBlock), kTriInverseBlock);
    for (auto [i, element] : llvm::enumerate(column))
      LLVM::StoreOp::create(b, element, getAddress({first, thread}, i),
                            kElementBytes);
  });
  b.barrier();
}

//===----------------------------------------------------------------------===//
// Pairs of blocks
//===----------------------------------------------------------------------===//

void Inverter::forEachItem(int64_t items, function_ref<void(Value item)> body) {
  auto loop = scf::ForOp::create(b, b.getThread(b.getI32Type()), number(items),
                                 number(b.getBlock().getThreads()));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> Inverter::multiply(Place x, Place y, Value first,
                                      Value end) {
  Value xBase = getAddress(x), yBase = getAddress(y);
  SmallVector<Value> zeros(kQuad, b.zero(b.getF32Type()));
  auto loop = scf::ForOp::create(b, first, end, number(kQuad), zeros);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value k = loop.getInductionVar();
  Value xBytes = b.mul(k, kElementBytes),
        yBytes = b.mul(k, stride * kElementBytes);
  SmallVector<Value> ys, sums(loop.getRegionIterArgs());
  for (int64_t i = 0; i < kQuad; ++i)
    ys.push_back(loadElement(
        getSharedPointer(b, yBase, yBytes, i * stride * kElementBytes)));
  for (int64_t row = 0; row < kQuad; ++row) {
    SmallVector<Value> xs = loadVector(
        getSharedPointer(b, xBase, xBytes, row * stride * kElementBytes),
        kQuad);
    for (int64_t i = 0; i < kQuad; ++i)
      sums[row] = LLVM::FMAOp::create(b, xs[i], ys[i], sums[row]);
  }
  scf::YieldOp::create(b, sums);
  return loop.getResults();
}

void Inverter::merge(int64_t half) {
  // Items: four rows of a column of a product, columns fastest.
  int64_t groups = half / kQuad, pairs = size / (2 * half);
  auto forEachPart =
      [&](function_ref<void(Value first, Value row, Value col)> body) {
        forEachItem(pairs * groups * half, [&](Value item) {
          Value col = b.rem(item, half);
          Value row = b.mul(b.rem(b.div(item, half), groups), kQuad);
          Value first = b.mul(b.div(item, half * groups), 2 * half);
          body(first, row, col);
        });
        b.barrier();
      };
  auto write = [&](ArrayRef<Value> elements, Place at) {
    for (auto [i, element] : llvm::enumerate(elements))
      LLVM::StoreOp::create(b, element, getAddress(at, i), kElementBytes);
  };
  // A21 T11. What is above the blocks of T11 is not zero: not read.
  forEachPart([&](Value first, Value row, Value col) {
    Value second = b.add(first, half);
    Value begin = b.mul(b.div(col, kTriInverseBlock), kTriInverseBlock);
    write(multiply({b.add(second, row), first}, {first, b.add(first, col)},
                   begin, number(half)),
          {b.add(first, row), b.add(second, col)});
  });
  // -T22 of that; nor what is above the blocks of T22.
  forEachPart([&](Value first, Value row, Value col) {
    Value second = b.add(first, half);
    SmallVector<Value> elements =
        multiply({b.add(second, row), second}, {first, b.add(second, col)},
                 number(0), b.add(row, kQuad));
    for (Value &element : elements)
      element = arith::NegFOp::create(b, element);
    write(elements, {b.add(second, row), b.add(first, col)});
  });
}

/// What an inverse is rounded to, if nothing else is done with it than to round
/// it to 16-bit floats: those with the most bits.
static Type getRoundedType(TriInverseOp op) {
  Type type;
  for (OpOperand &use : op->getUses()) {
    auto map = dyn_cast<MapOp>(use.getOwner());
    if (!map)
      return {};
    BlockArgument element =
        map.getBody().getArgument(2 + use.getOperandNumber());
    for (Operation *user : element.getUsers()) {
      auto round = dyn_cast<arith::TruncFOp>(user);
      if (!round || round.getType().getIntOrFloatBitWidth() != 16)
        return {};
      if (!type || round.getType().isF16())
        type = round.getType();
    }
  }
  return type;
}

namespace {
class TriInversePattern : public WGPattern<TriInverseOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(TriInverseOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.renewThread();
    Inverter inverter(b, op);
    b.barrier();
    inverter.store(b.unpack(adaptor.getTile()));
    b.barrier();
    inverter.invertDiagonal();
    TileType type = op.getTile().getType();
    int64_t size = type.getNumRows();
    if (Type rounded = getRoundedType(op)) {
      mergeByProducts(b, size, op.getScratchStride(), getSharedAddress(b, op),
                      /*inParts=*/!rounded.isBF16());
      SmallVector<Value> elements =
          loadMerged(b, type, op.getScratchStride(), getSharedAddress(b, op));
      b.barrier();
      rewriter.replaceOp(op, b.pack(elements));
      return success();
    }
    for (int64_t half = kTriInverseBlock; half < size; half *= 2)
      inverter.merge(half);
    SmallVector<Value> elements = inverter.load();
    b.barrier();
    rewriter.replaceOp(op, b.pack(elements));
    return success();
  }
};
} // namespace

void attn::wg::populateTriInversePatterns(const TypeConverter &converter,
                                          RewritePatternSet &patterns,
                                          const BlockShape &block) {
  patterns.add<TriInversePattern>(converter, patterns.getContext(), block);
}
