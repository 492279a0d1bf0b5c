//===- ContractionTile.cpp - Contractions by outer products ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A register tile of R rows x V vectors of the result is kept in SSA values
// that the k-loop carries; a step of k reads V vectors of the right-hand side,
// broadcasts R elements of the left-hand side and does R * V fused
// multiply-adds. Nothing is stored inside the loop, so no aliasing question
// arises there, and R * V + V + 1 vectors are live.
//
// Loops, outermost first: batch, columns (panels), rows, k. A panel of the
// right-hand side stays in the first-level cache while all rows pass over it.
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace attn {

/// Steps of k written out in one trip of the loop.
static constexpr int64_t kUnroll = 4;
/// Independent chains of multiply-adds that cover their latency (4 clocks,
/// two units).
static constexpr int64_t kChains = 8;

bool canTile(const ContractionLoops &loops) {
  const Contraction &c = loops.contraction;
  if (c.outMap.getNumResults() == 0 || c.rhsMap.getNumResults() == 0)
    return false;
  if (c.lower && !loops.hasBoundsOn(DimRole::Sum) &&
      !loops.hasBoundsOn(DimRole::Col))
    return false;
  unsigned col = c.outMap.getDimPosition(c.outMap.getNumResults() - 1);
  return loops.getRole(col) == DimRole::Col &&
         c.rhsMap.getDimPosition(c.rhsMap.getNumResults() - 1) == col &&
         isLastDimContiguous(cast<MemRefType>(c.rhs.getType())) &&
         isLastDimContiguous(cast<MemRefType>(c.out.getType()));
}

namespace {

struct TileShape {
  int64_t rows, vecs, lanes;
};

/// Columns of one register tile: `masks` has a mask for each vector, or null.
struct Columns {
  Value base;
  SmallVector<Value> masks;
};

/// Rows of one register tile.
struct Rows {
  Value base;
  int64_t count;
};

class TileEmitter {
public:
  TileEmitter(ContractionLoops &loops, const VectorTarget &target);
  void emit();

private:
  void forEachColumns(function_ref<void(const Columns &)> body);
  void forEachRows(function_ref<void(const Rows &)> body);
  void emitTile(const Rows &rows, const Columns &columns);
  void emitBoundedTile(const Rows &rows, const Columns &columns);
  SmallVector<Value> emitStep(ValueRange acc, Value at, const Rows &rows,
                              const Columns &columns, int64_t unroll,
                              int64_t sets);
  SmallVector<Value> emitSum(ValueRange acc, const Rows &rows,
                             const Columns &columns, int64_t sets);
  SmallVector<Value> outIndices(const Rows &rows, int64_t row,
                                const Columns &columns, int64_t vec);
  Value setRow(const Rows &rows, int64_t row);

  ContractionLoops &loops;
  LoopBuilder &b;
  Contraction &c;
  Type element;
  unsigned col;
  std::optional<unsigned> row, sum;
  SmallVector<unsigned> outerCols, outerRows, outerSums;
  TileShape shape;
};

} // namespace

/// Splits the last of `dims` off.
static std::optional<unsigned> splitLast(ArrayRef<unsigned> dims,
                                         SmallVectorImpl<unsigned> &outer) {
  outer.assign(dims.begin(), dims.end());
  if (outer.empty())
    return std::nullopt;
  return outer.pop_back_val();
}

/// The largest tile whose accumulators, right-hand vectors and one broadcast
/// fit the registers; two vectors wide unless there are few rows.
static TileShape chooseShape(const Contraction &c, const VectorTarget &target,
                             Type element, std::optional<int64_t> rows,
                             std::optional<int64_t> cols) {
  if (c.microRows > 0) {
    int64_t count = rows ? std::min(*rows, c.microRows) : c.microRows;
    return {count, c.microCols / c.microLanes, c.microLanes};
  }
  int64_t lanes = std::max<int64_t>(target.getLanes(element), 1);
  // A narrow result takes a shorter vector rather than masked lanes.
  while (cols && lanes > 1 && lanes / 2 >= *cols)
    lanes /= 2;
  auto fits = [&](int64_t r, int64_t v) {
    return r * v + v + 1 <= target.registers;
  };
  int64_t vecs = 2;
  if (cols)
    vecs = std::min<int64_t>(vecs, llvm::divideCeil(*cols, lanes));
  int64_t most = 1;
  while (fits(most + 1, vecs))
    ++most;
  int64_t count = most;
  if (rows && *rows < most) {
    count = std::max<int64_t>(*rows, 1);
    while (fits(count, vecs + 1) && count * vecs < kChains &&
           (!cols || vecs * lanes < *cols))
      ++vecs;
  } else if (rows) {
    // A tile a little smaller may leave no rest of rows.
    for (int64_t r = most; r * 4 >= most * 3; --r)
      if (*rows % r == 0) {
        count = r;
        break;
      }
  }
  return {count, vecs, lanes};
}

TileEmitter::TileEmitter(ContractionLoops &loops, const VectorTarget &target)
    : loops(loops), b(loops.b), c(loops.contraction),
      element(cast<MemRefType>(c.out.getType()).getElementType()) {
  col = *splitLast(loops.getDims(DimRole::Col), outerCols);
  row = splitLast(loops.getDims(DimRole::Row), outerRows);
  sum = splitLast(loops.getDims(DimRole::Sum), outerSums);
  // The bounded dimension must be the one that the k-loop runs over.
  if (loops.hasBoundsOn(DimRole::Sum) && *sum != c.boundDim) {
    llvm::erase(outerSums, c.boundDim);
    outerSums.push_back(*sum);
    sum = c.boundDim;
  }
  shape =
      chooseShape(c, target, element,
                  row ? loops.getStaticSize(*row) : std::optional(int64_t(1)),
                  loops.getStaticSize(col));
}

void TileEmitter::emit() {
  loops.forEach(loops.getDims(DimRole::Batch), [&] {
    loops.forEach(outerCols, [&] {
      forEachColumns([&](const Columns &columns) {
        loops.forEach(outerRows, [&] {
          forEachRows(
              [&](const Rows &rows) { emitBoundedTile(rows, columns); });
        });
      });
    });
  });
}

void TileEmitter::forEachColumns(function_ref<void(const Columns &)> body) {
  int64_t lanes = shape.lanes, width = shape.vecs * lanes;
  Value size = loops.getSize(col);
  Value full = b.roundDown(size, width);
  b.loop(b.index(0), full, width, [&](Value base) {
    body({base, SmallVector<Value>(shape.vecs, Value())});
  });
  if (std::optional<int64_t> fixed = getConstant(size)) {
    int64_t rest = *fixed % width;
    if (rest == 0)
      return;
    SmallVector<Value> masks(llvm::divideCeil(rest, lanes), Value());
    if (rest % lanes != 0)
      masks.back() = b.mask(b.index(rest % lanes), lanes);
    body({full, masks});
    return;
  }
  b.loop(full, b.sub(size, full), lanes,
         [&](Value base) { body({base, {b.mask(b.sub(size, base), lanes)}}); });
}

void TileEmitter::forEachRows(function_ref<void(const Rows &)> body) {
  if (!row)
    return body({Value(), 1});
  Value size = loops.getSize(*row);
  Value full = b.roundDown(size, shape.rows);
  b.loop(b.index(0), full, shape.rows,
         [&](Value base) { body({base, shape.rows}); });
  if (std::optional<int64_t> fixed = getConstant(size)) {
    if (int64_t rest = *fixed % shape.rows)
      body({full, rest});
    return;
  }
  b.loop(full, b.sub(size, full), 1, [&](Value base) { body({base, 1}); });
}

void TileEmitter::emitBoundedTile(const Rows &rows, const Columns &columns) {
  if (!loops.hasBoundsOn(DimRole::Col))
    return emitTile(rows, columns);
  bool grouped = row && *row == loops.getGroupDim();
  auto [lower, upper] =
      loops.getBounds(grouped ? rows.base : loops.values[loops.getGroupDim()],
                      grouped ? rows.count : 1, grouped ? shape.rows : 1);
  loops.values[col] = columns.base;
  Value begin = loops.getBoundedPosition();
  int64_t width =
      c.boundDim == col ? int64_t(columns.masks.size()) * shape.lanes : 1;
  Value starts =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, begin, upper);
  Value ends = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt,
                                     b.add(begin, width), lower);
  auto ifOp =
      scf::IfOp::create(b, arith::AndIOp::create(b, starts, ends).getResult());
  OpBuilder::InsertionGuard insertion(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  emitTile(rows, columns);
}

