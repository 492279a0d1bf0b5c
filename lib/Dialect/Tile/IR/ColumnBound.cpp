//===- ColumnBound.cpp - The projection of one constraint -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A constraint holds for some row of a block only if it holds with every
// occurrence of the row replaced by the end of the block that makes the
// constraint largest; for every row if it holds with the ends that make it
// smallest. `mod` is replaced by the end of its range, or by its values at the
// ends of the block as if they lay in one period. What remains is solved
// for the column, through one `floordiv` if need be, so block-diagonal masks
// get exact bounds.
//
//===----------------------------------------------------------------------===//

#include "ColumnBound.h"
#include "AffineSum.h"
#include "attn/Dialect/Tile/IR/Formula.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace attn::tile {

namespace {

/// The row and column in constraints; bounds are over `BlockDim` up to the
/// column, and parameters behind it.
constexpr unsigned kPositionRow = static_cast<unsigned>(PositionDim::Row);
constexpr unsigned kPositionColumn = static_cast<unsigned>(PositionDim::Column);

/// An expression as `rest + coefficient * j` or, with a divisor,
/// `rest + coefficient * ((factor * j + offset) floordiv divisor)`.
struct ColumnForm {
  AffineExpr rest;
  int64_t coefficient = 0;
  int64_t divisor = 0;
  int64_t factor = 0;
  AffineExpr offset;
};

} // namespace

static bool isColumnFree(AffineExpr expr) {
  return !expr.isFunctionOfDim(kColumn);
}

/// Fewer rows than tiles usually have.
static constexpr int64_t kFewRows = 16;

/// True if a part of an expression reads the row outside of quotients that are
/// constant for as many rows as a tile has.
static bool readsRowItself(AffineExpr expr) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition() == kPositionRow;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  bool isQuotient = expr.getKind() == AffineExprKind::FloorDiv ||
                    expr.getKind() == AffineExprKind::CeilDiv;
  if (isQuotient &&
      cast<AffineConstantExpr>(binary.getRHS()).getValue() >= kFewRows)
    return false;
  return readsRowItself(binary.getLHS()) || readsRowItself(binary.getRHS());
}

static bool isStepwise(AffineExpr mod) {
  return mod.isFunctionOfDim(kPositionRow) &&
         !mod.isFunctionOfDim(kPositionColumn) && !readsRowItself(mod);
}

bool hasStepwiseMod(AffineExpr constraint) {
  bool found = false;
  constraint.walk([&](AffineExpr expr) {
    found |= expr.getKind() == AffineExprKind::Mod && isStepwise(expr);
  });
  return found;
}

