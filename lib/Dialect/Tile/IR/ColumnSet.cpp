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

/// Adds a range that begins no earlier than those before it.
static void append(Ranges &ranges, ColumnRange range) {
  if (!ranges.empty() && range.begin <= ranges.back().end)
    ranges.back().end = std::max(ranges.back().end, range.end);
  else
    ranges.push_back(range);
}

static bool isBefore(const ColumnRange &a, const ColumnRange &b) {
  return a.begin < b.begin;
}

static Ranges normalize(Ranges ranges) {
  if (!llvm::is_sorted(ranges, isBefore))
    llvm::sort(ranges, isBefore);
  Ranges result;
  for (const ColumnRange &range : ranges)
    append(result, range);
  return result;
}

Ranges unite(Ranges a, Ranges b) {
  if (a.empty() || b.empty())
    return a.empty() ? std::move(b) : std::move(a);
  Ranges result;
  result.reserve(a.size() + b.size());
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    bool isFirst = j == b.size() || (i < a.size() && isBefore(a[i], b[j]));
    append(result, isFirst ? a[i++] : b[j++]);
  }
  return result;
}

/// The ranges between two columns.
static Ranges clip(Ranges ranges, int64_t begin, int64_t end) {
  while (!ranges.empty() && ranges.back().begin >= end)
    ranges.pop_back();
  ranges.erase(ranges.begin(), llvm::find_if(ranges, [&](const ColumnRange &r) {
                 return r.end > begin;
               }));
  if (ranges.empty())
    return ranges;
  ranges.front().begin = std::max(ranges.front().begin, begin);
  ranges.back().end = std::min(ranges.back().end, end);
  return ranges;
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

/// Bounds at least as far from 0 are none. Less do not overflow.
static constexpr int64_t kFar = int64_t(1) << 50;

static bool isFar(int64_t bound) { return bound >= kFar || bound <= -kFar; }

static int64_t scale(int64_t bound, int64_t factor) {
  int64_t limit = kFar / factor;
  return bound > limit ? kFar : bound < -limit ? -kFar : bound * factor;
}

/// `rest + factor * x`; or, for a sum, `rest` and the sum of the terms.
struct ColumnConstraint::Term {
  /// What x is: nothing, the column, or of the only term.
  enum class Kind { Constant, Column, Quotient, Remainder, Sum };
  Kind kind = Kind::Constant;
  AffineExpr rest;
  /// The value of `rest`, or where it is among those of a query.
  std::optional<int64_t> constant;
  unsigned number = 0;
  int64_t factor = 0, divisor = 0;
  /// True if what solves a constraint on this is one range.
  bool isMonotonic = false;
  // Of a type that is incomplete here.
  std::vector<Term> terms;

  static Term get(AffineExpr expr) {
    AffineSum sum = AffineSum::get(joinOccurrences(expr), kColumn);
    Term result;
    result.rest = sum.rest;
    if (auto known = dyn_cast<AffineConstantExpr>(sum.rest))
      result.constant = known.getValue();
    if (sum.atoms.size() > 1) {
      result.kind = Kind::Sum;
      for (auto [atom, factor] : sum.atoms)
        result.terms.push_back(get(atom, factor));
      return result;
    }
    for (auto [atom, factor] : sum.atoms) {
      Term only = get(atom, factor);
      only.rest = result.rest;
      only.constant = result.constant;
      return only;
    }
    result.isMonotonic = true;
    return result;
  }

  /// A multiple of what an affine sum takes for one.
  static Term get(AffineExpr atom, int64_t factor) {
    Term result;
    result.rest = getAffineConstantExpr(0, atom.getContext());
    result.constant = 0;
    result.factor = factor;
    result.kind = Kind::Column;
    result.isMonotonic = true;
    if (auto binary = dyn_cast<AffineBinaryOpExpr>(atom)) {
      bool isMod = atom.getKind() == AffineExprKind::Mod;
      result.kind = isMod ? Kind::Remainder : Kind::Quotient;
      result.divisor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
      result.terms.push_back(get(binary.getLHS()));
      result.isMonotonic = !isMod && result.terms.front().isMonotonic;
    }
    return result;
  }

  /// Numbers what a query has to know, once however often it is needed.
  void collectRests(SmallVectorImpl<AffineExpr> &rests) {
    if (!constant) {
      number = rests.size();
      rests.push_back(rest);
    }
    for (Term &term : terms)
      term.collectRests(rests);
  }
};

struct ColumnConstraint::Solver {
  using Kind = Term::Kind;
  SmallVector<int64_t, 4> rests = {};
  Ranges result = {};
  int64_t ranges = kMostRanges, halvings = kMostHalvings;

  /// An inclusive range of values.
  struct Values {
    int64_t low, high;
  };

  int64_t getRest(const Term &term) const {
    return term.constant ? *term.constant : rests[term.number];
  }

  /// Bounds of a term; exact for one column.
  Values getBounds(const Term &term, ColumnRange within) const {
    int64_t rest = getRest(term);
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
    int64_t rest = getRest(term);
    if (!isFar(values.low))
      values.low -= rest;
    if (!isFar(values.high))
      values.high -= rest;
    if (term.kind == Kind::Constant) {
      if (values.low <= 0 && values.high >= 0)
        result.push_back(within);
      return;
    }
    if (term.factor < 0)
      std::swap(values.low, values.high);
    int64_t sign = term.factor < 0 ? -1 : 1;
    values = {isFar(values.low) ? values.low * sign
                                : divideCeilSigned(values.low, term.factor),
              isFar(values.high) ? values.high * sign
                                 : divideFloorSigned(values.high, term.factor)};
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
      return solve(
          inner,
          {scale(values.low, size),
           isFar(values.high) ? values.high : scale(values.high + 1, size) - 1},
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
    // In the order of the columns.
    bool isReversed = inner.factor < 0;
    for (int64_t i = first; i <= last; ++i) {
      int64_t base = (isReversed ? first + last - i : i) * size;
      solve(inner, {base + values.low, base + values.high}, within);
    }
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

/// Constants that leave bounds far from `kFar`. What has larger ones says
/// nothing.
static bool isSmall(AffineExpr expr) {
  bool result = true;
  expr.walk([&](AffineExpr part) {
    auto constant = dyn_cast<AffineConstantExpr>(part);
    result &= !constant || std::abs(constant.getValue()) < int64_t(1) << 40;
  });
  return result;
}

ColumnConstraint::ColumnConstraint(AffineExpr expr) {
  Term root = Term::get(
      isSmall(expr) ? expr : getAffineConstantExpr(0, expr.getContext()));
  root.collectRests(rests);
  term = std::make_shared<Term>(std::move(root));
}

bool ColumnConstraint::isTrue() const {
  return term->kind == Term::Kind::Constant && term->constant.value_or(-1) >= 0;
}

Ranges ColumnConstraint::get(ArrayRef<int64_t> dims, Ranges within) const {
  if (within.empty())
    return {};
  Solver solver;
  for (AffineExpr rest : rests)
    solver.rests.push_back(evaluateExpr(rest, dims));
  if (term->isMonotonic) {
    solver.solve(*term, {0, kFar}, {within.front().begin, within.back().end});
    if (solver.result.empty())
      return {};
    ColumnRange range = solver.result.front();
    return clip(std::move(within), range.begin, range.end);
  }
  for (const ColumnRange &range : within)
    solver.solve(*term, {0, kFar}, range);
  return normalize(std::move(solver.result));
}

} // namespace attn::tile
