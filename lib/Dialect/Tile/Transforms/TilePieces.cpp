//===- TilePieces.cpp - Tiles of a segment without its holes --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Intervals of columns become intervals of tiles, which may overlap. Sorted by
// their first tiles, by selects, each begins where those before it end at the
// earliest. What repeats is visited in the gaps between them.
//
//===----------------------------------------------------------------------===//

#include "TilePieces.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <numeric>

using namespace mlir;
using namespace attn::tile;

/// Intervals that are told apart. More would cost more than the tiles that they
/// save.
static constexpr unsigned kMostPieces = 6;

namespace {
/// Index arithmetic on values.
struct IndexBuilder {
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value smaller(Value x, Value y) {
    return b.createOrFold<arith::MinSIOp>(loc, x, y);
  }
  Value larger(Value x, Value y) {
    return b.createOrFold<arith::MaxSIOp>(loc, x, y);
  }
  Value add(Value x, Value y) {
    return b.createOrFold<arith::AddIOp>(loc, x, y);
  }
  Value sub(Value x, Value y) {
    return b.createOrFold<arith::SubIOp>(loc, x, y);
  }
  Value less(Value x, Value y) {
    return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return b.createOrFold<arith::SelectOp>(loc, condition, x, y);
  }
  Value apply(AffineExpr expr, Value x) {
    return getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(b, loc, expr,
                                              {getAsOpFoldResult(x)}));
  }
};
} // namespace

/// The tiles of a period that have a column of the predicate; null if they are
/// not one run, or all.
static std::optional<TilePattern> getPattern(const Formula &repeated,
                                             int64_t tileSize) {
  std::optional<int64_t> columns = getPeriod(repeated);
  if (!columns || std::lcm(*columns, tileSize) > kMostPeriod)
    return std::nullopt;
  TilePattern pattern{0, 0, std::lcm(*columns, tileSize) / tileSize};
  bool hasEnded = false;
  for (int64_t tile = 0; tile < pattern.period; ++tile) {
    int64_t count = 0;
    for (int64_t column = 0; column < tileSize; ++column)
      count += evaluate(repeated, 0, 0, 0, tile * tileSize + column);
    bool isVisited = count > 0;
    pattern.isFull &= count == 0 || count == tileSize;
    if (isVisited && hasEnded)
      return std::nullopt;
    if (isVisited && pattern.width++ == 0)
      pattern.phase = tile;
    hasEnded |= !isVisited && pattern.width > 0;
  }
  return pattern.width == pattern.period ? std::nullopt
                                         : std::optional(pattern);
}

/// Sorts by first tiles and takes from each piece what those before it have.
static void makeDisjoint(IndexBuilder &index, MutableArrayRef<TilePiece> list) {
  for (size_t last = list.size(); last > 1; --last)
    for (size_t i = 0; i + 1 < last; ++i) {
      TilePiece a = list[i], b = list[i + 1];
      Value swap = index.less(b.begin, a.begin);
      list[i].begin = index.smaller(a.begin, b.begin);
      list[i].end = index.select(swap, b.end, a.end);
      list[i + 1].begin = index.larger(a.begin, b.begin);
      list[i + 1].end = index.select(swap, a.end, b.end);
    }
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0)
      list[i].begin = index.larger(list[i].begin, list[i - 1].end);
    // An empty piece ends where it begins.
    list[i].end = index.larger(list[i].begin, list[i].end);
  }
}

TilePieces TilePieces::getRange(Value begin, Value end) {
  TilePieces result;
  result.pieces.push_back({begin, end, std::nullopt, Value(), Value()});
  return result;
}

