//===- CompareTest.cpp - Tests of the comparison with a reference ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Compare.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace attn::exec;

namespace {

class CompareTest : public ::testing::Test {
protected:
  template <typename T>
  static Array make(DType dtype, std::initializer_list<T> values) {
    Array array(dtype, {static_cast<int64_t>(values.size())});
    std::copy(values.begin(), values.end(), array.as<T>().begin());
    return array;
  }
  Comparison compareF32(std::initializer_list<float> actual,
                        std::initializer_list<float> expected,
                        Tolerance tolerance = {0.01, 0.1}) {
    return compare(make(DType::F32, actual), make(DType::F32, expected),
                   builder.getF32Type(), tolerance);
  }

  mlir::MLIRContext context;
  mlir::Builder builder{&context};
};

TEST_F(CompareTest, Tolerance) {
  // |difference| <= 0.01 + 0.1 * |expected|
  EXPECT_EQ(compareF32({1.1f, -1.1f, 0.009f}, {1, -1, 0}).mismatches, 0);
  Comparison result = compareF32({1, 1.2f, 0.02f}, {1, 1, 0});
  EXPECT_EQ(result.elements, 3);
  EXPECT_EQ(result.mismatches, 2);
  EXPECT_EQ(result.worst, 1);
  EXPECT_FLOAT_EQ(result.worstActual, 1.2f);
  EXPECT_EQ(result.worstExpected, 1);
  EXPECT_NEAR(result.maxAbsoluteError, 0.2, 1e-6);
  EXPECT_NEAR(result.maxRelativeError, 0.2, 1e-6);
}

TEST_F(CompareTest, NonFinite) {
  float nan = NAN, inf = HUGE_VALF;
  // The same on both sides is no mismatch.
  Comparison same = compareF32({nan, inf, -inf, 1}, {nan, inf, -inf, 1});
  EXPECT_EQ(same.mismatches, 0);
  EXPECT_EQ(same.nonFiniteActual, 3);
  EXPECT_EQ(same.nonFiniteExpected, 3);
  EXPECT_EQ(same.maxAbsoluteError, 0);
  // Anything else is, at every tolerance.
  for (auto [actual, expected] :
       {std::pair(nan, 1.0f), std::pair(1.0f, nan), std::pair(inf, 1.0f),
        std::pair(1.0f, -inf), std::pair(inf, -inf), std::pair(nan, inf)}) {
    Comparison result = compareF32({actual}, {expected}, {1e30, 1e30});
    EXPECT_EQ(result.mismatches, 1) << actual << " for " << expected;
    EXPECT_EQ(result.worst, 0);
  }
}

TEST_F(CompareTest, ABadElementIsFoundAnywhere) {
  for (int64_t at = 0; at < 100; ++at) {
    Array actual(DType::F64, {100}), expected(DType::F64, {100});
    for (int64_t i = 0; i < 100; ++i)
      actual.as<double>()[i] = expected.as<double>()[i] = i;
    actual.as<double>()[at] += 1e-3;
    Comparison result = compare(actual, expected, builder.getF64Type(),
                                getDefaultTolerance(builder.getF64Type()));
    EXPECT_EQ(result.mismatches, 1);
    EXPECT_EQ(result.worst, at);
  }
}

TEST_F(CompareTest, SixteenBitFloats) {
  // 1.0 and its neighbour above; 0x7c00 and 0x7f80 are the infinities.
  Comparison half = compare(make<uint16_t>(DType::F16, {0x3c01, 0x7c00}),
                            make<uint16_t>(DType::F16, {0x3c00, 0x7c00}),
                            builder.getF16Type(), {0, 0});
  EXPECT_EQ(half.mismatches, 1);
  EXPECT_EQ(half.nonFiniteActual, 1);
  EXPECT_EQ(half.maxAbsoluteError, 0x1p-10);
  Comparison brain = compare(make<uint16_t>(DType::U16, {0x3f81, 0x7f80}),
                             make<uint16_t>(DType::U16, {0x3f80, 0x7f80}),
                             builder.getBF16Type(), {0, 0});
  EXPECT_EQ(brain.mismatches, 1);
  EXPECT_EQ(brain.nonFiniteActual, 1);
  EXPECT_EQ(brain.maxAbsoluteError, 0x1p-7);
}

TEST_F(CompareTest, IntegersAreEqualOrNot) {
  // As doubles these two are the same.
  Comparison result = compare(make<int64_t>(DType::I64, {5, INT64_MAX}),
                              make<int64_t>(DType::I64, {5, INT64_MAX - 1}),
                              builder.getI64Type(), {1, 1});
  EXPECT_EQ(result.mismatches, 1);
  EXPECT_EQ(result.worst, 1);
}

TEST_F(CompareTest, CountsNonFinite) {
  EXPECT_EQ(countNonFinite(make<float>(DType::F32, {1, NAN, HUGE_VALF}),
                           builder.getF32Type()),
            2);
  EXPECT_EQ(countNonFinite(make<uint16_t>(DType::U16, {0x7f80, 0x3f80}),
                           builder.getBF16Type()),
            1);
  EXPECT_EQ(countNonFinite(make<int32_t>(DType::I32, {0x7f800000}),
                           builder.getI32Type()),
            0);
}

} // namespace
