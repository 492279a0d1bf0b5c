//===- NarrowLoops.cpp - Loops that count in i32 --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGNARROWLOOPS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

static void narrow(scf::ForOp loop) {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Type i32 = b.getI32Type();
  for (OpOperand *bound :
       {&loop.getLowerBoundMutable(), &loop.getUpperBoundMutable(),
        &loop.getStepMutable()})
    bound->set(arith::IndexCastOp::create(b, loc, i32, bound->get()));
  Value number = loop.getInductionVar();
  number.setType(i32);
  b.setInsertionPointToStart(loop.getBody());
  auto index = arith::IndexCastOp::create(b, loc, b.getIndexType(), number);
  number.replaceAllUsesExcept(index, index);
}

namespace {
struct WGNarrowLoops : attn::wg::impl::WGNarrowLoopsBase<WGNarrowLoops> {
  void runOnOperation() override {
    getOperation()->walk([&](RolesOp roles) {
      roles.walk([&](scf::ForOp loop) {
        if (!loop.getInductionVar().getType().isIndex())
          return;
        narrow(loop);
        ++numLoops;
      });
    });
  }
};
} // namespace
