//===- LogitsToLoops.cpp - Attention as loops -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each row of queries: which keys it sees and their logits, into two rows
// of temporaries; the maximum; the exponentials, over the logits; the sums.
//
//===----------------------------------------------------------------------===//

#include "AttnOpsToLoops.h"
#include "MaskTest.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

namespace {

/// Emits what attention and its partial form share.
class LogitsEmitter {
public:
  LogitsEmitter(LoopEmitter &e, LogitsOpInterface op) : e(e), op(op) {}

  /// Emits `body` in loops over every row of queries.
  void forEachRow(function_ref<void()> body);

  /// Writes allowed[j] and, where it is true, logits[j]; returns the largest
  /// logit, -inf if there is none.
  Value emitLogits();
  /// Replaces the logits by their weights exp(logit - ref); returns
  /// init + their sum.
  Value emitWeights(Value ref, Value init);
  /// init(e) + the weighted sum of column e of the values, for each column.
  void forEachColumn(function_ref<Value(Value column)> init,
                     function_ref<void(Value column, Value sum)> body);

  /// Indices of the current row: batch entry, query head, row.
  Value b, h, i;

private:
  Value origin(unsigned dim) {
    return dim < op.getOrigin().size() ? Value(op.getOrigin()[dim])
                                       : e.index(0);
  }
  SmallVector<Value> getParameters();
  Value isAncestor(Value node);
  Value isSelected(Value j);
  MaskPoint getPoint(Value j);
  Value getRowPosition();
  Value emitAllowed(Value j);
  Value emitLogit(Value j);
  Value emitRegion(Region &region, ValueRange arguments);
  Value loadBias(Value j);

  LoopEmitter &e;
  LogitsOpInterface op;
  /// The kv head of the current query head.
  Value g;
  /// Number of keys.
  Value Skv;
  /// Rows of temporaries, one entry for each key.
  Value allowed, logits;
};

} // namespace

void LogitsEmitter::forEachRow(function_ref<void()> body) {
  Value query = op.getQuery(), key = op.getKey();
  Skv = e.dim(key, 2);
  Value Hq = e.dim(query, 1), Hkv = e.dim(key, 1);
  allowed = e.allocRow(Skv, e.getI1Type());
  logits = e.allocRow(Skv, e.getWideType());
  e.forEach({e.dim(query, 0), Hq, e.dim(query, 2)}, [&](ValueRange row) {
    b = row[0], h = row[1], i = row[2];
    // In here there is a query head, hence a kv head to divide by.
    Value group = e.binary<arith::DivUIOp>(Hq, Hkv);
    g = e.binary<arith::DivUIOp>(h, group);
    body();
  });
}

/// i' = i + offset, or what the positions say.
Value LogitsEmitter::getRowPosition() {
  if (op.getQueryPositions())
    return e.toIndex(e.load(op.getQueryPositions(), {b, i}));
  Value position = e.addIndex(i, origin(2));
  if (op.getAlign() == Alignment::BottomRight)
    return e.addIndex(position, e.subIndex(Skv, e.dim(op.getQuery(), 2)));
  Value offset = op.getOffset();
  if (!offset)
    return position;
  if (!offset.getType().isIndex())
    offset = e.toIndex(e.load(offset, b));
  return e.addIndex(position, offset);
}

SmallVector<Value> LogitsEmitter::getParameters() {
  SmallVector<Value> values;
  if (!op.getParameters())
    return values;
  ShapedType type = op.getParameters().getType();
  // What is 1 is for all.
  Value entry = type.getDimSize(0) == 1 ? e.index(0) : b;
  Value head = type.getDimSize(1) == 1 ? e.index(0) : h;
  for (int64_t i = 0, n = op.getMask()->getFormula().getNumParameters(); i < n;
       ++i)
    values.push_back(
        e.toIndex(e.load(op.getParameters(), {entry, head, e.index(i)})));
  return values;
}

MaskPoint LogitsEmitter::getPoint(Value j) {
  Value column = op.getKeyPositions()
                     ? e.toIndex(e.load(op.getKeyPositions(), {b, j}))
                     : e.addIndex(j, origin(3));
  Value sameSegment;
  if (op.getQuerySegments())
    sameSegment = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        e.load(op.getQuerySegments(), {b, i}),
                                        e.load(op.getKeySegments(), {b, j}));
  return {e.addIndex(b, origin(0)),
          e.addIndex(h, origin(1)),
          getRowPosition(),
          column,
          sameSegment,
          getParameters(),
          [this](Value node) { return isAncestor(node); }};
}

