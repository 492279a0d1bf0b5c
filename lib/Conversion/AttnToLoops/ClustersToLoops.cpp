//===- ClustersToLoops.cpp - What groups rows and moves them, as loops ----===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight from the definitions.
//
//===----------------------------------------------------------------------===//

#include "AttnOpsToLoops.h"
#include "MaskTest.h"

using namespace mlir;
using namespace attn;
using CmpF = arith::CmpFPredicate;
using CmpI = arith::CmpIPredicate;

/// The head of `memref` that head `h` of `numHeads` reads.
static Value getGroup(LoopEmitter &e, Value memref, Value h, Value numHeads) {
  Value group = e.binary<arith::DivUIOp>(numHeads, e.dim(memref, 1));
  return e.binary<arith::DivUIOp>(h, group);
}

static void emitIf(LoopEmitter &e, Value condition, function_ref<void()> then) {
  auto branch =
      scf::IfOp::create(e, TypeRange(), condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(branch.thenBlock());
  then();
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

/// s(c), or -s(c) behind all of them.
static Value emitProduct(LoopEmitter &e, ClusterOp op, ValueRange at, Value c) {
  Value x = op.getInput(), centroids = op.getCentroids();
  Value numHeads = e.dim(op.getOuts(), 1);
  Value hx = getGroup(e, x, at[1], numHeads),
        hc = getGroup(e, centroids, at[1], numHeads);
  bool isShared = cast<ShapedType>(centroids.getType()).getDimSize(0) == 1;
  Value batch = isShared ? e.index(0) : at[0];
  return e.reduce(e.dim(x, 3), e.real(0), [&](Value d, Value sum) {
    return e.add(sum, e.mul(e.loadWide(x, {at[0], hx, at[2], d}),
                            e.loadWide(centroids, {batch, hc, c, d})));
  });
}

void attn::emitLoops(LoopEmitter &e, ClusterOp op) {
  Value out = op.getOuts(), count = e.dim(op.getCentroids(), 2);
  Value best = e.allocRow(e.index(1), e.getWideType()), none = e.index(-1);
  e.forEach({e.dim(out, 0), e.dim(out, 1), e.dim(out, 2)}, [&](ValueRange at) {
    auto search = [&](Value found, bool isTurned) {
      return e.reduce(count, found, [&](Value c, Value number) {
        auto keep = [&] { return number; };
        auto take = [&] {
          Value product = emitProduct(e, op, at, c);
          if (isTurned)
            product = arith::NegFOp::create(e, product);
          Value isNumber =
              arith::CmpFOp::create(e, CmpF::ORD, product, product);
          Value isLarger = arith::CmpFOp::create(e, CmpF::OGT, product,
                                                 e.load(best, e.index(0)));
          Value isBetter = e.binary<arith::AndIOp>(
              isNumber,
              e.binary<arith::OrIOp>(e.isLess(number, e.index(0)), isLarger));
          return e.choose(
              isBetter,
              [&] {
                e.store(product, best, e.index(0));
                return isTurned ? e.addIndex(c, count) : c;
              },
              keep);
        };
        if (!op.getMask())
          return take();
        MaskPoint point{at[0], at[1], at[2], c, Value(), {}, {}};
        return e.choose(emitMaskTest(e, *op.getMask(), point), take, keep);
      });
    };
    Value number = search(none, /*isTurned=*/false);
    if (op.getKind() == ClusterKind::Rotated)
      number = search(number, /*isTurned=*/true);
    e.store(arith::IndexCastOp::create(e, e.getI32Type(), number), out, at);
  });
}

//===----------------------------------------------------------------------===//
// Permutations
//===----------------------------------------------------------------------===//

namespace {
class PermuteEmitter {
public:
  PermuteEmitter(LoopEmitter &e, PermuteOp op)
      : e(e), op(op), x(op.getInput()), order(op.getOrder()), out(op.getOuts()),
        element(cast<ShapedType>(x.getType()).getElementType()),
        numHeads(e.dim(out, 1)) {}

  void emitGather();
  void emitInverse();
  void emitMean();

private:
  SmallVector<Value> getExtents(Value memref) {
    SmallVector<Value> extents;
    for (int64_t dim = 0, rank = op.getInput().getType().getRank(); dim < rank;
         ++dim)
      extents.push_back(e.dim(memref, dim));
    return extents;
  }
  /// `at` with another head and row.
  static SmallVector<Value> moved(ValueRange at, Value head, Value row) {
    SmallVector<Value> result(at);
    result[1] = head;
    result[2] = row;
    return result;
  }
  Value getNumber(ValueRange at, Value row) {
    Value h = getGroup(e, order, at[1], numHeads);
    return e.toIndex(e.load(order, {at[0], h, row}));
  }
  Value isRow(Value number, Value memref) {
    return arith::CmpIOp::create(e, CmpI::ult, number, e.dim(memref, 2));
  }
  Value getRow(ValueRange at, Value row) {
    return e.load(x, moved(at, getGroup(e, x, at[1], numHeads), row));
  }
  Value getNothing() {
    return arith::ConstantOp::create(e, e.getZeroAttr(element));
  }

  LoopEmitter &e;
  PermuteOp op;
  Value x, order, out;
  Type element;
  Value numHeads;
};
} // namespace

void PermuteEmitter::emitGather() {
  e.forEach(getExtents(out), [&](ValueRange at) {
    Value number = getNumber(at, at[2]);
    Value row = e.choose(
        isRow(number, x), [&] { return getRow(at, number); },
        [&] { return getNothing(); });
    e.store(row, out, at);
  });
}

void PermuteEmitter::emitInverse() {
  SmallVector<Value> extents = getExtents(out);
  e.forEach(extents, [&](ValueRange at) { e.store(getNothing(), out, at); });
  extents[2] = e.dim(order, 2);
  e.forEach(extents, [&](ValueRange at) {
    Value number = getNumber(at, at[2]);
    emitIf(e, isRow(number, out),
           [&] { e.store(getRow(at, at[2]), out, moved(at, at[1], number)); });
  });
}

/// Sums of all rows first, then what they are divided by.
void PermuteEmitter::emitMean() {
  SmallVector<Value> extents = getExtents(out);
  Value sums = e.alloc(extents, e.getWideType()),
        counts = e.alloc(extents, e.getWideType());
  e.forEach(extents, [&](ValueRange at) {
    e.store(e.real(0), sums, at);
    e.store(e.real(0), counts, at);
  });
  SmallVector<Value> rows(extents);
  rows[2] = e.dim(order, 2);
  e.forEach(rows, [&](ValueRange at) {
    Value number = getNumber(at, at[2]);
    emitIf(e, isRow(number, out), [&] {
      SmallVector<Value> to = moved(at, at[1], number);
      e.store(e.add(e.load(sums, to), e.widen(getRow(at, at[2]))), sums, to);
      e.store(e.add(e.load(counts, to), e.real(1)), counts, to);
    });
  });
  e.forEach(extents, [&](ValueRange at) {
    Value sum = e.load(sums, at);
    // Of nothing the sum is 0.
    e.store(e.div(sum, e.max(e.load(counts, at), e.real(1))), out, at);
  });
}

void attn::emitLoops(LoopEmitter &e, PermuteOp op) {
  PermuteEmitter emitter(e, op);
  switch (op.getKind()) {
  case PermuteKind::Gather:
    return emitter.emitGather();
  case PermuteKind::Inverse:
    return emitter.emitInverse();
  case PermuteKind::Mean:
    return emitter.emitMean();
  }
}
