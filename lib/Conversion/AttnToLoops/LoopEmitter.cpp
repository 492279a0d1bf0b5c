//===- LoopEmitter.cpp - Scalar loops over memrefs ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LoopEmitter.h"

using namespace mlir;

namespace attn {

Value LoopEmitter::convert(Value x, Type type) {
  unsigned from = x.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (x.getType() == type)
    return x;
  if (from < to)
    return arith::ExtFOp::create(*this, type, x);
  // Halves of an f64, and f16 <-> bf16, go through f32: targets have
  // instructions for these steps, the direct ones are library calls.
  if (to == 16 && !x.getType().isF32())
    x = convert(x, getF32Type());
  return arith::TruncFOp::create(*this, type, x);
}

void LoopEmitter::store(Value value, Value memref, ValueRange indices) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (isa<FloatType>(element))
    value = convert(value, element);
  memref::StoreOp::create(*this, value, memref, indices);
}

Value LoopEmitter::alloc(ValueRange extents, Type element) {
  SmallVector<int64_t> shape(extents.size(), ShapedType::kDynamic);
  return memref::AllocOp::create(*this, MemRefType::get(shape, element),
                                 extents);
}

void LoopEmitter::forEach(Value extent, LoopBody body) {
  auto loop = scf::ForOp::create(*this, index(0), extent, index(1));
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void LoopEmitter::forEach(ValueRange extents,
                          function_ref<void(ValueRange)> body) {
  SmallVector<Value> ivs;
  std::function<void()> nest = [&] {
    if (ivs.size() == extents.size())
      return body(ivs);
    forEach(extents[ivs.size()], [&](Value iv) {
      ivs.push_back(iv);
      nest();
    });
  };
  nest();
}

Value LoopEmitter::reduce(Value extent, Value init, ReductionBody body) {
  auto loop = scf::ForOp::create(*this, index(0), extent, index(1), init);
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  Value next = body(loop.getInductionVar(), loop.getRegionIterArg(0));
  scf::YieldOp::create(*this, next);
  return loop.getResult(0);
}

Value LoopEmitter::choose(Value condition, Thunk then, Thunk otherwise) {
  // The type of the result is known only once a side has been emitted.
  auto build = [&](Block *block, Thunk side) {
    InsertionGuard guard(*this);
    setInsertionPointToStart(block);
    Value value = side();
    scf::YieldOp::create(*this, value);
    return value.getType();
  };
  Region thenRegion, elseRegion;
  Type type = build(&thenRegion.emplaceBlock(), then);
  build(&elseRegion.emplaceBlock(), otherwise);
  auto branch = scf::IfOp::create(*this, TypeRange(type), condition,
                                  /*addThenBlock=*/false,
                                  /*addElseBlock=*/false);
  branch.getThenRegion().takeBody(thenRegion);
  branch.getElseRegion().takeBody(elseRegion);
  return branch.getResult(0);
}

} // namespace attn
