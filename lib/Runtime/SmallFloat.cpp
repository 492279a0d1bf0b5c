//===- SmallFloat.cpp - Conversions of f16 and bf16 -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM calls these on targets without the instruction. The names are those of
// compiler-rt; older libgcc lacks the bf16 ones. Round to nearest, ties to
// even; a NaN stays a NaN.
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <cstring>

namespace {

// A 16-bit float travels in the low bits of a float register on x86-64 and
// AArch64, whose upper bits are unspecified.
float bitsAsHalf(uint16_t bits) {
  uint32_t wide = bits;
  float value;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

uint16_t halfAsBits(float value) {
  uint32_t wide;
  std::memcpy(&wide, &value, sizeof(wide));
  return static_cast<uint16_t>(wide);
}

template <typename To, typename From>
To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

/// Rounds an f64 to a float of `exponentBits` and `mantissaBits` in 16 bits.
/// Every f32 is an f64 exactly, so one rounding serves both.
template <int exponentBits, int mantissaBits>
uint16_t roundTo16(double value) {
  static_assert(1 + exponentBits + mantissaBits == 16, "a 16-bit format");
  constexpr int bias = (1 << (exponentBits - 1)) - 1;
  constexpr uint64_t infinity = ((uint64_t(1) << exponentBits) - 1)
                                << mantissaBits;

  uint64_t bits = bitCast<uint64_t>(value);
  uint16_t sign = static_cast<uint16_t>((bits >> 63) << 15);
  int exponent = static_cast<int>((bits >> 52) & 0x7ff);
  uint64_t fraction = bits & ((uint64_t(1) << 52) - 1);
  if (exponent == 0x7ff)
    return sign | infinity |
           (fraction ? (uint64_t(1) << (mantissaBits - 1)) |
                           (fraction >> (52 - mantissaBits))
                     : 0);
  if (exponent == 0) // An f64 subnormal is far below the least 16-bit one.
    return sign;

  int target = exponent - 1023 + bias; // The biased exponent of the result.
  uint64_t significand = (uint64_t(1) << 52) | fraction;
  int shift = 52 - mantissaBits;
  if (target <= 0) { // A subnormal result: shift further, exponent field 0.
    shift += 1 - target;
    target = 1;
    if (shift > 53)
      return sign;
  }
  uint64_t kept = significand >> shift;
  uint64_t rest = significand & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  if (rest > half || (rest == half && (kept & 1)))
    ++kept;
  // The implicit bit of `kept` carries into the exponent field, and so does a
  // mantissa that rounded up to the next power of two.
  uint64_t result = (uint64_t(target - 1) << mantissaBits) + kept;
  return sign | static_cast<uint16_t>(result < infinity ? result : infinity);
}

float widenF16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f;
  uint32_t fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return bitCast<float>(sign | 0x7f800000 | (fraction << 13) |
                          (fraction ? 0x400000u : 0u));
  if (exponent != 0)
    return bitCast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return bitCast<float>(sign | bitCast<uint32_t>(magnitude));
}

} // namespace

extern "C" {
ATTN_RUNTIME_WEAK float __truncsfbf2(float value) {
  return bitsAsHalf(roundTo16<8, 7>(value));
}
ATTN_RUNTIME_WEAK float __truncdfbf2(double value) {
  return bitsAsHalf(roundTo16<8, 7>(value));
}
ATTN_RUNTIME_WEAK float __truncsfhf2(float value) {
  return bitsAsHalf(roundTo16<5, 10>(value));
}
ATTN_RUNTIME_WEAK float __truncdfhf2(double value) {
  return bitsAsHalf(roundTo16<5, 10>(value));
}
ATTN_RUNTIME_WEAK float __extendhfsf2(float value) {
  return widenF16(halfAsBits(value));
}
}
