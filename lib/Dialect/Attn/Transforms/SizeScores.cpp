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

/// A tile of logits whose products need registers for parts of an operand, and
/// its columns where both operands have parts and the rows are long.
static constexpr int64_t kRows = 64, kCols = 32, kFewCols = 16;
static constexpr int64_t kLongRow = 64;

namespace {
struct SizeScores : attn::impl::SizeScoresBase<SizeScores> {
  void runOnOperation() override {
    getOperation().walk([&](RouteScoreOp op) {
      // Tiles of whole blocks have no other sizes.
      if (op->hasAttr(kScoreTile) || op.getRows() != 1 || op.getCols() != 1)
        return;
      Type query = op.getQuery().getType().getElementType(),
           key = op.getKey().getType().getElementType();
      if (!query.isF32() && !key.isF32())
        return;
      // Beside bf16, only the operand of f32 has parts.
      bool bothHaveParts = !query.isBF16() && !key.isBF16();
      bool isLong = op.getQuery().getType().getDimSize(3) > kLongRow;
      op->setAttr(kScoreTile,
                  DenseI64ArrayAttr::get(
                      op.getContext(),
                      {kRows, bothHaveParts && isLong ? kFewCols : kCols}));
      ++numSized;
    });
  }
};
} // namespace