Value TileEmitter::setRow(const Rows &rows, int64_t i) {
  if (row)
    loops.values[*row] = b.add(rows.base, i);
  return Value();
}

SmallVector<Value> TileEmitter::outIndices(const Rows &rows, int64_t i,
                                           const Columns &columns,
                                           int64_t vec) {
  setRow(rows, i);
  loops.values[col] = b.add(columns.base, vec * shape.lanes);
  return loops.getIndices(c.outMap);
}

/// Reads a vector, with zero in the lanes that `mask` excludes.
static Value loadVector(LoopBuilder &b, VectorType type, Value memref,
                        ValueRange indices, Value mask) {
  if (!mask)
    return vector::LoadOp::create(b, type, memref, indices);
  Value zero = arith::ConstantOp::create(b, type, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, type, memref, indices, mask, zero);
}

SmallVector<Value> TileEmitter::emitStep(ValueRange carried, Value at,
                                         const Rows &rows,
                                         const Columns &columns, int64_t unroll,
                                         int64_t sets) {
  auto rhsType = VectorType::get(
      {shape.lanes}, cast<MemRefType>(c.rhs.getType()).getElementType());
  SmallVector<Value> acc(carried);
  int64_t vecs = columns.masks.size();
  for (int64_t u = 0; u < unroll; ++u) {
    if (sum)
      loops.values[*sum] = b.add(at, u);
    SmallVector<Value> rhs;
    for (int64_t v = 0; v < vecs; ++v) {
      loops.values[col] = b.add(columns.base, v * shape.lanes);
      Value x = loadVector(b, rhsType, c.rhs, loops.getIndices(c.rhsMap),
                           columns.masks[v]);
      rhs.push_back(extendTo(b, element, x));
    }
    Value *first = acc.data() + (u % sets) * rows.count * vecs;
    for (int64_t i = 0; i < rows.count; ++i) {
      setRow(rows, i);
      Value x = memref::LoadOp::create(b, c.lhs, loops.getIndices(c.lhsMap));
      Value lhs = b.splat(extendTo(b, element, x), shape.lanes);
      for (int64_t v = 0; v < vecs; ++v) {
        Value &a = first[i * vecs + v];
        a = math::FmaOp::create(b, lhs, rhs[v], a);
      }
    }
  }
  return acc;
}

