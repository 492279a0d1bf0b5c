//===- SmallFloatTest.cpp - f16 and bf16 conversions against APFloat ------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "llvm/ADT/APFloat.h"

#include "gtest/gtest.h"

#include <cstring>
#include <random>

extern "C" {
float __truncsfbf2(float value);
float __truncdfbf2(double value);
float __truncsfhf2(float value);
float __truncdfhf2(double value);
float __extendhfsf2(float value);
}

using llvm::APFloat;

namespace {

template <typename To, typename From>
To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

uint16_t lowBits(float value) {
  return static_cast<uint16_t>(bitCast<uint32_t>(value));
}

uint16_t expected(APFloat value, const llvm::fltSemantics &semantics) {
  bool losesInfo;
  value.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(value.bitcastToAPInt().getZExtValue());
}

void checkF32(float value) {
  ASSERT_EQ(lowBits(__truncsfhf2(value)),
            expected(APFloat(value), APFloat::IEEEhalf()))
      << value;
  ASSERT_EQ(lowBits(__truncsfbf2(value)),
            expected(APFloat(value), APFloat::BFloat()))
      << value;
}

void checkF64(double value) {
  ASSERT_EQ(lowBits(__truncdfhf2(value)),
            expected(APFloat(value), APFloat::IEEEhalf()))
      << value;
  ASSERT_EQ(lowBits(__truncdfbf2(value)),
            expected(APFloat(value), APFloat::BFloat()))
      << value;
}

TEST(SmallFloatTest, ExtendEveryHalf) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    APFloat half(APFloat::IEEEhalf(), llvm::APInt(16, bits));
    // The upper half of the register holds anything.
    float got = __extendhfsf2(bitCast<float>(bits | 0xabcd0000u));
    if (half.isNaN()) {
      ASSERT_TRUE(got != got) << bits;
      continue;
    }
    ASSERT_EQ(bitCast<uint32_t>(got), bitCast<uint32_t>(half.convertToFloat()))
        << bits;
  }
}

TEST(SmallFloatTest, EveryHalfSurvives) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    float wide = __extendhfsf2(bitCast<float>(bits));
    if (wide != wide)
      continue;
    ASSERT_EQ(lowBits(__truncsfhf2(wide)), bits);
  }
}

TEST(SmallFloatTest, BoundariesAndTies) {
  for (float value :
       {0.0f,       -0.0f,           1.0f,       -1.0f,     65504.0f,
        65519.99f,  65520.0f,        65536.0f,   0x1p-14f,  0x1p-24f,
        0x1p-25f,   0x1.000002p-25f, 0x1.8p-24f, 0x1p-126f, 0x1p-149f,
        0x1.004p0f, 0x1.00cp0f,      0x1.01p0f,  0x1.03p0f, 3.4e38f,
        3.39e38f,   HUGE_VALF,       -HUGE_VALF})
    checkF32(value);
  // Double rounding would go wrong here: a tie in f32 that is none in f64.
  checkF64(0x1.0040000000001p0);
  checkF64(0x1.0100000000001p0);
  checkF64(0x1.003fffffffp0);
  checkF64(1e-320);
  checkF64(1e300);
}

TEST(SmallFloatTest, RandomBits) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 300000; ++i) {
    float narrow = bitCast<float>(static_cast<uint32_t>(random()));
    if (narrow == narrow)
      checkF32(narrow);
    // Exponents around the ranges of the 16-bit formats.
    uint64_t bits = random();
    uint64_t exponent = 1023 - 160 + (random() % 300);
    bits = (bits & ~(uint64_t(0x7ff) << 52)) | (exponent << 52);
    checkF64(bitCast<double>(bits));
  }
}

TEST(SmallFloatTest, NaNStaysNaN) {
  for (uint32_t payload :
       {0x7f800001u, 0x7fc00000u, 0xffffffffu, 0x7f801000u}) {
    uint16_t half = lowBits(__truncsfhf2(bitCast<float>(payload)));
    EXPECT_TRUE((half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0);
    uint16_t brain = lowBits(__truncsfbf2(bitCast<float>(payload)));
    EXPECT_TRUE((brain & 0x7f80) == 0x7f80 && (brain & 0x7f) != 0);
  }
}

} // namespace
