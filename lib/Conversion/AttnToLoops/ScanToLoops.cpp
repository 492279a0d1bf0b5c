//===- ScanToLoops.cpp - A scan as loops ----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channel by channel and in it token by token, as the operation is defined.
//
//===----------------------------------------------------------------------===//

#include "AttnOpsToLoops.h"
#include <limits>

using namespace mlir;
using namespace attn;

namespace {

class ScanEmitter {
public:
  ScanEmitter(LoopEmitter &e, ScanOp op) : e(e), op(op) {}

  void emit();

private:
  using Value = mlir::Value;

  Value loadChannel(Value operand) {
    return e.loadWide(operand, {b, head, t, c});
  }
  Value loadFactor(Value operand, Value n) {
    return operand ? e.loadWide(operand, {b, group, t, n}) : e.real(1);
  }
  Value loadState(unsigned number, Value n) {
    return e.load(states[number], n);
  }
  void storeState(Value x, unsigned number, Value n) {
    e.store(x, states[number], n);
  }
  Value getLogDecay(Value n) {
    if (!op.getGate() && !op.getRate())
      return e.real(0);
    Value gate = op.getGate() ? loadChannel(op.getGate()) : e.real(1);
    return op.getRate() ? e.mul(gate, e.loadWide(op.getRate(), {head, n, c}))
                        : gate;
  }
  /// Half the lowest finite number of the type of states, whatever is computed
  /// in; or 0.
  Value getIdentity(unsigned number) {
    double largest = op.getComputeType().isF64()
                         ? std::numeric_limits<double>::max()
                         : std::numeric_limits<float>::max();
    return e.real(number == 1 ? -largest / 2 : 0);
  }
  void forEachState(llvm::function_ref<void(unsigned number, Value n)> body) {
    for (unsigned number = 0; number < op.getNumStates(); ++number)
      e.forEach(N, [&](Value n) { body(number, n); });
  }

  void emitReset();
  void emitWrite();
  void emitRead();
  void emitWeightedWrite();
  void emitWeightedRead();
  void emitToken();

  LoopEmitter &e;
  ScanOp op;
  Value N;
  /// Indices: batch entry, head and that of its keys, channel, token.
  Value b, head, group, c, t;
  /// Temporaries of N.
  SmallVector<Value> states;
};

} // namespace

void ScanEmitter::emitReset() {
  Value segments = op.getSegments();
  if (!segments)
    return;
  Value isFirst =
      arith::CmpIOp::create(e, arith::CmpIPredicate::eq, t, e.index(0));
  Value before = e.select(isFirst, t, e.subIndex(t, e.index(1)));
  Value begins = arith::CmpIOp::create(e, arith::CmpIPredicate::ne,
                                       e.load(segments, {b, t}),
                                       e.load(segments, {b, before}));
  forEachState([&](unsigned number, Value n) {
    storeState(e.select(begins, getIdentity(number), loadState(number, n)),
               number, n);
  });
}

void ScanEmitter::emitWrite() {
  e.forEach(N, [&](Value n) {
    Value x = loadState(0, n);
    if (op.getGate() || op.getRate())
      x = e.mul(e.exp(getLogDecay(n)), x);
    Value key = loadFactor(op.getKey(), n);
    Value news = loadChannel(op.getValue());
    if (op.getBeta())
      news = e.mul(loadChannel(op.getBeta()), e.sub(news, e.mul(key, x)));
    storeState(e.add(x, e.mul(key, news)), 0, n);
  });
}

void ScanEmitter::emitRead() {
  Value sum = e.reduce(N, e.real(0), [&](Value n, Value sum) {
    Value seen = loadState(0, n);
    if (op.getBonus()) {
      Value own = e.mul(loadFactor(op.getKey(), n), loadChannel(op.getValue()));
      seen = e.add(seen, e.mul(e.loadWide(op.getBonus(), {head, c}), own));
    }
    return e.add(sum, e.mul(loadFactor(op.getQuery(), n), seen));
  });
  e.store(sum, op.getOutput(), {b, head, t, c});
}

