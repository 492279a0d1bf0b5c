//===- Repeats.cpp - Counts what is done again ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Patterns.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

/// The number in the memory of the GPU.
static constexpr StringLiteral kRepeats = "attn_repeats";
static constexpr auto kGlobalMemory =
    static_cast<unsigned>(NVVM::NVVMMemorySpace::Global);

/// Whether a condition says that something was wrong.
static bool isVerdict(Value condition) {
  Operation *op = condition.getDefiningOp();
  if (isa_and_nonnull<arith::AndIOp>(op))
    return llvm::any_of(op->getOperands(), isVerdict);
  return isa_and_nonnull<AnyOp, NotedOp>(op);
}

static LLVM::GlobalOp getCounter(gpu::GPUModuleOp module) {
  if (auto counter = module.lookupSymbol<LLVM::GlobalOp>(kRepeats))
    return counter;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  return LLVM::GlobalOp::create(b, module.getLoc(), b.getI64Type(),
                                /*isConstant=*/false, LLVM::Linkage::External,
                                kRepeats, b.getI64IntegerAttr(0),
                                /*alignment=*/8, kGlobalMemory);
}

void attn::wg::countRepeats(gpu::GPUFuncOp kernel, const BlockShape &block) {
  SmallVector<scf::IfOp> branches;
  kernel.walk([&](scf::IfOp branch) {
    // Producers and helpers take the same branches.
    auto roles = branch->getParentOfType<RolesOp>();
    bool isOther =
        roles && !roles.getConsume().isAncestor(branch->getParentRegion());
    if (!isOther && isVerdict(branch.getCondition()))
      branches.push_back(branch);
  });
  for (scf::IfOp branch : branches) {
    OpBuilder at = OpBuilder::atBlockBegin(branch.thenBlock());
    ThreadBuilder b(branch.getLoc(), at, block);
    b.writeIf(b.isFirstThread(), [&] {
      LLVM::GlobalOp counter =
          getCounter(kernel->getParentOfType<gpu::GPUModuleOp>());
      Value address = LLVM::AddressOfOp::create(b, counter);
      LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::add, address,
                                b.constant(b.getI64Type(), 1),
                                LLVM::AtomicOrdering::monotonic);
    });
  }
}
