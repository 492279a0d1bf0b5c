//===- Regions.cpp - Regions of operations, evaluated at a position -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Regions.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace attn {

bool readsTensors(Region &region, ArrayRef<Operation *> except) {
  return region
      .walk([&](Operation *op) {
        bool reads = isa<tensor::ExtractOp>(op) || !isMemoryEffectFree(op);
        return reads && !llvm::is_contained(except, op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Adds the numbers of the region's arguments that an index depends on. Fails
/// if it is read from memory.
static LogicalResult addPositions(Value index, Region &region,
                                  llvm::SmallDenseSet<unsigned> &positions) {
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    if (argument.getOwner() == &region.front())
      positions.insert(argument.getArgNumber());
    return success();
  }
  Operation *op = index.getDefiningOp();
  if (op->getParentRegion() != &region)
    return success();
  if (isa<tensor::ExtractOp>(op) || !isMemoryEffectFree(op))
    return failure();
  for (Value operand : op->getOperands())
    if (failed(addPositions(operand, region, positions)))
      return failure();
  return success();
}

/// Whether all columns of a tile have the same index.
static bool isByBlocks(Value index, int64_t cols) {
  auto apply = index.getDefiningOp<affine::AffineApplyOp>();
  if (!apply)
    return false;
  auto quotient =
      dyn_cast<AffineBinaryOpExpr>(apply.getAffineMap().getResult(0));
  if (!quotient || quotient.getKind() != AffineExprKind::FloorDiv ||
      !isa<AffineDimExpr>(quotient.getLHS()))
    return false;
  auto size = dyn_cast<AffineConstantExpr>(quotient.getRHS());
  return size && size.getValue() > 0 && size.getValue() % cols == 0;
}

bool readsColumnsByBlocks(Region &region, int64_t cols) {
  constexpr unsigned kColumn = 3;
  Block &body = region.front();
  Value result = cast<YieldOp>(body.getTerminator()).getValue();
  if (!result.getDefiningOp<tensor::ExtractOp>())
    return false;
  for (auto extract : body.getOps<tensor::ExtractOp>())
    for (Value index : extract.getIndices()) {
      llvm::SmallDenseSet<unsigned> positions;
      if (failed(addPositions(index, region, positions)) ||
          positions.size() > 1 ||
          (positions.contains(kColumn) && !isByBlocks(index, cols)))
        return false;
    }
  return llvm::all_of(body.getArgument(kColumn).getUsers(), [](Operation *op) {
    return isa<affine::AffineApplyOp>(op);
  });
}

Value evaluateRegion(OpBuilder &builder, Region &region, ValueRange arguments,
                     ArrayRef<Operation *> known, ValueRange values) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (auto [op, value] : llvm::zip_equal(known, values))
    mapping.map(op->getResult(0), value);
  for (Operation &inner : block.without_terminator())
    if (!llvm::is_contained(known, &inner))
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
