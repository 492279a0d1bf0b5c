//===- FormulaBounds.cpp - Which columns a block of rows sees -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The visited columns are the projection of the predicate along the rows, the
// full columns the complement of the projection of its complement. A linear
// constraint projects exactly (ColumnBound.cpp); a conjunction is bounded by
// the intersection of its terms' projections and a disjunction by their hull,
// so the visited set can only grow and the full set only shrink.
//
//===----------------------------------------------------------------------===//

#include "ColumnBound.h"
#include "attn/Dialect/Tile/IR/Formula.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace attn::tile {

namespace {

/// Stands for an infinite bound where a number is needed; far outside of any
/// tensor and far from overflow.
constexpr int64_t kFar = int64_t(1) << 40;

class BoundsBuilder {
public:
  BoundsBuilder(OpBuilder &builder, Location loc, const RowBlock &rows)
      : builder(builder), loc(loc), rows(rows) {}

  ColumnInterval getVisited(const Formula &formula);
  std::optional<ColumnInterval> getFull(const Formula &formula);
  SmallVector<ColumnPiece> getPieces(const Formula &formula, unsigned most);

private:
  /// The columns that some row (or every row) may see by one constraint;
  /// `nullopt` if there are none for sure (if none is known).
  std::optional<ColumnInterval> project(AffineExpr constraint, bool someRow);
  std::optional<ColumnInterval> project(AffineExpr constraint, bool someRow,
                                        ModBound mod);
  ColumnInterval intersect(const ColumnInterval &a, const ColumnInterval &b);
  ColumnPiece intersect(const ColumnPiece &a, const ColumnPiece &b);
  ColumnInterval hull(const ColumnInterval &a, const ColumnInterval &b);
  ColumnInterval unite(const ColumnInterval &a, const ColumnInterval &b);

  OpFoldResult pick(OpFoldResult a, OpFoldResult b, bool maximum) {
    MLIRContext *context = builder.getContext();
    AffineMap map = AffineMap::getMultiDimIdentityMap(2, context);
    return maximum
               ? affine::makeComposedFoldedAffineMax(builder, loc, map, {a, b})
               : affine::makeComposedFoldedAffineMin(builder, loc, map, {a, b});
  }

  OpBuilder &builder;
  Location loc;
  const RowBlock &rows;
};

} // namespace

std::optional<ColumnInterval> BoundsBuilder::project(AffineExpr constraint,
                                                     bool someRow) {
  if (!hasStepwiseMod(constraint))
    return project(constraint, someRow, ModBound::Range);
  // By the ends it is exact where the remainder is constant. Elsewhere its
  // range may be narrower, which only helps with what some row sees.
  std::optional<ColumnInterval> ends =
      project(constraint, someRow, ModBound::Ends);
  if (!someRow || !ends)
    return ends;
  std::optional<ColumnInterval> range =
      project(constraint, someRow, ModBound::Range);
  return range ? std::optional(intersect(*ends, *range)) : std::nullopt;
}

std::optional<ColumnInterval>
BoundsBuilder::project(AffineExpr constraint, bool someRow, ModBound mod) {
  ColumnBound bound = projectConstraint(constraint, someRow, mod);
  // Too large a set if some row is asked for, too small a one if every row is.
  auto unknown =
      someRow ? std::optional<ColumnInterval>(ColumnInterval()) : std::nullopt;
  if (bound.kind == ColumnBound::Kind::Unknown)
    return unknown;
  // The column does not occur.
  SmallVector<OpFoldResult> operands = {rows.batch, rows.head, rows.firstRow,
                                        rows.lastRow, builder.getIndexAttr(0)};
  llvm::append_range(operands, rows.parameters);
  OpFoldResult value = affine::makeComposedFoldedAffineApply(
      builder, loc, AffineMap::get(operands.size(), 0, bound.expr), operands);
  ColumnInterval interval;
  switch (bound.kind) {
  case ColumnBound::Kind::Lower:
    interval.lower = value;
    return interval;
  case ColumnBound::Kind::Upper:
    interval.upper = value;
    return interval;
  default:
    break;
  }
  std::optional<int64_t> guard = getConstantIntValue(value);
  if (!guard) {
    // All columns lie before far * (2 guard + 1), or none does.
    interval.upper = affine::makeComposedFoldedAffineApply(
        builder, loc, (builder.getAffineDimExpr(0) * 2 + 1) * kFar, {value});
    return interval;
  }
  return *guard >= 0 ? std::optional<ColumnInterval>(interval) : std::nullopt;
}

