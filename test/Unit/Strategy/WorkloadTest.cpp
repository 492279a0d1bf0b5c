//===- WorkloadTest.cpp - What a cut does, counted one by one -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shapes.h"
#include <random>

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

namespace {

class WorkloadTest : public StrategyTest {
protected:
  /// Counts by evaluating the mask at every position.
  struct Counted {
    TileCounts tiles;
    double useful = 0;
  };
  Counted countAll(const Workload &workload, int64_t rows, int64_t cols) {
    const tile::FoldShape &shape = workload.shape;
    Counted result;
    auto sees = [&](int64_t b, int64_t h, int64_t i, int64_t j) {
      return !shape.mask ||
             tile::evaluate(*shape.mask, b, h, i + shape.shift, j);
    };
    for (int64_t b = 0; b < shape.batch; ++b)
      for (int64_t h = 0; h < shape.heads; ++h)
        for (int64_t i0 = 0; i0 < shape.rows; i0 += rows)
          for (int64_t j0 = 0; j0 < shape.columns; j0 += cols) {
            int64_t seen = 0;
            for (int64_t i = i0; i < std::min(i0 + rows, shape.rows); ++i)
              for (int64_t j = j0; j < std::min(j0 + cols, shape.columns); ++j)
                seen += sees(b, h, i, j);
            int64_t whole = std::min(rows, shape.rows - i0) * cols;
            result.useful += seen;
            (seen == 0       ? result.tiles.empty
             : seen == whole ? result.tiles.full
                             : result.tiles.partial) += 1;
          }
    return result;
  }

