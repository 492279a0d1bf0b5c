//===- SelectionTest.cpp - Legality and sense of what is chosen -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shapes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

namespace {

class SelectionTest : public StrategyTest {
protected:
  Selection select(const tile::FoldShape &shape, llvm::StringRef cpu,
                   int64_t threads = 2) {
    CPUTarget target = getTarget(cpu);
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    return strategy::select(IOModel(target, threads), workload, counter);
  }
};

TEST_F(SelectionTest, registerTiles) {
  using Tiles = SmallVector<std::pair<int64_t, int64_t>>;
  CPUTarget v2 = getTarget("x86-64-v2"), v3 = getTarget("x86-64-v3"),
            v4 = getTarget("x86-64-v4");
  EXPECT_EQ(getRegisterTiles(v2, 32, 100), (Tiles{{6, 8}}));
  EXPECT_EQ(getRegisterTiles(v3, 32, 100), (Tiles{{6, 16}}));
  EXPECT_EQ(getRegisterTiles(v3, 64, 100), (Tiles{{6, 8}}));
  EXPECT_EQ(getRegisterTiles(v4, 32, 100), (Tiles{{12, 32}}));
  EXPECT_EQ(getRegisterTiles(v4, 64, 100), (Tiles{{12, 16}}));
  // One row: as many vectors as registers allow.
  EXPECT_EQ(getRegisterTiles(v3, 32, 1), (Tiles{{6, 16}, {1, 16}, {1, 32}}));
  EXPECT_EQ(getRegisterTiles(v4, 32, 1),
            (Tiles{{12, 32}, {1, 32}, {1, 64}, {1, 128}}));
  EXPECT_EQ(getRegisterTiles(v3, 32, 5), (Tiles{{6, 16}, {5, 16}}));
}

TEST_F(SelectionTest, everyChoiceIsLegal) {
  for (StringRef cpu : {"x86-64", "x86-64-v3", "haswell", "x86-64-v4", "znver4",
                        "sapphirerapids"}) {
    CPUTarget target = getTarget(cpu);
    IOModel model(target, 4);
    for (int64_t rows : {1, 2, 5, 7, 77, 197, 1024, 3001})
      for (int64_t columns : {1, 9, 77, 197, 1024, 5000})
        for (int64_t depth : {8, 40, 64, 128, 192})
          for (bool isDouble : {false, true}) {
            Workload workload =
                getWorkload(attention(2, rows, columns, depth, isDouble));
            WorkCounter counter(workload);
            Selection s = strategy::select(model, workload, counter);
            const Cut &cut = s.chosen.candidate.cut;
            std::string at = llvm::formatv(
                "{0} {1} {2} {3}: {4} {5} {6} {7}", cpu, rows, columns, depth,
                cut.rows, cut.cols, cut.microRows, cut.microCols);
            int64_t lanes = target.getLanes(isDouble ? 64 : 32);
            EXPECT_TRUE(s.fits) << at;
            EXPECT_EQ(model.getObjection(workload, cut), "") << at;
            EXPECT_EQ(cut.rows % cut.microRows, 0) << at;
            EXPECT_EQ(cut.cols % cut.microCols, 0) << at;
            EXPECT_EQ(cut.microCols % lanes, 0) << at;
            EXPECT_LE(cut.rows, std::max<int64_t>(384, cut.microRows)) << at;
            EXPECT_LE(cut.cols, std::max<int64_t>(512, cut.microCols)) << at;
            // No larger than the operation, up to whole register tiles.
            EXPECT_LT(cut.rows, rows + cut.microRows) << at;
            EXPECT_LT(cut.cols, columns + cut.microCols) << at;
            // The attribute that it becomes is valid and says the same.
            tile::FoldTiling tiling =
                getTiling(&context, model, workload, s.chosen);
            Candidate back = getCandidate(tiling);
            EXPECT_FALSE(back.cut < cut || cut < back.cut) << at;
            EXPECT_EQ(tiling.micro.getLanes(), lanes) << at;
          }
  }
}

TEST_F(SelectionTest, theChosenIsTheFastest) {
  tile::FoldShape shape = causalAttention(8, 2000, 64);
  CPUTarget target = getTarget("x86-64-v3");
  IOModel model(target, 4);
  Workload workload = getWorkload(shape);
  WorkCounter counter(workload);
  Selection s = strategy::select(model, workload, counter);
  size_t fitting = 0;
  for (const Cut &cut : getCuts(target, workload)) {
    if (!model.getObjection(workload, cut).empty())
      continue;
    ++fitting;
    for (bool hoist : {true, false})
      EXPECT_LE(s.chosen.prediction.seconds,
                model.predict(workload, counter, {cut, hoist}).seconds);
  }
  EXPECT_EQ(fitting + s.rejected.size(), s.numCandidates);
  ASSERT_TRUE(s.runnerUp);
  EXPECT_LE(s.chosen.prediction.seconds, s.runnerUp->prediction.seconds);
}

TEST_F(SelectionTest, longRowsUseTheMeasuredRegion) {
  for (int64_t depth : {64, 128}) {
    Selection s = select(attention(8, 4096, 4096, depth), "znver3");
    const Cut &cut = s.chosen.candidate.cut;
    EXPECT_GE(cut.rows, 48);
    EXPECT_LE(cut.rows, 384);
    EXPECT_GE(cut.cols, 128);
    EXPECT_TRUE(s.chosen.candidate.hoistPack);
    EXPECT_GT(s.chosen.prediction.peakFraction, 0.75);
  }
}

TEST_F(SelectionTest, oneRowIsNotPaddedToSix) {
  for (StringRef cpu : {"x86-64-v3", "x86-64-v4"}) {
    Selection s = select(attention(32, 1, 4096, 128), cpu);
    EXPECT_EQ(s.chosen.candidate.cut.microRows, 1) << cpu.str();
    EXPECT_EQ(s.chosen.candidate.cut.rows, 1) << cpu.str();
    // Nobody else reads these panels.
    EXPECT_FALSE(s.chosen.candidate.hoistPack) << cpu.str();
  }
}

TEST_F(SelectionTest, rowsAreCutEvenly) {
  // 197 rows in tiles of 96 would compute 288.
  Selection s = select(attention(12, 197, 197, 64), "x86-64-v3", 1);
  int64_t rows = s.chosen.candidate.cut.rows;
  EXPECT_LT(llvm::alignTo(197, rows), 197 + 12) << rows;
}

TEST_F(SelectionTest, assumedLengthsAreNotCutEvenly) {
  // 2048 rows are assumed, so that nothing may depend on 2048 = 6 * 342 - 4.
  tile::FoldShape shape = causalAttention(8, 1, 64);
  shape.rows = shape.columns = ShapedType::kDynamic;
  Workload workload = getWorkload(shape);
  for (const Cut &cut : getCuts(getTarget("x86-64-v3"), workload)) {
    EXPECT_TRUE(
        llvm::is_contained({12, 24, 48, 96, 144, 192, 288, 384}, cut.rows))
        << cut.rows;
    EXPECT_TRUE(llvm::isPowerOf2_64(cut.cols)) << cut.cols;
  }
  // Known rows are.
  shape.rows = 197;
  bool hasEven = false;
  for (const Cut &cut : getCuts(getTarget("x86-64-v3"), getWorkload(shape)))
    hasEven |= cut.rows == 66;
  EXPECT_TRUE(hasEven);
}

TEST_F(SelectionTest, fewSlicesAreCutForThreads) {
  tile::FoldShape shape = attention(1, 768, 4096, 64);
  EXPECT_GE(select(shape, "x86-64-v3", 32).chosen.prediction.tasks, 32);
  EXPECT_LT(select(shape, "x86-64-v3", 1).chosen.prediction.tasks, 20);
}

TEST_F(SelectionTest, theSmallestIsTakenIfNothingFits) {
  CPUTarget target = getTarget("x86-64-v3");
  target.l2Bytes = 8 << 10;
  Workload workload = getWorkload(attention(1, 512, 512, 256));
  WorkCounter counter(workload);
  Selection s = strategy::select(IOModel(target, 1), workload, counter);
  EXPECT_FALSE(s.fits);
  EXPECT_EQ(s.rejected.size(), s.numCandidates);
  EXPECT_EQ(s.chosen.candidate.cut.rows, 12);
  EXPECT_EQ(s.chosen.candidate.cut.cols, 64);
}

TEST_F(SelectionTest, isRepeatable) {
  for (int i = 0; i < 3; ++i) {
    Selection a = select(causalAttention(8, 777, 80), "x86-64-v4");
    Selection b = select(causalAttention(8, 777, 80), "x86-64-v4");
    EXPECT_FALSE(a.chosen.candidate.cut < b.chosen.candidate.cut);
    EXPECT_FALSE(b.chosen.candidate.cut < a.chosen.candidate.cut);
    EXPECT_EQ(a.chosen.prediction.seconds, b.chosen.prediction.seconds);
  }
}

} // namespace
