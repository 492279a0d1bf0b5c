//===- MemRefCopyTest.cpp - Tests of copies between memrefs ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gtest/gtest.h"

#include <cstdint>
#include <numeric>
#include <vector>

struct Unranked {
  int64_t rank;
  void *descriptor;
};
extern "C" void memrefCopy(int64_t elementSize, Unranked *source,
                           Unranked *target);

namespace {

template <int rank>
struct Ranked {
  void *allocated;
  void *aligned;
  int64_t offset;
  int64_t sizes[rank];
  int64_t strides[rank];
};

TEST(MemRefCopyTest, TransposesWithOffsets) {
  std::vector<int32_t> from(100), to(100, -1);
  std::iota(from.begin(), from.end(), 0);
  Ranked<2> source{nullptr, from.data(), 3, {4, 5}, {10, 2}};
  Ranked<2> target{nullptr, to.data(), 7, {4, 5}, {1, 6}};
  Unranked sourceRef{2, &source}, targetRef{2, &target};
  memrefCopy(sizeof(int32_t), &sourceRef, &targetRef);
  std::vector<int32_t> expected(100, -1);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 5; ++j)
      expected[7 + i + 6 * j] = from[3 + 10 * i + 2 * j];
  EXPECT_EQ(to, expected);
}

TEST(MemRefCopyTest, ContiguousRows) {
  std::vector<int16_t> from(24), to(40, -1);
  std::iota(from.begin(), from.end(), 0);
  Ranked<3> source{nullptr, from.data(), 0, {2, 3, 4}, {12, 4, 1}};
  Ranked<3> target{nullptr, to.data(), 0, {2, 3, 4}, {20, 6, 1}};
  Unranked sourceRef{3, &source}, targetRef{3, &target};
  memrefCopy(sizeof(int16_t), &sourceRef, &targetRef);
  std::vector<int16_t> expected(40, -1);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k)
        expected[20 * i + 6 * j + k] = 12 * i + 4 * j + k;
  EXPECT_EQ(to, expected);
}

TEST(MemRefCopyTest, EmptyAndRankZero) {
  int64_t from = 42, to = 0;
  Ranked<1> source{nullptr, &from, 0, {0}, {1}};
  Ranked<1> target{nullptr, &to, 0, {0}, {1}};
  Unranked sourceRef{1, &source}, targetRef{1, &target};
  memrefCopy(sizeof(int64_t), &sourceRef, &targetRef);
  EXPECT_EQ(to, 0);
  // Rank 0 ends after the offset.
  Unranked scalarSource{0, &source}, scalarTarget{0, &target};
  memrefCopy(sizeof(int64_t), &scalarSource, &scalarTarget);
  EXPECT_EQ(to, 42);
}

} // namespace