std::optional<TilePieces>
TilePieces::get(OpBuilder &builder, Location loc, const Formula &formula,
                const RowBlock &rows, int64_t tileSize, Value lastWhole,
                bool isShifted,
                function_ref<OpFoldResult(OpFoldResult)> toPhysical) {
  std::optional<SmallVector<ColumnPiece>> columns =
      getVisitedPieces(builder, loc, formula, rows, kMostPieces);
  if (!columns || columns->empty())
    return std::nullopt;
  IndexBuilder index{builder, loc};
  auto toTile = [&](std::optional<OpFoldResult> column, bool isUpper) {
    // No tensor has so many columns.
    constexpr int64_t kNone = int64_t(1) << 40;
    if (!column)
      return index.constant(isUpper ? kNone : 0);
    Value value =
        getValueOrCreateConstantIndexOp(builder, loc, toPhysical(*column));
    AffineExpr x = builder.getAffineDimExpr(0);
    return index.apply(isUpper ? x.ceilDiv(tileSize) : x.floorDiv(tileSize),
                       index.larger(value, index.constant(0)));
  };
  SmallVector<TilePiece> dense;
  std::optional<TilePiece> repeated;
  for (const ColumnPiece &piece : *columns) {
    TilePiece tiles{toTile(piece.interval.lower, /*isUpper=*/false),
                    toTile(piece.interval.upper, /*isUpper=*/true),
                    std::nullopt, Value(), Value()};
    // The pattern is that of logical columns.
    if (piece.repeated && !isShifted)
      tiles.pattern = getPattern(*piece.repeated, tileSize);
    if (tiles.pattern && tiles.pattern->width == 0)
      continue;
    if (tiles.pattern && !repeated) {
      if (piece.full && tiles.pattern->isFull) {
        // Rounded to the inside; no tile is full that has columns behind the
        // last one.
        tiles.fullBegin = piece.full->lower
                              ? toTile(piece.full->lower, /*isUpper=*/true)
                              : index.constant(0);
        tiles.fullEnd = lastWhole;
        if (piece.full->upper)
          tiles.fullEnd = index.smaller(
              tiles.fullEnd, toTile(piece.full->upper, /*isUpper=*/false));
      }
      repeated = tiles;
      continue;
    }
    tiles.pattern.reset();
    dense.push_back(tiles);
  }
  makeDisjoint(index, dense);
  TilePieces result;
  result.pieces = dense;
  if (!repeated)
    return result;
  Value begin = repeated->begin;
  auto addGap = [&](Value end) {
    TilePiece gap = *repeated;
    gap.begin = begin;
    gap.end = end;
    result.pieces.push_back(gap);
  };
  for (const TilePiece &piece : dense) {
    addGap(index.smaller(repeated->end, piece.begin));
    begin = index.larger(repeated->begin, piece.end);
  }
  addGap(repeated->end);
  return result;
}

TilePieces TilePieces::clip(OpBuilder &builder, Location loc, Value begin,
                            Value end) const {
  IndexBuilder index{builder, loc};
  TilePieces result;
  for (TilePiece piece : pieces) {
    piece.begin = index.larger(piece.begin, begin);
    piece.end = index.smaller(piece.end, end);
    result.pieces.push_back(piece);
  }
  return result;
}

TilePieces TilePieces::takePatterns() {
  TilePieces taken;
  llvm::copy_if(pieces, std::back_inserter(taken.pieces),
                [](const TilePiece &piece) { return piece.pattern; });
  llvm::erase_if(pieces, [](const TilePiece &piece) { return piece.pattern; });
  return taken;
}

TilePieces TilePieces::takeFull(OpBuilder &builder, Location loc) {
  IndexBuilder index{builder, loc};
  TilePieces full;
  SmallVector<TilePiece> rest;
  for (const TilePiece &piece : pieces) {
    if (!piece.fullEnd) {
      rest.push_back(piece);
      continue;
    }
    auto add = [&](SmallVectorImpl<TilePiece> &list, Value begin, Value end) {
      list.push_back({begin, end, piece.pattern, Value(), Value()});
    };
    Value fullEnd = piece.fullEnd;
    if (!isConstantIntValue(piece.fullBegin, 0)) {
      add(rest, piece.begin, index.smaller(piece.end, piece.fullBegin));
      // If none is full, the others are what lies on both sides of one place.
      fullEnd = index.larger(piece.fullBegin, fullEnd);
    }
    add(full.pieces, index.larger(piece.begin, piece.fullBegin),
        index.smaller(piece.end, fullEnd));
    add(rest, index.larger(piece.begin, fullEnd), piece.end);
  }
  pieces = std::move(rest);
  return full;
}

