//===- NarrowOperands.cpp - Contractions of 16-bit operands ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILENARROWOPERANDS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;

static Type getElement(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// The tensor of 16-bit floats that `value` is the extension of, or null.
static Value getExtended(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops() ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  Value yielded = generic.getBody()->getTerminator()->getOperand(0);
  auto extension = yielded.getDefiningOp<arith::ExtFOp>();
  if (!extension || extension.getIn() != generic.getBody()->getArgument(0))
    return {};
  Value source = generic.getDpsInputs()[0];
  return getElement(source).getIntOrFloatBitWidth() == 16 ? source : Value();
}

/// `value` rounded to `element`.
static Value round(OpBuilder &builder, Location loc, Value value,
                   Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), element);
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, TypeRange(empty.getType()), value, empty,
             ArrayRef<AffineMap>{map, map}, iterators,
             [&](OpBuilder &n, Location l, ValueRange arguments) {
               Value rounded =
                   arith::TruncFOp::create(n, l, element, arguments[0]);
               linalg::YieldOp::create(n, l, rounded);
             })
      .getResult(0);
}

namespace {
struct TileNarrowOperands
    : attn::tile::impl::TileNarrowOperandsBase<TileNarrowOperands> {
  void narrow(linalg::ContractOp op) {
    Value lhs = op.getDpsInputs()[0], rhs = op.getDpsInputs()[1];
    if (!getElement(lhs).isF32() || !getElement(rhs).isF32() ||
        !getElement(op.getDpsInits()[0]).isF32())
      return;
    Value narrowLhs = getExtended(lhs), narrowRhs = getExtended(rhs);
    if (narrowLhs && narrowRhs &&
        getElement(narrowLhs) != getElement(narrowRhs))
      narrowLhs = {};
    if (!narrowLhs && !narrowRhs) {
      remark::missed(op.getLoc(), remark::RemarkOpts::name("wide-operands")
                                      .category("tile-narrow-operands"))
          << remark::reason("both operands are computed in f32; nothing says "
                            "how they may be rounded");
      return;
    }
    OpBuilder builder(op);
    auto roundTo = [&](Value value, Value other) {
      ++numRounded;
      return round(builder, op.getLoc(), value, getElement(other));
    };
    if (!narrowLhs)
      narrowLhs = roundTo(lhs, narrowRhs);
    if (!narrowRhs)
      narrowRhs = roundTo(rhs, narrowLhs);
    Value out = op.getDpsInits()[0];
    auto narrowed = linalg::ContractOp::create(
        builder, op.getLoc(), out.getType(), ValueRange{narrowLhs, narrowRhs},
        out, op.getIndexingMapsAttr());
    op->replaceAllUsesWith(narrowed->getResults());
    op.erase();
    ++numNarrowed;
  }

  void runOnOperation() override {
    getOperation()->walk([&](linalg::ContractOp op) { narrow(op); });
  }
};
} // namespace
