//===- FormulaTest.cpp - Predicates against their definition --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every answer a formula gives about a tile is compared with the formula
// evaluated at each position of the tile.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/Formula.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace attn::tile;

namespace {

class FormulaTest : public ::testing::Test {
protected:
  FormulaTest() : builder(&context) {
    context.loadDialect<affine::AffineDialect, arith::ArithDialect>();
  }

  AffineExpr dim(PositionDim d) {
    return getAffineDimExpr(static_cast<unsigned>(d), &context);
  }
  Formula causal() {
    return Formula::getConstraint(dim(PositionDim::Row) -
                                  dim(PositionDim::Column));
  }
  Formula window(int64_t width) {
    return Formula::getAnd(
        {causal(), Formula::getConstraint(dim(PositionDim::Column) -
                                          dim(PositionDim::Row) + width - 1)});
  }
  Formula prefix(int64_t length) {
    return Formula::getConstraint(length - 1 - dim(PositionDim::Column));
  }

  /// A random formula without run-time ids; `seed` says which.
  Formula random(std::mt19937 &seed, int depth) {
    auto draw = [&](int64_t low, int64_t high) {
      return low + static_cast<int64_t>(seed() % (high - low + 1));
    };
    if (depth == 0 || draw(0, 3) == 0) {
      AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
      AffineExpr expr = row * draw(-2, 2) + col * draw(-2, 2) +
                        dim(PositionDim::Head) * draw(-1, 1) + draw(-12, 12);
      if (draw(0, 3) == 0) {
        int64_t size = draw(2, 6);
        expr = row.floorDiv(size) - col.floorDiv(size) + draw(-1, 1);
      } else if (draw(0, 3) == 0) {
        expr = draw(0, 2) - (row - col) % draw(2, 5);
      }
      return Formula::getConstraint(expr);
    }
    Formula a = random(seed, depth - 1), b = random(seed, depth - 1);
    switch (draw(0, 2)) {
    case 0:
      return Formula::getAnd({a, b});
    case 1:
      return Formula::getOr({a, b});
    default:
      return !a;
    }
  }

