//===- MergeGPUModules.cpp - All kernels in one module --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace attn {
#define GEN_PASS_DEF_MERGEGPUMODULES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

/// Kernels by module and name.
using KernelMap = DenseMap<SymbolRefAttr, SymbolRefAttr>;

static bool isDeclaration(Operation *op) {
  auto function = dyn_cast_or_null<FunctionOpInterface>(op);
  return function && function.isExternal();
}

static SymbolRefAttr getReference(gpu::GPUModuleOp module, StringAttr name) {
  return SymbolRefAttr::get(module.getNameAttr(),
                            {FlatSymbolRefAttr::get(name)});
}

/// Moves what `source` has to `target` and erases it.
static LogicalResult merge(gpu::GPUModuleOp source, gpu::GPUModuleOp target,
                           KernelMap &moved) {
  SymbolTable sourceTable(source), targetTable(target);
  for (Operation &op :
       llvm::make_early_inc_range(source.getBodyRegion().front())) {
    auto symbol = dyn_cast<SymbolOpInterface>(&op);
    if (!symbol) {
      op.moveBefore(&target.getBodyRegion().front(),
                    target.getBodyRegion().front().end());
      continue;
    }
    StringAttr oldName = symbol.getNameAttr();
    if (Operation *there = targetTable.lookup(oldName)) {
      if (isDeclaration(&op) && isDeclaration(there)) {
        op.erase();
        continue;
      }
      if (isDeclaration(&op) || isDeclaration(there))
        return op.emitOpError()
               << "is declared in one GPU module and defined in another";
      if (failed(sourceTable.renameToUnique(&op, {&targetTable})))
        return op.emitOpError() << "cannot be renamed";
    }
    moved[getReference(source, oldName)] =
        getReference(target, symbol.getNameAttr());
    op.remove();
    targetTable.insert(&op);
  }
  source.erase();
  return success();
}

static LogicalResult checkByValue(gpu::GPUFuncOp kernel) {
  for (unsigned index = 0; index < kernel.getNumArguments(); ++index)
    if (kernel.getArgAttr(index, LLVM::LLVMDialect::getByValAttrName()))
      return kernel.emitOpError()
             << "takes argument " << index
             << " by value, which the lowering of gpu.func does not keep; make "
                "it an llvm.func";
  return success();
}

namespace {
struct MergeGPUModules : attn::impl::MergeGPUModulesBase<MergeGPUModules> {
  void runOnOperation() override {
    WalkResult checked = getOperation().walk(
        [](gpu::GPUFuncOp kernel) { return WalkResult(checkByValue(kernel)); });
    if (checked.wasInterrupted())
      return signalPassFailure();
    SmallVector<gpu::GPUModuleOp> kept;
    KernelMap moved;
    for (auto module :
         llvm::to_vector(getOperation().getOps<gpu::GPUModuleOp>())) {
      auto *target = llvm::find_if(kept, [&](gpu::GPUModuleOp other) {
        return other.getTargetsAttr() == module.getTargetsAttr();
      });
      if (target == kept.end())
        kept.push_back(module);
      else if (failed(merge(module, *target, moved)))
        return signalPassFailure();
    }
    getOperation().walk([&](gpu::LaunchFuncOp launch) {
      if (SymbolRefAttr kernel = moved.lookup(launch.getKernelAttr()))
        launch.setKernelAttr(kernel);
    });
  }
};
} // namespace