  void expectExact(const tile::FoldShape &shape) {
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    for (auto [rows, cols] : {std::pair(6, 16), std::pair(12, 16),
                              std::pair(24, 48), std::pair(96, 64)}) {
      const CutWork &work = counter.get({rows, cols, 6, 16});
      Counted counted = countAll(workload, rows, cols);
      EXPECT_EQ(work.tiles.empty, counted.tiles.empty) << rows << " " << cols;
      EXPECT_EQ(work.tiles.full, counted.tiles.full) << rows << " " << cols;
      EXPECT_EQ(work.tiles.partial, counted.tiles.partial)
          << rows << " " << cols;
      EXPECT_EQ(counter.getUsefulPairs(), counted.useful);
      EXPECT_GE(work.pairs, counted.useful);
      // Asking twice is asking once.
      EXPECT_EQ(&counter.get({rows, cols, 6, 16}), &work);
    }
  }
};

TEST_F(WorkloadTest, tilesAreCountedExactly) {
  for (int64_t rows : {1, 40, 100})
    for (int64_t columns : {1, 64, 130}) {
      tile::FoldShape shape = attention(2, rows, columns, 16);
      expectExact(shape);
      for (int64_t shift : {-30, 0, 17, 200}) {
        shape.shift = shift;
        for (const tile::Formula &mask :
             {causal(), window(7), window(50), prefix(20),
              tile::Formula::getAnd({causal(), prefix(33)}), !causal(),
              tile::Formula::getOr({window(20), prefix(5)})}) {
          shape.mask = mask;
          expectExact(shape);
        }
      }
    }
}

TEST_F(WorkloadTest, tilesOfWhatRepeatsAreCountedExactly) {
  auto constraint = [](AffineExpr expr) {
    return tile::Formula::getConstraint(expr);
  };
  AffineExpr distance = row() - column();
  tile::FoldShape shape = attention(1, 100, 190, 16);
  for (const tile::Formula &mask :
       {constraint(column() % 64 - 48), constraint(-(distance % 40)),
        constraint((row() - 3) % 32 - 16),
        tile::Formula::getAnd({window(90), constraint(-(distance % 30))}),
        tile::Formula::getOr({window(9), constraint(column() % 48 - 30)}),
        tile::Formula::getAnd({causal(), !window(1)})}) {
    shape.mask = mask;
    expectExact(shape);
    shape.mask = !mask;
    expectExact(shape);
  }
}

/// Then some tiles of rows stand for others.
TEST_F(WorkloadTest, veryManyHolesAreSampled) {
  int64_t length = 1 << 19;
  tile::FoldShape shape = attention(1, length, length, 16);
  shape.mask = tile::Formula::getConstraint(column() % 1024 - 1000);
  Workload workload = getWorkload(shape);
  WorkCounter counter(workload);
  const CutWork &work = counter.get({12, 64, 6, 16});
  EXPECT_EQ(work.tiles.partial, double(llvm::divideCeil(length, 12)) * 512);
  EXPECT_EQ(counter.getUsefulPairs(), double(length) * 512 * 24);
}

TEST_F(WorkloadTest, masksMayDependOnTheSlice) {
  tile::FoldShape shape = attention(3, 50, 70, 16);
  shape.batch = 2;
  AffineExpr b = getAffineDimExpr(0, &context),
             h = getAffineDimExpr(1, &context);
  // Head h sees 10 * h + 5 columns back; batch entry 1 sees all from 30 on.
  shape.mask = tile::Formula::getOr(
      {tile::Formula::getAnd({causal(), tile::Formula::getConstraint(
                                            column() - row() + h * 10 + 4)}),
       tile::Formula::getConstraint(column() + b * 100 - 130)});
  expectExact(shape);
}

TEST_F(WorkloadTest, randomMasksAreNeverUndercounted) {
  std::mt19937 seed(7);
  auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(seed() % (high - low + 1));
  };
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<tile::Formula> terms;
    for (int64_t i = 0, n = draw(1, 4); i < n; ++i)
      terms.push_back(tile::Formula::getConstraint(
          row() * draw(-2, 2) + column() * draw(-2, 2) + draw(-60, 60)));
    tile::FoldShape shape = attention(1, draw(1, 60), draw(1, 90), 16);
    tile::Formula mask =
        draw(0, 1) ? tile::Formula::getAnd(terms) : tile::Formula::getOr(terms);
    shape.mask = draw(0, 1) ? mask : !mask;
    shape.shift = draw(-20, 20);
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    const CutWork &work = counter.get({12, 32, 6, 16});
    Counted counted = countAll(workload, 12, 32);
    EXPECT_LE(work.tiles.empty, counted.tiles.empty) << trial;
    EXPECT_LE(work.tiles.full, counted.tiles.full) << trial;
    EXPECT_EQ(work.tiles.getTotal(), counted.tiles.getTotal()) << trial;
    EXPECT_GE(work.pairs, counted.useful) << trial;
    EXPECT_EQ(counter.getUsefulPairs() >= counted.useful, true) << trial;
  }
}

TEST_F(WorkloadTest, pairsAreTrimmedToRegisterTiles) {
  Workload workload = getWorkload(causalAttention(1, 96, 16));
  WorkCounter counter(workload);
  // Groups of 6 rows see 6, 12, ... 96 columns, in panels of 16.
  double expected = 0;
  for (int64_t last = 6; last <= 96; last += 6)
    expected += 6 * llvm::alignTo(last, 16);
  EXPECT_EQ(counter.get({48, 32, 6, 16}).pairs, expected);
  EXPECT_EQ(counter.get({96, 96, 6, 16}).pairs, expected);
  EXPECT_EQ(counter.getUsefulPairs(), 96 * 97 / 2);
}

TEST_F(WorkloadTest, rowsBeyondTheEndAreComputedInFullTiles) {
  Workload workload = getWorkload(attention(1, 50, 64, 16));
  WorkCounter counter(workload);
  // 50 rows in tiles of 48: the second tile has 2 of 48 rows.
  EXPECT_EQ(counter.get({48, 64, 6, 16}).pairs, 96 * 64);
  // In tiles of 6: 54 rows.
  EXPECT_EQ(counter.get({6, 64, 6, 16}).pairs, 54 * 64);
  // 80 columns do not fill a tile of 128, which is then partial and trimmed.
  Workload odd = getWorkload(attention(1, 50, 80, 16));
  WorkCounter oddCounter(odd);
  EXPECT_EQ(oddCounter.get({48, 128, 6, 16}).pairs, 54 * 80);
}

