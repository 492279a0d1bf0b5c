//===- FormulaRanges.cpp - Which columns rows see, at compile time --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same projections as FormulaBounds.cpp, on integers. Sets of columns are
// lists of ranges here, so a disjunction keeps the holes between its terms.
//
//===----------------------------------------------------------------------===//

#include "ColumnBound.h"
#include "attn/Dialect/Tile/IR/Formula.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attn::tile {

using Ranges = SmallVector<ColumnRange>;

struct ColumnRanges::Node {
  Formula::Kind kind;
  ColumnBound bound;
  // Of a type that is incomplete here.
  std::vector<Node> terms;

  /// `formula` is in negation normal form.
  static Node build(const Formula &formula) {
    Node node{formula.getKind(), {}, {}};
    if (node.kind == Formula::Kind::Constraint) {
      if (formula.getNumParameters() == 0)
        node.bound =
            projectConstraint(formula.getConstraint(), /*someRow=*/true);
    } else if (node.kind != Formula::Kind::Not)
      for (const Formula &term : formula.getTerms())
        node.terms.push_back(build(term));
    return node;
  }
  Ranges get(ArrayRef<int64_t> rows, ColumnRange within) const;
};

static Ranges getNonEmpty(int64_t begin, int64_t end) {
  return begin < end ? Ranges{{begin, end}} : Ranges();
}

static Ranges intersect(const Ranges &a, const Ranges &b) {
  Ranges result;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    int64_t begin = std::max(a[i].begin, b[j].begin);
    int64_t end = std::min(a[i].end, b[j].end);
    if (begin < end)
      result.push_back({begin, end});
    if (a[i].end < b[j].end)
      ++i;
    else
      ++j;
  }
  return result;
}

static Ranges unite(Ranges a, const Ranges &b) {
  a.append(b.begin(), b.end());
  llvm::sort(a, [](const ColumnRange &x, const ColumnRange &y) {
    return x.begin < y.begin;
  });
  Ranges result;
  for (const ColumnRange &range : a) {
    if (!result.empty() && range.begin <= result.back().end)
      result.back().end = std::max(result.back().end, range.end);
    else
      result.push_back(range);
  }
  return result;
}

/// `rows` is (batch, head, first row, last row).
Ranges ColumnRanges::Node::get(ArrayRef<int64_t> rows,
                               ColumnRange within) const {
  switch (kind) {
  case Formula::Kind::Constraint: {
    if (bound.kind == ColumnBound::Kind::Unknown)
      break;
    int64_t value = evaluateExpr(bound.expr, rows);
    if (bound.kind == ColumnBound::Kind::Lower)
      return getNonEmpty(std::max(value, within.begin), within.end);
    if (bound.kind == ColumnBound::Kind::Upper)
      return getNonEmpty(within.begin, std::min(value, within.end));
    if (value < 0)
      return {};
    break;
  }
  case Formula::Kind::And: {
    Ranges result = terms.front().get(rows, within);
    for (const Node &term : ArrayRef(terms).drop_front())
      result = intersect(result, term.get(rows, within));
    return result;
  }
  case Formula::Kind::Or: {
    Ranges result = terms.front().get(rows, within);
    for (const Node &term : ArrayRef(terms).drop_front())
      result = unite(std::move(result), term.get(rows, within));
    return result;
  }
  case Formula::Kind::True:
  case Formula::Kind::SameId:
  case Formula::Kind::Not:
    break;
  }
  return getNonEmpty(within.begin, within.end);
}

ColumnRanges::ColumnRanges(const Formula &formula)
    : visited(
          std::make_shared<Node>(Node::build(formula.getNegationNormalForm()))),
      hidden(std::make_shared<Node>(
          Node::build((!formula).getNegationNormalForm()))) {}

Ranges ColumnRanges::getVisited(int64_t batch, int64_t head, int64_t firstRow,
                                int64_t lastRow, ColumnRange within) const {
  return visited->get({batch, head, firstRow, lastRow}, within);
}

Ranges ColumnRanges::getFull(int64_t batch, int64_t head, int64_t firstRow,
                             int64_t lastRow, ColumnRange within) const {
  // What no row is denied.
  Ranges result;
  int64_t begin = within.begin;
  for (const ColumnRange &range :
       hidden->get({batch, head, firstRow, lastRow}, within)) {
    if (begin < range.begin)
      result.push_back({begin, range.begin});
    begin = range.end;
  }
  if (begin < within.end)
    result.push_back({begin, within.end});
  return result;
}

TileClass classifyTile(const Formula &formula, int64_t batch, int64_t head,
                       int64_t rowBegin, int64_t rowEnd, int64_t colBegin,
                       int64_t colEnd) {
  ColumnRanges ranges(formula);
  ColumnRange tile{colBegin, colEnd};
  if (ranges.getVisited(batch, head, rowBegin, rowEnd - 1, tile).empty())
    return TileClass::Empty;
  Ranges full = ranges.getFull(batch, head, rowBegin, rowEnd - 1, tile);
  if (full.size() == 1 && full.front().begin == colBegin &&
      full.front().end == colEnd)
    return TileClass::Full;
  return TileClass::Partial;
}

} // namespace attn::tile
