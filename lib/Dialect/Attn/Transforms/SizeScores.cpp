//===- SizeScores.cpp - Tiles of logits that registers hold ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {
#define GEN_PASS_DEF_SIZESCORES
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Tiles of scores have a multiple of 16 rows and of 8 columns in registers;
/// those of logits are `rows` and `cols` of scores as large. Products of f32
/// hold three parts of each operand.
static DenseI64ArrayAttr getTile(RouteScoreOp op) {
  bool isWide = op.getQuery().getType().getElementType().isF32();
  int64_t rows = std::max<int64_t>(64, 16 * op.getRows()),
          cols = std::max<int64_t>(isWide ? 32 : 64, 8 * op.getCols());
  return DenseI64ArrayAttr::get(op.getContext(), {rows, cols});
}

namespace {
struct SizeScores : attn::impl::SizeScoresBase<SizeScores> {
  using SizeScoresBase::SizeScoresBase;

  void runOnOperation() override {
    getOperation().walk([&](RouteScoreOp op) {
      DenseI64ArrayAttr tile = getTile(op);
      // What is reduced by blocks too large for a tile of 16 x 8 of them stays
      // as it is by default.
      if (op->hasAttr(kScoreTile) || tile[0] * tile[1] > most)
        return;
      op->setAttr(kScoreTile, tile);
      ++numSized;
    });
  }
};
} // namespace
