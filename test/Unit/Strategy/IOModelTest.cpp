//===- IOModelTest.cpp - Traffic, time and what bounds it -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shapes.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

namespace {

class IOModelTest : public StrategyTest {
protected:
  Prediction predict(const tile::FoldShape &shape, const Cut &cut,
                     bool hoistPack = true, int64_t threads = 1,
                     llvm::StringRef cpu = "x86-64-v3") {
    CPUTarget target = getTarget(cpu);
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    return IOModel(target, threads)
        .predict(workload, counter, {cut, hoistPack});
  }
  const Cut usual{96, 256, 6, 16};
};

TEST_F(IOModelTest, compulsoryTrafficIsEachOperandOnce) {
  tile::FoldShape shape = attention(8, 512, 1024, 64);
  shape.batch = 2;
  shape.sourceHeads = 4;
  double rows = 2.0 * 8 * 512 * 64 * 4, columns = 2.0 * 4 * 1024 * 64 * 4;
  EXPECT_EQ(predict(shape, usual).traffic.compulsory, 2 * rows + 2 * columns);
  // A bias for each head and pair, the same for all batch entries.
  shape.pairOperands.push_back({4, false, true, true, true});
  EXPECT_EQ(predict(shape, usual).traffic.compulsory,
            2 * rows + 2 * columns + 8.0 * 512 * 1024 * 4);
}

TEST_F(IOModelTest, workIsWhatTheMaskLetsThrough) {
  Prediction full = predict(attention(2, 300, 300, 64), usual);
  EXPECT_EQ(full.usefulFlops, 4.0 * 64 * 2 * 300 * 300);
  EXPECT_EQ(full.exponentials, 2.0 * 300 * 300);
  Prediction half = predict(causalAttention(2, 300, 64), usual);
  EXPECT_EQ(half.usefulFlops, 4.0 * 64 * 2 * (300 * 301 / 2));
  EXPECT_LT(half.seconds, full.seconds);
}

TEST_F(IOModelTest, levelsNestAndNothingBeatsThePeak) {
  for (int64_t rows : {1, 96, 1000, 5000})
    for (int64_t columns : {16, 500, 5000})
      for (int64_t depth : {16, 64, 256})
        for (bool hoist : {true, false})
          for (int64_t threads : {1, 7}) {
            Prediction p = predict(attention(4, rows, columns, depth), usual,
                                   hoist, threads);
            EXPECT_GE(p.traffic.memory, p.traffic.compulsory);
            EXPECT_GE(p.traffic.l3, p.traffic.compulsory);
            EXPECT_GT(p.seconds, 0);
            EXPECT_GT(p.peakFraction, 0);
            EXPECT_LT(p.peakFraction, 1);
            double sum = 0;
            for (double part : p.contributions) {
              EXPECT_GE(part, 0);
              sum += part;
            }
            EXPECT_NEAR(sum / p.seconds, 1, 1e-12);
          }
}

TEST_F(IOModelTest, prefillIsBoundByMultiplyAdds) {
  EXPECT_EQ(predict(attention(8, 4096, 4096, 128), usual).bound,
            Bound::Contraction);
}

TEST_F(IOModelTest, shallowPairsAreBoundByExponentials) {
  tile::FoldShape shape = attention(8, 4096, 4096, 8);
  shape.expsPerPair = 3;
  EXPECT_EQ(predict(shape, usual).bound, Bound::Exponential);
}

TEST_F(IOModelTest, packingForOneRowBoundsOrMoves) {
  // One row: everything is packed to be used once.
  Prediction p = predict(attention(8, 1, 4096, 128), {1, 256, 1, 32}, false);
  EXPECT_GT(p.get(Cause::Packing), p.get(Cause::Multiply));
  Prediction once = predict(attention(8, 4096, 4096, 128), usual, true);
  Prediction often = predict(attention(8, 4096, 4096, 128), usual, false);
  EXPECT_LT(once.get(Cause::Packing), 0.03 * once.seconds);
  EXPECT_NEAR(often.get(Cause::Packing) / once.get(Cause::Packing),
              std::ceil(4096 / 96.0), 1e-9);
}

TEST_F(IOModelTest, memoryBoundsWhatNobodyReuses) {
  // Many threads, one row for each head: L3 and memory are all there is.
  CPUTarget target = getTarget("znver4");
  target.memoryBytesPerSecond = target.coreMemoryBytesPerSecond = 1e9;
  Workload workload = getWorkload(attention(96, 1, 8192, 128));
  WorkCounter counter(workload);
  Prediction p =
      IOModel(target, 96).predict(workload, counter, {{1, 256, 1, 128}, false});
  EXPECT_EQ(p.bound, Bound::Memory);
  EXPECT_NEAR(p.traffic.memory / p.traffic.compulsory, 1, 0.01);
}

TEST_F(IOModelTest, sharedHeadsAreReadOnce) {
  tile::FoldShape grouped = attention(32, 512, 2048, 128);
  grouped.sourceHeads = 4;
  tile::FoldShape single = attention(32, 512, 2048, 128);
  EXPECT_LT(predict(grouped, usual).traffic.memory,
            0.4 * predict(single, usual).traffic.memory);
  EXPECT_NEAR(predict(grouped, usual).get(Cause::Packing),
              predict(single, usual).get(Cause::Packing) / 8, 1e-12);
}

TEST_F(IOModelTest, fewerRowsStreamColumnsMoreOften) {
  tile::FoldShape shape = attention(1, 4096, 4096, 128);
  double few = predict(shape, {24, 256, 6, 16}).traffic.l3;
  double many = predict(shape, {192, 256, 6, 16}).traffic.l3;
  EXPECT_GT(few, 5 * many);
}

TEST_F(IOModelTest, threads) {
  tile::FoldShape shape = attention(8, 4096, 4096, 64);
  double one = predict(shape, usual, true, 1).seconds;
  double eight = predict(shape, usual, true, 8).seconds;
  EXPECT_NEAR(one / eight, 8, 0.5);
  // Three tasks on two threads: one thread waits for the other.
  Prediction odd = predict(attention(3, 96, 4096, 64), usual, true, 2);
  EXPECT_EQ(odd.tasks, 3);
  EXPECT_GT(odd.get(Cause::IdleThreads), 0.3 * odd.get(Cause::Multiply));
  // More threads than tasks do not help.
  EXPECT_NEAR(predict(attention(3, 96, 4096, 64), usual, true, 3).seconds,
              predict(attention(3, 96, 4096, 64), usual, true, 64).seconds,
              1e-12);
}

TEST_F(IOModelTest, objections) {
  CPUTarget v3 = getTarget("x86-64-v3"), v4 = getTarget("x86-64-v4");
  IOModel avx2(v3, 1), avx512(v4, 1);
  Workload workload = getWorkload(attention(1, 4096, 4096, 64));
  EXPECT_EQ(avx2.getObjection(workload, usual), "");
  EXPECT_EQ(avx2.getObjection(workload, {96, 256, 8, 16}),
            "register tile 8 x 16 needs 19 of 16 registers");
  EXPECT_EQ(avx512.getObjection(workload, {96, 256, 12, 32}), "");
  EXPECT_EQ(avx512.getObjection(workload, {96, 256, 16, 32}),
            "register tile 16 x 32 needs 35 of 32 registers");
  EXPECT_EQ(avx2.getObjection(workload, {384, 512, 6, 16}),
            "block, rows and state take 960 KiB of the 256 KiB of L2 they may "
            "have");
  // Twice as large elements.
  Workload twice = getWorkload(attention(1, 4096, 4096, 64, true));
  EXPECT_EQ(avx2.getObjection(twice, {96, 128, 6, 8}), "");
  EXPECT_EQ(avx2.getObjection(twice, {96, 256, 6, 16}),
            "register tile 6 x 16 needs 29 of 16 registers");
  EXPECT_EQ(avx2.getResidentBytes(workload, usual), 96 * (256 + 64 + 64) * 4);
}

TEST_F(IOModelTest, explanations) {
  tile::FoldShape shape = attention(8, 4096, 4096, 64);
  Prediction best = predict(shape, usual);
  EXPECT_EQ(explain(best, best), "as fast");
  EXPECT_NE(explain(best, predict(shape, {96, 32, 6, 16}))
                .find("starts and ends of register tiles"),
            std::string::npos);
  EXPECT_NE(
      explain(best, predict(shape, {96, 256, 6, 8})).find("multiply-adds"),
      std::string::npos);
  EXPECT_NE(explain(best, predict(shape, usual, false)).find("packing"),
            std::string::npos);
}

} // namespace
