//===- RoutingToLoops.cpp - What chooses blocks of keys, as loops ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight from the definitions. A list is chosen by marking what it has: each
// of its places goes to the candidate that is not marked and that no other such
// candidate ranks before.
//
//===----------------------------------------------------------------------===//

#include "AttnOpsToLoops.h"
#include "MaskTest.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;
using CmpF = arith::CmpFPredicate;
using CmpI = arith::CmpIPredicate;

static SmallVector<Value> getExtents(LoopEmitter &e, Value memref) {
  SmallVector<Value> extents;
  for (int64_t dim = 0; dim < 4; ++dim)
    extents.push_back(e.dim(memref, dim));
  return extents;
}

/// The logical number of a row.
static Value addOffset(LoopEmitter &e, Value row, Value offset) {
  return offset ? e.addIndex(row, offset) : row;
}

static Value smallerIndex(LoopEmitter &e, Value a, Value b) {
  return e.select(e.isLess(a, b), a, b);
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

void attn::emitLoops(LoopEmitter &e, PoolOp op) {
  Value input = op.getInput(), out = op.getOuts();
  Value S = e.dim(input, 2);
  e.forEach(getExtents(e, out), [&](ValueRange at) {
    Value first = e.binary<arith::MulIOp>(at[2], e.index(op.getStride()));
    Value count =
        smallerIndex(e, e.index(op.getWindow()), e.subIndex(S, first));
    auto get = [&](Value number) {
      return e.loadWide(input,
                        {at[0], at[1], e.addIndex(first, number), at[3]});
    };
    PoolKind kind = op.getKind();
    double init = kind == PoolKind::Max   ? -INFINITY
                  : kind == PoolKind::Min ? INFINITY
                                          : 0;
    Value pooled = e.reduce(count, e.real(init), [&](Value number, Value acc) {
      Value x = get(number);
      if (kind == PoolKind::Max)
        return e.max(acc, x);
      if (kind == PoolKind::Min)
        return e.binary<arith::MinimumFOp>(acc, x);
      return e.add(acc, x);
    });
    if (kind == PoolKind::Mean) {
      Value number = arith::IndexCastOp::create(e, e.getI64Type(), count);
      pooled =
          e.div(pooled, arith::SIToFPOp::create(e, e.getWideType(), number));
    }
    e.store(pooled, out, at);
  });
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// One logit, after the region.
static Value emitLogit(LoopEmitter &e, RouteScoreOp op, Value b, Value h,
                       Value i, Value j) {
  Value group =
      e.binary<arith::DivUIOp>(e.dim(op.getQuery(), 1), e.dim(op.getKey(), 1));
  Value g = e.binary<arith::DivUIOp>(h, group);
  Value product =
      e.reduce(e.dim(op.getQuery(), 3), e.real(0), [&](Value d, Value sum) {
        Value q = e.loadWide(op.getQuery(), {b, h, i, d});
        Value k = e.loadWide(op.getKey(), {b, g, j, d});
        return e.add(sum, e.mul(q, k));
      });
  Value logit = e.mul(e.real(op.getScale().convertToDouble()), product);
  if (op.getScore().empty())
    return logit;
  IRMapping mapping;
  Block &block = op.getScore().front();
  SmallVector<Value> arguments{e.convert(logit, op.getComputeType()), b, h,
                               addOffset(e, i, op.getOffset()), j};
  mapping.map(block.getArguments(), arguments);
  for (Operation &inner : block.without_terminator())
    e.clone(inner, mapping);
  return e.widen(mapping.lookupOrDefault(
      cast<attn::YieldOp>(block.getTerminator()).getValue()));
}

void attn::emitLoops(LoopEmitter &e, RouteScoreOp op) {
  Value query = op.getQuery(), key = op.getKey(), out = op.getOuts();
  bool isSum = op.getKind() == ScoreKind::Sum;
  Value rows = e.index(op.getRows()), cols = e.index(op.getCols());
  e.forEach(getExtents(e, out), [&](ValueRange at) {
    Value heads = e.binary<arith::DivUIOp>(e.dim(query, 1), e.dim(out, 1));
    Value firstHead = e.binary<arith::MulIOp>(at[1], heads),
          firstRow = e.binary<arith::MulIOp>(at[2], rows),
          firstCol = e.binary<arith::MulIOp>(at[3], cols);
    Value numRows =
              smallerIndex(e, rows, e.subIndex(e.dim(query, 2), firstRow)),
          numCols = smallerIndex(e, cols, e.subIndex(e.dim(key, 2), firstCol));
    Value score = e.reduce(
        heads, e.real(isSum ? 0 : -INFINITY), [&](Value r, Value ofHeads) {
          Value h = e.addIndex(firstHead, r);
          return e.reduce(numRows, ofHeads, [&](Value n, Value ofRows) {
            Value i = e.addIndex(firstRow, n);
            return e.reduce(numCols, ofRows, [&](Value c, Value acc) {
              Value j = e.addIndex(firstCol, c);
              auto take = [&] {
                Value logit = emitLogit(e, op, at[0], h, i, j);
                return isSum ? e.add(acc, logit) : e.max(acc, logit);
              };
              if (!op.getMask())
                return take();
              MaskPoint point{at[0], h,       addOffset(e, i, op.getOffset()),
                              j,     Value(), {},
                              {}};
              return e.choose(emitMaskTest(e, *op.getMask(), point), take,
                              [&] { return acc; });
            });
          });
        });
    e.store(score, out, at);
  });
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

namespace {
/// The list of one row.
class ListEmitter {
public:
  ListEmitter(LoopEmitter &e, SelectOp op, ValueRange row, Value marks)
      : e(e), op(op), row(row), marks(marks) {
    count = e.dim(op.getScores(), 3);
  }
  void emit();

private:
  Value getScore(Value c) {
    return e.loadWide(op.getScores(), {row[0], row[1], row[2], c});
  }
  Value holds(Attribute mask, Value c) {
    if (!mask)
      return e.boolean(true);
    Value n = addOffset(e, row[2], op.getOffset());
    return emitMaskTest(e, mask, {row[0], row[1], n, c, Value(), {}, {}});
  }
  Value isCandidate(Value c) { return holds(op.getMaskAttr(), c); }
  Value isForced(Value c) {
    return op.getForceAttr() ? holds(op.getForceAttr(), c) : e.boolean(false);
  }
  Value isNaN(Value x) { return arith::CmpFOp::create(e, CmpF::UNO, x, x); }
  Value both(Value a, Value b) { return e.binary<arith::AndIOp>(a, b); }
  Value either(Value a, Value b) { return e.binary<arith::OrIOp>(a, b); }
  Value isNot(Value a) { return e.binary<arith::XOrIOp>(a, e.boolean(true)); }
  Value isBetter(Value c, Value best);
  Value findBest();
  Value isWanted(Value c, Value taken, Value mass);

  LoopEmitter &e;
  SelectOp op;
  ValueRange row;
  /// Of each score, whether the list has it.
  Value marks, count;
};
} // namespace

/// Whether c, which is the larger number, ranks before `best`.
Value ListEmitter::isBetter(Value c, Value best) {
  Value x = getScore(c), y = getScore(best);
  Value larger = either(both(isNot(isNaN(x)), isNaN(y)),
                        arith::CmpFOp::create(e, CmpF::OGT, x, y));
  Value forcedX = isForced(c), forcedY = isForced(best);
  Value same = isNot(e.binary<arith::XOrIOp>(forcedX, forcedY));
  return either(both(forcedX, isNot(forcedY)), both(same, larger));
}

/// The best candidate that is not marked; -1 if there is none.
Value ListEmitter::findBest() {
  return e.reduce(count, e.index(-1), [&](Value c, Value best) {
    auto keep = [&] { return best; };
    Value isFree = both(isNot(e.load(marks, c)), isCandidate(c));
    return e.choose(
        isFree,
        [&] {
          return e.choose(
              e.isLess(best, e.index(0)), [&] { return c; },
              [&] { return e.select(isBetter(c, best), c, best); });
        },
        keep);
  });
}

/// Whether the best candidate that is left still belongs to the list.
Value ListEmitter::isWanted(Value c, Value taken, Value mass) {
  Value wanted = e.boolean(true);
  if (op.getThreshold())
    wanted = both(wanted, arith::CmpFOp::create(
                              e, CmpF::OGE, getScore(c),
                              e.real(op.getThreshold()->convertToDouble())));
  if (mass)
    wanted = both(wanted, arith::CmpFOp::create(e, CmpF::OLT, taken, mass));
  return either(wanted, isForced(c));
}

void ListEmitter::emit() {
  Value zero = e.real(0), mass;
  auto getFinite = [&](Value c) {
    Value x = getScore(c);
    return e.select(isNaN(x), zero, x);
  };
  e.forEach(count, [&](Value c) { e.store(e.boolean(false), marks, c); });
  if (op.getMass()) {
    Value total = e.reduce(count, zero, [&](Value c, Value sum) {
      return e.choose(
          isCandidate(c), [&] { return e.add(sum, getFinite(c)); },
          [&] { return sum; });
    });
    mass = e.mul(e.real(op.getMass()->convertToDouble()), total);
  }
  Value out = op.getOuts();
  e.reduce(e.dim(out, 3), zero, [&](Value place, Value taken) {
    Value best = findBest();
    Value wanted = e.choose(
        e.isLess(best, e.index(0)), [&] { return e.boolean(false); },
        [&] { return isWanted(best, taken, mass); });
    Value number = e.select(wanted, best, e.index(-1));
    e.store(arith::IndexCastOp::create(e, e.getI32Type(), number), out,
            {row[0], row[1], row[2], place});
    return e.choose(
        wanted,
        [&] {
          e.store(e.boolean(true), marks, best);
          return e.add(taken, getFinite(best));
        },
        [&] { return taken; });
  });
}

void attn::emitLoops(LoopEmitter &e, SelectOp op) {
  Value marks = e.allocRow(e.dim(op.getScores(), 3), e.getI1Type());
  SmallVector<Value> extents = getExtents(e, op.getOuts());
  extents.pop_back();
  e.forEach(extents,
            [&](ValueRange row) { ListEmitter(e, op, row, marks).emit(); });
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

/// Each key counts those before it.
void attn::emitLoops(LoopEmitter &e, SortOp op) {
  Value keys = op.getKeys();
  Value size = e.dim(keys, 2);
  e.forEach({e.dim(keys, 0), e.dim(keys, 1), size}, [&](ValueRange at) {
    Value key = e.load(keys, at);
    Value place = e.reduce(size, e.index(0), [&](Value other, Value count) {
      Value x = e.load(keys, {at[0], at[1], other});
      Value isSmaller = e.isLess(x, key);
      Value isEqual = arith::CmpIOp::create(e, CmpI::eq, x, key);
      Value isBefore = e.binary<arith::AndIOp>(isEqual, e.isLess(other, at[2]));
      Value counts = e.binary<arith::OrIOp>(isSmaller, isBefore);
      return e.select(counts, e.addIndex(count, e.index(1)), count);
    });
    Value number = arith::IndexCastOp::create(e, e.getI32Type(), at[2]);
    e.store(number, op.getOuts(), {at[0], at[1], place});
  });
}
