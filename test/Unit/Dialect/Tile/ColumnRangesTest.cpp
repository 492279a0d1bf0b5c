//===- ColumnRangesTest.cpp - Columns that blocks of rows see -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compared with the formula at each position, where the answer has to be exact.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/Formula.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace attn::tile;

namespace {

class ColumnRangesTest : public ::testing::Test {
protected:
  MLIRContext context;
  AffineExpr dim(PositionDim d) {
    return getAffineDimExpr(static_cast<unsigned>(d), &context);
  }
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);

  Formula atLeast0(AffineExpr expr) { return Formula::getConstraint(expr); }
  Formula is0(AffineExpr expr) {
    return Formula::getAnd({atLeast0(expr), atLeast0(-expr)});
  }
  Formula strided(int64_t stride) { return atLeast0(-((row - col) % stride)); }
  Formula chunk(int64_t size) {
    return is0(row.floorDiv(size) - col.floorDiv(size));
  }
  Formula window(int64_t left) {
    return Formula::getAnd({causal, atLeast0(col - row + left - 1)});
  }
  /// The cell along one dimension is at most `reach` away.
  Formula near(int64_t below, int64_t size, int64_t reach) {
    AffineExpr i = row.floorDiv(below) % size, j = col.floorDiv(below) % size;
    return Formula::getAnd(
        {Formula::getOr(
             {atLeast0(j - i + reach), atLeast0(j - (size - 2 * reach - 1))}),
         Formula::getOr({atLeast0(i - j + reach), atLeast0(2 * reach - j)})});
  }

  /// True if the ranges are those of a position by position.
  ::testing::AssertionResult isExact(const Formula &formula, int64_t first,
                                     int64_t last, ColumnRange within) {
    ColumnRanges ranges(formula);
    SmallVector<ColumnRange> visited =
        ranges.getVisited(0, 1, first, last, within);
    SmallVector<ColumnRange> full = ranges.getFull(0, 1, first, last, visited);
    auto contains = [](ArrayRef<ColumnRange> list, int64_t column) {
      return llvm::any_of(list, [&](const ColumnRange &range) {
        return range.begin <= column && column < range.end;
      });
    };
    for (int64_t column = within.begin; column < within.end; ++column) {
      int64_t count = 0;
      for (int64_t i = first; i <= last; ++i)
        count += evaluate(formula, 0, 1, i, column);
      if (contains(visited, column) != (count > 0) ||
          contains(full, column) != (count == last - first + 1))
        return ::testing::AssertionFailure()
               << "rows " << first << " to " << last << ", column " << column
               << ": seen by " << count;
    }
    return ::testing::AssertionSuccess();
  }

  void expectExact(const char *name, const Formula &formula) {
    for (int64_t size : {1, 2, 7, 40})
      for (int64_t first = -25; first < 70; first += size)
        for (const Formula &either : {formula, !formula})
          ASSERT_TRUE(isExact(either, first, first + size - 1, {-3, 90}))
              << name;
  }

  Formula causal = atLeast0(row - col);
};

TEST_F(ColumnRangesTest, whatRepeatsAlongColumns) {
  expectExact("every 8 the last 3", atLeast0(col % 8 - 5));
  expectExact("not the first of 6", atLeast0(col % 6 - 1));
  expectExact("in blocks of 4, of 3 the second", is0(col.floorDiv(4) % 3 - 1));
  expectExact("within a period", atLeast0((col + 3) % 10 % 4 - 2));
  expectExact("and causal", Formula::getAnd({causal, atLeast0(col % 8 - 5)}));
  expectExact("or a window",
              Formula::getOr({window(5), atLeast0(col % 16 - 13)}));
  expectExact("by head", atLeast0((col + dim(PositionDim::Head)) % 8 - 5));
}

