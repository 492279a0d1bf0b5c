//===- CheckRuntime.cpp - What the check dialect calls --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// Counts of the check that is running.
static int64_t numCompared = 0;
static int64_t numDifferent = 0;

static bool isDifferent(bool differs) {
  ++numCompared;
  numDifferent += differs;
  // Enough to see a pattern.
  return differs && numDifferent <= 16;
}

extern "C" {

void attn_check_float(double actual, double expected, double tolerance,
                      int64_t position) {
  bool isSame =
      actual == expected || (std::isnan(actual) && std::isnan(expected));
  bool isClose = std::isfinite(actual) && std::isfinite(expected) &&
                 std::fabs(actual - expected) <=
                     tolerance * std::fmax(1, std::fabs(expected));
  if (isDifferent(!isSame && !isClose))
    std::printf("element %" PRId64 ": got %.9g, expected %.9g\n", position,
                actual, expected);
}

void attn_check_extent(int64_t actual, int64_t expected, int64_t dim) {
  if (actual == expected)
    return;
  std::printf("dimension %" PRId64 ": got %" PRId64 ", expected %" PRId64 "\n",
              dim, actual, expected);
  std::exit(1);
}

void attn_check_integer(int64_t actual, int64_t expected, int64_t position) {
  if (isDifferent(actual != expected))
    std::printf("element %" PRId64 ": got %" PRId64 ", expected %" PRId64 "\n",
                position, actual, expected);
}

void attn_check_end(int64_t line) {
  if (numCompared == 0) {
    std::printf("line %" PRId64 ": there is nothing to compare\n", line);
    std::exit(1);
  }
  if (numDifferent != 0) {
    std::printf("line %" PRId64 ": %" PRId64 " of %" PRId64
                " elements differ\n",
                line, numDifferent, numCompared);
    std::exit(1);
  }
  std::printf("line %" PRId64 ": %" PRId64 " elements agree\n", line,
              numCompared);
  numCompared = 0;
}

} // extern "C"
