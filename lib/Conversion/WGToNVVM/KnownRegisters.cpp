//===- KnownRegisters.cpp - Left operands that ptxas would know -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a register of a left operand is a constant other than zero, ptxas (of
// CUDA 12.8 and of 13.0, with -O1 to -O3) may set it behind the first
// instruction that reads it, in front of the next one. In a loop this looks
// right from the second round on, when the constant is still there; in the
// first round the product is one of whatever the register held. So constants
// are hidden from it, too. Zeros were always set in time.
//
//===----------------------------------------------------------------------===//

#include "KnownRegisters.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn::wg;

static bool isZero(Value value) {
  return matchPattern(value, m_AnyZeroFloat()) || matchPattern(value, m_Zero());
}

/// The tile of which `value` is the element in the body of a map.
static Value getInput(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return {};
  auto map = dyn_cast<MapOp>(argument.getOwner()->getParentOp());
  constexpr unsigned kPositions = 2;
  if (!map || argument.getArgNumber() < kPositions)
    return {};
  return map.getInputs()[argument.getArgNumber() - kPositions];
}

/// The scalar that a tile's element is, null if it comes from elsewhere.
static Value getElement(Value tile) {
  if (auto splat = tile.getDefiningOp<SplatOp>())
    return splat.getValue();
  if (auto map = tile.getDefiningOp<MapOp>()) {
    unsigned result = cast<OpResult>(tile).getResultNumber();
    return map.getBody().front().getTerminator()->getOperand(result);
  }
  return {};
}

/// Whether a scalar is computed of positions and constants alone on some path.
static bool isKnown(Value value) {
  if (Value tile = getInput(value)) {
    Value element = getElement(tile);
    return element && isKnown(element);
  }
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isa<MapOp>(argument.getOwner()->getParentOp());
  Operation *op = value.getDefiningOp();
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return isKnown(select.getTrueValue()) || isKnown(select.getFalseValue());
  return isPure(op) && llvm::all_of(op->getOperands(), isKnown);
}

/// Whether it is, and not a plain zero.
static bool isKnownNonzero(Value value) {
  if (isZero(value))
    return false;
  if (Value tile = getInput(value)) {
    Value element = getElement(tile);
    return element && isKnownNonzero(element);
  }
  if (auto select = value.getDefiningOp<arith::SelectOp>())
    return isKnownNonzero(select.getTrueValue()) ||
           isKnownNonzero(select.getFalseValue());
  Operation *op = value.getDefiningOp();
  if (op && isa<arith::ExtFOp, arith::TruncFOp>(op))
    return isKnownNonzero(op->getOperand(0));
  return isKnown(value);
}

bool attn::wg::mayBeKnown(Value tile) {
  Value element = getElement(tile);
  return element && isKnownNonzero(element);
}

void attn::wg::hideFromPtxas(ThreadBuilder &builder,
                             SmallVectorImpl<Value> &registers) {
  // No thread is among those before it.
  Type i32 = builder.getI32Type();
  Value own = NVVM::LaneMaskEqOp::create(builder, i32);
  Value before = NVVM::LaneMaskLtOp::create(builder, i32);
  Value zero = arith::AndIOp::create(builder, own, before);
  for (Value &value : registers)
    value = arith::OrIOp::create(builder, value, zero);
}
