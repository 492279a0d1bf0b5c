//===- Chains.cpp - Loops whose iterations wait for each other ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Chains.h"
#include "BulkCopy.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace attn::wg;

/// Whether a loop carries a tile, or a matrix.
static bool isCarriedTile(scf::ForOp loop, Value value, bool ofMatrices) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto tile = dyn_cast<TileType>(value.getType());
  return argument && tile && argument.getOwner() == loop.getBody() &&
         (tile.isMatrix() || !ofMatrices);
}

llvm::DenseSet<Operation *> attn::wg::getCarriedWork(scf::ForOp loop,
                                                     bool ofMatrices) {
  llvm::DenseSet<Operation *> work;
  auto isCarried = [&](Value value) {
    return isCarriedTile(loop, value, ofMatrices) ||
           work.contains(value.getDefiningOp());
  };
  for (Operation &op : loop.getBody()->without_terminator())
    if (op.walk([&](Operation *inner) {
            return llvm::any_of(inner->getOperands(), isCarried)
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          }).wasInterrupted())
      work.insert(&op);
  return work;
}

bool attn::wg::isChained(scf::ForOp loop) {
  llvm::DenseSet<Operation *> work = getCarriedWork(loop, /*ofMatrices=*/true);
  auto depends = [&](Value operand) {
    return isCarriedTile(loop, operand, /*ofMatrices=*/true) ||
           work.contains(operand.getDefiningOp());
  };
  return llvm::any_of(loop.getBody()->getOps<MmaOp>(), [&](MmaOp mma) {
    return depends(mma.getLhs()) || depends(mma.getRhs());
  });
}

/// What the copy engine writes begins at multiples of this.
static constexpr int64_t kVectorAlignment = 128;

/// A vector of a chained loop that can be copied.
static bool canBeStaged(LoadOp load) {
  TileType type = load.getResult().getType();
  auto loop = dyn_cast<scf::ForOp>(load->getParentOp());
  return loop && !type.isMatrix() && isChained(loop) &&
         type.getElementType().isIntOrFloat() &&
         type.getShape()[0] * type.getElementType().getIntOrFloatBitWidth() /
                 8 % kVectorAlignment ==
             0;
}

SmallVector<FromSharedOp> attn::wg::stageVectors(gpu::LaunchOp launch) {
  SmallVector<LoadOp> loads;
  launch.walk([&](LoadOp load) {
    if (canBeStaged(load))
      loads.push_back(load);
  });
  SmallVector<FromSharedOp> staged;
  IRRewriter rewriter(launch.getContext());
  for (LoadOp load : loads) {
    rewriter.setInsertionPoint(load);
    Location loc = load.getLoc();
    TileType type = load.getResult().getType();
    auto copy = CopyOp::create(
        rewriter, loc, SharedType::get(type.getShape(), type.getElementType()),
        load.getSource(), load.getIndices(), load.getOrigin(), load.getLimit(),
        Value(), Value());
    // One by row and one by column come together.
    auto same = llvm::find_if(staged, [&](FromSharedOp other) {
      Operation *known = other.getShared().getDefiningOp();
      return known->getBlock() == copy->getBlock() &&
             OperationEquivalence::isEquivalentTo(
                 known, copy, OperationEquivalence::IgnoreLocations);
    });
    if (same != staged.end()) {
      rewriter.eraseOp(copy);
      staged.push_back(rewriter.replaceOpWithNewOp<FromSharedOp>(
          load, type, same->getShared()));
      continue;
    }
    std::string reason;
    if (failed(BulkCopy::get(copy, launch, reason))) {
      rewriter.eraseOp(copy);
      continue;
    }
    staged.push_back(
        rewriter.replaceOpWithNewOp<FromSharedOp>(load, type, copy));
  }
  return staged;
}

void attn::wg::loadVectors(ArrayRef<FromSharedOp> staged) {
  for (FromSharedOp read : staged) {
    IRRewriter rewriter(read);
    auto copy = read.getShared().getDefiningOp<CopyOp>();
    rewriter.replaceOpWithNewOp<LoadOp>(
        read, read.getResult().getType(), copy.getSource(), copy.getIndices(),
        copy.getOrigin(), copy.getLimit(), Value(), Value());
    if (copy->use_empty())
      rewriter.eraseOp(copy);
  }
}