/// Replaces the row by the ends of its block: the result is at least the
/// largest (`maximum`) or at most the smallest value of `expr` over the block.
static AffineExpr bound(AffineExpr expr, bool maximum, ModBound mod) {
  MLIRContext *context = expr.getContext();
  switch (expr.getKind()) {
  case AffineExprKind::Constant:
    return expr;
  case AffineExprKind::DimId: {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    if (dim == kPositionRow)
      return getAffineDimExpr(maximum ? kLastRow : kFirstRow, context);
    // Parameters move up, since rows have two ends.
    return getAffineDimExpr(dim >= kPositionColumn ? dim + 1 : dim, context);
  }
  case AffineExprKind::SymbolId:
    llvm_unreachable("formulas have no symbols");
  default:
    break;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  if (expr.getKind() == AffineExprKind::Add)
    return bound(lhs, maximum, mod) + bound(rhs, maximum, mod);
  auto constant = cast<AffineConstantExpr>(rhs);
  if (expr.getKind() == AffineExprKind::Mul)
    return bound(lhs, maximum == (constant.getValue() >= 0), mod) * rhs;
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return bound(lhs, maximum, mod).floorDiv(rhs);
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return bound(lhs, maximum, mod).ceilDiv(rhs);
  assert(expr.getKind() == AffineExprKind::Mod && "no other kind");
  if (!lhs.isFunctionOfDim(kPositionRow) &&
      !lhs.isFunctionOfDim(kPositionColumn))
    return bound(lhs, maximum, mod) % rhs;
  // One end, counted from the period of the other.
  if (mod == ModBound::Ends && isStepwise(expr))
    return bound(lhs, maximum, mod) -
           bound(lhs, !maximum, mod).floorDiv(rhs) * rhs;
  // Of what varies within a block or a tile, only the range is known.
  return getAffineConstantExpr(maximum ? constant.getValue() - 1 : 0, context);
}

/// Adds `scale * expr` to `form`; fails if j occurs in any other way than once.
static LogicalResult addTerm(ColumnForm &form, AffineExpr expr, int64_t scale) {
  if (isColumnFree(expr)) {
    form.rest = form.rest + expr * scale;
    return success();
  }
  if (isa<AffineDimExpr>(expr)) {
    form.coefficient += scale;
    return success(form.divisor == 0);
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  if (expr.getKind() == AffineExprKind::Add)
    return success(succeeded(addTerm(form, lhs, scale)) &&
                   succeeded(addTerm(form, rhs, scale)));
  int64_t constant = cast<AffineConstantExpr>(rhs).getValue();
  if (expr.getKind() == AffineExprKind::Mul)
    return addTerm(form, lhs, scale * constant);
  if (expr.getKind() == AffineExprKind::CeilDiv)
    lhs = lhs + (constant - 1);
  // One division, and no other occurrence of j beside it.
  if (form.coefficient != 0 || form.divisor != 0)
    return failure();
  ColumnForm inner;
  inner.rest = getAffineConstantExpr(0, expr.getContext());
  if (failed(addTerm(inner, lhs, 1)) || inner.divisor != 0)
    return failure();
  if (inner.coefficient == 0) {
    form.rest = form.rest + inner.rest.floorDiv(constant) * scale;
    return success();
  }
  form.coefficient = scale;
  form.divisor = constant;
  form.factor = inner.coefficient;
  form.offset = inner.rest;
  return success();
}

/// The bound that `factor * j >= value` is.
static ColumnBound getLower(int64_t factor, AffineExpr value) {
  if (factor > 0)
    return {ColumnBound::Kind::Lower, value.ceilDiv(factor)};
  return {ColumnBound::Kind::Upper, (-value).floorDiv(-factor) + 1};
}

ColumnBound projectConstraint(AffineExpr constraint, bool someRow,
                              ModBound mod) {
  MLIRContext *context = constraint.getContext();
  ColumnForm form;
  form.rest = getAffineConstantExpr(0, context);
  if (failed(
          addTerm(form, bound(joinOccurrences(constraint), someRow, mod), 1)))
    return {};
  ColumnBound result;
  if (form.coefficient == 0) {
    result = {ColumnBound::Kind::Guard, form.rest};
  } else if (form.divisor == 0) {
    // coefficient * j >= -rest.
    result = getLower(form.coefficient, -form.rest);
  } else if (form.coefficient > 0) {
    // quotient >= ceil(-rest / coefficient) =: t, so numerator >= t * divisor.
    AffineExpr quotient = (-form.rest).ceilDiv(form.coefficient);
    result = getLower(form.factor, quotient * form.divisor - form.offset);
  } else {
    // quotient <= floor(rest / -coefficient) =: t, so numerator < (t + 1) *
    // divisor.
    AffineExpr quotient = form.rest.floorDiv(-form.coefficient);
    AffineExpr last = quotient * form.divisor + (form.divisor - 1);
    result = getLower(-form.factor, form.offset - last);
  }
  result.expr = joinOccurrences(result.expr);
  return result;
}

int64_t evaluateExpr(AffineExpr expr, ArrayRef<int64_t> dims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs = evaluateExpr(binary.getLHS(), dims);
  int64_t rhs = evaluateExpr(binary.getRHS(), dims);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return llvm::divideCeilSigned(lhs, rhs);
  case AffineExprKind::Mod:
    return llvm::mod(lhs, rhs);
  default:
    llvm_unreachable("formulas have no symbols");
  }
}

} // namespace attn::tile
