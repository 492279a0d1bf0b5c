//===- TilePiecesTest.cpp - Which tiles loops visit -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For constant rows everything folds to constants, which are compared with the
// predicate evaluated at each position.
//
//===----------------------------------------------------------------------===//

#include "Dialect/Tile/Transforms/TilePieces.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "gtest/gtest.h"
#include <random>
#include <set>

using namespace mlir;
using namespace attn::tile;

namespace {

class TilePiecesTest : public ::testing::Test {
protected:
  TilePiecesTest() : builder(&context), loc(builder.getUnknownLoc()) {
    context.loadDialect<affine::AffineDialect, arith::ArithDialect>();
    builder.setInsertionPointToStart(&block);
  }

  AffineExpr dim(PositionDim d) {
    return getAffineDimExpr(static_cast<unsigned>(d), &context);
  }
  Formula atLeast0(AffineExpr expr) { return Formula::getConstraint(expr); }
  Formula equal0(AffineExpr expr) {
    return Formula::getAnd({atLeast0(expr), atLeast0(-expr)});
  }
  Formula causal() {
    return atLeast0(dim(PositionDim::Row) - dim(PositionDim::Column));
  }
  Formula window(int64_t width) {
    return Formula::getAnd(
        {causal(), atLeast0(dim(PositionDim::Column) - dim(PositionDim::Row) +
                            (width - 1))});
  }
  Formula prefix(int64_t length) {
    return atLeast0(length - 1 - dim(PositionDim::Column));
  }
  /// Blocks of `size` columns, of every `period` that of `number`.
  Formula blocks(int64_t size, int64_t period, int64_t number) {
    return equal0(dim(PositionDim::Column).floorDiv(size) % period - number);
  }

  /// The tiles that a loop visits; fails if one is visited twice.
  std::optional<std::set<int64_t>> getTiles(const Formula &formula,
                                            int64_t firstRow, int64_t lastRow,
                                            int64_t tileSize, int64_t begin,
                                            int64_t end) {
    RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(0),
                  builder.getIndexAttr(firstRow),
                  builder.getIndexAttr(lastRow)};
    Value lastWhole = arith::ConstantIndexOp::create(builder, loc, end);
    auto pieces =
        TilePieces::get(builder, loc, formula, rows, tileSize, lastWhole,
                        /*isShifted=*/false, [](OpFoldResult x) { return x; });
    if (!pieces)
      return std::nullopt;
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    TilePieces clipped =
        pieces->clip(builder, loc, constant(begin), constant(end));
    int64_t count = *getConstantIntValue(clipped.getCount(builder, loc));
    std::set<int64_t> tiles;
    for (int64_t number = 0; number < count; ++number) {
      std::optional<int64_t> tile =
          getConstantIntValue(clipped.getTile(builder, loc, constant(number)));
      EXPECT_TRUE(tile && tiles.insert(*tile).second);
      EXPECT_TRUE(*tile >= begin && *tile < end);
    }
    return tiles;
  }

  /// The tiles that have a visible position.
  std::set<int64_t> getNeeded(const Formula &formula, int64_t firstRow,
                              int64_t lastRow, int64_t tileSize, int64_t begin,
                              int64_t end) {
    std::set<int64_t> tiles;
    for (int64_t row = firstRow; row <= lastRow; ++row)
      for (int64_t col = begin * tileSize; col < end * tileSize; ++col)
        if (evaluate(formula, 0, 0, row, col))
          tiles.insert(col / tileSize);
    return tiles;
  }

  /// Exactly the tiles with a visible position, for every block of rows.
  void expectExact(const Formula &formula, int64_t numRows, int64_t tileSize) {
    for (int64_t first = 0; first < 300; first += numRows) {
      int64_t last = first + numRows - 1, end = 300 / tileSize + 1;
      auto tiles = getTiles(formula, first, last, tileSize, 0, end);
      ASSERT_TRUE(tiles);
      EXPECT_EQ(*tiles, getNeeded(formula, first, last, tileSize, 0, end))
          << "rows " << first << ", tiles of " << tileSize;
    }
  }

  MLIRContext context;
  Block block;
  OpBuilder builder;
  Location loc;
};

TEST_F(TilePiecesTest, SkipsHoles) {
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  Formula sinks =
      Formula::getOr({window(40), Formula::getAnd({causal(), prefix(5)})});
  Formula far = Formula::getOr(
      {window(10), equal0(row - col - 100), equal0(row - col - 200)});
  Formula both = Formula::getOr({prefix(20), atLeast0(col - row - 64)});
  Formula repeated = Formula::getOr(
      {window(40), Formula::getAnd({causal(), blocks(32, 4, 3)})});
  Formula wide = Formula::getAnd(
      {causal(), Formula::getOr({blocks(48, 3, 1), window(17)})});
  for (int64_t rows : {1, 7, 16, 64})
    for (int64_t tile : {8, 16}) {
      for (const Formula &formula : {sinks, far, both, repeated, wide})
        expectExact(formula, rows, tile);
    }
}