void ScanEmitter::emitWeightedWrite() {
  Value n = e.index(0), weight = loadChannel(op.getWeights());
  Value decay = getLogDecay(n), old = loadState(1, n);
  // The reference stays where the sum is near it, and is not rounded then.
  Value log = e.add(e.add(old, decay), e.log(loadState(2, n)));
  Value distance = math::AbsFOp::create(e, e.sub(log, old));
  Value isFar =
      arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, distance, e.real(20));
  Value near = e.select(isFar, log, old);
  Value ref = e.max(e.max(near, weight), getIdentity(1));
  Value kept = e.exp(e.add(e.sub(old, ref), decay));
  Value added = e.exp(e.sub(weight, ref));
  Value value = loadChannel(op.getValue());
  storeState(e.add(e.mul(kept, loadState(0, n)), e.mul(added, value)), 0, n);
  storeState(ref, 1, n);
  storeState(e.add(e.mul(kept, loadState(2, n)), added), 2, n);
}

void ScanEmitter::emitWeightedRead() {
  Value n = e.index(0);
  Value above = loadState(0, n), below = loadState(2, n);
  if (op.getBonus()) {
    Value own = e.add(e.loadWide(op.getBonus(), {head, c}),
                      loadChannel(op.getWeights()));
    Value ref = loadState(1, n);
    Value base = e.max(e.max(ref, own), getIdentity(1));
    Value kept = e.exp(e.sub(ref, base)), added = e.exp(e.sub(own, base));
    above = e.add(e.mul(kept, above), e.mul(added, loadChannel(op.getValue())));
    below = e.add(e.mul(kept, below), added);
  }
  Value isNone = e.isEqual(below, e.real(0));
  Value average = e.div(above, e.select(isNone, e.real(1), below));
  e.store(average, op.getOutput(), {b, head, t, c});
}

void ScanEmitter::emitToken() {
  bool isWeighted = static_cast<bool>(op.getWeights());
  auto read = [&] { isWeighted ? emitWeightedRead() : emitRead(); };
  emitReset();
  if (op.getBonus())
    read();
  if (isWeighted)
    emitWeightedWrite();
  else
    emitWrite();
  if (!op.getBonus())
    read();
}

void ScanEmitter::emit() {
  Value value = op.getValue();
  Value B = e.dim(value, 0), H = e.dim(value, 1), S = e.dim(value, 2),
        D = e.dim(value, 3);
  N = op.getKey()     ? e.dim(op.getKey(), 3)
      : op.getQuery() ? e.dim(op.getQuery(), 3)
      : op.getRate()  ? e.dim(op.getRate(), 1)
                      : e.index(1);
  for (unsigned number = 0; number < op.getNumStates(); ++number)
    states.push_back(e.allocRow(N, e.getWideType()));
  Value grouped = op.getKey() ? op.getKey() : op.getQuery();
  e.forEach({B, H, D}, [&](ValueRange at) {
    b = at[0], head = at[1], c = at[2];
    // In here there is a head, hence one of keys to divide by.
    group = grouped ? e.binary<arith::DivUIOp>(
                          head, e.binary<arith::DivUIOp>(H, e.dim(grouped, 1)))
                    : head;
    forEachState([&](unsigned number, Value n) {
      Value first = op.getInit().empty()
                        ? getIdentity(number)
                        : e.loadWide(op.getInit()[number], {b, head, n, c});
      storeState(first, number, n);
    });
    e.forEach(S, [&](Value token) {
      t = token;
      emitToken();
    });
    if (!op.getFinalStates().empty())
      forEachState([&](unsigned number, Value n) {
        e.store(loadState(number, n), op.getFinalStates()[number],
                {b, head, n, c});
      });
  });
}

void attn::emitLoops(LoopEmitter &e, ScanOp op) { ScanEmitter(e, op).emit(); }