  MLIRContext context;
  OpBuilder builder;
};

struct Count {
  int64_t allowed = 0, total = 0;
};

Count count(const Formula &formula, int64_t head, int64_t rowBegin,
            int64_t rowEnd, int64_t colBegin, int64_t colEnd) {
  Count result;
  for (int64_t i = rowBegin; i < rowEnd; ++i)
    for (int64_t j = colBegin; j < colEnd; ++j) {
      result.allowed += evaluate(formula, 0, head, i, j);
      ++result.total;
    }
  return result;
}

TEST_F(FormulaTest, evaluates) {
  EXPECT_TRUE(evaluate(causal(), 0, 0, 3, 3));
  EXPECT_FALSE(evaluate(causal(), 0, 0, 3, 4));
  EXPECT_TRUE(evaluate(window(2), 0, 0, 3, 2));
  EXPECT_FALSE(evaluate(window(2), 0, 0, 3, 1));
  EXPECT_TRUE(evaluate(Formula::getOr({window(2), prefix(2)}), 0, 0, 9, 1));
  EXPECT_TRUE(evaluate(!causal(), 0, 0, 3, 4));
  EXPECT_TRUE(evaluate(Formula::getTrue(&context), 0, 0, -5, 5));
  EXPECT_TRUE(evaluate(Formula::getSameId(&context), 0, 0, 0, 0, true));
  EXPECT_FALSE(evaluate(Formula::getSameId(&context), 0, 0, 0, 0, false));
  Formula bit = Formula::getBit(dim(PositionDim::Column));
  EXPECT_TRUE(evaluate(bit, 0, 0, 0, 0, false, true));
  EXPECT_TRUE(evaluate(!bit, 0, 0, 0, 0, true, false));
}

// Nothing is known of a tile where bits decide; what a prefix says stays.
TEST_F(FormulaTest, bitsAreNotKnown) {
  AffineExpr col = dim(PositionDim::Column);
  AffineExpr start = getAffineDimExpr(
      static_cast<unsigned>(PositionDim::Parameter) + 2, &context);
  Formula tree = Formula::getOr(
      {Formula::getConstraint(start - 1 - col), Formula::getBit(col - start)});
  EXPECT_TRUE(tree.readsBits());
  EXPECT_FALSE(tree.readsIds() || causal().readsBits());
  EXPECT_EQ(tree.getNumParameters(), 3u);
  Formula bound = tree.bindParameters({0, 0, 40});
  EXPECT_EQ(bound.getNumParameters(), 0u);
  for (const Formula &formula : {bound, !!bound}) {
    EXPECT_EQ(classifyTile(formula, 0, 0, 0, 8, 32, 40), TileClass::Full);
    EXPECT_EQ(classifyTile(formula, 0, 0, 0, 8, 32, 41), TileClass::Partial);
    EXPECT_EQ(classifyTile(formula, 0, 0, 0, 8, 999, 1000), TileClass::Partial);
  }
  EXPECT_EQ(classifyTile(!bound, 0, 0, 0, 8, 32, 40), TileClass::Empty);
  EXPECT_EQ(classifyTile(!bound, 0, 0, 0, 8, 32, 41), TileClass::Partial);
}

TEST_F(FormulaTest, classifiesTheCausalTriangleExactly) {
  for (int64_t row = 0; row < 32; row += 8)
    for (int64_t col = 0; col < 32; col += 8) {
      TileClass expected = row > col   ? TileClass::Full
                           : row < col ? TileClass::Empty
                                       : TileClass::Partial;
      EXPECT_EQ(classifyTile(causal(), 0, 0, row, row + 8, col, col + 8),
                expected)
          << row << ", " << col;
    }
}

TEST_F(FormulaTest, classificationIsSound) {
  std::mt19937 seed(1);
  int64_t decided = 0;
  for (int trial = 0; trial < 400; ++trial) {
    Formula formula = random(seed, 3);
    for (int64_t head = 0; head < 2; ++head)
      for (int64_t row = -8; row < 16; row += 8)
        for (int64_t col = 0; col < 24; col += 6) {
          Count c = count(formula, head, row, row + 8, col, col + 6);
          TileClass tile =
              classifyTile(formula, 0, head, row, row + 8, col, col + 6);
          if (tile == TileClass::Empty)
            EXPECT_EQ(c.allowed, 0) << "trial " << trial;
          if (tile == TileClass::Full)
            EXPECT_EQ(c.allowed, c.total) << "trial " << trial;
          decided += tile != TileClass::Partial;
        }
  }
  // A classifier that always says partial would be sound as well.
  EXPECT_GT(decided, 400 * 24 / 4);
}

TEST_F(FormulaTest, columnBoundsAreSound) {
  std::mt19937 seed(2);
  for (int trial = 0; trial < 400; ++trial) {
    Formula formula = random(seed, 3);
    for (int64_t row = 0; row < 24; row += 6) {
      RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(1),
                    builder.getIndexAttr(row), builder.getIndexAttr(row + 5)};
      Location loc = builder.getUnknownLoc();
      ColumnInterval visited = getVisitedColumns(builder, loc, formula, rows);
      std::optional<ColumnInterval> full =
          getFullColumns(builder, loc, formula, rows);
      auto contains = [](const ColumnInterval &interval, int64_t col) {
        if (interval.lower && col < *getConstantIntValue(*interval.lower))
          return false;
        return !interval.upper || col < *getConstantIntValue(*interval.upper);
      };
      for (int64_t col = -16; col < 40; ++col) {
        Count c = count(formula, 1, row, row + 6, col, col + 1);
        if (c.allowed > 0)
          EXPECT_TRUE(contains(visited, col)) << "trial " << trial;
        if (full && contains(*full, col))
          EXPECT_EQ(c.allowed, c.total) << "trial " << trial;
      }
    }
  }
}

TEST_F(FormulaTest, negationNormalFormIsTheSamePredicate) {
  std::mt19937 seed(3);
  for (int trial = 0; trial < 200; ++trial) {
    Formula formula = random(seed, 4), normal = formula.getNegationNormalForm();
    for (int64_t i = -4; i < 12; ++i)
      for (int64_t j = -4; j < 12; ++j)
        ASSERT_EQ(evaluate(formula, 0, 1, i, j), evaluate(normal, 0, 1, i, j));
  }
}

/// True where some row sees the column.
std::vector<bool> getSeen(const Formula &formula, int64_t head, int64_t first,
                          int64_t last, ColumnRange within, bool everyRow) {
  std::vector<bool> seen;
  for (int64_t col = within.begin; col < within.end; ++col) {
    Count c = count(formula, head, first, last + 1, col, col + 1);
    seen.push_back(everyRow ? c.allowed == c.total : c.allowed > 0);
  }
  return seen;
}

std::vector<bool> toSet(ArrayRef<ColumnRange> ranges, ColumnRange within) {
  std::vector<bool> set(within.end - within.begin);
  int64_t previous = within.begin - 1;
  for (const ColumnRange &range : ranges) {
    // Disjoint, not even touching, not empty, in order.
    EXPECT_GT(range.begin, previous);
    EXPECT_LT(range.begin, range.end);
    EXPECT_LE(range.end, within.end);
    previous = range.end;
    for (int64_t col = range.begin; col < range.end; ++col)
      set[col - within.begin] = true;
  }
  return set;
}

