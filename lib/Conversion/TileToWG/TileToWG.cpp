//===- TileToWG.cpp - Loops over tiles become work of warps ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Translator.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTTILETOWG
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ConvertTileToWG : attn::impl::ConvertTileToWGBase<ConvertTileToWG> {
  using ConvertTileToWGBase::ConvertTileToWGBase;

  LogicalResult convert(scf::ForallOp loop) {
    OpBuilder builder(&getContext());
    Translator translator(builder);
    if (failed(translator.translate(*loop.getBody())))
      return failure();
    translator.finish();
    // Four warps for every 64 rows of a product, which is what the tensor cores
    // of a multiprocessor take at a time.
    int64_t groups = std::clamp<int64_t>(
        llvm::divideCeil(translator.getMaxRows(), 64), 1, maxGroups);
    loop->setAttr(wg::kWarps, builder.getI32IntegerAttr(4 * groups));
    ++numLoops;
    return success();
  }

  void runOnOperation() override {
    SmallVector<scf::ForallOp> loops;
    getOperation()->walk([&](scf::ForallOp loop) {
      if (!loop->getParentOfType<scf::ForallOp>())
        loops.push_back(loop);
    });
    for (scf::ForallOp loop : loops)
      if (failed(convert(loop)))
        return signalPassFailure();
  }
};
} // namespace
