//===- RowBound.cpp - Constraints solved for the row ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RowBound.h"
#include "ColumnBound.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace attn::tile {

/// The bound that `factor * row >= value` is.
static RowBound getLinear(int64_t factor, AffineExpr value) {
  if (factor > 0)
    return {RowBound::Kind::Lower, joinOccurrences(value.ceilDiv(factor))};
  return {RowBound::Kind::Upper, joinOccurrences((-value).floorDiv(-factor))};
}

/// `scale * (numerator mod size) + rest >= 0`.
static std::optional<RowBound> getPeriodic(AffineSum numerator, int64_t size,
                                           int64_t scale, int64_t rest) {
  int64_t low = 0, high = size - 1;
  if (scale > 0)
    low = std::max(low, llvm::divideCeilSigned(-rest, scale));
  else
    high = std::min(high, llvm::divideFloorSigned(rest, -scale));
  AffineExpr zero = getAffineConstantExpr(0, numerator.rest.getContext());
  // None, or all.
  if (low > high)
    return RowBound{RowBound::Kind::Other, zero - 1};
  if (high - low == size - 1)
    return RowBound{RowBound::Kind::Other, zero};
  AffineExpr first;
  if (int64_t factor = numerator.getFactor(kRow); factor == 1)
    first = -numerator.rest + low;
  else if (factor == -1)
    first = numerator.rest - high;
  else
    return std::nullopt;
  return RowBound{RowBound::Kind::Periodic, joinOccurrences(first), size,
                  high - low};
}

std::optional<RowBound> RowBound::get(AffineExpr constraint) {
  AffineSum sum = AffineSum::get(joinOccurrences(constraint), kRow);
  if (sum.atoms.empty())
    return RowBound{Kind::Other, sum.rest};
  if (sum.atoms.size() > 1)
    return std::nullopt;
  if (int64_t factor = sum.getFactor(kRow))
    return getLinear(factor, -sum.rest);
  auto [atom, scale] = sum.atoms.front();
  auto binary = cast<AffineBinaryOpExpr>(atom);
  AffineSum numerator = AffineSum::get(binary.getLHS(), kRow);
  int64_t size = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  if (atom.getKind() == AffineExprKind::Mod) {
    auto rest = dyn_cast<AffineConstantExpr>(sum.rest);
    return rest ? getPeriodic(numerator, size, scale, rest.getValue())
                : std::nullopt;
  }
  int64_t factor = numerator.getFactor(kRow);
  if (factor == 0)
    return std::nullopt;
  // The quotient is at least ceil(-rest / scale), so the numerator at least
  // that times the size.
  if (scale > 0)
    return getLinear(factor,
                     (-sum.rest).ceilDiv(scale) * size - numerator.rest);
  // At most floor(rest / -scale); the numerator, before the next multiple.
  AffineExpr last = sum.rest.floorDiv(-scale) * size + (size - 1);
  return getLinear(-factor, numerator.rest - last);
}

std::optional<RowBound> intersectPeriodic(const RowBound &a,
                                          const RowBound &b) {
  if (a.kind != RowBound::Kind::Periodic ||
      b.kind != RowBound::Kind::Periodic || a.period != b.period)
    return std::nullopt;
  auto distance =
      dyn_cast<AffineConstantExpr>(joinOccurrences(b.expr - a.expr));
  if (!distance)
    return std::nullopt;
  // From the first row of a: b, and b one period before.
  int64_t begin = llvm::mod(distance.getValue(), a.period);
  int64_t length = std::min(a.length - begin, b.length);
  int64_t lengthBefore = std::min(a.length, begin + b.length - a.period);
  if (length >= 0 && lengthBefore >= 0)
    return std::nullopt;
  RowBound result = a;
  if (length >= 0) {
    result.expr = a.expr + begin;
    result.length = length;
  } else if (lengthBefore >= 0) {
    result.length = lengthBefore;
  } else {
    result = {RowBound::Kind::Other,
              getAffineConstantExpr(-1, a.expr.getContext())};
  }
  return result;
}

