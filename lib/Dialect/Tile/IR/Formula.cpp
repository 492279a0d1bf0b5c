//===- Formula.cpp - Predicates over positions ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/Formula.h"
#include "ColumnBound.h"
#include <numeric>

using namespace mlir;

namespace attn::tile {

struct Formula::Storage {
  Kind kind;
  MLIRContext *context;
  AffineExpr expr;
  SmallVector<Formula> terms;
};

Formula Formula::getTrue(MLIRContext *context) {
  return Formula(
      std::make_shared<Storage>(Storage{Kind::True, context, {}, {}}));
}

Formula Formula::getConstraint(AffineExpr expr) {
  return Formula(std::make_shared<Storage>(
      Storage{Kind::Constraint, expr.getContext(), expr, {}}));
}

Formula Formula::getSameId(MLIRContext *context) {
  return Formula(
      std::make_shared<Storage>(Storage{Kind::SameId, context, {}, {}}));
}

Formula Formula::getBit(AffineExpr number) {
  return Formula(std::make_shared<Storage>(
      Storage{Kind::Bit, number.getContext(), number, {}}));
}

Formula Formula::getAnd(ArrayRef<Formula> terms) {
  assert(!terms.empty() && "a conjunction needs a term");
  return Formula(std::make_shared<Storage>(
      Storage{Kind::And, terms.front().getContext(), {}, to_vector(terms)}));
}

Formula Formula::getOr(ArrayRef<Formula> terms) {
  assert(!terms.empty() && "a disjunction needs a term");
  return Formula(std::make_shared<Storage>(
      Storage{Kind::Or, terms.front().getContext(), {}, to_vector(terms)}));
}

Formula Formula::operator!() const {
  return Formula(
      std::make_shared<Storage>(Storage{Kind::Not, getContext(), {}, {*this}}));
}

Formula::Kind Formula::getKind() const { return storage->kind; }
AffineExpr Formula::getExpr() const { return storage->expr; }
ArrayRef<Formula> Formula::getTerms() const { return storage->terms; }
MLIRContext *Formula::getContext() const { return storage->context; }

/// Pushes `negated` down to the leaves.
static Formula normalize(const Formula &formula, bool negated) {
  switch (formula.getKind()) {
  case Formula::Kind::True:
    // False is the constraint -1 >= 0.
    return negated ? Formula::getConstraint(
                         getAffineConstantExpr(-1, formula.getContext()))
                   : formula;
  case Formula::Kind::Constraint:
    return negated ? Formula::getConstraint(-formula.getExpr() - 1) : formula;
  case Formula::Kind::SameId:
  case Formula::Kind::Bit:
    return negated ? !formula : formula;
  case Formula::Kind::Not:
    return normalize(formula.getTerms().front(), !negated);
  case Formula::Kind::And:
  case Formula::Kind::Or: {
    auto terms = map_to_vector(formula.getTerms(), [&](const Formula &term) {
      return normalize(term, negated);
    });
    bool isAnd = (formula.getKind() == Formula::Kind::And) != negated;
    return isAnd ? Formula::getAnd(terms) : Formula::getOr(terms);
  }
  }
  llvm_unreachable("every kind is handled");
}

Formula Formula::getNegationNormalForm() const {
  return normalize(*this, /*negated=*/false);
}

bool Formula::readsIds() const {
  return getKind() == Kind::SameId ||
         any_of(getTerms(),
                [](const Formula &term) { return term.readsIds(); });
}

bool Formula::readsBits() const {
  return getKind() == Kind::Bit || any_of(getTerms(), [](const Formula &term) {
           return term.readsBits();
         });
}

bool Formula::readsDim(PositionDim dim) const {
  if (getExpr())
    return getExpr().isFunctionOfDim(static_cast<unsigned>(dim));
  return any_of(getTerms(),
                [&](const Formula &term) { return term.readsDim(dim); });
}

unsigned Formula::getNumParameters() const {
  constexpr unsigned kFirst = static_cast<unsigned>(PositionDim::Parameter);
  unsigned count = 0;
  if (getExpr())
    getExpr().walk([&](AffineExpr expr) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (dim && dim.getPosition() >= kFirst)
        count = std::max(count, dim.getPosition() - kFirst + 1);
    });
  for (const Formula &term : getTerms())
    count = std::max(count, term.getNumParameters());
  return count;
}

