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

/// Columns of a tile of f32, whose products hold three parts of an operand.
static constexpr int64_t kRows = 64, kCols = 32;

namespace {
struct SizeScores : attn::impl::SizeScoresBase<SizeScores> {
  void runOnOperation() override {
    getOperation().walk([&](RouteScoreOp op) {
      // Tiles of whole blocks have no other sizes.
      if (op->hasAttr(kScoreTile) || op.getRows() != 1 || op.getCols() != 1 ||
          !(op.getQuery().getType().getElementType().isF32() ||
            op.getKey().getType().getElementType().isF32()))
        return;
      op->setAttr(kScoreTile,
                  DenseI64ArrayAttr::get(op.getContext(), {kRows, kCols}));
      ++numSized;
    });
  }
};
} // namespace