ColumnInterval BoundsBuilder::intersect(const ColumnInterval &a,
                                        const ColumnInterval &b) {
  ColumnInterval result = a;
  if (b.lower)
    result.lower =
        a.lower ? pick(*a.lower, *b.lower, /*maximum=*/true) : *b.lower;
  if (b.upper)
    result.upper =
        a.upper ? pick(*a.upper, *b.upper, /*maximum=*/false) : *b.upper;
  return result;
}

ColumnInterval BoundsBuilder::hull(const ColumnInterval &a,
                                   const ColumnInterval &b) {
  ColumnInterval result;
  if (a.lower && b.lower)
    result.lower = pick(*a.lower, *b.lower, /*maximum=*/false);
  if (a.upper && b.upper)
    result.upper = pick(*a.upper, *b.upper, /*maximum=*/true);
  return result;
}

/// A set inside the union of two intervals: their hull if they touch, else the
/// one with more columns.
ColumnInterval BoundsBuilder::unite(const ColumnInterval &a,
                                    const ColumnInterval &b) {
  if ((!a.lower && !b.lower) || (!a.upper && !b.upper))
    return hull(a, b);
  OpFoldResult low = builder.getIndexAttr(-kFar);
  OpFoldResult high = builder.getIndexAttr(kFar);
  OpFoldResult lowA = a.lower.value_or(low), highA = a.upper.value_or(high);
  OpFoldResult lowB = b.lower.value_or(low), highB = b.upper.value_or(high);
  auto touch = [](auto &&maxLow, auto &&minHigh) { return maxLow <= minHigh; };
  std::optional<int64_t> lA = getConstantIntValue(lowA),
                         hA = getConstantIntValue(highA),
                         lB = getConstantIntValue(lowB),
                         hB = getConstantIntValue(highB);
  if (lA && hA && lB && hB) {
    bool emptyA = *hA <= *lA, emptyB = *hB <= *lB;
    if (emptyA || emptyB)
      return emptyA ? b : a;
    if (touch(std::max(*lA, *lB), std::min(*hA, *hB)))
      return hull(a, b);
    auto count = [](int64_t low, int64_t high) {
      return high - std::max<int64_t>(low, 0);
    };
    return count(*lA, *hA) >= count(*lB, *hB) ? a : b;
  }
  auto value = [&](OpFoldResult result) {
    return getValueOrCreateConstantIndexOp(builder, loc, result);
  };
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    return builder.createOrFold<arith::CmpIOp>(loc, predicate, x, y);
  };
  Value vLowA = value(lowA), vHighA = value(highA);
  Value vLowB = value(lowB), vHighB = value(highB);
  using Predicate = arith::CmpIPredicate;
  Value touches = compare(Predicate::sle, value(pick(lowA, lowB, true)),
                          value(pick(highA, highB, false)));
  // An empty interval must not drag the hull to where nothing is seen.
  Value bothExist = builder.createOrFold<arith::AndIOp>(
      loc, compare(Predicate::slt, vLowA, vHighA),
      compare(Predicate::slt, vLowB, vHighB));
  Value join = builder.createOrFold<arith::AndIOp>(loc, touches, bothExist);
  // What has no lower end begins with the first column.
  OpFoldResult zero = builder.getIndexAttr(0);
  auto count = [&](OpFoldResult lower, Value upper) {
    return builder.createOrFold<arith::SubIOp>(
        loc, upper, value(pick(lower, zero, /*maximum=*/true)));
  };
  Value aIsLonger =
      compare(Predicate::sge, count(lowA, vHighA), count(lowB, vHighB));
  auto choose = [&](OpFoldResult joined, Value x, Value y) -> OpFoldResult {
    Value longer = builder.createOrFold<arith::SelectOp>(loc, aIsLonger, x, y);
    return builder.createOrFold<arith::SelectOp>(loc, join, value(joined),
                                                 longer);
  };
  return {choose(pick(lowA, lowB, false), vLowA, vLowB),
          choose(pick(highA, highB, true), vHighA, vHighB)};
}

