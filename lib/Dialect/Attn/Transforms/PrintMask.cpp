//===- PrintMask.cpp - Pictures of masks ----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_PRINTMASK
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using tile::ColumnRanges;
using tile::Formula;
using tile::TileClass;

/// Larger pictures are not read.
static constexpr int64_t kMostLetters = 1 << 24;

namespace {
struct PrintMask : attn::impl::PrintMaskBase<PrintMask> {
  using PrintMaskBase::PrintMaskBase;

  char getLetter(const Formula &formula, const ColumnRanges &ranges,
                 int64_t row, int64_t col) {
    if (tileRows > 1 || tileCols > 1)
      switch (ranges.classify(batch, head, row, row + tileRows, col,
                              col + tileCols)) {
      case TileClass::Empty:
        return '.';
      case TileClass::Full:
        return '#';
      case TileClass::Partial:
        return '+';
      }
    // Whatever ids and bits say.
    int count = 0;
    for (bool sameId : {false, true})
      for (bool hasBit : {false, true})
        count += evaluate(formula, batch, head, row, col, sameId, hasBit);
    return count == 0 ? '.' : count == 4 ? '#' : '?';
  }

  void runOnOperation() override {
    bool isPicture = rows >= 1 && cols >= 1 && tileRows >= 1 && tileCols >= 1;
    auto count = [](int64_t extent, int64_t size) {
      return 1 + (extent - 1) / size;
    };
    if (!isPicture ||
        count(rows, tileRows) > kMostLetters / count(cols, tileCols)) {
      getOperation()->emitError("expected a picture of 1 to ")
          << kMostLetters << " letters and tiles of at least 1, got "
          << rows.getValue() << " x " << cols.getValue() << " in tiles of "
          << tileRows.getValue() << " x " << tileCols.getValue();
      return signalPassFailure();
    }
    getOperation()->walk([&](LogitsOpInterface op) {
      std::optional<tile::VisitAttrInterface> mask = op.getMask();
      if (!mask)
        return;
      Formula formula = mask->getFormula();
      if (formula.getNumParameters() > parameters.size()) {
        op->emitError("expected ")
            << formula.getNumParameters() << " parameters of its mask, got "
            << parameters.size();
        return signalPassFailure();
      }
      formula = formula.bindParameters(llvm::to_vector(parameters));
      llvm::outs() << op.getLoc() << ": " << *mask << "\n";
      ColumnRanges ranges(formula);
      for (int64_t row = 0; row < rows; row += tileRows) {
        for (int64_t col = 0; col < cols; col += tileCols)
          llvm::outs() << getLetter(formula, ranges, offset + row, col);
        llvm::outs() << "\n";
      }
      llvm::outs() << "\n";
    });
  }
};
} // namespace