/// The tiles of a pattern in front of a tile.
static Value countBefore(IndexBuilder &index, const TilePattern &pattern,
                         Value tile) {
  AffineExpr x = index.b.getAffineDimExpr(0);
  Value whole = index.apply(x.floorDiv(pattern.period) * pattern.width, tile);
  Value rest = index.apply(x % pattern.period - pattern.phase, tile);
  rest = index.larger(rest, index.constant(0));
  return index.add(whole, index.smaller(rest, index.constant(pattern.width)));
}

Value TilePieces::getCount(OpBuilder &builder, Location loc) {
  IndexBuilder index{builder, loc};
  auto narrow = [&](Value value) {
    return builder.createOrFold<arith::IndexCastOp>(loc, builder.getI32Type(),
                                                    value);
  };
  Value total = index.constant(0);
  for (const TilePiece &piece : pieces) {
    Value end = index.larger(piece.begin, piece.end), first = piece.begin;
    Value count = index.sub(end, first);
    if (piece.pattern) {
      first = countBefore(index, *piece.pattern, piece.begin);
      count = index.sub(countBefore(index, *piece.pattern, end), first);
    }
    offsets.push_back(narrow(index.sub(first, total)));
    total = index.add(total, count);
    ends.push_back(narrow(total));
  }
  return total;
}

Value TilePieces::getTile(OpBuilder &builder, Location loc,
                          Value number) const {
  Type type = builder.getI32Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, loc, type, value);
  };
  if (pieces.empty())
    return number;
  Value narrow = builder.createOrFold<arith::IndexCastOp>(loc, type, number);
  // Of intervals, the tile itself, else how many of the pattern lie before it.
  Value place, isOfPattern;
  for (size_t i = pieces.size(); i-- > 0;) {
    Value isPattern = arith::ConstantIntOp::create(
        builder, loc, pieces[i].pattern.has_value(), 1);
    if (!place) {
      place = offsets[i];
      isOfPattern = isPattern;
      continue;
    }
    Value isInside = builder.createOrFold<arith::CmpIOp>(
        loc, arith::CmpIPredicate::slt, narrow, ends[i]);
    place =
        builder.createOrFold<arith::SelectOp>(loc, isInside, offsets[i], place);
    isOfPattern = builder.createOrFold<arith::SelectOp>(loc, isInside,
                                                        isPattern, isOfPattern);
  }
  Value tile = builder.createOrFold<arith::AddIOp>(loc, narrow, place);
  if (hasPatterns()) {
    // There is one pattern.
    auto [phase, width, period, isFull] =
        *llvm::find_if(pieces, [](const TilePiece &piece) {
           return piece.pattern.has_value();
         })->pattern;
    Value whole =
              builder.createOrFold<arith::DivUIOp>(loc, tile, constant(width)),
          rest =
              builder.createOrFold<arith::RemUIOp>(loc, tile, constant(width));
    Value repeated = builder.createOrFold<arith::AddIOp>(
        loc, builder.createOrFold<arith::MulIOp>(loc, whole, constant(period)),
        builder.createOrFold<arith::AddIOp>(loc, rest, constant(phase)));
    tile =
        builder.createOrFold<arith::SelectOp>(loc, isOfPattern, repeated, tile);
  }
  return builder.createOrFold<arith::IndexCastOp>(loc, builder.getIndexType(),
                                                  tile);
}