TEST_F(WorkloadTest, growth) {
  auto grows = [&](const tile::FoldShape &shape) {
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    return counter.get({48, 64, 6, 16}).growsWithRows;
  };
  EXPECT_TRUE(grows(causalAttention(1, 1000, 16)));
  EXPECT_FALSE(grows(attention(1, 1000, 1000, 16)));
  // One tile of rows only.
  EXPECT_FALSE(grows(causalAttention(1, 40, 16)));
  tile::FoldShape backwards = causalAttention(1, 1000, 16);
  backwards.mask = !causal();
  EXPECT_FALSE(grows(backwards));
  tile::FoldShape narrow = causalAttention(1, 4000, 16);
  narrow.mask = window(64);
  EXPECT_FALSE(grows(narrow));
}

TEST_F(WorkloadTest, manyRowsAreSampled) {
  int64_t length = 100000;
  Workload workload = getWorkload(causalAttention(1, length, 16));
  WorkCounter counter(workload);
  double exact = double(length) * (length + 1) / 2;
  EXPECT_NEAR(counter.getUsefulPairs() / exact, 1, 1e-3);
}

TEST_F(WorkloadTest, dynamicExtentsAreAssumedAndSaid) {
  tile::FoldShape shape = causalAttention(1, 1, 64);
  shape.batch = shape.heads = shape.sourceHeads = ShapedType::kDynamic;
  shape.rows = shape.columns = shape.shift = ShapedType::kDynamic;
  Workload workload = getWorkload(shape);
  EXPECT_EQ(workload.shape.batch, kNominalBatch);
  EXPECT_EQ(workload.shape.heads, kNominalHeads);
  EXPECT_EQ(workload.shape.sourceHeads, kNominalHeads);
  EXPECT_EQ(workload.shape.rows, kNominalRows);
  EXPECT_EQ(workload.shape.columns, kNominalColumns);
  EXPECT_EQ(workload.shape.shift, 0);
  EXPECT_EQ(workload.assumptions.size(), 6u);
  EXPECT_EQ(workload.assumptions[3], "rows = 2048");

  // Longer rows: at least as many columns. Known groups stay whole.
  shape.rows = 5000;
  shape.sourceHeads = 12;
  workload = getWorkload(shape);
  EXPECT_EQ(workload.shape.columns, 5000);
  EXPECT_EQ(workload.shape.heads, 12);

  // The last row is at the last column.
  shape.rows = 3;
  shape.columns = 10;
  shape.shift = 0;
  shape.isEndAligned = true;
  EXPECT_EQ(getWorkload(shape).shape.shift, 7);
}

TEST_F(WorkloadTest, whatCannotBePlannedIsAnError) {
  auto getError = [&](const tile::FoldShape &shape) {
    std::string text;
    EXPECT_TRUE(failed(Workload::get(
        shape, [&](const Twine &message) { text = message.str(); })));
    return text;
  };
  tile::FoldShape shape = attention(1, 10, 10, 16);
  shape.width = ShapedType::kDynamic;
  EXPECT_EQ(getError(shape), "the widths of rows and columns must be static to "
                             "choose tiles");
}

TEST_F(WorkloadTest, emptyExtentsCountAsOne) {
  tile::FoldShape shape = attention(0, 0, 0, 16);
  shape.batch = shape.sourceHeads = 0;
  Workload workload = getWorkload(shape);
  EXPECT_EQ(workload.getSlices(), 1);
  EXPECT_EQ(workload.getSources(), 1);
  EXPECT_EQ(workload.shape.rows, 1);
  EXPECT_EQ(workload.shape.columns, 1);
  EXPECT_TRUE(workload.assumptions.empty());
  EXPECT_FALSE(workload.assumesColumns);
}

} // namespace