ColumnInterval BoundsBuilder::getVisited(const Formula &formula) {
  switch (formula.getKind()) {
  case Formula::Kind::Constraint: {
    if (auto interval = project(formula.getExpr(), /*someRow=*/true))
      return *interval;
    return {builder.getIndexAttr(0), builder.getIndexAttr(0)};
  }
  case Formula::Kind::And: {
    ColumnInterval result;
    for (const Formula &term : formula.getTerms())
      result = intersect(result, getVisited(term));
    return result;
  }
  case Formula::Kind::Or: {
    std::optional<ColumnInterval> result;
    for (const Formula &term : formula.getTerms()) {
      ColumnInterval next = getVisited(term);
      result = result ? hull(*result, next) : next;
    }
    return *result;
  }
  case Formula::Kind::SameId:
    return rows.someId.value_or(ColumnInterval());
  case Formula::Kind::True:
  case Formula::Kind::Bit:
  case Formula::Kind::Not:
    return {};
  }
  llvm_unreachable("every kind is handled");
}

/// More than `most` if there are more.
SmallVector<ColumnPiece> BoundsBuilder::getPieces(const Formula &formula,
                                                  unsigned most) {
  switch (formula.getKind()) {
  case Formula::Kind::Constraint: {
    if (formula.repeatsAlongColumns())
      return {{ColumnInterval(), formula, ColumnInterval()}};
    if (auto interval = project(formula.getExpr(), /*someRow=*/true))
      return {{*interval, std::nullopt, getFull(formula)}};
    return {};
  }
  case Formula::Kind::And: {
    SmallVector<ColumnPiece> result{
        {ColumnInterval(), std::nullopt, ColumnInterval()}};
    for (const Formula &term : formula.getTerms()) {
      SmallVector<ColumnPiece> next = getPieces(term, most), product;
      // Without the holes of this term it may be few enough.
      if (result.size() * next.size() > most)
        next = {{getVisited(term), std::nullopt, getFull(term)}};
      for (const ColumnPiece &a : result)
        for (const ColumnPiece &b : next)
          product.push_back(intersect(a, b));
      result = std::move(product);
      if (result.size() > most)
        break;
    }
    return result;
  }
  case Formula::Kind::Or: {
    SmallVector<ColumnPiece> result;
    // Two that reach equally far have no hole between them.
    auto join = [&](const ColumnPiece &piece) {
      for (ColumnPiece &other : result) {
        const ColumnInterval &a = other.interval, &b = piece.interval;
        bool reachesEnd = !a.upper && !b.upper,
             reachesStart = !a.lower && !b.lower;
        if (other.repeated || piece.repeated || (!reachesEnd && !reachesStart))
          continue;
        other = {hull(a, b), std::nullopt, std::nullopt};
        return;
      }
      result.push_back(piece);
    };
    for (const Formula &term : formula.getTerms()) {
      llvm::for_each(getPieces(term, most), join);
      if (result.size() > most)
        break;
    }
    return result;
  }
  case Formula::Kind::True:
  case Formula::Kind::SameId:
  case Formula::Kind::Bit:
  case Formula::Kind::Not:
    return {{getVisited(formula), std::nullopt, getFull(formula)}};
  }
  llvm_unreachable("every kind is handled");
}

