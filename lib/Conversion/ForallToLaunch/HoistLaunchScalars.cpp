//===- HoistLaunchScalars.cpp - Scalars that the host computes ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace attn {
#define GEN_PASS_DEF_HOISTLAUNCHSCALARS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

/// Whether the host can compute an operation: it can be computed at any time,
/// makes integers only, out of something (a thread's number is out of nothing),
/// and depends on nothing inside of the launch.
static bool isHostWork(Operation *op, gpu::LaunchOp launch) {
  auto isScalar = [](Type type) { return type.isIntOrIndex(); };
  return op->getNumRegions() == 0 && op->getNumResults() != 0 &&
         op->getNumOperands() != 0 &&
         llvm::all_of(op->getResultTypes(), isScalar) && isPure(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return matchPattern(operand, m_Constant()) ||
                  !launch.getBody().isAncestor(operand.getParentRegion());
         });
}

namespace {
struct HoistLaunchScalars
    : attn::impl::HoistLaunchScalarsBase<HoistLaunchScalars> {
  void runOnOperation() override {
    getOperation()->walk([&](gpu::LaunchOp launch) {
      launch.getBody().walk([&](Operation *op) {
        if (!isHostWork(op, launch))
          return;
        // Constants go along.
        for (Value operand : op->getOperands())
          if (launch.getBody().isAncestor(operand.getParentRegion()))
            operand.getDefiningOp()->moveBefore(launch);
        op->moveBefore(launch);
        ++numHoisted;
      });
    });
  }
};
} // namespace
