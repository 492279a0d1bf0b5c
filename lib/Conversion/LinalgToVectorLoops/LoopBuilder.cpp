//===- LoopBuilder.cpp - Small helpers to write loops ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LoopBuilder.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace attn {

Value LoopBuilder::index(OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(*this, getLoc(), value);
}

/// Computes on constants; `arith` folders do not see through new constants
/// that are still operations, and a loop bound must be seen to be constant.
template <typename OpTy, typename Fn>
static Value fold(LoopBuilder &b, Value x, Value y, Fn compute) {
  std::optional<int64_t> cx = getConstant(x), cy = getConstant(y);
  if (cx && cy)
    return b.index(compute(*cx, *cy));
  return b.createOrFold<OpTy>(x, y);
}

Value LoopBuilder::add(Value a, Value b) {
  if (getConstant(a) == 0)
    return b;
  return fold<arith::AddIOp>(*this, a, b,
                             [](int64_t x, int64_t y) { return x + y; });
}

Value LoopBuilder::sub(Value a, Value b) {
  return fold<arith::SubIOp>(*this, a, b,
                             [](int64_t x, int64_t y) { return x - y; });
}

Value LoopBuilder::mul(Value a, Value b) {
  return fold<arith::MulIOp>(*this, a, b,
                             [](int64_t x, int64_t y) { return x * y; });
}

Value LoopBuilder::min(Value a, Value b) {
  return fold<arith::MinSIOp>(
      *this, a, b, [](int64_t x, int64_t y) { return std::min(x, y); });
}

Value LoopBuilder::max(Value a, Value b) {
  return fold<arith::MaxSIOp>(
      *this, a, b, [](int64_t x, int64_t y) { return std::max(x, y); });
}

Value LoopBuilder::floorDiv(Value a, int64_t b) {
  if (b == 1)
    return a;
  return fold<arith::DivUIOp>(*this, a, index(b),
                              [](int64_t x, int64_t y) { return x / y; });
}

Value LoopBuilder::roundDown(Value a, int64_t b) {
  if (b == 1)
    return a;
  return mul(floorDiv(a, b), b);
}

Value LoopBuilder::splat(Value scalar, int64_t lanes) {
  if (isa<VectorType>(scalar.getType()))
    return scalar;
  auto type = VectorType::get({lanes}, scalar.getType());
  Attribute constant;
  if (matchPattern(scalar, m_Constant(&constant)))
    return arith::ConstantOp::create(*this,
                                     DenseElementsAttr::get(type, constant));
  return vector::BroadcastOp::create(*this, type, scalar);
}

Value LoopBuilder::constantSplat(Type element, int64_t lanes, TypedAttr value) {
  auto type = VectorType::get({lanes}, element);
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(type, Attribute(value)));
}

Value LoopBuilder::zeros(Type element, int64_t lanes) {
  return constantSplat(element, lanes, cast<TypedAttr>(getZeroAttr(element)));
}

Value LoopBuilder::mask(Value count, int64_t lanes) {
  auto type = VectorType::get({lanes}, getI1Type());
  if (std::optional<int64_t> constant = getConstant(count)) {
    SmallVector<bool> bits(lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      bits[lane] = lane < *constant;
    return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, bits));
  }
  return vector::CreateMaskOp::create(*this, type, count);
}

void LoopBuilder::loop(Value lower, Value count, int64_t step, Body body) {
  loop(lower, count, step, ValueRange(),
       [&](Value iv, ValueRange) -> SmallVector<Value> {
         body(iv);
         return {};
       });
}

SmallVector<Value> LoopBuilder::loop(Value lower, Value count, int64_t step,
                                     ValueRange inits, CarriedBody body) {
  if (std::optional<int64_t> fixed = getConstant(count)) {
    if (*fixed <= 0)
      return inits;
    if (*fixed <= step)
      return body(lower, inits);
  }
  auto loop =
      scf::ForOp::create(*this, lower, add(lower, count), index(step), inits);
  // The name is that of the property of LLVM branches, without a prefix: this
  // is the one that survives the conversions to cf and llvm.
  auto unroll = LLVM::LoopUnrollAttr::get(getContext(), getBoolAttr(true), {},
                                          {}, {}, {}, {}, {});
  loop->setAttr("loop_annotation", LLVM::LoopAnnotationAttr::get(
                                       getContext(), {}, {}, {}, unroll, {}, {},
                                       {}, {}, {}, {}, {}, {}, {}, {}, {}));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(*this, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

} // namespace attn