/// Bit `node` of the row's words; behind the last there is none.
Value LogitsEmitter::isAncestor(Value node) {
  auto isFalse = [&] { return e.boolean(false); };
  Value word = e.binary<arith::FloorDivSIOp>(node, e.index(32));
  Value exists = e.isLess(word, e.dim(op.getAncestors(), 2));
  return e.choose(e.isLess(node, e.index(0)), isFalse, [&] {
    return e.choose(
        exists,
        [&] {
          Value bits = e.load(op.getAncestors(), {b, i, word});
          Value number = arith::IndexCastOp::create(
              e, bits.getType(), e.binary<arith::RemSIOp>(node, e.index(32)));
          Value shifted = e.binary<arith::ShRUIOp>(bits, number);
          return arith::TruncIOp::create(e, e.getI1Type(), shifted).getResult();
        },
        isFalse);
  });
}

Value LogitsEmitter::emitRegion(Region &region, ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &inner : block.without_terminator())
    e.clone(inner, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(block.getTerminator()).getValue());
}

/// Whether the list of the row's block has the block of the key.
Value LogitsEmitter::isSelected(Value j) {
  Value ids = op.getSelection();
  Value rows = e.index(*op.getSelectedRows()),
        cols = e.index(*op.getSelectedCols());
  Value group =
      e.binary<arith::DivUIOp>(e.dim(op.getQuery(), 1), e.dim(ids, 1));
  Value head = e.binary<arith::DivUIOp>(h, group);
  // The list of the block that this tile begins in is the first one.
  auto blockOf = [&](Value row) { return e.binary<arith::DivUIOp>(row, rows); };
  Value n = e.subIndex(blockOf(e.addIndex(i, origin(2))), blockOf(origin(2)));
  Value block = e.binary<arith::DivUIOp>(e.addIndex(j, origin(3)), cols);
  return e.reduce(e.dim(ids, 3), e.boolean(false), [&](Value at, Value found) {
    Value id = e.toIndex(e.load(ids, {b, head, n, at}));
    Value isSame =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, id, block);
    return e.binary<arith::OrIOp>(found, isSame);
  });
}

/// The key exists and is selected, the mask holds, the where region says so:
/// each is asked only if the ones before it hold.
Value LogitsEmitter::emitAllowed(Value j) {
  auto isFalse = [&] { return e.boolean(false); };
  auto where = [&]() -> Value {
    if (op.getWhere().empty())
      return e.boolean(true);
    MaskPoint point = getPoint(j);
    return emitRegion(op.getWhere(), {point.b, point.h, point.i, point.j});
  };
  auto mask = [&]() -> Value {
    if (!op.getMask())
      return where();
    Value holds = emitMaskTest(e, *op.getMask(), getPoint(j));
    return e.choose(holds, where, isFalse);
  };
  auto selection = [&]() -> Value {
    if (!op.getSelection())
      return mask();
    return e.choose(isSelected(j), mask, isFalse);
  };
  if (!op.getKvLengths())
    return selection();
  Value length = e.toIndex(e.load(op.getKvLengths(), b));
  Value exists = e.isLess(e.addIndex(j, origin(3)), length);
  return e.choose(exists, selection, isFalse);
}

/// bias[b, h, i, j]; dimensions of extent 1 broadcast, missing ones too.
Value LogitsEmitter::loadBias(Value j) {
  ShapedType type = op.getBias().getType();
  Value position[] = {b, h, i, j};
  SmallVector<Value> indices;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    indices.push_back(type.getDimSize(dim) == 1
                          ? e.index(0)
                          : position[4 - type.getRank() + dim]);
  return e.loadWide(op.getBias(), indices);
}

