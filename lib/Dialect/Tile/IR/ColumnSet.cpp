//===- ColumnSet.cpp - Columns where an expression is in a range ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ColumnSet.h"
#include "ColumnBound.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::divideCeilSigned;
using llvm::divideFloorSigned;

namespace attn::tile {

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static Ranges normalize(Ranges ranges) {
  auto isBefore = [](const ColumnRange &x, const ColumnRange &y) {
    return x.begin < y.begin;
  };
  if (!llvm::is_sorted(ranges, isBefore))
    llvm::sort(ranges, isBefore);
  size_t count = 0;
  for (const ColumnRange &range : ranges) {
    if (count > 0 && range.begin <= ranges[count - 1].end)
      ranges[count - 1].end = std::max(ranges[count - 1].end, range.end);
    else
      ranges[count++] = range;
  }
  ranges.truncate(count);
  return ranges;
}

Ranges unite(Ranges a, ArrayRef<ColumnRange> b) {
  a.append(b.begin(), b.end());
  return normalize(std::move(a));
}

Ranges subtract(ArrayRef<ColumnRange> a, ArrayRef<ColumnRange> b) {
  Ranges result;
  size_t at = 0;
  for (auto [begin, end] : a) {
    while (at < b.size() && b[at].end <= begin)
      ++at;
    for (size_t i = at; i < b.size() && b[i].begin < end; ++i) {
      if (begin < b[i].begin)
        result.push_back({begin, b[i].begin});
      begin = b[i].end;
    }
    if (begin < end)
      result.push_back({begin, end});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// No value is as far from 0, and no product of it with a divisor overflows.
static constexpr int64_t kFar = int64_t(1) << 50;

static int64_t scale(int64_t value, int64_t factor) {
  int64_t limit = kFar / factor;
  return value > limit ? kFar : value < -limit ? -kFar : value * factor;
}

/// `rest + factor * x`; or, for a sum, `rest` and the sum of the terms.
struct ColumnConstraint::Term {
  /// What x is: nothing, the column, or of the only term.
  enum class Kind { Constant, Column, Quotient, Remainder, Sum };
  Kind kind = Kind::Constant;
  AffineExpr rest;
  int64_t factor = 0, divisor = 0;
  // Of a type that is incomplete here.
  std::vector<Term> terms;

  static Term get(AffineExpr expr) {
    AffineSum sum = AffineSum::get(joinOccurrences(expr), kColumn);
    Term result;
    result.rest = sum.rest;
    if (sum.atoms.size() > 1) {
      result.kind = Kind::Sum;
      for (auto [atom, factor] : sum.atoms)
        result.terms.push_back(get(atom * factor));
      return result;
    }
    if (sum.atoms.empty())
      return result;
    auto [atom, factor] = sum.atoms.front();
    result.factor = factor;
    result.kind = Kind::Column;
    if (auto binary = dyn_cast<AffineBinaryOpExpr>(atom)) {
      result.kind = atom.getKind() == AffineExprKind::Mod ? Kind::Remainder
                                                          : Kind::Quotient;
      result.divisor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
      result.terms.push_back(get(binary.getLHS()));
    }
    return result;
  }
};

struct ColumnConstraint::Solver {
  using Kind = Term::Kind;
  ArrayRef<int64_t> dims;
  Ranges result;
  int64_t ranges = kMostRanges, halvings = kMostHalvings;

  /// An inclusive range of values.
  struct Values {
    int64_t low, high;
  };

  /// Bounds of a term; exact for one column.
  Values getBounds(const Term &term, ColumnRange within) const {
    int64_t rest = evaluateExpr(term.rest, dims);
    if (term.kind == Kind::Constant)
      return {rest, rest};
    if (term.kind == Kind::Sum) {
      Values sum{rest, rest};
      for (const Term &part : term.terms) {
        Values next = getBounds(part, within);
        sum = {sum.low + next.low, sum.high + next.high};
      }
      return sum;
    }
    Values x{within.begin, within.end - 1};
    if (term.kind != Kind::Column) {
      x = getBounds(term.terms.front(), within);
      Values quotient{divideFloorSigned(x.low, term.divisor),
                      divideFloorSigned(x.high, term.divisor)};
      if (term.kind == Kind::Quotient)
        x = quotient;
      else if (quotient.low == quotient.high)
        x = {llvm::mod(x.low, term.divisor), llvm::mod(x.high, term.divisor)};
      else
        x = {0, term.divisor - 1};
    }
    if (term.factor < 0)
      std::swap(x.low, x.high);
    return {rest + term.factor * x.low, rest + term.factor * x.high};
  }

  /// Adds the columns in `within` where a term has one of the values.
  void solve(const Term &term, Values values, ColumnRange within) {
    if (term.kind == Kind::Sum)
      return halve(term, values, within);
    int64_t rest = evaluateExpr(term.rest, dims);
    values = {values.low - rest, values.high - rest};
    if (term.kind == Kind::Constant) {
      if (values.low <= 0 && values.high >= 0)
        result.push_back(within);
      return;
    }
    if (term.factor < 0)
      std::swap(values.low, values.high);
    values = {divideCeilSigned(values.low, term.factor),
              divideFloorSigned(values.high, term.factor)};
    if (term.kind == Kind::Column) {
      ColumnRange range{std::max(values.low, within.begin),
                        std::min(values.high + 1, within.end)};
      if (range.begin < range.end)
        result.push_back(range);
      return;
    }
    const Term &inner = term.terms.front();
    int64_t size = term.divisor;
    if (term.kind == Kind::Quotient)
      return solve(inner,
                   {scale(values.low, size), scale(values.high + 1, size) - 1},
                   within);
    values = {std::max<int64_t>(values.low, 0),
              std::min(values.high, size - 1)};
    if (values.low > values.high)
      return;
    Values all = getBounds(inner, within);
    int64_t first = divideCeilSigned(all.low - values.high, size),
            last = divideFloorSigned(all.high - values.low, size);
    ranges -= std::max<int64_t>(0, last - first + 1);
    if (ranges < 0 || values.high - values.low == size - 1) {
      result.push_back(within);
      return;
    }
    for (int64_t k = first; k <= last; ++k)
      solve(inner, {k * size + values.low, k * size + values.high}, within);
  }

  void halve(const Term &term, Values values, ColumnRange within) {
    Values bounds = getBounds(term, within);
    if (bounds.high < values.low || bounds.low > values.high)
      return;
    if ((bounds.low >= values.low && bounds.high <= values.high) ||
        --halvings < 0) {
      result.push_back(within);
      return;
    }
    int64_t middle = within.begin + (within.end - within.begin) / 2;
    halve(term, values, {within.begin, middle});
    halve(term, values, {middle, within.end});
  }
};

ColumnConstraint::ColumnConstraint(AffineExpr expr)
    : term(std::make_shared<Term>(Term::get(expr))) {}

bool ColumnConstraint::isTrue() const {
  auto constant = dyn_cast<AffineConstantExpr>(term->rest);
  return term->kind == Term::Kind::Constant && constant &&
         constant.getValue() >= 0;
}

Ranges ColumnConstraint::get(ArrayRef<int64_t> dims,
                             ArrayRef<ColumnRange> within) const {
  Solver solver{dims, {}};
  for (const ColumnRange &range : within)
    solver.solve(*term, {0, kFar}, range);
  return normalize(std::move(solver.result));
}

} // namespace attn::tile
