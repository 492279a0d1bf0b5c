//===- Regions.cpp - Regions of operations, evaluated at a position -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Regions.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace attn {

bool readsTensors(Region &region) {
  return region
      .walk([](Operation *op) {
        return isa<tensor::ExtractOp>(op) || !isMemoryEffectFree(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

Value evaluateRegion(OpBuilder &builder, Region &region, ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &inner : block.without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(block.getTerminator()).getValue());
}

Value guard(OpBuilder &builder, Location loc, Value condition, Value otherwise,
            function_ref<Value()> body) {
  auto choice = scf::IfOp::create(builder, loc, TypeRange(otherwise.getType()),
                                  condition, true);
  OpBuilder::InsertionGuard insertion(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  Value value = body();
  scf::YieldOp::create(builder, loc, value);
  builder.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(builder, loc, otherwise);
  return choice.getResult(0);
}

} // namespace attn