TEST_F(FormulaTest, rangesAreSoundAndInsideTheBounds) {
  std::mt19937 seed(4);
  ColumnRange within{-10, 30};
  Location loc = builder.getUnknownLoc();
  int64_t excluded = 0, full = 0;
  for (int trial = 0; trial < 500; ++trial) {
    Formula formula = random(seed, 3);
    ColumnRanges ranges(formula);
    for (int64_t row = -6; row < 18; row += 6) {
      std::vector<bool> visited =
          toSet(ranges.getVisited(0, 1, row, row + 5, within), within);
      std::vector<bool> seenByAll =
          toSet(ranges.getFull(0, 1, row, row + 5, within), within);
      std::vector<bool> some =
          getSeen(formula, 1, row, row + 5, within, /*everyRow=*/false);
      std::vector<bool> every =
          getSeen(formula, 1, row, row + 5, within, /*everyRow=*/true);
      RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(1),
                    builder.getIndexAttr(row), builder.getIndexAttr(row + 5)};
      ColumnInterval hull = getVisitedColumns(builder, loc, formula, rows);
      for (size_t at = 0; at < visited.size(); ++at) {
        int64_t col = within.begin + at;
        if (some[at])
          ASSERT_TRUE(visited[at]) << "trial " << trial << " column " << col;
        if (seenByAll[at])
          ASSERT_TRUE(every[at]) << "trial " << trial << " column " << col;
        // What may also be asked for at run time is never tighter.
        if (visited[at]) {
          if (hull.lower)
            ASSERT_GE(col, *getConstantIntValue(*hull.lower));
          if (hull.upper)
            ASSERT_LT(col, *getConstantIntValue(*hull.upper));
        }
        excluded += !visited[at];
        full += seenByAll[at];
      }
    }
  }
  EXPECT_GT(excluded, 20000); // of 80000
  EXPECT_GT(full, 15000);
}

/// The masks whose every tile must be classified exactly.
TEST_F(FormulaTest, simpleMasksAreExact) {
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  auto both = [&](int64_t left, int64_t right) {
    return Formula::getAnd({Formula::getConstraint(col - row + left - 1),
                            Formula::getConstraint(row - col + right)});
  };
  auto chunk = [&](int64_t size) {
    return Formula::getConstraint(col.floorDiv(size) - row.floorDiv(size));
  };
  std::vector<std::pair<std::string, Formula>> masks{
      {"causal", causal()},
      {"window 1", window(1)},
      {"window 7", window(7)},
      {"window 40", window(40)},
      {"window 5, 3", both(5, 3)},
      {"prefix 0", prefix(0)},
      {"prefix 13", prefix(13)},
      {"causal and window", Formula::getAnd({causal(), window(9)})},
      {"causal or prefix", Formula::getOr({causal(), prefix(10)})},
      {"window or prefix", Formula::getOr({window(6), prefix(4)})},
      {"not causal", !causal()},
      {"not window", !window(5)},
      {"block diagonal",
       Formula::getAnd({chunk(8), Formula::getConstraint(row.floorDiv(8) -
                                                         col.floorDiv(8))})},
      {"blocks of 6 before",
       Formula::getConstraint(row.floorDiv(6) - col.floorDiv(6) - 1)},
      {"strided floor", Formula::getConstraint((row - col).floorDiv(4) - 2)},
      {"ceil", Formula::getConstraint(row.ceilDiv(4) * 3 - col)},
      {"true", Formula::getTrue(&context)}};
  for (auto &[name, mask] : masks)
    for (int64_t rows : {1, 3, 8})
      for (int64_t cols : {1, 4, 16})
        // Logical rows start below zero for a negative offset.
        for (int64_t first = -9; first < 40; first += rows)
          for (int64_t begin = 0; begin < 40; begin += cols) {
            Count c = count(mask, 0, first, first + rows, begin, begin + cols);
            TileClass expected = c.allowed == 0         ? TileClass::Empty
                                 : c.allowed == c.total ? TileClass::Full
                                                        : TileClass::Partial;
            ASSERT_EQ(classifyTile(mask, 0, 0, first, first + rows, begin,
                                   begin + cols),
                      expected)
                << name << ": rows " << first << " + " << rows << ", columns "
                << begin << " + " << cols;
          }
}