TEST_F(TilePiecesTest, HasEveryTileOnce) {
  std::mt19937 seed(1);
  auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(seed() % (high - low + 1));
  };
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  int64_t numKnown = 0;
  for (int trial = 0; trial < 400; ++trial) {
    SmallVector<Formula> terms;
    for (int64_t i = draw(1, 5); i > 0; --i)
      switch (draw(0, 4)) {
      case 0:
        terms.push_back(window(draw(1, 60)));
        break;
      case 1:
        terms.push_back(prefix(draw(0, 80)));
        break;
      case 2:
        terms.push_back(
            equal0(row.floorDiv(24) - col.floorDiv(24) - draw(-2, 2)));
        break;
      case 3:
        terms.push_back(blocks(draw(1, 40), draw(2, 5), 1));
        break;
      default:
        terms.push_back(atLeast0(col - row - draw(0, 99)));
        break;
      }
    Formula formula = Formula::getOr(terms);
    if (draw(0, 1))
      formula = Formula::getAnd({formula, causal()});
    int64_t first = draw(0, 150), last = first + draw(0, 40),
            tile = draw(1, 32), begin = draw(0, 5), end = begin + draw(0, 9);
    auto tiles = getTiles(formula, first, last, tile, begin, end);
    if (!tiles)
      continue;
    ++numKnown;
    for (int64_t needed : getNeeded(formula, first, last, tile, begin, end))
      EXPECT_TRUE(tiles->count(needed)) << "trial " << trial;
  }
  EXPECT_GT(numKnown, 300);
}

TEST_F(TilePiecesTest, TakesOutFullTiles) {
  std::mt19937 seed(2);
  auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(seed() % (high - low + 1));
  };
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  constexpr int64_t kTile = 16, kEnd = 20;
  int64_t numFull = 0;
  for (int64_t trial = 0; trial < 200; ++trial) {
    int64_t first = draw(0, 200), last = first + draw(0, 60);
    // Blocks of whole tiles, seen between two distances.
    Formula formula =
        Formula::getAnd({atLeast0(row - col + draw(-20, 90)),
                         atLeast0(col - row + draw(-20, 90)),
                         blocks(kTile * draw(1, 2), draw(2, 3), 1)});
    RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(0),
                  builder.getIndexAttr(first), builder.getIndexAttr(last)};
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    auto pieces =
        TilePieces::get(builder, loc, formula, rows, kTile, constant(kEnd),
                        /*isShifted=*/false, [](OpFoldResult x) { return x; });
    ASSERT_TRUE(pieces);
    TilePieces partial =
        pieces->takePatterns().clip(builder, loc, constant(0), constant(kEnd));
    TilePieces full = partial.takeFull(builder, loc);
    std::set<int64_t> visited;
    for (TilePieces *list : {&partial, &full}) {
      int64_t count = *getConstantIntValue(list->getCount(builder, loc));
      for (int64_t number = 0; number < count; ++number) {
        int64_t tile =
            *getConstantIntValue(list->getTile(builder, loc, constant(number)));
        EXPECT_TRUE(visited.insert(tile).second) << "trial " << trial;
        if (list == &partial)
          continue;
        ++numFull;
        for (int64_t i = first; i <= last; ++i)
          for (int64_t j = tile * kTile; j < (tile + 1) * kTile; ++j)
            EXPECT_TRUE(evaluate(formula, 0, 0, i, j)) << "trial " << trial;
      }
    }
    for (int64_t needed : getNeeded(formula, first, last, kTile, 0, kEnd))
      EXPECT_TRUE(visited.count(needed)) << "trial " << trial;
  }
  EXPECT_GT(numFull, 20);
}

TEST_F(TilePiecesTest, KnowsWhatRepeats) {
  AffineExpr col = dim(PositionDim::Column);
  EXPECT_EQ(getPeriod(blocks(128, 16, 15), 4096), 2048);
  EXPECT_EQ(getPeriod(atLeast0(col % 6 + (col * 3) % 4 - 2), 4096), 12);
  EXPECT_EQ(getPeriod(atLeast0((col % 12).floorDiv(4) - 1), 4096), 12);
  EXPECT_EQ(getPeriod(blocks(128, 64, 1), 4096), std::nullopt);
  EXPECT_EQ(getPeriod(atLeast0(col - 3), 4096), std::nullopt);
  EXPECT_EQ(getPeriod(atLeast0(col.floorDiv(4)), 4096), std::nullopt);
  EXPECT_EQ(getPeriod(atLeast0(col % 4 - col), 4096), std::nullopt);
}

} // namespace