TEST_F(ColumnRangesTest, distancesThatRepeat) {
  expectExact("stride 5", strided(5));
  expectExact("stride 30", strided(30));
  expectExact("a range of remainders",
              Formula::getAnd({atLeast0((row - col) % 12 - 3),
                               atLeast0(8 - (row - col) % 12)}));
  expectExact("the other way", atLeast0((col - row) % 9 - 6));
  expectExact("dilated", Formula::getAnd({window(40), strided(20)}));
  expectExact("sums", atLeast0((row + col) % 7 - 5));
  expectExact("in a chunk", Formula::getAnd({chunk(16), strided(3)}));
  expectExact(
      "with a window",
      Formula::getAnd({causal, Formula::getOr({window(8), strided(20)})}));
}

TEST_F(ColumnRangesTest, blocksThatAreDrawn) {
  auto drawn = [&](int64_t block, int64_t size, int64_t factor) {
    AffineExpr sum = row.floorDiv(block) % size * factor +
                     dim(PositionDim::Head) % size * 2 + 1;
    return is0(col.floorDiv(block) - sum % size - 1);
  };
  expectExact("one of 5", drawn(8, 5, 3));
  expectExact("one of 11", drawn(6, 11, 7));
  expectExact("two", Formula::getOr({drawn(4, 6, 5), drawn(4, 7, 2)}));
  expectExact("and causal", Formula::getAnd({causal, drawn(8, 9, 4)}));
  expectExact("or a window", Formula::getOr({window(5), drawn(8, 9, 4)}));
}

TEST_F(ColumnRangesTest, rowsThatRepeat) {
  expectExact("half of the rows", atLeast0(row % 32 - 16));
  expectExact("of blocks", is0(row.floorDiv(4) % 3 - 1));
  expectExact("with distances",
              Formula::getAnd({atLeast0(row % 6 - 3), strided(5)}));
}

TEST_F(ColumnRangesTest, gridsOfCells) {
  expectExact("2-D", Formula::getAnd({near(1, 8, 1), near(8, 8, 2)}));
  expectExact("3-D",
              Formula::getAnd({near(1, 5, 1), near(5, 4, 1), near(20, 4, 1)}));
  expectExact("causal",
              Formula::getAnd({causal, near(1, 8, 1), near(8, 8, 2)}));
}

/// Terms that hold for different rows, and for none together.
TEST_F(ColumnRangesTest, conjunctionsHoldForOneRow) {
  Formula global = Formula::getOr({atLeast0(2 - row), atLeast0(2 - col)});
  expectExact("nothing", Formula::getAnd({causal, !causal}));
  expectExact("all", Formula::getOr({causal, !causal}));
  expectExact("all but chunks", Formula::getAnd({causal, !chunk(32)}));
  expectExact("both ends",
              Formula::getAnd({atLeast0(row - col), atLeast0(20 - row - col)}));
  expectExact("neither", Formula::getAnd({!window(5), !global}));
  expectExact("slopes", Formula::getAnd({atLeast0(row * 3 - col * 2),
                                         atLeast0(col * 5 - row * 7)}));
  expectExact("cases", Formula::getAnd(
                           {!Formula::getAnd({window(50), atLeast0(col - 7)}),
                            Formula::getOr({causal, !chunk(24)})}));
}

