//===- GPUModelTest.cpp - Traffic and time on a GPU -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Strategy/GPUModel.h"
#include "Shapes.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

namespace {

class GPUModelTest : public StrategyTest {
protected:
  /// Softmax attention in bf16.
  tile::FoldShape narrowAttention(int64_t heads, int64_t rows, int64_t columns,
                                  int64_t depth) {
    tile::FoldShape shape = attention(heads, rows, columns, depth);
    shape.rowReadBytes = shape.rowWriteBytes = 2 * depth;
    shape.columnReadBytes = 4 * depth;
    return shape;
  }
  static GPUTarget getGPU(llvm::StringRef chip) {
    llvm::Expected<GPUTarget> target = getGPUTarget(chip);
    if (target)
      return *target;
    ADD_FAILURE() << llvm::toString(target.takeError());
    return {};
  }
  static GPUPrediction
  predict(const tile::FoldShape &shape, const GPUTarget &target,
          std::optional<std::pair<int64_t, int64_t>> tiles = std::nullopt) {
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    GPUModel model(target);
    SmallVector<GPUCandidate> candidates =
        getGPUCandidates(shape, model.getLimits());
    GPUCandidate candidate;
    if (!candidates.empty())
      candidate = candidates.front();
    if (tiles)
      std::tie(candidate.tiling.rows, candidate.tiling.cols) = *tiles;
    return model.predict(workload, counter, candidate);
  }
  static GPUPrediction predict(const tile::FoldShape &shape,
                               llvm::StringRef chip = "sm_90a") {
    return predict(shape, getGPU(chip));
  }
  static GPURounds getRounds(const tile::FoldShape &shape, const GPUPlan &plan,
                             const GPUCache &cache) {
    Workload workload = getWorkload(shape);
    WorkCounter counter(workload);
    return getGPURounds(workload, counter, plan, cache);
  }
  static std::vector<std::pair<int64_t, int64_t>> list(const PieceOrder &order,
                                                       int64_t round) {
    std::vector<std::pair<int64_t, int64_t>> result;
    order.forEach(round, [&](int64_t block, int64_t piece) {
      result.push_back({block, piece});
    });
    return result;
  }
  static double get(const GPUPrediction &p, GPUBound bound) {
    return p.limits[static_cast<size_t>(bound)].value_or(-1);
  }
};

using Pieces = std::vector<std::pair<int64_t, int64_t>>;

TEST_F(GPUModelTest, blocksTakeEveryNthPiece) {
  PieceOrder order{5, 2, /*isReversed=*/false, /*isPaired=*/false};
  EXPECT_EQ(order.getNumRounds(), 3);
  EXPECT_EQ(list(order, 0), (Pieces{{0, 0}, {1, 1}}));
  EXPECT_EQ(list(order, 2), (Pieces{{0, 4}}));
  order.isReversed = true;
  EXPECT_EQ(list(order, 0), (Pieces{{0, 4}, {1, 3}}));
}

TEST_F(GPUModelTest, pairsAreAsFarFromBothEnds) {
  PieceOrder order{5, 2, /*isReversed=*/true, /*isPaired=*/true};
  EXPECT_EQ(order.getNumRounds(), 2);
  EXPECT_EQ(list(order, 0), (Pieces{{0, 4}, {0, 0}, {1, 3}, {1, 1}}));
  // The one in the middle has no other.
  EXPECT_EQ(list(order, 1), (Pieces{{0, 2}}));
}

TEST_F(GPUModelTest, compulsoryTrafficIsEachOperandOnce) {
  tile::FoldShape shape = narrowAttention(8, 512, 1024, 64);
  shape.batch = 2;
  shape.sourceHeads = 4;
  double rows = 2.0 * 8 * 512 * 128, columns = 2.0 * 4 * 1024 * 128;
  GPUPrediction p = predict(shape);
  EXPECT_EQ(p.traffic.compulsory, 2 * rows + 2 * columns);
  EXPECT_EQ(p.traffic.hbmWritten, rows);
  // A value for each pair of a head, the same for all batch entries.
  shape.pairOperands.push_back({4, false, true, true, true});
  EXPECT_EQ(predict(shape).traffic.compulsory,
            2 * rows + 2 * columns + 8.0 * 512 * 1024 * 4);
}

TEST_F(GPUModelTest, columnsThatNoRowSeesAreNotCompulsory) {
  tile::FoldShape shape = narrowAttention(1, 256, 4096, 128);
  shape.mask = window(128);
  // Row 0 at position 1024 sees from 897, the last to 1279; tiles of 128.
  shape.shift = 1024;
  GPUPrediction p = predict(shape, getGPU("sm_90a"), std::pair(128, 128));
  EXPECT_EQ(p.rounds.columnsSeen, 1280 - 897);
  EXPECT_EQ(p.rounds.columnsFromMemory, 1280 - 896);
  EXPECT_EQ(p.rounds.columnsFromL2, 2 * 256);
  EXPECT_EQ(p.tiles.getVisited(), 4);
  EXPECT_EQ(p.traffic.compulsory, 256 * 512 + 383 * 512.0);
}

TEST_F(GPUModelTest, causalIsHalfTheTiles) {
  tile::FoldShape shape = narrowAttention(16, 2048, 2048, 128);
  GPUPrediction full = predict(shape);
  shape.mask = causal();
  GPUPrediction half = predict(shape);
  EXPECT_EQ(full.tiles.full, 16 * 16 * 16);
  EXPECT_EQ(half.tiles.full, 16 * 16 * 15 / 2);
  EXPECT_EQ(half.tiles.partial, 16 * 16);
  EXPECT_EQ(half.rounds.tiles, half.tiles.getVisited());
  EXPECT_EQ(half.usefulFlops * 2 * 2048, full.usefulFlops * 2049);
  // All columns are seen by some row all the same.
  EXPECT_EQ(half.traffic.compulsory, full.traffic.compulsory);
  EXPECT_LT(half.traffic.l2, 0.6 * full.traffic.l2);
}

TEST_F(GPUModelTest, pairsBalanceACausalMask) {
  tile::FoldShape shape = narrowAttention(1, 16 * 128, 16 * 128, 128);
  shape.mask = causal();
  GPUPlan plan{128, 128, 4, /*longestFirst=*/true, /*isPersistent=*/true};
  GPURounds rounds = getRounds(shape, plan, {});
  EXPECT_EQ(rounds.tiles, 16 * 17 / 2);
  EXPECT_EQ(rounds.mostTiles, 2 * 17);
  plan.longestFirst = false;
  EXPECT_EQ(getRounds(shape, plan, {}).mostTiles, 4 + 8 + 12 + 16);
  // Where blocks make room for the next, the last is drawn when four have
  // 1 + 5 + 9, ..., and the longest first fill up the gaps.
  plan.isPersistent = false;
  EXPECT_EQ(getRounds(shape, plan, {}).mostTiles, 4 + 8 + 12 + 16);
  plan.longestFirst = true;
  EXPECT_EQ(getRounds(shape, plan, {}).mostTiles, 34);
}

TEST_F(GPUModelTest, columnsStayInL2FromRoundToRound) {
  // Four heads of three pieces, two at a time: heads 1 and 2 begin and end in
  // the middle of rounds.
  tile::FoldShape shape = narrowAttention(4, 3 * 128, 256, 128);
  GPUPlan plan{128, 128, 2, /*longestFirst=*/false, /*isPersistent=*/true};
  GPURounds none = getRounds(shape, plan, {});
  EXPECT_EQ(none.rounds, 6);
  EXPECT_EQ(none.lostRounds, 6);
  EXPECT_EQ(none.columnsFromMemory, 8 * 256);
  EXPECT_EQ(none.columnsFromL2, 12 * 256);
  GPURounds all = getRounds(shape, plan, {1 << 30, 1});
  EXPECT_EQ(all.lostRounds, 0);
  EXPECT_EQ(all.columnsFromMemory, 4 * 256);
  EXPECT_EQ(all.sources, 2);

  // Rows and results of two pieces, and the columns of two heads.
  int64_t others = 2 * 128 * 512, columns = 2 * 256 * 512;
  EXPECT_EQ(all.roundBytes, others + columns);
  EXPECT_EQ(getRounds(shape, plan, {others + columns, 1}).columnsFromMemory,
            4 * 256);
  // Rounds of two heads do not fit; what they read for the next is lost.
  GPURounds less = getRounds(shape, plan, {others + columns - 1, 1});
  EXPECT_EQ(less.lostRounds, 2);
  EXPECT_EQ(less.columnsFromMemory, 6 * 256);
  EXPECT_LT(less.columnsPerSource, 256);
  // With a copy in each part, columns count twice.
  EXPECT_EQ(getRounds(shape, plan, {others + columns, 2}).lostRounds, 2);
  EXPECT_EQ(getRounds(shape, plan, {others + 2 * columns, 2}).lostRounds, 0);
}

TEST_F(GPUModelTest, headsOfAGroupShareColumns) {
  tile::FoldShape shape = narrowAttention(8, 128, 512, 128);
  shape.sourceHeads = 2;
  GPUPlan plan{128, 128, 8, /*longestFirst=*/false, /*isPersistent=*/true};
  EXPECT_EQ(getRounds(shape, plan, {}).columnsFromMemory, 2 * 512);
  EXPECT_EQ(getRounds(shape, plan, {}).sources, 2);
  plan.blocks = 1;
  EXPECT_EQ(getRounds(shape, plan, {}).columnsFromMemory, 8 * 512);
}

TEST_F(GPUModelTest, slicesMayHaveMasksOfTheirOwn) {
  tile::FoldShape shape = narrowAttention(3, 512, 512, 128);
  shape.batch = 2;
  AffineExpr b = getAffineDimExpr(0, &context),
             h = getAffineDimExpr(1, &context);
  // Head h of entry b sees the first 128 (h + 3 b + 1) columns, up to all.
  shape.mask =
      tile::Formula::getConstraint(((h + b * 3 + 1) * 128 - 1) - column());
  GPUPlan plan{128, 128, 132, /*longestFirst=*/false, /*isPersistent=*/true};
  GPURounds rounds = getRounds(shape, plan, {});
  EXPECT_EQ(rounds.columnsSeen, 128 * (1 + 2 + 3 + 4 + 4 + 4));
  EXPECT_EQ(rounds.tiles, 4 * (1 + 2 + 3 + 4 + 4 + 4));
}

TEST_F(GPUModelTest, timeIsTheLongestOfAll) {
  // One tile of 128 x 128.
  GPUPrediction p = predict(narrowAttention(1, 128, 128, 128));
  double clock = 1.755e9;
  EXPECT_DOUBLE_EQ(get(p, GPUBound::Tensor),
                   2.0 * 128 * 128 * 256 / 4096 / clock);
  EXPECT_DOUBLE_EQ(get(p, GPUBound::Exponential), 128 * 128 / 16.0 / clock);
  EXPECT_DOUBLE_EQ(get(p, GPUBound::Arithmetic), 3 * 128 * 128 / 128.0 / clock);
  // Rows once, columns once for each of two groups, and written once.
  EXPECT_DOUBLE_EQ(get(p, GPUBound::Shared),
                   2.0 * (128 * 128 + 3 * 128 * 256) / 128 / clock);
  EXPECT_DOUBLE_EQ(get(p, GPUBound::HBM), 4.0 * 128 * 256 / 4.8e12);
  EXPECT_EQ(p.bound, GPUBound::Tensor);
  EXPECT_EQ(p.seconds, get(p, GPUBound::Tensor));
  EXPECT_TRUE(p.isComplete());
  EXPECT_DOUBLE_EQ(p.idle, 1 - 1.0 / 132);
}

TEST_F(GPUModelTest, boundsFollowTheShape) {
  EXPECT_EQ(predict(narrowAttention(16, 8192, 8192, 128)).bound,
            GPUBound::Tensor);
  EXPECT_EQ(predict(narrowAttention(16, 8192, 8192, 32)).bound,
            GPUBound::Exponential);
  // One row of each head: memory is all there is.
  tile::FoldShape shape = narrowAttention(8, 1, 8192, 128);
  shape.batch = 64;
  EXPECT_EQ(predict(shape).bound, GPUBound::HBM);
}

TEST_F(GPUModelTest, piecesBeyondARoundLeaveTheOthersIdle) {
  // 192 pieces for 132 multiprocessors: 60 do two.
  GPUPrediction p = predict(narrowAttention(32, 1024, 4096, 64));
  EXPECT_EQ(p.rounds.pieces, 192);
  EXPECT_EQ(p.rounds.rounds, 2);
  EXPECT_EQ(p.rounds.mostTiles, 2 * 32);
  EXPECT_DOUBLE_EQ(p.idle, 1 - 192.0 / 264);
}

TEST_F(GPUModelTest, blocksShareAMultiprocessorWithoutProducers) {
  tile::FoldShape shape = narrowAttention(32, 4096, 4096, 64);
  shape.endsEarly = true;
  GPUPrediction p = predict(shape);
  EXPECT_GT(p.blocksPerMultiprocessor, 1);
  EXPECT_EQ(p.rounds.blocks, 132 * p.blocksPerMultiprocessor);
  // No more than there are pieces for.
  shape.rows = 64;
  EXPECT_EQ(predict(shape).blocksPerMultiprocessor, 1);
}

TEST_F(GPUModelTest, singlePrecisionIsThreeProductsAtHalfTheRate) {
  tile::FoldShape shape = attention(1, 128, 128, 64);
  shape.operandBytes = 4;
  GPUPrediction p = predict(shape, getGPU("sm_90a"), std::pair(128, 128));
  EXPECT_DOUBLE_EQ(get(p, GPUBound::Tensor),
                   6 * 2.0 * 128 * 128 * 128 / 4096 / 1.755e9);
}

TEST_F(GPUModelTest, whatIsNotKnownIsNotPredicted) {
  GPUPrediction p = predict(narrowAttention(8, 1024, 1024, 128), "sm_86");
  EXPECT_FALSE(p.hasRounds);
  EXPECT_FALSE(p.bound);
  EXPECT_EQ(p.peakFraction, 0);
  EXPECT_EQ(p.traffic.compulsory, 8.0 * 1024 * 1024);
  // Of some machines memory is known only.
  GPUPrediction partly = predict(narrowAttention(8, 1024, 1024, 128), "sm_100");
  EXPECT_TRUE(partly.hasRounds);
  EXPECT_FALSE(partly.isComplete());
  EXPECT_EQ(partly.bound, GPUBound::HBM);
}

TEST_F(GPUModelTest, levelsNestAndNothingBeatsThePeak) {
  for (llvm::StringRef chip : {"sm_80", "sm_90", "sm_90a"})
    for (int64_t rows : {1, 100, 3000})
      for (int64_t columns : {16, 1000, 5000})
        for (int64_t depth : {16, 64, 128})
          for (bool isCausal : {false, true}) {
            tile::FoldShape shape = narrowAttention(6, rows, columns, depth);
            shape.sourceHeads = 3;
            if (isCausal)
              shape.mask = causal();
            GPUPrediction p = predict(shape, chip);
            EXPECT_GE(p.traffic.getHBM(), p.traffic.compulsory);
            EXPECT_GE(p.traffic.l2, p.traffic.getHBM());
            EXPECT_GT(p.seconds, 0);
            EXPECT_LE(p.peakFraction, 1);
            EXPECT_GE(p.idle, 0);
            EXPECT_LT(p.idle, 1);
            EXPECT_EQ(p.rounds.tiles, p.tiles.getVisited());
          }
}

} // namespace
