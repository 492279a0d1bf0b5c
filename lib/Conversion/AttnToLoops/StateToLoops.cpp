//===- StateToLoops.cpp - States of a softmax as loops --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AttnOpsToLoops.h"

using namespace mlir;
using namespace attn;

/// The extents of the rows of a state: all dimensions of its ref.
static SmallVector<Value> getRowExtents(LoopEmitter &e, Value ref) {
  SmallVector<Value> extents;
  for (int64_t dim = 0, rank = cast<MemRefType>(ref.getType()).getRank();
       dim < rank; ++dim)
    extents.push_back(e.dim(ref, dim));
  return extents;
}

static Value getWidth(LoopEmitter &e, Value acc) {
  return e.dim(acc, cast<MemRefType>(acc.getType()).getRank() - 1);
}

void attn::emitLoops(LoopEmitter &e, MergeOp op) {
  Value outAcc = op.getOuts()[0], outRef = op.getOuts()[1],
        outSum = op.getOuts()[2];
  e.forEach(getRowExtents(e, outRef), [&](ValueRange row) {
    Value ref0 = e.loadWide(op.getRef0(), row);
    Value ref1 = e.loadWide(op.getRef1(), row);
    Value ref = e.max(ref0, ref1);
    Value weight0 = e.exp(e.sub(ref0, ref));
    Value weight1 = e.exp(e.sub(ref1, ref));
    auto combine = [&](Value x0, Value x1, ValueRange at) {
      return e.add(e.mul(weight0, e.loadWide(x0, at)),
                   e.mul(weight1, e.loadWide(x1, at)));
    };
    Value sum = combine(op.getSum0(), op.getSum1(), row);
    e.forEach(getWidth(e, outAcc), [&](Value column) {
      SmallVector<Value> at(row);
      at.push_back(column);
      e.store(combine(op.getAcc0(), op.getAcc1(), at), outAcc, at);
    });
    e.store(ref, outRef, row);
    e.store(sum, outSum, row);
  });
}

void attn::emitLoops(LoopEmitter &e, FinalizeOp op) {
  Value out = op.getOuts()[0];
  Value lse = op.getOuts().size() > 1 ? op.getOuts()[1] : Value();
  e.forEach(getRowExtents(e, op.getRef()), [&](ValueRange row) {
    Value zero = e.real(0);
    Value sum = e.loadWide(op.getSum(), row);
    Value isEmpty = e.isEqual(sum, zero);
    Value ref = e.loadWide(op.getRef(), row);
    Value sink =
        op.getSink() ? e.loadWide(op.getSink(), row[1]) : e.real(-INFINITY);
    // Relative to the larger of ref and sink, neither exponential overflows.
    // Where nothing was summed, ref means nothing.
    Value top = e.select(isEmpty, sink, e.max(ref, sink));
    Value weight = e.exp(e.sub(ref, top));
    Value denominator = e.add(e.mul(weight, sum), e.exp(e.sub(sink, top)));
    e.forEach(getWidth(e, out), [&](Value column) {
      SmallVector<Value> at(row);
      at.push_back(column);
      Value acc = e.mul(weight, e.loadWide(op.getAcc(), at));
      e.store(e.select(isEmpty, zero, e.div(acc, denominator)), out, at);
    });
    if (lse)
      e.store(e.select(isEmpty, sink, e.add(top, e.log(denominator))), lse,
              row);
  });
}