SmallVector<Value> TileEmitter::emitSum(ValueRange inits, const Rows &rows,
                                        const Columns &columns, int64_t sets) {
  Value lower = b.index(0), upper = sum ? loops.getSize(*sum) : b.index(1);
  if (loops.hasBoundsOn(DimRole::Sum)) {
    // The part of the bounds that falls into this run of k.
    bool grouped = row && *row == loops.getGroupDim();
    auto [lo, hi] =
        loops.getBounds(grouped ? rows.base : loops.values[loops.getGroupDim()],
                        grouped ? rows.count : 1, grouped ? shape.rows : 1);
    loops.values[*sum] = b.index(0);
    Value start = loops.getBoundedPosition();
    Value size = upper;
    lower = b.min(b.max(b.sub(lo, start), b.index(0)), size);
    upper = b.max(b.min(b.sub(hi, start), size), lower);
  }
  Value count = b.sub(upper, lower);
  Value whole = b.roundDown(count, kUnroll), full = b.add(lower, whole);
  SmallVector<Value> acc =
      b.loop(lower, whole, kUnroll, inits, [&](Value at, ValueRange carried) {
        return emitStep(carried, at, rows, columns, kUnroll, sets);
      });
  Value rest = b.sub(count, whole);
  if (std::optional<int64_t> fixed = getConstant(rest))
    return *fixed == 0 ? acc : emitStep(acc, full, rows, columns, *fixed, sets);
  return b.loop(full, rest, 1, acc, [&](Value at, ValueRange carried) {
    return emitStep(carried, at, rows, columns, 1, 1);
  });
}

void TileEmitter::emitTile(const Rows &rows, const Columns &columns) {
  int64_t vecs = columns.masks.size(), size = rows.count * vecs;
  auto type = VectorType::get({shape.lanes}, element);
  // A tile with few accumulators sums even and odd steps apart.
  int64_t sets = 1;
  while (size * sets < kChains && sets < kUnroll)
    sets *= 2;

  SmallVector<Value> inits;
  Value zero = b.zeros(element, shape.lanes);
  for (int64_t i = 0; i < rows.count; ++i)
    for (int64_t v = 0; v < vecs; ++v)
      inits.push_back(c.overwrite ? zero
                                  : loadVector(b, type, c.out,
                                               outIndices(rows, i, columns, v),
                                               columns.masks[v]));
  inits.append(size * (sets - 1), zero);

  SmallVector<Value> acc =
      loops.forEach(outerSums, inits, [&](ValueRange carried) {
        return emitSum(carried, rows, columns, sets);
      });

  for (int64_t i = 0; i < rows.count; ++i)
    for (int64_t v = 0; v < vecs; ++v) {
      SmallVector<Value> parts;
      for (int64_t s = 0; s < sets; ++s)
        parts.push_back(acc[s * size + i * vecs + v]);
      for (size_t width = parts.size() / 2; width > 0; width /= 2)
        for (size_t p = 0; p < width; ++p)
          parts[p] = arith::AddFOp::create(b, parts[p], parts[p + width]);
      SmallVector<Value> at = outIndices(rows, i, columns, v);
      if (columns.masks[v])
        vector::MaskedStoreOp::create(b, c.out, at, columns.masks[v],
                                      parts.front());
      else
        vector::StoreOp::create(b, parts.front(), c.out, at);
    }
}

void emitTiled(ContractionLoops &loops, const VectorTarget &target) {
  TileEmitter(loops, target).emit();
}

} // namespace attn
