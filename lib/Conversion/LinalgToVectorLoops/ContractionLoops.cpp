//===- ContractionLoops.cpp - What all forms of a contraction share -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ContractionLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace attn {

static DimRole classify(const Contraction &c, unsigned dim) {
  bool lhs = c.lhsMap.isFunctionOfDim(dim);
  bool rhs = c.rhsMap.isFunctionOfDim(dim);
  if (!c.outMap.isFunctionOfDim(dim))
    return DimRole::Sum;
  if (lhs == rhs)
    return DimRole::Batch;
  return lhs ? DimRole::Row : DimRole::Col;
}

/// The size of `dim`: a constant if some operand knows it.
static Value makeSize(LoopBuilder &b, const Contraction &c, unsigned dim) {
  std::pair<Value, AffineMap> operands[] = {
      {c.lhs, c.lhsMap}, {c.rhs, c.rhsMap}, {c.out, c.outMap}};
  std::pair<Value, unsigned> dynamic;
  for (auto &[value, map] : operands) {
    std::optional<unsigned> pos =
        map.getResultPosition(b.getAffineDimExpr(dim));
    if (!pos)
      continue;
    auto type = cast<MemRefType>(value.getType());
    if (!type.isDynamicDim(*pos))
      return b.index(type.getDimSize(*pos));
    dynamic = {value, *pos};
  }
  return memref::DimOp::create(b, dynamic.first, dynamic.second);
}

ContractionLoops::ContractionLoops(RewriterBase &rewriter, Operation *op,
                                   const Contraction &contraction)
    : b(op->getLoc(), rewriter), contraction(contraction) {
  unsigned numDims = contraction.outMap.getNumDims();
  for (unsigned dim = 0; dim < numDims; ++dim) {
    roles.push_back(classify(contraction, dim));
    sizes.push_back(makeSize(b, contraction, dim));
  }
  auto add = [&](AffineMap map) {
    for (unsigned i = 0; i < map.getNumResults(); ++i) {
      unsigned dim = map.getDimPosition(i);
      auto &list = dims[static_cast<unsigned>(roles[dim])];
      if (!llvm::is_contained(list, dim))
        list.push_back(dim);
    }
  };
  add(contraction.outMap);
  add(contraction.rhsMap);
  add(contraction.lhsMap);
  values.resize(numDims);
}

bool ContractionLoops::isRegular() const {
  return llvm::all_of(llvm::seq<unsigned>(0, roles.size()), [&](unsigned dim) {
    int uses = contraction.lhsMap.isFunctionOfDim(dim) +
               contraction.rhsMap.isFunctionOfDim(dim) +
               contraction.outMap.isFunctionOfDim(dim);
    return uses >= 2;
  });
}

//===----------------------------------------------------------------------===//
// Collapsing
//===----------------------------------------------------------------------===//

/// The position of `second` in `map` if it directly follows `first`; -1 if the
/// map has neither; failure if it has them otherwise.
static FailureOr<int64_t> findPair(AffineMap map, AffineExpr first,
                                   AffineExpr second) {
  std::optional<unsigned> p = map.getResultPosition(first);
  std::optional<unsigned> q = map.getResultPosition(second);
  if (!p && !q)
    return -1;
  if (!p || !q || *q != *p + 1)
    return failure();
  return *q;
}

/// Groups of dimensions of a memref of `rank` that merge `pos - 1` and `pos`.
static SmallVector<ReassociationIndices> mergeAt(int64_t rank, int64_t pos) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < rank; ++i) {
    if (i == pos)
      groups.back().push_back(i);
    else
      groups.push_back({i});
  }
  return groups;
}

/// `map` without `gone`, which also loses its number.
static AffineMap dropDim(AffineMap map, unsigned gone) {
  SmallVector<AffineExpr> results;
  for (AffineExpr expr : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    if (dim != gone)
      results.push_back(
          getAffineDimExpr(dim > gone ? dim - 1 : dim, map.getContext()));
  }
  return AffineMap::get(map.getNumDims() - 1, 0, results, map.getContext());
}

