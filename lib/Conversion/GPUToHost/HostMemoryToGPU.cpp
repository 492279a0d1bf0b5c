//===- HostMemoryToGPU.cpp - Buffers of host code on the GPU --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTHOSTMEMORYTOGPU
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

/// The place in the caller's stream where this code is.
static Value makeToken(OpBuilder &builder, Location loc) {
  return gpu::WaitOp::create(
             builder, loc, builder.getType<gpu::AsyncTokenType>(), ValueRange())
      .getAsyncToken();
}

static void convertAlloc(memref::AllocOp alloc) {
  OpBuilder builder(alloc);
  Location loc = alloc.getLoc();
  Value token = makeToken(builder, loc);
  auto replacement = gpu::AllocOp::create(
      builder, loc, alloc.getType(), token.getType(), token,
      alloc.getDynamicSizes(), alloc.getSymbolOperands());
  alloc.replaceAllUsesWith(replacement.getMemref());
  alloc.erase();
}

/// A constant that kernels read has to be where they are.
static void convertGlobal(memref::GetGlobalOp global) {
  auto isForGPU = [](OpOperand &use) {
    return isa<gpu::LaunchFuncOp, ViewLikeOpInterface>(use.getOwner());
  };
  if (llvm::none_of(global->getUses(), isForGPU))
    return;
  OpBuilder builder(global->getContext());
  builder.setInsertionPointAfter(global);
  Location loc = global.getLoc();
  Value token = makeToken(builder, loc);
  auto memory =
      gpu::AllocOp::create(builder, loc, global.getType(), token.getType(),
                           token, ValueRange(), ValueRange());
  gpu::MemcpyOp::create(builder, loc, token.getType(), memory.getAsyncToken(),
                        memory.getMemref(), global);
  global.getResult().replaceUsesWithIf(memory.getMemref(), isForGPU);
  builder.setInsertionPoint(global->getBlock()->getTerminator());
  gpu::DeallocOp::create(builder, loc, token.getType(), makeToken(builder, loc),
                         memory.getMemref());
}

static void convertDealloc(memref::DeallocOp dealloc) {
  OpBuilder builder(dealloc);
  Value token = makeToken(builder, dealloc.getLoc());
  gpu::DeallocOp::create(builder, dealloc.getLoc(), token.getType(), token,
                         dealloc.getMemref());
  dealloc.erase();
}

/// The copy of the runtime is one of bytes in a row.
static bool isContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && (memref.getRank() == 0 ||
                    memref.areTrailingDimsContiguous(memref.getRank()));
}

static LogicalResult convertCopy(memref::CopyOp copy) {
  if (!isContiguous(copy.getSource().getType()) ||
      !isContiguous(copy.getTarget().getType()))
    return copy.emitOpError()
           << "of memory of the GPU is not contiguous, so it has to become a "
              "kernel";
  OpBuilder builder(copy);
  Value token = makeToken(builder, copy.getLoc());
  gpu::MemcpyOp::create(builder, copy.getLoc(), token.getType(), token,
                        copy.getTarget(), copy.getSource());
  copy.erase();
  return success();
}

/// Whether a function is host code that kernels have no part in.
static bool isOfHost(func::FuncOp function) {
  return function.isPrivate() && !function.isDeclaration() &&
         !function
              .walk([](Operation *op) {
                return isa<gpu::GPUDialect>(op->getDialect())
                           ? WalkResult::interrupt()
                           : WalkResult::advance();
              })
              .wasInterrupted();
}

/// Whether only host code looks at `memref`, element by element: such is what
/// decides at run time who frees a buffer.
static bool isForHost(Value memref) {
  auto isHostUse = [](Operation *user) {
    if (user->getParentOfType<gpu::LaunchOp>())
      return false;
    if (isa<ViewLikeOpInterface>(user))
      return isForHost(user->getResult(0));
    auto call = dyn_cast<func::CallOp>(user);
    if (!call)
      return isa<memref::LoadOp, memref::StoreOp, memref::DeallocOp>(user);
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        call, call.getCalleeAttr());
    // Another thread may be in its body.
    return callee && callee.isPrivate() && !callee.isDeclaration();
  };
  return llvm::all_of(memref.getUsers(), isHostUse);
}

/// Whether `value` is memory of the host.
static bool isOnHost(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (auto function =
            dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()))
      return isOfHost(function);
  return value.getDefiningOp<memref::AllocaOp>() ||
         value.getDefiningOp<memref::AllocOp>() ||
         value.getDefiningOp<memref::GetGlobalOp>();
}

static LogicalResult checkAccesses(Operation *op) {
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface || isa<gpu::GPUDialect>(op->getDialect()))
    return success();
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  for (const MemoryEffects::EffectInstance &effect : effects) {
    Value value = effect.getValue();
    if (value && isa<BaseMemRefType>(value.getType()) &&
        isa<MemoryEffects::Read, MemoryEffects::Write>(effect.getEffect()) &&
        !isOnHost(value))
      return op->emitOpError() << "would access memory of the GPU from the "
                                  "host: no kernel was made of it";
  }
  return success();
}

namespace {
struct HostMemoryToGPU
    : attn::impl::ConvertHostMemoryToGPUBase<HostMemoryToGPU> {
  void runOnOperation() override {
    SmallVector<Operation *> operations;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<gpu::LaunchOp>(op)) // Its body is not host code.
        return WalkResult::skip();
      operations.push_back(op);
      return WalkResult::advance();
    });
    for (Operation *op : operations) {
      LogicalResult result = success();
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        if (!isForHost(alloc.getMemref()))
          convertAlloc(alloc);
      } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
        if (!isOnHost(dealloc.getMemref()))
          convertDealloc(dealloc);
      } else if (auto global = dyn_cast<memref::GetGlobalOp>(op))
        convertGlobal(global);
      else if (auto copy = dyn_cast<memref::CopyOp>(op))
        result = convertCopy(copy);
      else
        result = checkAccesses(op);
      if (failed(result))
        return signalPassFailure();
    }
  }
};
} // namespace
