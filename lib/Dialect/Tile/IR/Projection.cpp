//===- Projection.cpp - The columns that some row sees --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A conjunction of constraints that are bounds of the row holds for some row
// if each lower bound is at most each upper one, and the ends of the block are
// bounds, too. All bounds are integers, so nothing is lost, and what remains
// reads the column only. The cases of disjunctions are looked at one after the
// other, each within the columns that are left.
//
//===----------------------------------------------------------------------===//

#include "Projection.h"
#include "ColumnBound.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace attn::tile {

/// The numbers of the ends of a block among the bounds, and of none.
static constexpr unsigned kFirst = 0, kLast = 1, kNone = 2;

/// Columns after which the remainders of a constraint repeat, roughly: those of
/// the one that does so soonest.
static int64_t getShortestPeriod(AffineExpr constraint) {
  int64_t period = std::numeric_limits<int64_t>::max();
  constraint.walk([&](AffineExpr expr) {
    if (expr.getKind() != AffineExprKind::Mod || !expr.isFunctionOfDim(kColumn))
      return;
    auto binary = cast<AffineBinaryOpExpr>(expr);
    int64_t size = cast<AffineConstantExpr>(binary.getRHS()).getValue();
    binary.getLHS().walk([&](AffineExpr part) {
      if (part.getKind() == AffineExprKind::FloorDiv)
        size *=
            cast<AffineConstantExpr>(cast<AffineBinaryOpExpr>(part).getRHS())
                .getValue();
    });
    period = std::min(period, size);
  });
  return period;
}

/// A constraint over positions, over `BlockDim`.
static AffineExpr toBlockDims(AffineExpr constraint) {
  MLIRContext *context = constraint.getContext();
  SmallVector<AffineExpr> dims;
  for (unsigned dim : {kBatch, kHead, kRow, kColumn})
    dims.push_back(getAffineDimExpr(dim, context));
  return constraint.replaceDims(dims);
}

/// True if a constraint reads what is known at run time only.
static bool readsParameters(AffineExpr constraint) {
  bool result = false;
  constraint.walk([&](AffineExpr expr) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    result |=
        dim && dim.getPosition() > static_cast<unsigned>(PositionDim::Column);
  });
  return result;
}

/// The constraint with every occurrence of the row by itself at its better end.
static RowBound getRelaxed(AffineExpr constraint) {
  ColumnBound bound = projectConstraint(constraint, /*someRow=*/true);
  AffineExpr column = getAffineDimExpr(kColumn, constraint.getContext());
  switch (bound.kind) {
  case ColumnBound::Kind::Lower:
    return {RowBound::Kind::Other, column - bound.expr};
  case ColumnBound::Kind::Upper:
    return {RowBound::Kind::Other, bound.expr - column - 1};
  case ColumnBound::Kind::Guard:
    return {RowBound::Kind::Other, bound.expr};
  case ColumnBound::Kind::Unknown:
    return {RowBound::Kind::Other,
            getAffineConstantExpr(0, constraint.getContext())};
  }
  llvm_unreachable("every kind is handled");
}

Projection::Node Projection::Variant::build(const Formula &formula,
                                            const RowSplits &splits) {
  Node node;
  node.kind = formula.getKind();
  node.period = std::numeric_limits<int64_t>::max();
  switch (node.kind) {
  case Formula::Kind::True:
  case Formula::Kind::SameId:
  case Formula::Kind::Bit:
  case Formula::Kind::Not:
    node.kind = Formula::Kind::True;
    return node;
  case Formula::Kind::Constraint: {
    AffineExpr constraint = formula.getExpr();
    if (readsParameters(constraint)) {
      node.kind = Formula::Kind::True;
      return node;
    }
    AffineExpr inPiece = splits.replace(toBlockDims(constraint));
    std::optional<RowBound> bound = RowBound::get(inPiece);
    node.number = bounds.size();
    node.readsRow = !bound || bound->kind != RowBound::Kind::Other;
    node.period = getShortestPeriod(inPiece);
    bounds.push_back(bound ? *bound : getRelaxed(constraint));
    return node;
  }
  case Formula::Kind::And:
  case Formula::Kind::Or:
    break;
  }
  bool isAnd = node.kind == Formula::Kind::And;
  node.cases = isAnd ? 1 : 0;
  for (const Formula &term : formula.getTerms()) {
    Node next = build(term, splits);
    node.cases = isAnd ? std::min(kMostCases + 1, node.cases * next.cases)
                       : node.cases + next.cases;
    node.readsRow |= next.readsRow;
    node.period = std::min(node.period, next.period);
    node.terms.push_back(std::move(next));
  }
  if (isAnd)
    joinPeriodic(node.terms);
  return node;
}

/// A range of remainders is two constraints, but one bound.
void Projection::Variant::joinPeriodic(MutableArrayRef<Node> terms) {
  for (Node &a : terms)
    for (Node &b : terms) {
      if (&a == &b || a.kind != Formula::Kind::Constraint ||
          b.kind != Formula::Kind::Constraint)
        continue;
      if (std::optional<RowBound> both =
              intersectPeriodic(bounds[a.number], bounds[b.number])) {
        bounds[a.number] = *both;
        b.kind = Formula::Kind::True;
      }
    }
}

