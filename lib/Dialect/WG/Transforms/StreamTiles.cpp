//===- StreamTiles.cpp - Work with few registers --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is read from shared memory, or made of positions, is there again for a
// few instructions. So a loop whose tiles take nearly all registers keeps
// nothing of it: neither tiles nor addresses.
//
//===----------------------------------------------------------------------===//

#include "StreamTiles.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn::wg;

/// Moves the release of a place behind all that uses its tile, however often
/// that is received; the tile of a `wg.from_shared` is read by those that use
/// its result.
static void releaseBehindUses(IRRewriter &rewriter, Block &block,
                              ReleaseOp release) {
  Operation *last = nullptr;
  std::function<void(Operation *)> visit = [&](Operation *op) {
    for (Operation *user : op->getUsers()) {
      Operation *use = block.findAncestorOpInBlock(*user);
      if (use && (!last || last->isBeforeInBlock(use)))
        last = use;
      if (isa<FromSharedOp>(user))
        visit(user);
    }
  };
  SmallVector<Operation *> users(release.getChannel().getUsers());
  for (Operation *user : users) {
    auto receive = dyn_cast<ReceiveOp>(user);
    if (!receive || receive->getBlock() != &block ||
        receive.getCursor() != release.getCursor())
      continue;
    if (receive->use_empty())
      rewriter.eraseOp(receive);
    else
      visit(receive);
  }
  if (last)
    rewriter.moveOpAfter(release, last);
}

/// A product of a matrix that is made of positions is multiplied again for each
/// of its users but the first, instead of being kept. A number tells copies
/// from each other, which would otherwise be one.
static void multiplyAgain(IRRewriter &rewriter, Block &block) {
  int32_t number = 0;
  auto isOfPositions = [](MmaOp mma) {
    auto map = mma.getLhs().getDefiningOp<MapOp>();
    return map && map.getInputs().empty();
  };
  SmallVector<MmaOp> products(block.getOps<MmaOp>());
  for (MmaOp mma : products) {
    if (!isOfPositions(mma) || mma->hasOneUse() || mma->use_empty())
      continue;
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : mma->getUses())
      uses.push_back(&use);
    llvm::sort(uses, [&](OpOperand *a, OpOperand *b) {
      return block.findAncestorOpInBlock(*a->getOwner())
          ->isBeforeInBlock(block.findAncestorOpInBlock(*b->getOwner()));
    });
    for (OpOperand *use : ArrayRef(uses).drop_front()) {
      rewriter.setInsertionPoint(block.findAncestorOpInBlock(*use->getOwner()));
      SmallVector<MmaOp> chain{mma};
      while (auto added = chain.back().getAcc().getDefiningOp<MmaOp>())
        chain.push_back(added);
      IRMapping mapping;
      for (MmaOp part : llvm::reverse(chain)) {
        Operation *map = part.getLhs().getDefiningOp();
        for (Operation *op : {map, part.getOperation()})
          if (op && (op == part || (isOfPositions(part) &&
                                    !mapping.contains(op->getResult(0)))))
            rewriter.clone(*op, mapping)
                ->setAttr(kStreamed, rewriter.getI32IntegerAttr(++number));
      }
      use->set(mapping.lookup(mma.getResult()));
    }
  }
}

/// Stores left operands that are made beside another tile: the products that
/// both are used in begin when both are there, and what is stored at once takes
/// no registers till then.
static void storeLeft(IRRewriter &rewriter, Block &block) {
  SmallVector<MmaOp> products(block.getOps<MmaOp>());
  for (MmaOp mma : products) {
    auto map = mma.getLhs().getDefiningOp<MapOp>();
    if (!map || map.getNumResults() == 1 || map->getBlock() != &block)
      continue;
    auto isStored = [&](Operation *user) { return isa<ToSharedOp>(user); };
    if (llvm::any_of(mma.getLhs().getUsers(), isStored))
      continue;
    rewriter.setInsertionPointAfter(map);
    auto type = cast<TileType>(mma.getLhs().getType());
    ToSharedOp::create(rewriter, mma.getLoc(),
                       SharedType::get(type.getShape(), type.getElementType()),
                       mma.getLhs());
  }
}

/// A product reads its left operand in shared memory, if that is there, too.
static void multiplyShared(Block &block) {
  for (auto shared : block.getOps<ToSharedOp>())
    for (OpOperand &use :
         llvm::make_early_inc_range(shared.getTile().getUses()))
      if (auto mma = dyn_cast<MmaOp>(use.getOwner());
          mma && mma->getBlock() == &block && shared->isBeforeInBlock(mma) &&
          &use == &mma.getLhsMutable())
        use.set(shared.getResult());
}

/// Each user of a tile in shared memory reads it where it uses it. A number
/// tells reads of one tile from each other, which would otherwise be one.
static void readAgain(IRRewriter &rewriter, Block &block) {
  int32_t number = 0;
  SmallVector<FromSharedOp> reads(block.getOps<FromSharedOp>());
  for (FromSharedOp read : reads) {
    auto receive = read.getShared().getDefiningOp<ReceiveOp>();
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : read->getUses())
      uses.push_back(&use);
    for (OpOperand *use : uses) {
      // A tile that is received again is there.
      IRMapping mapping;
      rewriter.setInsertionPoint(use->getOwner());
      if (receive) {
        rewriter.setInsertionPoint(
            block.findAncestorOpInBlock(*use->getOwner()));
        rewriter.clone(*receive, mapping);
      }
      Operation *again = rewriter.clone(*read, mapping);
      if (!receive)
        again->setAttr(kStreamed, rewriter.getI32IntegerAttr(++number));
      use->set(again->getResult(0));
    }
    rewriter.eraseOp(read);
  }
}

/// Nothing is kept of what is read from shared memory, or computed of
/// addresses.
void attn::wg::streamTiles(IRRewriter &rewriter, Block &block,
                           bool storesLeft) {
  multiplyAgain(rewriter, block);
  if (storesLeft)
    storeLeft(rewriter, block);
  multiplyShared(block);
  readAgain(rewriter, block);
  SmallVector<ReleaseOp> releases(block.getOps<ReleaseOp>());
  for (ReleaseOp release : releases)
    releaseBehindUses(rewriter, block, release);
  for (Operation &op : block)
    if (isa<FromSharedOp, MapOp, MmaOp, ToSharedOp>(op) &&
        !op.hasAttr(kStreamed))
      op.setAttr(kStreamed, rewriter.getUnitAttr());
}
