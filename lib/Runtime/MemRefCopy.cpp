//===- MemRefCopy.cpp - Copies between memrefs of any layout --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `memref.copy` between layouts that are not both contiguous lowers to a call
// of `memrefCopy` on two unranked descriptors.
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <cstring>

namespace {

/// An unranked memref: its rank, and a pointer to a ranked descriptor.
struct UnrankedMemRef {
  int64_t rank;
  void *descriptor;
};

/// A view of a ranked descriptor: two pointers, an offset, then `rank` sizes
/// and `rank` strides, all counted in elements.
struct MemRefView {
  explicit MemRefView(const UnrankedMemRef &ref)
      : rank(ref.rank), words(static_cast<const int64_t *>(ref.descriptor)) {}
  char *data(int64_t elementSize) const {
    char *aligned;
    std::memcpy(&aligned, &words[1], sizeof(aligned));
    return aligned + words[2] * elementSize;
  }
  const int64_t *sizes() const { return words + 3; }
  const int64_t *strides() const { return words + 3 + rank; }

  int64_t rank;
  const int64_t *words;
};
static_assert(sizeof(void *) == sizeof(int64_t), "descriptors are 64-bit");

/// Copies dimension `dim` and those inside it.
void copyDim(const MemRefView &source, const MemRefView &target, int64_t dim,
             char *from, char *to, int64_t elementSize) {
  if (dim == source.rank) {
    std::memcpy(to, from, elementSize);
    return;
  }
  int64_t size = source.sizes()[dim];
  int64_t fromStride = source.strides()[dim];
  int64_t toStride = target.strides()[dim];
  if (dim + 1 == source.rank && fromStride == 1 && toStride == 1) {
    if (size > 0)
      std::memcpy(to, from, size * elementSize);
    return;
  }
  for (int64_t i = 0; i < size; ++i)
    copyDim(source, target, dim + 1, from + i * fromStride * elementSize,
            to + i * toStride * elementSize, elementSize);
}

} // namespace

extern "C" ATTN_RUNTIME_WEAK void memrefCopy(int64_t elementSize,
                                             UnrankedMemRef *source,
                                             UnrankedMemRef *target) {
  MemRefView from(*source), to(*target);
  copyDim(from, to, /*dim=*/0, from.data(elementSize), to.data(elementSize),
          elementSize);
}
