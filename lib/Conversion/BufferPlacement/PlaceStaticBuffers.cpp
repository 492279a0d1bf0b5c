//===- PlaceStaticBuffers.cpp - Scratch buffers to the function's entry ---===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A buffer of static shape that never leaves its block is allocated once, when
// the function is entered: on the stack as long as the sum stays below a
// limit, on the heap beyond it. Buffers of one type that are never alive at
// the same time share one allocation, so versions of a loop body that follow
// each other touch the same cache lines.
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace attn {
#define GEN_PASS_DEF_PLACESTATICBUFFERS
#include "attn/Conversion/Passes.h.inc"

namespace {

struct PlaceStaticBuffers : impl::PlaceStaticBuffersBase<PlaceStaticBuffers> {
  using Base::Base;
  void runOnOperation() override;
};

/// A buffer that may move, the operations that free it, and the last operation
/// of its block that uses it.
struct Scratch {
  memref::AllocOp alloc;
  SmallVector<memref::DeallocOp> deallocs;
  Operation *lastUse;
};

/// Allocations that share storage.
struct Slot {
  MemRefType type;
  uint64_t alignment = 0, bytes = 0;
  /// Its place among the slots, to sort in a fixed order.
  size_t order = 0;
  SmallVector<Scratch> users;
};

} // namespace

/// Collects the uses of `memref` through views. False if it escapes: is passed
/// on to a successor or a loop, stored, or handed to a function.
static bool followUses(Value memref, Scratch &scratch) {
  Block *block = scratch.alloc->getBlock();
  for (Operation *user : memref.getUsers()) {
    Operation *top = block->findAncestorOpInBlock(*user);
    assert(top && "a use outside of the block of the definition");
    if (scratch.lastUse->isBeforeInBlock(top))
      scratch.lastUse = top;
    if (auto dealloc = dyn_cast<memref::DeallocOp>(user)) {
      scratch.deallocs.push_back(dealloc);
      continue;
    }
    if (auto view = dyn_cast<ViewLikeOpInterface>(user)) {
      if (!followUses(view.getViewDest(), scratch))
        return false;
      continue;
    }
    // A result could be the buffer itself: a select, the carried value of a
    // loop, a conversion.
    bool passesOn = llvm::any_of(user->getResultTypes(), [](Type type) {
      return !isa<VectorType>(type) && !type.isIntOrIndexOrFloat();
    });
    auto store = dyn_cast<memref::StoreOp>(user);
    if (passesOn || user->hasTrait<OpTrait::IsTerminator>() ||
        isa<CallOpInterface, LoopLikeOpInterface>(user) ||
        (store && store.getValueToStore() == memref))
      return false;
  }
  return true;
}

/// True if nothing between `op` and its function runs in parallel or has an
/// allocation scope of its own.
static bool isInSequentialCode(Operation *op) {
  for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
       parent = parent->getParentOp())
    if (!isa<scf::ForOp, scf::IfOp, scf::WhileOp, scf::IndexSwitchOp>(parent))
      return false;
  return true;
}

/// True if the two are never alive at the same time.
static bool areApart(const Scratch &x, const Scratch &y) {
  Block *xBlock = x.alloc->getBlock(), *yBlock = y.alloc->getBlock();
  auto isBefore = [](const Scratch &first, Operation *second) {
    return first.lastUse->isBeforeInBlock(second);
  };
  auto getAlloc = [](const Scratch &s) -> Operation * {
    return const_cast<Scratch &>(s).alloc.getOperation();
  };
  if (Operation *yTop = xBlock->findAncestorOpInBlock(*getAlloc(y)))
    return isBefore(x, yTop) ||
           (xBlock == yBlock ? isBefore(y, getAlloc(x))
                             : yTop->isBeforeInBlock(getAlloc(x)));
  if (Operation *xTop = yBlock->findAncestorOpInBlock(*getAlloc(x)))
    return isBefore(y, xTop) || xTop->isBeforeInBlock(getAlloc(y));
  // Neither block holds the other one: each ends before the other begins.
  return true;
}

static std::optional<Scratch> getScratch(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      type.getMemorySpace() || !isInSequentialCode(alloc))
    return std::nullopt;
  // Control flow without structure could enter a block again.
  if (alloc->getParentRegion()->getBlocks().size() != 1)
    return std::nullopt;
  Scratch scratch{alloc, {}, alloc};
  if (!followUses(alloc.getResult(), scratch))
    return std::nullopt;
  return scratch;
}

static void addTo(SmallVectorImpl<Slot> &slots, const Scratch &scratch) {
  memref::AllocOp alloc = scratch.alloc;
  uint64_t alignment = alloc.getAlignment().value_or(64);
  for (Slot &slot : slots) {
    if (slot.type != alloc.getType() ||
        !llvm::all_of(slot.users,
                      [&](Scratch &user) { return areApart(user, scratch); }))
      continue;
    slot.alignment = std::max(slot.alignment, alignment);
    slot.users.push_back(scratch);
    return;
  }
  Slot slot;
  slot.type = alloc.getType();
  slot.alignment = alignment;
  uint64_t element =
      DataLayout::closest(alloc).getTypeSize(slot.type.getElementType());
  slot.bytes = slot.type.getNumElements() * element;
  slot.order = slots.size();
  slot.users.push_back(scratch);
  slots.push_back(slot);
}

void PlaceStaticBuffers::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isDeclaration())
    return;
  SmallVector<Slot> slots;
  function.walk([&](memref::AllocOp alloc) {
    if (std::optional<Scratch> scratch = getScratch(alloc))
      addTo(slots, *scratch);
  });
  // The small ones get the stack.
  llvm::sort(slots, [](const Slot &x, const Slot &y) {
    return std::tie(x.bytes, x.order) < std::tie(y.bytes, y.order);
  });
  OpBuilder b(&getContext());
  uint64_t used = 0;
  for (Slot &slot : slots) {
    Location loc = slot.users.front().alloc.getLoc();
    b.setInsertionPointToStart(&function.getBody().front());
    IntegerAttr alignment = b.getI64IntegerAttr(slot.alignment);
    Value buffer;
    used += llvm::alignTo(slot.bytes, slot.alignment);
    if (used <= static_cast<uint64_t>(stackLimit)) {
      buffer = memref::AllocaOp::create(b, loc, slot.type, alignment);
      ++numOnStack;
    } else {
      buffer = memref::AllocOp::create(b, loc, slot.type, alignment);
      ++numOnHeap;
      function.walk([&](func::ReturnOp ret) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(ret);
        memref::DeallocOp::create(b, loc, buffer);
      });
    }
    for (Scratch &user : slot.users) {
      for (memref::DeallocOp dealloc : user.deallocs)
        dealloc.erase();
      user.alloc.replaceAllUsesWith(buffer);
      user.alloc.erase();
    }
  }
}

} // namespace attn