Formula Formula::bindParameters(ArrayRef<int64_t> values) const {
  constexpr unsigned kFirst = static_cast<unsigned>(PositionDim::Parameter);
  Storage bound = *storage;
  if (getExpr()) {
    DenseMap<AffineExpr, AffineExpr> known;
    for (auto [number, value] : enumerate(values))
      known[getAffineDimExpr(kFirst + number, getContext())] =
          getAffineConstantExpr(value, getContext());
    bound.expr = getExpr().replace(known);
  }
  for (Formula &term : bound.terms)
    term = term.bindParameters(values);
  return Formula(std::make_shared<Storage>(std::move(bound)));
}

int64_t Formula::getNumLeaves() const {
  if (getTerms().empty())
    return getKind() == Kind::True ? 0 : 1;
  int64_t count = 0;
  for (const Formula &term : getTerms())
    count += term.getNumLeaves();
  return count;
}

bool Formula::repeatsAlongColumns() const {
  if (getKind() != Kind::Constraint || readsDim(PositionDim::Batch) ||
      readsDim(PositionDim::Head) || readsDim(PositionDim::Row) ||
      getNumParameters() != 0)
    return false;
  bool hasMod = false;
  getExpr().walk([&](AffineExpr expr) {
    hasMod |= expr.getKind() == AffineExprKind::Mod;
  });
  return hasMod;
}

/// The number of columns after which an expression has grown by a whole number,
/// or, where that is 0, after which it repeats.
static std::optional<int64_t> getStep(AffineExpr expr, bool repeats,
                                      int64_t most) {
  auto limited = [&](int64_t step) {
    return step > most ? std::nullopt : std::optional(step);
  };
  if (isa<AffineConstantExpr>(expr))
    return 1;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return repeats ? std::nullopt : std::optional<int64_t>(1);
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  if (expr.getKind() == AffineExprKind::Add) {
    std::optional<int64_t> a = getStep(lhs, repeats, most),
                           b = getStep(rhs, repeats, most);
    return a && b ? limited(std::lcm(*a, *b)) : std::nullopt;
  }
  if (expr.getKind() == AffineExprKind::Mul)
    return getStep(lhs, repeats, most);
  if (std::optional<int64_t> step = getStep(lhs, /*repeats=*/true, most))
    return step;
  bool isMod = expr.getKind() == AffineExprKind::Mod;
  std::optional<int64_t> step = getStep(lhs, /*repeats=*/false, most);
  int64_t divisor = cast<AffineConstantExpr>(rhs).getValue();
  if (!step || divisor <= 0 || divisor > most || (repeats && !isMod))
    return std::nullopt;
  return limited(*step * divisor);
}

std::optional<int64_t> getPeriod(const Formula &formula, int64_t most) {
  if (formula.getKind() == Formula::Kind::Constraint)
    return getStep(formula.getExpr(), /*repeats=*/true, most);
  int64_t period = 1;
  for (const Formula &term : formula.getTerms()) {
    std::optional<int64_t> next = getPeriod(term, most);
    if (!next)
      return std::nullopt;
    period = std::lcm(period, *next);
    if (period > most)
      return std::nullopt;
  }
  return period;
}

bool Formula::isConvex() const {
  Formula formula = getNegationNormalForm();
  switch (formula.getKind()) {
  case Kind::Or:
    return formula.getTerms().size() == 1 &&
           formula.getTerms().front().isConvex();
  case Kind::And:
    return all_of(formula.getTerms(),
                  [](const Formula &term) { return term.isConvex(); });
  case Kind::Constraint:
    return !formula.repeatsAlongColumns();
  default:
    return true;
  }
}

bool evaluate(const Formula &formula, int64_t batch, int64_t head, int64_t row,
              int64_t column, bool sameId, bool hasBit) {
  auto evaluateTerm = [&](const Formula &term) {
    return evaluate(term, batch, head, row, column, sameId, hasBit);
  };
  switch (formula.getKind()) {
  case Formula::Kind::True:
    return true;
  case Formula::Kind::Constraint:
    return evaluateExpr(formula.getExpr(), {batch, head, row, column}) >= 0;
  case Formula::Kind::SameId:
    return sameId;
  case Formula::Kind::Bit:
    return hasBit;
  case Formula::Kind::And:
    return all_of(formula.getTerms(), evaluateTerm);
  case Formula::Kind::Or:
    return any_of(formula.getTerms(), evaluateTerm);
  case Formula::Kind::Not:
    return !evaluateTerm(formula.getTerms().front());
  }
  llvm_unreachable("every kind is handled");
}

} // namespace attn::tile
