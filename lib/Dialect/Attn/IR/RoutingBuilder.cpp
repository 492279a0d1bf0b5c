//===- RoutingBuilder.cpp - What loops over lists are built with ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

Value RoutingBuilder::getGroup(Value h, Value tensor, Value outs) {
  OpFoldResult numHeads = getSize(outs, 1), mine = getSize(tensor, 1);
  if (isEqualConstantIntOrValue(numHeads, mine))
    return h;
  return arith::DivUIOp::create(
      b, h, arith::DivUIOp::create(b, toValue(numHeads), toValue(mine)));
}

SmallVector<Value> RoutingBuilder::loop(Value end, ArrayRef<Value> inits,
                                        Loop body) {
  auto forOp = scf::ForOp::create(
      b, index(0), end, index(1), inits,
      [&](OpBuilder &, Location, Value at, ValueRange carried) {
        scf::YieldOp::create(b, body(at, carried));
      });
  return llvm::to_vector_of<Value>(forOp.getResults());
}

Value RoutingBuilder::forEachPart(ArrayRef<OpFoldResult> extents, Value out,
                                  function_ref<Part(ValueRange)> getPart,
                                  function_ref<Value(ValueRange, Value)> body) {
  auto forall = scf::ForallOp::create(b, extents, out, std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  SmallVector<Value> at = forall.getInductionVars();
  Value whole = forall.getRegionIterArgs().front();
  Part part = getPart(at);
  SmallVector<OpFoldResult> strides(part.offsets.size(), b.getIndexAttr(1));
  Value before = tensor::ExtractSliceOp::create(
      b, part.type, whole, part.offsets, part.sizes, strides);
  Value after = body(at, before);
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, after, whole, part.offsets,
                                        part.sizes, strides);
  return forall.getResult(0);
}

Value RoutingBuilder::forEachRow(Value out,
                                 function_ref<Value(ValueRange, Value)> body) {
  SmallVector<OpFoldResult> extents{getSize(out, 0), getSize(out, 1),
                                    getSize(out, 2)};
  OpFoldResult one = b.getIndexAttr(1), none = b.getIndexAttr(0);
  auto outType = cast<RankedTensorType>(out.getType());
  return forEachPart(
      extents, out,
      [&](ValueRange at) {
        return Part{{at[0], at[1], at[2], none},
                    {one, one, one, getSize(out, 3)},
                    RankedTensorType::get(outType.getDimSize(3),
                                          outType.getElementType())};
      },
      body);
}
