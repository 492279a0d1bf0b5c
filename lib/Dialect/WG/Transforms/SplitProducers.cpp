//===- SplitProducers.cpp - Copies from more than one warp ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Producers only know numbers, and channels only that their places come in
// turn: so both warps can do all that the one did, but for each other's copies.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGSPLITPRODUCERS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

/// The channels that are filled in so many loops of the producers, at most.
using Depths = llvm::SmallMapVector<Value, int64_t, 8>;

Depths getDepths(Region &produce) {
  Depths depths;
  produce.walk([&](AcquireOp acquire) {
    int64_t depth = 0;
    for (Operation *op = acquire; produce.isAncestor(op->getParentRegion());
         op = op->getParentOp())
      depth += isa<scf::ForOp>(op);
    int64_t &most = depths[acquire.getChannel()];
    most = std::max(most, depth);
  });
  return depths;
}

/// Leaves of the copies those of some channels, and of the draws none if this
/// is not who draws.
void keep(Block &block, function_ref<bool(Value)> isKept, bool draws) {
  IRRewriter rewriter(block.getParent()->getContext());
  block.walk([&](Operation *op) {
    if (auto advance = dyn_cast<AdvanceOp>(op)) {
      if (!isKept(advance.getChannel()))
        rewriter.replaceOp(advance, advance.getCursor());
      return;
    }
    auto isOfOther = [&](Value channel) { return !isKept(channel); };
    if (auto acquire = dyn_cast<AcquireOp>(op);
        acquire && isOfOther(acquire.getChannel()))
      rewriter.eraseOp(op);
    else if (auto copy = dyn_cast<CopyBulkOp>(op);
             copy && isOfOther(copy.getChannel()))
      rewriter.eraseOp(op);
    else if (isa<DrawOp, EndDrawsOp>(op) && !draws)
      rewriter.eraseOp(op);
  });
}

/// Whether there are tiles of pieces of work, and others of loops in these.
bool split(RolesOp roles) {
  Depths depths = getDepths(roles.getProduce());
  auto isOfPiece = [&](Value channel) { return depths.lookup(channel) == 1; };
  auto isOfLoop = [&](Value channel) { return depths.lookup(channel) > 1; };
  auto channels = llvm::make_first_range(depths);
  // With a second place, the next tile does not wait for the last piece.
  auto waits = [&](Value channel) {
    return isOfPiece(channel) &&
           cast<ChannelType>(channel.getType()).getSlots() == 1;
  };
  if (roles.getCopiers() != 1 ||
      !llvm::all_of(channels,
                    [&](Value channel) {
                      return isOfPiece(channel) || isOfLoop(channel);
                    }) ||
      !llvm::any_of(channels, waits) || !llvm::any_of(channels, isOfLoop))
    return false;

  Block &block = roles.getProduce().front();
  Location loc = roles.getLoc();
  OpBuilder b = OpBuilder::atBlockBegin(&block);
  Value copier = CopierOp::create(b, loc);
  Value isFirst =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, copier,
                            arith::ConstantIntOp::create(b, loc, 0, 32));
  auto branch = scf::IfOp::create(b, loc, isFirst, /*withElseRegion=*/true);
  Block *first = branch.thenBlock(), *second = branch.elseBlock();
  first->getOperations().splice(first->begin(), block.getOperations(),
                                std::next(branch->getIterator()), block.end());
  b.setInsertionPointToStart(second);
  IRMapping mapping;
  for (Operation &op : first->without_terminator())
    b.clone(op, mapping);
  keep(*first, isOfLoop, /*draws=*/true);
  keep(*second, isOfPiece, /*draws=*/false);
  roles.setCopiers(2);
  return true;
}

struct WGSplitProducers
    : attn::wg::impl::WGSplitProducersBase<WGSplitProducers> {
  void runOnOperation() override {
    getOperation()->walk([&](RolesOp roles) { numSplit += split(roles); });
  }
};
} // namespace