static bool tryMerge(LoopBuilder &b, Contraction &c, unsigned first,
                     unsigned second) {
  if (classify(c, first) != classify(c, second))
    return false;
  // A bound that ends in `first` counts in its values; groups count values of
  // the outermost dimension of `out`.
  if (c.lower && (c.boundDim == first || (c.outMap.getNumResults() > 0 &&
                                          c.outMap.getDimPosition(0) == first)))
    return false;
  std::pair<Value *, AffineMap *> operands[] = {
      {&c.lhs, &c.lhsMap}, {&c.rhs, &c.rhsMap}, {&c.out, &c.outMap}};
  int64_t positions[3];
  for (auto [operand, position] : llvm::zip_equal(operands, positions)) {
    FailureOr<int64_t> pos = findPair(
        *operand.second, b.getAffineDimExpr(first), b.getAffineDimExpr(second));
    if (failed(pos))
      return false;
    position = *pos;
    auto type = cast<MemRefType>(operand.first->getType());
    if (position >= 0 && !memref::CollapseShapeOp::isGuaranteedCollapsible(
                             type, mergeAt(type.getRank(), position)))
      return false;
  }
  for (auto [operand, position] : llvm::zip_equal(operands, positions)) {
    if (position >= 0) {
      int64_t rank = cast<MemRefType>(operand.first->getType()).getRank();
      *operand.first = memref::CollapseShapeOp::create(b, *operand.first,
                                                       mergeAt(rank, position));
    }
    *operand.second = dropDim(*operand.second, first);
  }
  if (c.boundDim > first)
    --c.boundDim;
  return true;
}

Contraction ContractionLoops::collapse(RewriterBase &rewriter, Operation *op,
                                       Contraction c) {
  LoopBuilder b(op->getLoc(), rewriter);
  auto mergeOnce = [&] {
    unsigned numDims = c.outMap.getNumDims();
    for (unsigned first = 0; first < numDims; ++first)
      for (unsigned second = 0; second < numDims; ++second)
        if (first != second && tryMerge(b, c, first, second))
          return true;
    return false;
  };
  while (mergeOnce()) {
  }
  return c;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Value>
ContractionLoops::forEach(ArrayRef<unsigned> dims, ValueRange inits,
                          function_ref<SmallVector<Value>(ValueRange)> body) {
  if (dims.empty())
    return body(inits);
  unsigned dim = dims.front();
  return b.loop(b.index(0), sizes[dim], 1, inits,
                [&](Value iv, ValueRange carried) {
                  values[dim] = iv;
                  return forEach(dims.drop_front(), carried, body);
                });
}

void ContractionLoops::forEach(ArrayRef<unsigned> dims,
                               function_ref<void()> body) {
  forEach(dims, ValueRange(), [&](ValueRange) -> SmallVector<Value> {
    body();
    return {};
  });
}

SmallVector<Value> ContractionLoops::getIndices(AffineMap map) const {
  SmallVector<Value> indices;
  for (unsigned i = 0; i < map.getNumResults(); ++i)
    indices.push_back(values[map.getDimPosition(i)]);
  return indices;
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

std::pair<Value, Value> ContractionLoops::getBounds(Value first, int64_t span,
                                                    int64_t step) {
  int64_t group = contraction.group;
  // Rows that start at a multiple of `step` meet one group if a group holds
  // whole steps, and full groups if a step holds whole groups.
  int64_t count;
  if (span == 1 || group % step == 0)
    count = 1;
  else if (step % group == 0)
    count = llvm::divideCeil(span, group);
  else
    count = (span - 1) / group + 2;
  Value g = b.floorDiv(first, group);
  Value last = b.floorDiv(b.add(first, span - 1), group);
  Value lower, upper;
  for (int64_t i = 0; i < count; ++i) {
    Value at = i == 0 ? g : b.min(b.add(g, i), last);
    Value lo = memref::LoadOp::create(b, contraction.lower, at);
    Value hi = memref::LoadOp::create(b, contraction.upper, at);
    lower = lower ? b.min(lower, lo) : lo;
    upper = upper ? b.max(upper, hi) : hi;
  }
  return {lower, upper};
}

Value ContractionLoops::getBoundedPosition() {
  // The run: dimensions of the same role that lie directly before the bounded
  // one in the operand that has them all in order.
  AffineMap map = roles[contraction.boundDim] == DimRole::Sum
                      ? contraction.lhsMap
                      : contraction.outMap;
  unsigned end =
      *map.getResultPosition(b.getAffineDimExpr(contraction.boundDim));
  unsigned begin = end;
  while (begin > 0 &&
         roles[map.getDimPosition(begin - 1)] == roles[contraction.boundDim])
    --begin;
  Value position = b.index(0);
  for (unsigned i = begin; i <= end; ++i) {
    unsigned dim = map.getDimPosition(i);
    position = b.add(b.mul(position, sizes[dim]), values[dim]);
  }
  return position;
}

Value extendTo(LoopBuilder &b, Type element, Value value) {
  Type type = value.getType();
  if (getElementTypeOrSelf(type) == element)
    return value;
  Type wide = element;
  if (auto vector = dyn_cast<VectorType>(type))
    wide = vector.clone(element);
  return arith::ExtFOp::create(b, wide, value);
}

//===----------------------------------------------------------------------===//
// Scalar loops
//===----------------------------------------------------------------------===//

static Value isInside(LoopBuilder &b, Value position, Value lower,
                      Value upper) {
  Value atLeast =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, lower, position);
  Value below =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, position, upper);
  return arith::AndIOp::create(b, atLeast, below);
}

