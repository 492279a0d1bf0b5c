//===- TensorMap.cpp - Descriptors of the tensor memory accelerator -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <stdio.h>

using namespace attn::cuda;

static constexpr int kMaxRank = 5;

/// "(a, b, c)", for messages.
template <typename T>
static void format(char (&text)[128], const T *values, int count) {
  int used = 0;
  for (int i = 0; i < count; ++i) {
    int more = snprintf(text + used, sizeof(text) - used, "%s%lld",
                        i ? ", " : "(", static_cast<long long>(values[i]));
    if (more < 0 || used + more >= static_cast<int>(sizeof(text)) - 1)
      return;
    used += more;
  }
  snprintf(text + used, sizeof(text) - used, count ? ")" : "()");
}

int attn_cuda_encode_tiled(void *map, int32_t type, int32_t rank, void *base,
                           const int64_t *sizes, const int64_t *strides,
                           const int32_t *box, int32_t swizzle,
                           int32_t l2Promotion) {
  const Driver *driver = getDriver();
  if (!driver)
    return -1;
  if (!driver->tensorMapEncodeTiled) {
    fail("the CUDA driver is too old: it has no cuTensorMapEncodeTiled");
    return -1;
  }
  if (rank < 1 || rank > kMaxRank) {
    fail("a tensor descriptor has 1 to %d dimensions, not %d", kMaxRank, rank);
    return -1;
  }
  uint64_t driverSizes[kMaxRank], driverStrides[kMaxRank];
  uint32_t driverBox[kMaxRank], elementStrides[kMaxRank];
  for (int i = 0; i < rank; ++i) {
    driverSizes[i] = static_cast<uint64_t>(sizes[i]);
    driverStrides[i] = i + 1 < rank ? static_cast<uint64_t>(strides[i]) : 0;
    driverBox[i] = static_cast<uint32_t>(box[i]);
    elementStrides[i] = 1;
  }
  Result result = driver->tensorMapEncodeTiled(
      map, type, static_cast<uint32_t>(rank), base, driverSizes, driverStrides,
      driverBox, elementStrides, /*interleave=*/0, swizzle, l2Promotion,
      /*oobFill=*/0);
  if (result == 0)
    return 0;
  char sizesText[128], stridesText[128], boxText[128];
  format(sizesText, sizes, rank);
  format(stridesText, strides, rank - 1);
  format(boxText, box, rank);
  check(result,
        "describing a tensor at %p of sizes %s, strides %s bytes, in tiles of "
        "%s, type %d, swizzle %d (the address and the strides have to be "
        "multiples of 16 bytes)",
        base, sizesText, stridesText, boxText, type, swizzle);
  return -1;
}
