//===- Memories.cpp - Which accesses may meet -----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memories.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace attn;

FailureOr<Accesses> attn::collectAccesses(Operation *op, Operation *&other) {
  Accesses accesses;
  WalkResult result = op->walk([&](Operation *inner) {
    if (auto load = dyn_cast<memref::LoadOp>(inner))
      accesses.loads.push_back(load);
    else if (auto store = dyn_cast<memref::StoreOp>(inner))
      accesses.stores.push_back(store);
    // What has regions has the effects of what is in them.
    else if (!inner->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
             !isMemoryEffectFree(inner)) {
      other = inner;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return accesses;
}

/// Where a memref begins, if that is an allocation or an argument.
static Value getOrigin(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  if (memref.getDefiningOp<memref::AllocOp>() ||
      memref.getDefiningOp<memref::GetGlobalOp>())
    return memref;
  auto argument = dyn_cast<BlockArgument>(memref);
  if (argument && isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
    return memref;
  return {};
}

bool attn::areApart(Value memref, Value other) {
  Value origin = getOrigin(memref), otherOrigin = getOrigin(other);
  return origin && otherOrigin && origin != otherOrigin;
}