AffineExpr eliminateRow(AffineExpr lower, AffineExpr upper,
                        const RowBound *periodic) {
  if (!periodic)
    return joinOccurrences(upper - lower);
  // The last range that begins at or before the upper bound ends last: at
  // upper - (upper - expr) mod period + length.
  AffineExpr behind = joinOccurrences(upper - periodic->expr);
  return joinOccurrences(upper - lower) - behind % periodic->period +
         periodic->length;
}

//===----------------------------------------------------------------------===//
// Splits
//===----------------------------------------------------------------------===//

static bool isBase(AffineExpr expr) {
  return !expr.isFunctionOfDim(kColumn) &&
         AffineSum::get(expr, kRow).getFactor(kRow) == 1;
}

void RowSplits::add(AffineExpr constraint) {
  constraint.walk([&](AffineExpr expr) {
    if (expr.getKind() != AffineExprKind::Mod || !expr.isFunctionOfDim(kRow) ||
        expr.isFunctionOfDim(kColumn))
      return;
    auto binary = cast<AffineBinaryOpExpr>(expr);
    AffineExpr base = binary.getLHS(), size = binary.getRHS();
    // Of what was divided before, the quotient.
    AffineSum sum = AffineSum::get(base, kRow);
    if (sum.atoms.size() == 1 &&
        sum.atoms[0].first.getKind() == AffineExprKind::FloorDiv) {
      auto inner = cast<AffineBinaryOpExpr>(sum.atoms[0].first);
      base = inner.getLHS();
      size = inner.getRHS();
    }
    if (!isBase(base))
      return;
    int64_t unit = cast<AffineConstantExpr>(size).getValue();
    for (Split &split : splits) {
      if (split.base != base)
        continue;
      if (split.unit % unit == 0)
        split.unit = unit;
      if (unit % split.unit == 0)
        return;
    }
    if (splits.size() < kMostPieceDims)
      splits.push_back({base, unit});
  });
}

AffineExpr RowSplits::replace(AffineExpr expr) const {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return expr;
  AffineExprKind kind = expr.getKind();
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  if (kind == AffineExprKind::Mod || kind == AffineExprKind::FloorDiv) {
    int64_t size = cast<AffineConstantExpr>(rhs).getValue();
    for (auto [number, split] : llvm::enumerate(splits)) {
      if (split.base != lhs || size % split.unit != 0)
        continue;
      AffineExpr quotient = getAffineDimExpr(kPiece + number, expr.getContext())
                                .floorDiv(size / split.unit);
      return kind == AffineExprKind::Mod ? lhs - quotient * size : quotient;
    }
  }
  return getAffineBinaryOpExpr(kind, replace(lhs), replace(rhs));
}

LogicalResult
RowSplits::forEach(ArrayRef<int64_t> dims, int64_t most,
                   function_ref<void(ArrayRef<int64_t>)> visit) const {
  int64_t last = dims[kLastRow], count = 1;
  for (const Split &split : splits)
    count += (last - dims[kFirstRow]) / split.unit + 1;
  if (!splits.empty() && count > most)
    return failure();
  SmallVector<int64_t> piece(dims);
  piece.resize(kPiece + splits.size());
  for (int64_t row = dims[kFirstRow]; row <= last; row = piece[kLastRow] + 1) {
    piece[kFirstRow] = piece[kRow] = row;
    piece[kLastRow] = last;
    for (auto [number, split] : llvm::enumerate(splits)) {
      int64_t base = evaluateExpr(split.base, piece);
      piece[kPiece + number] = llvm::divideFloorSigned(base, split.unit);
      piece[kLastRow] = std::min(
          piece[kLastRow], row + split.unit - 1 - llvm::mod(base, split.unit));
    }
    visit(piece);
  }
  return success();
}

} // namespace attn::tile
