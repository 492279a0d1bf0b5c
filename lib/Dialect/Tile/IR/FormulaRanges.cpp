//===- FormulaRanges.cpp - Which columns rows see, at compile time --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Projection.h"

using namespace mlir;

namespace attn::tile {

ColumnRanges::ColumnRanges(const Formula &formula)
    : visited(std::make_shared<Projection>(formula)),
      hidden(std::make_shared<Projection>(!formula)) {}

Ranges ColumnRanges::getVisited(int64_t batch, int64_t head, int64_t firstRow,
                                int64_t lastRow, ColumnRange within) const {
  if (within.begin >= within.end)
    return {};
  return visited->get(batch, head, firstRow, lastRow, within);
}

Ranges ColumnRanges::getFull(int64_t batch, int64_t head, int64_t firstRow,
                             int64_t lastRow,
                             ArrayRef<ColumnRange> within) const {
  // What no row is denied.
  return subtract(within, hidden->get(batch, head, firstRow, lastRow, within));
}

TileClass ColumnRanges::classify(int64_t batch, int64_t head, int64_t rowBegin,
                                 int64_t rowEnd, int64_t colBegin,
                                 int64_t colEnd) const {
  ColumnRange tile{colBegin, colEnd};
  if (getVisited(batch, head, rowBegin, rowEnd - 1, tile).empty())
    return TileClass::Empty;
  if (hidden->get(batch, head, rowBegin, rowEnd - 1, tile).empty())
    return TileClass::Full;
  return TileClass::Partial;
}

TileClass classifyTile(const Formula &formula, int64_t batch, int64_t head,
                       int64_t rowBegin, int64_t rowEnd, int64_t colBegin,
                       int64_t colEnd) {
  return ColumnRanges(formula).classify(batch, head, rowBegin, rowEnd, colBegin,
                                        colEnd);
}

} // namespace attn::tile
