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

} // namespace
