//===- Chains.cpp - Loops whose iterations wait for each other ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Chains.h"
#include "BulkCopy.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"

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

bool attn::wg::hasWorkAhead(scf::ForOp loop) {
  return isChained(loop) ||
         multipliesItsOwn(*loop.getBody(), getCarriedWork(loop));
}

bool attn::wg::multipliesItsOwn(Block &block,
                                const llvm::DenseSet<Operation *> &carried) {
  llvm::DenseSet<Operation *> made;
  auto isMade = [&](Value operand) {
    return made.contains(operand.getDefiningOp());
  };
  // From products of what is in shared memory since it was made.
  for (Operation &op : block.without_terminator()) {
    if (carried.contains(&op))
      continue;
    if (auto mma = dyn_cast<MmaOp>(op);
        mma && llvm::any_of(mma->getOperands(), [](Value operand) {
          return operand.getDefiningOp<ToSharedOp>();
        }))
      made.insert(&op);
    if (!llvm::any_of(op.getOperands(), isMade))
      continue;
    if (isa<ToSharedOp>(op))
      return true;
    made.insert(&op);
  }
  return false;
}

bool attn::wg::isMadeAhead(ToSharedOp op) {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (!loop || !hasWorkAhead(loop))
    return false;
  llvm::DenseSet<Operation *> carried = getCarriedWork(loop);
  return !carried.contains(op) &&
         llvm::none_of(op->getUsers(), [&](Operation *user) {
           return carried.contains(
               loop.getBody()->findAncestorOpInBlock(*user));
         });
}

/// The most bytes that tiles of one block need at a time, each from where it is
/// made to its last use.
static int64_t getMostBytes(ArrayRef<ToSharedOp> tiles) {
  int64_t most = 0;
  for (ToSharedOp at : tiles) {
    int64_t bytes = 0;
    for (ToSharedOp tile : tiles) {
      bool isThere =
          tile == at || (tile->isBeforeInBlock(at) &&
                         llvm::any_of(tile->getUsers(), [&](Operation *user) {
                           Operation *use =
                               at->getBlock()->findAncestorOpInBlock(*user);
                           return use && at->isBeforeInBlock(use);
                         }));
      if (isThere)
        bytes += tile.getResult().getType().getBytes();
    }
    most = std::max(most, bytes);
  }
  return most;
}

int64_t attn::wg::getWorkBytes(gpu::LaunchOp launch, int64_t slots) {
  constexpr int64_t kAlignment = 1024;
  int64_t bytes = 0;
  llvm::MapVector<Block *, SmallVector<ToSharedOp>> ahead;
  launch.walk([&](Operation *op) {
    if (auto shared = dyn_cast<ToSharedOp>(op)) {
      // Barriers are behind the places.
      if (isMadeAhead(shared))
        ahead[op->getBlock()].push_back(shared);
      else
        bytes += slots * shared.getResult().getType().getBytes() + kAlignment;
    }
    if (auto scratch = dyn_cast<ScratchOpInterface>(op))
      bytes += llvm::alignTo(scratch.getScratchBytes(), kAlignment);
  });
  for (auto &[block, tiles] : ahead)
    bytes += getMostBytes(tiles);
  return bytes;
}

/// What the copy engine writes begins at multiples of this.
static constexpr int64_t kVectorAlignment = 128;

/// A tile of a loop with work ahead that can be copied.
static bool canBeStaged(LoadOp load) {
  TileType type = load.getResult().getType();
  auto loop = dyn_cast<scf::ForOp>(load->getParentOp());
  if (!loop || load.getTransposed() || !hasWorkAhead(loop) ||
      !type.getElementType().isIntOrFloat())
    return false;
  if (type.isMatrix()) {
    // Of what is not multiplied as it is. Those that only meet what the loop
    // carries are registers of that work, whenever they come.
    llvm::DenseSet<Operation *> carried = getCarriedWork(loop);
    return llvm::none_of(load->getUsers(), [&](Operation *user) {
      return carried.contains(loop.getBody()->findAncestorOpInBlock(*user));
    });
  }
  return type.getShape()[0] * type.getElementType().getIntOrFloatBitWidth() /
             8 % kVectorAlignment ==
         0;
}

SmallVector<FromSharedOp> attn::wg::stageLoads(gpu::LaunchOp launch) {
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
        load.getColumnOrigin(), load.getColumnLimit());
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

void attn::wg::loadAgain(ArrayRef<FromSharedOp> staged) {
  for (FromSharedOp read : staged) {
    IRRewriter rewriter(read);
    auto copy = read.getShared().getDefiningOp<CopyOp>();
    rewriter.replaceOpWithNewOp<LoadOp>(
        read, read.getResult().getType(), copy.getSource(), copy.getIndices(),
        copy.getOrigin(), copy.getLimit(), copy.getColumnOrigin(),
        copy.getColumnLimit(), /*transposed=*/false);
    if (copy->use_empty())
      rewriter.eraseOp(copy);
  }
}