/// Never wrong, whatever is asked for.
TEST_F(ColumnRangesTest, randomFormulasAreSound) {
  std::mt19937 seed(11);
  auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(seed() % (high - low + 1));
  };
  auto leaf = [&] {
    AffineExpr base = row * draw(-2, 2) + col * draw(-2, 2) + draw(-12, 12);
    AffineExpr expr = base;
    if (draw(0, 2) == 0)
      expr = expr.floorDiv(draw(2, 6)) + col * draw(-1, 1);
    if (draw(0, 2) == 0)
      expr = expr % draw(2, 9) - draw(0, 3);
    if (draw(0, 3) == 0)
      expr = expr + (row + draw(0, 3)).ceilDiv(draw(2, 5));
    if (draw(0, 3) == 0)
      expr = expr - (row.floorDiv(draw(1, 3)) % draw(2, 5)) * draw(-2, 2);
    return atLeast0(expr * (draw(0, 1) ? 1 : -1));
  };
  int64_t exact = 0, total = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    SmallVector<Formula> terms;
    for (int64_t term = 0, count = draw(1, 4); term < count; ++term)
      terms.push_back(draw(0, 1)   ? leaf()
                      : draw(0, 1) ? Formula::getOr({leaf(), leaf()})
                                   : !Formula::getOr({leaf(), leaf()}));
    Formula formula =
        draw(0, 1) ? Formula::getAnd(terms) : Formula::getOr(terms);
    ColumnRanges ranges(formula);
    int64_t first = draw(-20, 20), last = first + draw(0, 12);
    SmallVector<ColumnRange> visited =
        ranges.getVisited(0, 0, first, last, {-10, 40});
    SmallVector<ColumnRange> full = ranges.getFull(0, 0, first, last, visited);
    std::vector<int> shown(50);
    for (const ColumnRange &range : visited)
      for (int64_t column = range.begin; column < range.end; ++column)
        shown[column + 10] = 1;
    for (const ColumnRange &range : full)
      for (int64_t column = range.begin; column < range.end; ++column)
        shown[column + 10] = 2;
    for (int64_t column = -10; column < 40; ++column) {
      int64_t count = 0;
      for (int64_t i = first; i <= last; ++i)
        count += evaluate(formula, 0, 0, i, column);
      int right = count == 0 ? 0 : count == last - first + 1 ? 2 : 1;
      exact += shown[column + 10] == right;
      ++total;
      if (shown[column + 10] != 1)
        ASSERT_EQ(shown[column + 10], right)
            << "trial " << trial << ", rows " << first << " to " << last
            << ", column " << column;
    }
  }
  EXPECT_GT(exact, total * 9 / 10);
}

TEST_F(ColumnRangesTest, largeConstants) {
  auto getMasks = [&](int64_t far) {
    return SmallVector<Formula>{atLeast0(col + far), atLeast0(row - col - far),
                                atLeast0((row - col).floorDiv(64) * -3 + far),
                                atLeast0(-(col.floorDiv(3) % far) + (far - 5))};
  };
  for (int shift : {20, 30})
    for (const Formula &mask : getMasks(int64_t(1) << shift))
      expectExact("large", mask);
  // So large that nothing is said, which is not wrong.
  for (int shift : {38, 40, 49, 50, 55, 60})
    for (const Formula &mask : getMasks(int64_t(1) << shift))
      for (const Formula &either : {mask, !mask})
        for (int64_t column : {-3, 0, 7}) {
          TileClass tile =
              ColumnRanges(either).classify(0, 0, 2, 3, column, column + 1);
          EXPECT_NE(tile, evaluate(either, 0, 0, 2, column) ? TileClass::Empty
                                                            : TileClass::Full)
              << shift;
        }
}

/// What repeats too often for a list says nothing; a tile is small enough.
TEST_F(ColumnRangesTest, longRowsAreBounded) {
  int64_t length = 1 << 24;
  Formula mask = Formula::getAnd({causal, strided(64)});
  ColumnRanges ranges(mask);
  SmallVector<ColumnRange> visited =
      ranges.getVisited(0, 0, length - 8, length - 1, {0, length});
  ASSERT_EQ(visited.size(), 1u);
  EXPECT_EQ(visited[0].end, length);
  visited = ranges.getVisited(0, 0, length - 8, length - 1, {0, 1 << 15});
  ASSERT_EQ(visited.size(), 512u);
  EXPECT_EQ(visited[5].begin, 5 * 64 + 56);
  EXPECT_EQ(visited[5].end, 5 * 64 + 64);
  EXPECT_EQ(ranges.classify(0, 0, length - 8, length, 1024, 1024 + 56),
            TileClass::Empty);
  EXPECT_EQ(ranges.classify(0, 0, length - 8, length, 1024, 1024 + 57),
            TileClass::Partial);
}

} // namespace