/// scale q.k, then the score region, then the bias.
Value LogitsEmitter::emitLogit(Value j) {
  Value product =
      e.reduce(e.dim(op.getQuery(), 3), e.real(0), [&](Value d, Value sum) {
        Value q = e.loadWide(op.getQuery(), {b, h, i, d});
        Value k = e.loadWide(op.getKey(), {b, g, j, d});
        return e.add(sum, e.mul(q, k));
      });
  Value logit = e.mul(e.real(op.getScale().convertToDouble()), product);
  if (!op.getScore().empty()) {
    MaskPoint point = getPoint(j);
    logit = e.convert(logit, op.getComputeType());
    logit =
        emitRegion(op.getScore(), {logit, point.b, point.h, point.i, point.j});
    logit = e.widen(logit);
  }
  if (op.getBias())
    logit = e.add(logit, loadBias(j));
  return logit;
}

Value LogitsEmitter::emitLogits() {
  return e.reduce(Skv, e.real(-INFINITY), [&](Value j, Value top) {
    Value isAllowed = emitAllowed(j);
    e.store(isAllowed, allowed, j);
    return e.choose(
        isAllowed,
        [&] {
          Value logit = emitLogit(j);
          e.store(logit, logits, j);
          return e.max(top, logit);
        },
        [&] { return top; });
  });
}

Value LogitsEmitter::emitWeights(Value ref, Value init) {
  return e.reduce(Skv, init, [&](Value j, Value sum) {
    return e.choose(
        e.load(allowed, j),
        [&] {
          Value weight = e.exp(e.sub(e.load(logits, j), ref));
          e.store(weight, logits, j);
          return e.add(sum, weight);
        },
        [&] { return sum; });
  });
}

void LogitsEmitter::forEachColumn(
    function_ref<Value(Value column)> init,
    function_ref<void(Value column, Value sum)> body) {
  e.forEach(e.dim(op.getValue(), 3), [&](Value column) {
    Value sum = e.reduce(Skv, init(column), [&](Value j, Value sum) {
      return e.choose(
          e.load(allowed, j),
          [&] {
            Value value = e.loadWide(op.getValue(), {b, g, j, column});
            return e.add(sum, e.mul(e.load(logits, j), value));
          },
          [&] { return sum; });
    });
    body(column, sum);
  });
}

void attn::emitLoops(LoopEmitter &e, AttentionOp op) {
  LogitsEmitter rows(e, op);
  rows.forEachRow([&] {
    Value zero = e.real(0);
    Value top = rows.emitLogits();
    Value sink = op.getSink() ? e.loadWide(op.getSink(), rows.h) : Value();
    if (sink)
      top = e.max(top, sink);
    // A row without keys, or with logits of -inf only, has no maximum to refer
    // to: -inf - -inf would be NaN.
    Value isEmpty = e.isEqual(top, e.real(-INFINITY));
    Value ref = e.select(isEmpty, zero, top);
    Value denominator = rows.emitWeights(ref, zero);
    if (sink)
      denominator = e.add(denominator, e.exp(e.sub(sink, ref)));
    rows.forEachColumn(
        [&](Value) { return zero; },
        [&](Value column, Value sum) {
          Value output = e.select(isEmpty, zero, e.div(sum, denominator));
          e.store(output, op.getOutput(), {rows.b, rows.h, rows.i, column});
        });
    if (Value lse = op.getLse())
      e.store(e.select(isEmpty, top, e.add(ref, e.log(denominator))), lse,
              {rows.b, rows.h, rows.i});
  });
}

void attn::emitLoops(LoopEmitter &e, PartialOp op) {
  LogitsEmitter rows(e, op);
  rows.forEachRow([&] {
    Value row[] = {rows.b, rows.h, rows.i};
    // The reference is kept as what it is stored as, so that the weights refer
    // to exactly the number that the next step will read.
    Value top = e.convert(rows.emitLogits(), op.getComputeType());
    Value before = e.load(op.getRef(), row);
    Value ref = e.max(before, top);
    Value rescale = e.exp(e.sub(e.widen(before), e.widen(ref)));
    Value init = e.mul(rescale, e.loadWide(op.getSum(), row));
    Value sum = rows.emitWeights(e.widen(ref), init);
    auto at = [&](Value column) {
      return SmallVector<Value>{rows.b, rows.h, rows.i, column};
    };
    rows.forEachColumn(
        [&](Value column) {
          return e.mul(rescale, e.loadWide(op.getAcc(), at(column)));
        },
        [&](Value column, Value acc) {
          e.store(acc, op.getAcc(), at(column));
        });
    e.store(ref, op.getRef(), row);
    e.store(sum, op.getSum(), row);
  });
}