/// Runs `body` on `inits` if the position is inside the bounds.
static SmallVector<Value>
guard(ContractionLoops &loops, bool sums, ValueRange inits,
      function_ref<SmallVector<Value>(ValueRange)> body) {
  LoopBuilder &b = loops.b;
  if (!loops.contraction.lower || sums != loops.hasBoundsOn(DimRole::Sum))
    return body(inits);
  auto [lower, upper] =
      loops.getBounds(loops.values[loops.getGroupDim()], 1, 1);
  Value inside = isInside(b, loops.getBoundedPosition(), lower, upper);
  auto ifOp = scf::IfOp::create(b, inits.getTypes(), inside,
                                /*withElseRegion=*/!inits.empty());
  OpBuilder::InsertionGuard insertion(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  SmallVector<Value> results = body(inits);
  if (!inits.empty()) {
    scf::YieldOp::create(b, results);
    b.setInsertionPointToStart(ifOp.elseBlock());
    scf::YieldOp::create(b, inits);
  }
  return llvm::to_vector_of<Value>(ifOp.getResults());
}

void lowerContractionToScalarLoops(RewriterBase &rewriter, Operation *op,
                                   const Contraction &contraction) {
  ContractionLoops loops(rewriter, op, contraction);
  LoopBuilder &b = loops.b;
  Type element = cast<MemRefType>(contraction.out.getType()).getElementType();

  SmallVector<unsigned> parallel;
  for (unsigned i = 0; i < contraction.outMap.getNumResults(); ++i)
    parallel.push_back(contraction.outMap.getDimPosition(i));

  auto product = [&](ValueRange acc) -> SmallVector<Value> {
    Value x = memref::LoadOp::create(b, contraction.lhs,
                                     loops.getIndices(contraction.lhsMap));
    Value y = memref::LoadOp::create(b, contraction.rhs,
                                     loops.getIndices(contraction.rhsMap));
    Value xy = arith::MulFOp::create(b, extendTo(b, element, x),
                                     extendTo(b, element, y));
    return {arith::AddFOp::create(b, acc.front(), xy)};
  };
  auto one = [&](ValueRange) -> SmallVector<Value> {
    SmallVector<Value> at = loops.getIndices(contraction.outMap);
    Value init = contraction.overwrite
                     ? Value(arith::ConstantOp::create(
                           b, cast<TypedAttr>(b.getZeroAttr(element))))
                     : Value(memref::LoadOp::create(b, contraction.out, at));
    SmallVector<Value> sum =
        loops.forEach(loops.getDims(DimRole::Sum), init, [&](ValueRange acc) {
          return guard(loops, /*sums=*/true, acc, product);
        });
    memref::StoreOp::create(b, sum.front(), contraction.out, at);
    return {};
  };
  loops.forEach(parallel,
                [&] { guard(loops, /*sums=*/false, ValueRange(), one); });
  rewriter.eraseOp(op);
}

} // namespace attn
