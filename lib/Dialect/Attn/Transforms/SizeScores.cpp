//===- SizeScores.cpp - Tiles of logits that registers hold ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
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

/// Blocks that share a multiprocessor where a tile is of 16-bit operands: its
/// one group of warps waits for the products and writes them, and others
/// multiply meanwhile. Of longer rows their tiles do not fit three times.
static constexpr int64_t kSharing = 3, kSharedDepth = 128;

/// A tile of products of 16-bit operands that are compared in place: two groups
/// of warps, of which one compares what the other one's products wait for.
static constexpr int64_t kComparedRows = 128, kComparedCols = 128;

/// The columns of a tile of which parts are multiplied, or nothing.
static std::optional<int64_t> getColsOfParts(ShapedType left,
                                             ShapedType right) {
  Type x = left.getElementType(), y = right.getElementType();
  if (!x.isF32() && !y.isF32())
    return std::nullopt;
  // Beside bf16, only the operand of f32 has parts.
  bool bothHaveParts = !x.isBF16() && !y.isBF16();
  bool isLong = left.getDimSize(3) > kLongRow;
  return bothHaveParts && isLong ? kFewCols : kCols;
}

namespace {
struct SizeScores : attn::impl::SizeScoresBase<SizeScores> {
  void runOnOperation() override {
    getOperation().walk([&](RouteScoreOp op) {
      // Tiles of whole blocks have no other sizes.
      if (op.getRows() > 1 || op.getCols() > 1)
        return;
      ShapedType query = op.getQuery().getType(), key = op.getKey().getType();
      if (auto cols = getColsOfParts(query, key))
        setTile(op, kRows, *cols);
      else if (query.getElementTypeBitWidth() == 16 &&
               key.getElementTypeBitWidth() == 16 &&
               query.getDimSize(3) <= kSharedDepth)
        op->setAttr(tile::kBlocks,
                    Builder(op.getContext()).getI64IntegerAttr(kSharing));
    });
    getOperation().walk([&](ClusterOp op) {
      if (auto cols = getColsOfParts(op.getInput().getType(),
                                     op.getCentroids().getType()))
        setTile(op, kRows, *cols);
      else
        setTile(op, kComparedRows, kComparedCols);
    });
  }

private:
  void setTile(Operation *op, int64_t rows, int64_t cols) {
    if (op->hasAttr(kScoreTile))
      return;
    op->setAttr(kScoreTile,
                DenseI64ArrayAttr::get(op->getContext(), {rows, cols}));
    ++numSized;
  }
};
} // namespace
