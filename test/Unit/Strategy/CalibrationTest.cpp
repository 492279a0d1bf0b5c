//===- CalibrationTest.cpp - The model against measured kernels -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fractions of the measured FMA peak that hand-shaped kernels with these tiles
// reached (docs/io-model.md says on which machines). The model has to come
// within a few points of them, and to rank them in the same order.
//
//===----------------------------------------------------------------------===//

#include "Shapes.h"

using namespace attn;
using namespace attn::strategy;

namespace {

class CalibrationTest : public StrategyTest {
protected:
  double getPercent(const CPUTarget &target, const tile::FoldShape &shape,
                    const Cut &cut) {
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    IOModel model(target, /*threads=*/1);
    return 100 * model.predict(workload, counter, {cut, true}).peakFraction;
  }
};

// 256-bit vectors, one core, packing included, best of several runs.
TEST_F(CalibrationTest, avx2) {
  CPUTarget target = getTarget("znver3");
  Cut cut{96, 256, 6, 16};
  for (auto [depth, length, isCausal, measured] :
       {std::tuple(64, 1024, false, 83.5), std::tuple(64, 1024, true, 77.5),
        std::tuple(64, 4096, false, 81.0), std::tuple(64, 4096, true, 76.5),
        std::tuple(128, 1024, false, 84.5), std::tuple(128, 1024, true, 81.5),
        std::tuple(128, 4096, false, 80.0), std::tuple(128, 4096, true, 80.5)})
    EXPECT_NEAR(getPercent(target,
                           isCausal ? causalAttention(8, length, depth)
                                    : attention(8, length, length, depth),
                           cut),
                measured, 7)
        << depth << " " << length << " " << isCausal;
}

// 512-bit vectors, one thread, one head of 4096 keys.
TEST_F(CalibrationTest, avx512) {
  CPUTarget target = getTarget("emeraldrapids");
  for (auto [rows, cols, narrow, wide] :
       {std::tuple(24, 512, 82.0, 79.0), std::tuple(48, 128, 80.0, 84.0),
        std::tuple(96, 256, 83.0, 87.0)}) {
    Cut cut{rows, cols, 12, 32};
    EXPECT_NEAR(getPercent(target, attention(1, 4096, 4096, 64), cut), narrow,
                7)
        << rows << " x " << cols;
    EXPECT_NEAR(getPercent(target, attention(1, 4096, 4096, 128), cut), wide, 6)
        << rows << " x " << cols;
  }
  EXPECT_NEAR(
      getPercent(target, attention(1, 4096, 4096, 64), {96, 512, 12, 32}), 85.5,
      6);
  EXPECT_NEAR(
      getPercent(target, attention(1, 4096, 4096, 128), {144, 256, 12, 32}),
      89.4, 7);
}

// Register tiles, depth 96, 960 rows: 6 x 8 has six chains only and reached
// 57 where 6 x 16 reached 77 GFLOP/s.
TEST_F(CalibrationTest, chains) {
  CPUTarget target = getTarget("znver3");
  tile::FoldShape shape = attention(1, 960, 960, 96);
  double narrow = getPercent(target, shape, {96, 256, 6, 8});
  double full = getPercent(target, shape, {96, 256, 6, 16});
  EXPECT_NEAR(narrow / full, 57.0 / 77.0, 0.08);
}

// Rows from 48 to 384 and columns from 128 to 512 were flat within 3 to 4 %
// (where the block fits); 64 columns lose to the traffic of accumulators.
TEST_F(CalibrationTest, flatness) {
  CPUTarget target = getTarget("znver3");
  for (int64_t depth : {64, 128}) {
    tile::FoldShape shape = attention(8, 4096, 4096, depth);
    double best = getPercent(target, shape, {96, 256, 6, 16});
    for (int64_t rows : {48, 96, 192})
      for (int64_t cols : {128, 256})
        EXPECT_NEAR(getPercent(target, shape, {rows, cols, 6, 16}) / best, 1,
                    0.05)
            << rows << " x " << cols;
    EXPECT_LT(getPercent(target, shape, {96, 32, 6, 16}), 0.97 * best);
  }
}

} // namespace