const ColumnConstraint &
Projection::Variant::getConstraint(unsigned lower, unsigned upper,
                                   unsigned periodic) const {
  std::unique_ptr<ColumnConstraint> &known =
      constraints[{lower, upper, periodic}];
  if (known)
    return *known;
  AffineExpr expr =
      eliminateRow(bounds[lower].expr, bounds[upper].expr,
                   periodic == kNone ? nullptr : &bounds[periodic]);
  known = std::make_unique<ColumnConstraint>(expr);
  return *known;
}

/// The columns that a further constraint leaves.
Ranges Projection::Variant::add(Conjunction &conjunction, unsigned number,
                                ArrayRef<int64_t> dims, Ranges within) const {
  auto restrict = [&](unsigned lower, unsigned upper, unsigned periodic) {
    const ColumnConstraint &left = getConstraint(lower, upper, periodic);
    if (!left.isTrue() && !within.empty())
      within = left.get(dims, std::move(within));
  };
  auto restrictAll = [&](ArrayRef<unsigned> lower, ArrayRef<unsigned> upper) {
    for (unsigned l : lower)
      for (unsigned u : upper) {
        restrict(l, u, kNone);
        for (unsigned p : conjunction.periodic)
          restrict(l, u, p);
      }
  };
  switch (bounds[number].kind) {
  case RowBound::Kind::Other:
    // It is the difference of two bounds already.
    restrict(kNone, number, kNone);
    break;
  case RowBound::Kind::Lower:
    restrictAll(number, conjunction.upper);
    conjunction.lower.push_back(number);
    break;
  case RowBound::Kind::Upper:
    restrictAll(conjunction.lower, number);
    conjunction.upper.push_back(number);
    break;
  case RowBound::Kind::Periodic:
    for (unsigned l : conjunction.lower)
      for (unsigned u : conjunction.upper)
        restrict(l, u, number);
    conjunction.periodic.push_back(number);
    break;
  }
  return within;
}

Ranges Projection::Variant::get(SmallVector<const Node *> pending,
                                Conjunction conjunction, ArrayRef<int64_t> dims,
                                Ranges within) const {
  // The next is the last.
  auto push = [](SmallVector<const Node *> &list, const Node &node) {
    list.insert(llvm::upper_bound(list, &node,
                                  [](const Node *a, const Node *b) {
                                    return a->period < b->period;
                                  }),
                &node);
  };
  while (!pending.empty() && !within.empty()) {
    const Node &node = *pending.pop_back_val();
    switch (node.kind) {
    case Formula::Kind::Constraint:
      within = add(conjunction, node.number, dims, std::move(within));
      continue;
    case Formula::Kind::And:
      for (const Node &term : llvm::reverse(node.terms))
        push(pending, term);
      continue;
    case Formula::Kind::Or:
      break;
    default:
      continue;
    }
    int64_t cases = node.cases;
    for (const Node *other : pending)
      cases = std::min(kMostCases + 1, cases * other->cases);
    // What says nothing about the row, and nothing else reads, is no case of
    // the rest; what is too much is taken as if it were so.
    bool isAlone = !node.readsRow || cases > kMostCases;
    Ranges seen;
    for (const Node &term : node.terms) {
      SmallVector<const Node *> next;
      if (!isAlone)
        next = pending;
      push(next, term);
      seen = unite(std::move(seen),
                   get(std::move(next), conjunction, dims, within));
    }
    within = std::move(seen);
    if (!isAlone)
      return within;
  }
  return within;
}

Projection::Variant Projection::getVariant(const Formula &formula,
                                           const RowSplits &splits) {
  Variant variant;
  MLIRContext *context = formula.getContext();
  variant.bounds = {
      {RowBound::Kind::Lower, getAffineDimExpr(kFirstRow, context)},
      {RowBound::Kind::Upper, getAffineDimExpr(kLastRow, context)},
      {RowBound::Kind::Other, getAffineConstantExpr(0, context)}};
  variant.root = variant.build(formula, splits);
  return variant;
}

static void collectSplits(const Formula &formula, RowSplits &splits) {
  if (formula.getKind() == Formula::Kind::Constraint)
    splits.add(toBlockDims(formula.getExpr()));
  for (const Formula &term : formula.getTerms())
    collectSplits(term, splits);
}

Projection::Projection(const Formula &formula) {
  Formula normal = formula.getNegationNormalForm();
  collectSplits(normal, splits);
  whole = getVariant(normal, RowSplits());
  if (!splits.empty())
    split = getVariant(normal, splits);
}

Ranges Projection::get(int64_t batch, int64_t head, int64_t firstRow,
                       int64_t lastRow, ArrayRef<ColumnRange> within) const {
  int64_t dims[kPiece] = {batch, head, firstRow, lastRow, 0, 0};
  Ranges result;
  auto visit = [&](const Variant &variant, ArrayRef<int64_t> piece) {
    Conjunction block;
    block.lower.push_back(kFirst);
    block.upper.push_back(kLast);
    result = unite(std::move(result),
                   variant.get({&variant.root}, block, piece,
                               Ranges(within.begin(), within.end())));
  };
  if (splits.empty() ||
      failed(splits.forEach(dims, kMostPieces, [&](ArrayRef<int64_t> piece) {
        visit(split, piece);
      })))
    visit(whole, dims);
  return result;
}

} // namespace attn::tile