ColumnPiece BoundsBuilder::intersect(const ColumnPiece &a,
                                     const ColumnPiece &b) {
  ColumnPiece result{intersect(a.interval, b.interval),
                     a.repeated ? a.repeated : b.repeated, std::nullopt};
  if (a.repeated && b.repeated)
    result.repeated = Formula::getAnd({*a.repeated, *b.repeated});
  if (a.full && b.full)
    result.full = intersect(*a.full, *b.full);
  return result;
}

std::optional<ColumnInterval> BoundsBuilder::getFull(const Formula &formula) {
  switch (formula.getKind()) {
  case Formula::Kind::True:
    return ColumnInterval();
  case Formula::Kind::Constraint:
    return project(formula.getExpr(), /*someRow=*/false);
  case Formula::Kind::And: {
    ColumnInterval result;
    for (const Formula &term : formula.getTerms()) {
      std::optional<ColumnInterval> next = getFull(term);
      if (!next)
        return std::nullopt;
      result = intersect(result, *next);
    }
    return result;
  }
  case Formula::Kind::Or: {
    std::optional<ColumnInterval> result;
    for (const Formula &term : formula.getTerms())
      if (std::optional<ColumnInterval> next = getFull(term))
        result = result ? unite(*result, *next) : *next;
    return result;
  }
  case Formula::Kind::SameId:
    return rows.everyId;
  case Formula::Kind::Bit:
  case Formula::Kind::Not:
    return std::nullopt;
  }
  llvm_unreachable("every kind is handled");
}

ColumnInterval getVisitedColumns(OpBuilder &builder, Location loc,
                                 const Formula &formula, const RowBlock &rows) {
  return BoundsBuilder(builder, loc, rows)
      .getVisited(formula.getNegationNormalForm());
}

std::optional<SmallVector<ColumnPiece>>
getVisitedPieces(OpBuilder &builder, Location loc, const Formula &formula,
                 const RowBlock &rows, unsigned most) {
  SmallVector<ColumnPiece> pieces =
      BoundsBuilder(builder, loc, rows)
          .getPieces(formula.getNegationNormalForm(), most);
  if (pieces.size() > most)
    return std::nullopt;
  return pieces;
}

std::optional<ColumnInterval> getFullColumns(OpBuilder &builder, Location loc,
                                             const Formula &formula,
                                             const RowBlock &rows) {
  return BoundsBuilder(builder, loc, rows)
      .getFull(formula.getNegationNormalForm());
}

Value emitMayVisit(OpBuilder &builder, Location loc, const Formula &formula,
                   const RowBlock &rows, Value colBegin, Value colEnd) {
  Formula normal = formula.getNegationNormalForm();
  if (normal.getKind() == Formula::Kind::Or) {
    Value result;
    for (const Formula &term : normal.getTerms()) {
      Value next = emitMayVisit(builder, loc, term, rows, colBegin, colEnd);
      result =
          result ? builder.createOrFold<arith::OrIOp>(loc, result, next) : next;
    }
    return result;
  }
  Value result;
  auto conjoin = [&](Value next) {
    result =
        result ? builder.createOrFold<arith::AndIOp>(loc, result, next) : next;
  };
  if (normal.getKind() == Formula::Kind::And)
    for (const Formula &term : normal.getTerms())
      if (!term.isConvex())
        conjoin(emitMayVisit(builder, loc, term, rows, colBegin, colEnd));
  ColumnInterval visited = BoundsBuilder(builder, loc, rows).getVisited(normal);
  if (visited.lower)
    conjoin(builder.createOrFold<arith::CmpIOp>(
        loc, arith::CmpIPredicate::slt,
        getValueOrCreateConstantIndexOp(builder, loc, *visited.lower), colEnd));
  if (visited.upper)
    conjoin(builder.createOrFold<arith::CmpIOp>(
        loc, arith::CmpIPredicate::slt, colBegin,
        getValueOrCreateConstantIndexOp(builder, loc, *visited.upper)));
  return result ? result
                : arith::ConstantIntOp::create(builder, loc, 1, 1).getResult();
}

} // namespace attn::tile
