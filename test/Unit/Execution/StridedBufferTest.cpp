//===- StridedBufferTest.cpp - Tests of guarded memory --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/StridedBuffer.h"

#include "gtest/gtest.h"

#include <numeric>
#include <set>

using namespace attn::exec;

namespace {

struct Descriptor3 {
  float *allocated;
  float *aligned;
  int64_t offset;
  int64_t sizes[3];
  int64_t strides[3];
};

Array makeIota(llvm::ArrayRef<int64_t> shape) {
  Array array(DType::F32, shape);
  std::iota(array.as<float>().begin(), array.as<float>().end(), 0.0f);
  return array;
}

TEST(StridedBufferTest, DescriptorReachesEveryElement) {
  for (int64_t padding : {0, 1, 5}) {
    Array array = makeIota({2, 3, 4});
    StridedBuffer buffer(DType::F32, array.shape, padding, 0xa5);
    buffer.store(array);
    auto *memref = static_cast<Descriptor3 *>(buffer.getDescriptor());
    EXPECT_EQ(memref->offset, padding);
    EXPECT_EQ(memref->strides[2], 1);
    EXPECT_EQ(memref->strides[1], 4 + padding);
    float expected = 0;
    for (int64_t i = 0; i < memref->sizes[0]; ++i)
      for (int64_t j = 0; j < memref->sizes[1]; ++j)
        for (int64_t k = 0; k < memref->sizes[2]; ++k)
          EXPECT_EQ(memref->aligned[memref->offset + i * memref->strides[0] +
                                    j * memref->strides[1] + k],
                    expected++);
    EXPECT_EQ(expected, 24);
    EXPECT_TRUE(buffer.equals(array));
    EXPECT_EQ(buffer.load().as<float>(), array.as<float>());
    EXPECT_TRUE(buffer.isOutsideIntact());
  }
}

TEST(StridedBufferTest, SeesEveryWriteOutside) {
  Array array = makeIota({2, 2, 3});
  StridedBuffer buffer(DType::F32, array.shape, /*padding=*/2, 0xa5);
  buffer.store(array);
  auto *memref = static_cast<Descriptor3 *>(buffer.getDescriptor());
  std::set<int64_t> inside;
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 2; ++j)
      for (int64_t k = 0; k < 3; ++k)
        inside.insert(memref->offset + i * memref->strides[0] +
                      j * memref->strides[1] + k);
  for (int64_t at = -8; at < 40; ++at) {
    float before = memref->aligned[at];
    memref->aligned[at] = 1234;
    EXPECT_EQ(buffer.isOutsideIntact(), inside.count(at) == 1) << at;
    EXPECT_EQ(buffer.equals(array), inside.count(at) == 0) << at;
    memref->aligned[at] = before;
  }
}

TEST(StridedBufferTest, FillsElementsOnly) {
  StridedBuffer buffer(DType::F32, {2, 2, 3}, /*padding=*/1, 0xa5);
  buffer.fill(0xff);
  EXPECT_TRUE(buffer.isOutsideIntact());
  Array array = buffer.load();
  for (uint8_t byte : array.as<uint8_t>())
    EXPECT_EQ(byte, 0xff);
}

TEST(StridedBufferTest, RankZeroAndEmpty) {
  StridedBuffer scalar(DType::F64, {}, /*padding=*/3, 0xff);
  Array value(DType::F64, {});
  value.as<double>()[0] = 4.5;
  scalar.store(value);
  EXPECT_EQ(scalar.load().as<double>()[0], 4.5);
  EXPECT_TRUE(scalar.isOutsideIntact());

  StridedBuffer empty(DType::F64, {3, 0}, /*padding=*/3, 0xff);
  empty.fill(0);
  EXPECT_EQ(empty.load().getNumElements(), 0);
  EXPECT_TRUE(empty.isOutsideIntact());
}

} // namespace
