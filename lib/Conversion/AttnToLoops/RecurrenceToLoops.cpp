//===- RecurrenceToLoops.cpp - A recurrence as loops ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Token by token, as the operation is defined: forget, write, read. One state,
// and with a norm one sum of keys, in a temporary, for the batch entry and head
// that are worked on.
//
//===----------------------------------------------------------------------===//

#include "AttnOpsToLoops.h"

using namespace mlir;
using namespace attn;

namespace {

class RecurrenceEmitter {
public:
  RecurrenceEmitter(LoopEmitter &e, RecurrenceOp op) : e(e), op(op) {}

  void emit();

private:
  using Value = mlir::Value;

  void forEachElement(function_ref<void(Value d, Value c)> body) {
    e.forEach({Dk, Dv}, [&](ValueRange at) { body(at[0], at[1]); });
  }
  Value loadState(Value d, Value c) { return e.load(state, {d, c}); }
  void storeState(Value x, Value d, Value c) { e.store(x, state, {d, c}); }
  Value loadKey(Value d) { return e.loadWide(op.getKey(), {b, keyHead, t, d}); }
  Value loadValue(Value c) {
    return e.loadWide(op.getValue(), {b, head, t, c});
  }
  /// sum_d x(d) * state[d, c], for each column, into `columns`.
  void emitSums(function_ref<Value(Value d)> x);

  /// The number that a query, whose elements are x(d), is divided by.
  Value emitNorm(function_ref<Value(Value d)> x);

  void emitReset();
  void emitDecay();
  void emitWrite();
  /// The output heads of this state; each reads what `columns` is made of.
  void emitRead(bool withBonus);
  void emitToken();

  LoopEmitter &e;
  RecurrenceOp op;
  Value H, Hq, Hk, Hv, Dk, Dv;
  /// Indices: batch entry, state head and its key head, token.
  Value b, head, keyHead, t;
  /// Temporaries: Dk x Dv, two of Dv, and with a norm one of Dk.
  Value state, columns, news, sums;
};

} // namespace

void RecurrenceEmitter::emitSums(function_ref<Value(Value d)> x) {
  e.forEach(Dv, [&](Value c) {
    Value sum = e.reduce(Dk, e.real(0), [&](Value d, Value sum) {
      return e.add(sum, e.mul(x(d), loadState(d, c)));
    });
    e.store(sum, columns, c);
  });
}

/// S = 0 where the segment of a token is not that of the one before it.
void RecurrenceEmitter::emitReset() {
  Value segments = op.getSegments();
  if (!segments)
    return;
  Value isFirst =
      arith::CmpIOp::create(e, arith::CmpIPredicate::eq, t, e.index(0));
  Value before = e.select(isFirst, t, e.subIndex(t, e.index(1)));
  Value begins = arith::CmpIOp::create(e, arith::CmpIPredicate::ne,
                                       e.load(segments, {b, t}),
                                       e.load(segments, {b, before}));
  forEachElement([&](Value d, Value c) {
    storeState(e.select(begins, e.real(0), loadState(d, c)), d, c);
  });
  if (sums)
    e.forEach(Dk, [&](Value d) {
      e.store(e.select(begins, e.real(0), e.load(sums, d)), sums, d);
    });
}

void RecurrenceEmitter::emitDecay() {
  if (op.getDecay() == Decay::None)
    return;
  forEachElement([&](Value d, Value c) {
    SmallVector<Value> at{b, head, t};
    if (op.getDecay() == Decay::Key)
      at.push_back(d);
    else if (op.getDecay() == Decay::Value)
      at.push_back(c);
    Value factor = e.exp(e.loadWide(op.getGate(), at));
    storeState(e.mul(factor, loadState(d, c)), d, c);
  });
  if (!sums)
    return;
  e.forEach(Dk, [&](Value d) {
    SmallVector<Value> at{b, head, t};
    if (op.getDecay() == Decay::Key)
      at.push_back(d);
    Value factor = e.exp(e.loadWide(op.getGate(), at));
    e.store(e.mul(factor, e.load(sums, d)), sums, d);
  });
}

/// From S to S'.
void RecurrenceEmitter::emitWrite() {
  auto addKey = [&](function_ref<Value(Value c)> row) {
    forEachElement([&](Value d, Value c) {
      storeState(e.add(loadState(d, c), e.mul(loadKey(d), row(c))), d, c);
    });
  };
  switch (op.getUpdate()) {
  case Update::Additive:
    emitDecay();
    if (sums)
      e.forEach(Dk, [&](Value d) {
        e.store(e.add(e.load(sums, d), loadKey(d)), sums, d);
      });
    return addKey([&](Value c) { return loadValue(c); });
  case Update::Delta: {
    emitDecay();
    emitSums([&](Value d) { return loadKey(d); });
    Value beta = e.loadWide(op.getCoefficients()[0], {b, head, t});
    e.forEach(Dv, [&](Value c) {
      Value error = e.sub(loadValue(c), e.load(columns, c));
      e.store(e.mul(beta, error), news, c);
    });
    return addKey([&](Value c) { return e.load(news, c); });
  }
  case Update::DPLR: {
    auto load = [&](unsigned number, Value d) {
      return e.loadWide(op.getCoefficients()[number], {b, head, t, d});
    };
    emitSums([&](Value d) { return load(0, d); });
    emitDecay();
    forEachElement([&](Value d, Value c) {
      Value product = e.mul(load(1, d), e.load(columns, c));
      storeState(e.add(loadState(d, c), product), d, c);
    });
    return addKey([&](Value c) { return loadValue(c); });
  }
  }
}

