//===- ContractionDot.cpp - Contractions by dot products ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both operands are contiguous along the summed dimension and neither can be
// read as vectors along the result: the vectors run along the sum. A tile of
// R x N results has R * N vector accumulators, which are reduced once at the
// end. This is the form for a few rows against an operand that is read once
// and not worth packing.
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace attn {

bool canDot(const ContractionLoops &loops) {
  const Contraction &c = loops.contraction;
  if (c.lower || loops.getDims(DimRole::Sum).empty())
    return false;
  unsigned sum = loops.getDims(DimRole::Sum).back();
  auto last = [](AffineMap map) {
    return map.getDimPosition(map.getNumResults() - 1);
  };
  return last(c.lhsMap) == sum && last(c.rhsMap) == sum &&
         isLastDimContiguous(cast<MemRefType>(c.lhs.getType())) &&
         isLastDimContiguous(cast<MemRefType>(c.rhs.getType()));
}

namespace {

class DotEmitter {
public:
  DotEmitter(ContractionLoops &loops, const VectorTarget &target);
  void emit();

private:
  /// A run of `count` values of a dimension, or one value if there is none.
  struct Run {
    std::optional<unsigned> dim;
    Value base;
    int64_t count;
  };
  void forEachRun(std::optional<unsigned> dim, int64_t step,
                  function_ref<void(const Run &)> body);
  void set(const Run &run, int64_t i) {
    if (run.dim)
      loops.values[*run.dim] = b.add(run.base, i);
  }
  void emitTile(const Run &rows, const Run &cols);
  SmallVector<Value> emitStep(ValueRange acc, Value at, Value mask,
                              const Run &rows, const Run &cols);

  ContractionLoops &loops;
  LoopBuilder &b;
  Contraction &c;
  Type element;
  unsigned sum;
  SmallVector<unsigned> outerSums, outerRows, outerCols;
  std::optional<unsigned> row, col;
  int64_t lanes;
};

} // namespace

DotEmitter::DotEmitter(ContractionLoops &loops, const VectorTarget &target)
    : loops(loops), b(loops.b), c(loops.contraction),
      element(cast<MemRefType>(c.out.getType()).getElementType()),
      lanes(std::max<int64_t>(target.getLanes(element), 1)) {
  auto split = [&](DimRole role, SmallVectorImpl<unsigned> &outer) {
    ArrayRef<unsigned> dims = loops.getDims(role);
    outer.assign(dims.begin(), dims.end());
    return outer.empty() ? std::nullopt : std::optional(outer.pop_back_val());
  };
  sum = *split(DimRole::Sum, outerSums);
  row = split(DimRole::Row, outerRows);
  col = split(DimRole::Col, outerCols);
}

void DotEmitter::forEachRun(std::optional<unsigned> dim, int64_t step,
                            function_ref<void(const Run &)> body) {
  if (!dim)
    return body({std::nullopt, Value(), 1});
  Value size = loops.getSize(*dim);
  Value full = b.roundDown(size, step);
  b.loop(b.index(0), full, step, [&](Value base) { body({dim, base, step}); });
  std::optional<int64_t> fixed = getConstant(size);
  if (fixed && *fixed % step != 0)
    return body({dim, full, *fixed % step});
  if (!fixed)
    b.loop(full, b.sub(size, full), 1,
           [&](Value base) { body({dim, base, 1}); });
}

void DotEmitter::emit() {
  // Twelve accumulators with one row of operands at hand at a time; a single
  // row takes eight columns, which covers the latency of a multiply-add.
  bool oneRow = !row || loops.getStaticSize(*row) == 1;
  int64_t rowStep = oneRow ? 1 : 3, colStep = oneRow ? 8 : 4;
  loops.forEach(loops.getDims(DimRole::Batch), [&] {
    loops.forEach(outerCols, [&] {
      forEachRun(col, colStep, [&](const Run &cols) {
        loops.forEach(outerRows, [&] {
          forEachRun(row, rowStep,
                     [&](const Run &rows) { emitTile(rows, cols); });
        });
      });
    });
  });
}

SmallVector<Value> DotEmitter::emitStep(ValueRange carried, Value at,
                                        Value mask, const Run &rows,
                                        const Run &cols) {
  loops.values[sum] = at;
  auto load = [&](Value memref, AffineMap map) -> Value {
    Type narrow = cast<MemRefType>(memref.getType()).getElementType();
    auto type = VectorType::get({lanes}, narrow);
    SmallVector<Value> indices = loops.getIndices(map);
    Value x =
        mask ? Value(vector::MaskedLoadOp::create(b, type, memref, indices,
                                                  mask, b.zeros(narrow, lanes)))
             : Value(vector::LoadOp::create(b, type, memref, indices));
    return extendTo(b, element, x);
  };
  SmallVector<Value> acc(carried), lhs;
  for (int64_t i = 0; i < rows.count; ++i) {
    set(rows, i);
    lhs.push_back(load(c.lhs, c.lhsMap));
  }
  for (int64_t j = 0; j < cols.count; ++j) {
    set(cols, j);
    Value rhs = load(c.rhs, c.rhsMap);
    for (int64_t i = 0; i < rows.count; ++i) {
      Value &a = acc[i * cols.count + j];
      a = math::FmaOp::create(b, lhs[i], rhs, a);
    }
  }
  return acc;
}

void DotEmitter::emitTile(const Run &rows, const Run &cols) {
  SmallVector<Value> inits(rows.count * cols.count, b.zeros(element, lanes));
  Value size = loops.getSize(sum);
  SmallVector<Value> acc =
      loops.forEach(outerSums, inits, [&](ValueRange carried) {
        Value full = b.roundDown(size, lanes);
        SmallVector<Value> body = b.loop(
            b.index(0), full, lanes, carried, [&](Value at, ValueRange acc) {
              return emitStep(acc, at, Value(), rows, cols);
            });
        return b.loop(full, b.sub(size, full), lanes, body,
                      [&](Value at, ValueRange acc) {
                        Value mask = b.mask(b.sub(size, at), lanes);
                        return emitStep(acc, at, mask, rows, cols);
                      });
      });
  for (int64_t i = 0; i < rows.count; ++i)
    for (int64_t j = 0; j < cols.count; ++j) {
      set(rows, i);
      set(cols, j);
      SmallVector<Value> at = loops.getIndices(c.outMap);
      // Without `reassoc` the reduction is a chain in lane order.
      Value x = vector::ReductionOp::create(b, vector::CombiningKind::ADD,
                                            acc[i * cols.count + j],
                                            arith::FastMathFlags::reassoc);
      if (!c.overwrite)
        x = arith::AddFOp::create(b, x, memref::LoadOp::create(b, c.out, at));
      memref::StoreOp::create(b, x, c.out, at);
    }
}

void emitDot(ContractionLoops &loops, const VectorTarget &target) {
  DotEmitter(loops, target).emit();
}

} // namespace attn