TEST_F(FormulaTest, intervalsOfSimpleMasksAreExact) {
  Location loc = builder.getUnknownLoc();
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  Formula chunk = Formula::getAnd(
      {Formula::getConstraint(col.floorDiv(8) - row.floorDiv(8)),
       Formula::getConstraint(row.floorDiv(8) - col.floorDiv(8))});
  for (const Formula &mask : {causal(), window(7), prefix(13), chunk})
    for (int64_t size : {1, 5, 8})
      for (int64_t first = -8; first < 24; first += size) {
        RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(0),
                      builder.getIndexAttr(first),
                      builder.getIndexAttr(first + size - 1)};
        ColumnRange within{-20, 60};
        auto toRanges = [&](const ColumnInterval &interval) {
          int64_t begin = within.begin, end = within.end;
          if (interval.lower)
            begin = std::max(begin, *getConstantIntValue(*interval.lower));
          if (interval.upper)
            end = std::min(end, *getConstantIntValue(*interval.upper));
          SmallVector<ColumnRange> ranges;
          if (begin < end)
            ranges.push_back({begin, end});
          return ranges;
        };
        EXPECT_EQ(toSet(toRanges(getVisitedColumns(builder, loc, mask, rows)),
                        within),
                  getSeen(mask, 0, first, first + size - 1, within, false));
        std::optional<ColumnInterval> full =
            getFullColumns(builder, loc, mask, rows);
        ASSERT_TRUE(full);
        EXPECT_EQ(toSet(toRanges(*full), within),
                  getSeen(mask, 0, first, first + size - 1, within, true));
      }
}

// A remainder of the number of a block is constant in the block.
TEST_F(FormulaTest, intervalsOfDrawnBlocksAreExactInABlock) {
  Location loc = builder.getUnknownLoc();
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  AffineExpr drawn =
      (row.floorDiv(16) % 7 * 5 + dim(PositionDim::Head) + 3) % 7;
  AffineExpr distance = col.floorDiv(4) - drawn - 2;
  Formula mask = Formula::getAnd(
      {Formula::getConstraint(distance), Formula::getConstraint(-distance)});
  ColumnRange within{-20, 60};
  auto toRanges = [&](const ColumnInterval &interval) {
    int64_t begin =
        std::max(within.begin, *getConstantIntValue(*interval.lower));
    int64_t end = std::min(within.end, *getConstantIntValue(*interval.upper));
    return begin < end ? SmallVector<ColumnRange>{{begin, end}}
                       : SmallVector<ColumnRange>();
  };
  for (int64_t size : {1, 4, 16, 24, 48})
    for (int64_t first = -48; first < 240; first += size) {
      RowBlock rows{builder.getIndexAttr(0), builder.getIndexAttr(1),
                    builder.getIndexAttr(first),
                    builder.getIndexAttr(first + size - 1)};
      std::vector<bool> visited =
          toSet(toRanges(getVisitedColumns(builder, loc, mask, rows)), within);
      std::optional<ColumnInterval> every =
          getFullColumns(builder, loc, mask, rows);
      ASSERT_TRUE(every);
      std::vector<bool> full = toSet(toRanges(*every), within);
      std::vector<bool> some =
          getSeen(mask, 1, first, first + size - 1, within, false);
      std::vector<bool> all =
          getSeen(mask, 1, first, first + size - 1, within, true);
      if (size <= 16) {
        EXPECT_EQ(visited, some);
        EXPECT_EQ(full, all);
      }
      // Over several blocks it is their hull, at most the range of the
      // remainder.
      for (size_t at = 0; at < some.size(); ++at) {
        EXPECT_TRUE(visited[at] || !some[at]);
        EXPECT_TRUE(all[at] || !full[at]);
        int64_t column = within.begin + at;
        EXPECT_FALSE(visited[at] && (column < 8 || column >= 36));
      }
    }
}

// A window with sinks: what lies between the two is not visited.
TEST_F(FormulaTest, disjunctionsKeepTheirHoles) {
  ColumnRanges ranges(Formula::getOr({window(8), prefix(4)}));
  SmallVector<ColumnRange> visited =
      ranges.getVisited(0, 0, 100, 107, {0, 200});
  ASSERT_EQ(visited.size(), 2u);
  EXPECT_EQ(visited[0].begin, 0);
  EXPECT_EQ(visited[0].end, 4);
  EXPECT_EQ(visited[1].begin, 93);
  EXPECT_EQ(visited[1].end, 108);
}

TEST_F(FormulaTest, expressionsAreEvaluated) {
  AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
  AffineExpr expr = row % 3 * 100 + col.floorDiv(4) * 10 - row.ceilDiv(3);
  Formula formula = Formula::getConstraint(expr - 47);
  // 2 * 100 + (-2) * 10 - (-1) = 181 and 1 * 100 - 20 - (-1) = 81.
  EXPECT_TRUE(evaluate(formula, 0, 0, -4, -7));
  EXPECT_TRUE(evaluate(formula, 0, 0, -5, -7));
  // 0 - 20 - (-1) = -19.
  EXPECT_FALSE(evaluate(formula, 0, 0, -3, -7));
}

} // namespace