/// max(|scale * q^T z|, bound), without a bound the number itself.
Value RecurrenceEmitter::emitNorm(function_ref<Value(Value d)> x) {
  Value sum = e.reduce(Dk, e.real(0), [&](Value d, Value sum) {
    Value z = e.load(sums, d);
    if (op.getBonus())
      z = e.add(z, e.mul(e.loadWide(op.getBonus(), {head, d}), loadKey(d)));
    return e.add(sum, e.mul(x(d), z));
  });
  Value norm = e.mul(e.real(op.getScale().convertToDouble()), sum);
  if (!op.getBound())
    return norm;
  Value size = e.max(norm, e.sub(e.real(0), norm));
  return e.max(size, e.loadWide(op.getBound(), {b, head, t}));
}

void RecurrenceEmitter::emitRead(bool withBonus) {
  // H / Hv output heads read this state; H / Hq of them share a query.
  Value group = e.binary<arith::DivUIOp>(H, Hv);
  e.forEach(group, [&](Value member) {
    Value outHead = e.addIndex(e.binary<arith::MulIOp>(head, group), member);
    Value queryHead =
        e.binary<arith::DivUIOp>(outHead, e.binary<arith::DivUIOp>(H, Hq));
    auto loadQuery = [&](Value d) {
      return e.loadWide(op.getQuery(), {b, queryHead, t, d});
    };
    emitSums(loadQuery);
    Value weight;
    if (withBonus)
      weight = e.reduce(Dk, e.real(0), [&](Value d, Value sum) {
        Value u = e.loadWide(op.getBonus(), {head, d});
        return e.add(sum, e.mul(loadQuery(d), e.mul(u, loadKey(d))));
      });
    Value norm = sums ? emitNorm(loadQuery) : Value();
    e.forEach(Dv, [&](Value c) {
      Value sum = e.load(columns, c);
      if (weight)
        sum = e.add(sum, e.mul(weight, loadValue(c)));
      Value read = e.mul(e.real(op.getScale().convertToDouble()), sum);
      if (norm)
        read =
            e.select(e.isEqual(norm, e.real(0)), e.real(0), e.div(read, norm));
      e.store(read, op.getOutput(), {b, outHead, t, c});
    });
  });
}

void RecurrenceEmitter::emitToken() {
  emitReset();
  if (op.getBonus())
    emitRead(/*withBonus=*/true);
  emitWrite();
  if (!op.getBonus())
    emitRead(/*withBonus=*/false);
}

void RecurrenceEmitter::emit() {
  H = e.dim(op.getOutput(), 1);
  Hq = e.dim(op.getQuery(), 1);
  Hk = e.dim(op.getKey(), 1);
  Hv = e.dim(op.getValue(), 1);
  Dk = e.dim(op.getKey(), 3);
  Dv = e.dim(op.getValue(), 3);
  state = e.alloc({Dk, Dv}, e.getWideType());
  columns = e.allocRow(Dv, e.getWideType());
  news = e.allocRow(Dv, e.getWideType());
  if (op.isNormalized())
    sums = e.allocRow(Dk, e.getWideType());
  e.forEach({e.dim(op.getValue(), 0), Hv}, [&](ValueRange at) {
    b = at[0], head = at[1];
    // In here there is a value head, hence a key head to divide by.
    keyHead = e.binary<arith::DivUIOp>(head, e.binary<arith::DivUIOp>(Hv, Hk));
    forEachElement([&](Value d, Value c) {
      storeState(op.getInit() ? e.loadWide(op.getInit(), {b, head, d, c})
                              : e.real(0),
                 d, c);
    });
    if (sums)
      e.forEach(Dk, [&](Value d) {
        e.store(op.getInitSum() ? e.loadWide(op.getInitSum(), {b, head, d})
                                : e.real(0),
                sums, d);
      });
    e.forEach(e.dim(op.getKey(), 2), [&](Value token) {
      t = token;
      emitToken();
    });
    if (Value last = op.getFinalState())
      forEachElement([&](Value d, Value c) {
        e.store(loadState(d, c), last, {b, head, d, c});
      });
    if (Value last = op.getFinalSum())
      e.forEach(Dk,
                [&](Value d) { e.store(e.load(sums, d), last, {b, head, d}); });
  });
}

void attn::emitLoops(LoopEmitter &e, RecurrenceOp op) {
  RecurrenceEmitter(e, op).emit();
}
