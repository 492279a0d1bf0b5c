//===- Descriptors.cpp - Memory that compiled kernels copy from -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The copy engine takes memory that begins, and has its rows, at multiples of
// 16 bytes. Other memory is copied, row by row where need be, to one that does:
// slower by the time of a copy, but the kernel is the same.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Memory.h"

#include <string.h>

using namespace attn::cuda;

namespace {

constexpr int kMaxRank = 5;
constexpr int64_t kAlignment = 16;
/// 128 bytes of lines of the L2 cache are fetched at a time.
constexpr int32_t kPromote128 = 2;

/// What lowered code reserves for a descriptor.
struct Descriptor {
  char map[128];
  /// The copy that the map describes, or null.
  void *copy;
};

/// Memory, the outermost dimension first.
struct View {
  char *base;
  int rank;
  int64_t elementBytes;
  int64_t sizes[kMaxRank];
  /// In bytes.
  int64_t strides[kMaxRank];
};

bool isAligned(const View &view) {
  int64_t bits = static_cast<int64_t>(reinterpret_cast<uintptr_t>(view.base));
  for (int i = 0; i + 1 < view.rank; ++i) {
    if (view.strides[i] < 0)
      return false;
    bits |= view.strides[i];
  }
  return bits % kAlignment == 0;
}

/// The same elements one after the other, with rows at multiples of 16 bytes.
View getAlignedView(const View &view) {
  View aligned = view;
  int64_t stride = view.sizes[view.rank - 1] * view.elementBytes;
  stride = (stride + kAlignment - 1) / kAlignment * kAlignment;
  for (int i = view.rank - 2; i >= 0; --i) {
    aligned.strides[i] = stride;
    stride *= view.sizes[i];
  }
  return aligned;
}

/// Copies rows from one view to another; false after an error.
bool copyRows(const Driver &driver, const View &from, const View &to,
              Stream stream) {
  int rows = from.rank - 2;
  int64_t width = from.sizes[from.rank - 1] * from.elementBytes;
  int64_t count = 1;
  for (int i = 0; i < rows; ++i)
    count *= from.sizes[i];
  // Rows that overlap or go backwards are copied one by one.
  bool isRegular = from.strides[rows] >= width && driver.memcpy2DAsync;
  for (int64_t i = 0; i < count; ++i) {
    const char *source = from.base;
    char *dest = to.base;
    int64_t rest = i;
    for (int dim = rows - 1; dim >= 0; --dim) {
      source += rest % from.sizes[dim] * from.strides[dim];
      dest += rest % from.sizes[dim] * to.strides[dim];
      rest /= from.sizes[dim];
    }
    if (isRegular) {
      Memcpy2D copy = {};
      copy.sourceType = copy.destType = kDeviceMemory;
      copy.source = toPointer(source);
      copy.sourcePitch = static_cast<size_t>(from.strides[rows]);
      copy.dest = toPointer(dest);
      copy.destPitch = static_cast<size_t>(to.strides[rows]);
      copy.width = static_cast<size_t>(width);
      copy.height = static_cast<size_t>(from.sizes[rows]);
      if (!check(driver.memcpy2DAsync(&copy, stream),
                 "copying %lld rows of %lld bytes",
                 static_cast<long long>(from.sizes[rows]),
                 static_cast<long long>(width)))
        return false;
      continue;
    }
    for (int64_t row = 0; row < from.sizes[rows]; ++row)
      if (!check(
              driver.memcpyAsync(toPointer(dest + row * to.strides[rows]),
                                 toPointer(source + row * from.strides[rows]),
                                 static_cast<size_t>(width), stream),
              "copying a row of %lld bytes", static_cast<long long>(width)))
        return false;
  }
  return true;
}

} // namespace

int attn_cuda_describe(void *descriptor, int32_t type, int32_t elementBytes,
                       int32_t rank, void *base, const int64_t *sizes,
                       const int64_t *strides, int32_t rows,
                       int32_t swizzleBytes) {
  auto *result = static_cast<Descriptor *>(descriptor);
  memset(result, 0, sizeof(Descriptor));
  const Driver *driver = getDriver();
  if (!driver)
    return -1;
  if (rank < 2 || rank > kMaxRank) {
    fail("a kernel copies from memory of 2 to %d dimensions, not %d", kMaxRank,
         rank);
    return -1;
  }
  View view = {static_cast<char *>(base), rank, elementBytes, {}, {}};
  bool isEmpty = false;
  for (int i = 0; i < rank; ++i) {
    view.sizes[i] = sizes[i];
    view.strides[i] = strides[i] * elementBytes;
    isEmpty |= sizes[i] == 0;
  }
  if (isEmpty) {
    // Nothing is read, but a map has to have elements.
    alignas(kAlignment) static char nothing[kAlignment];
    view.base = nothing;
    for (int i = 0; i < rank; ++i)
      view.sizes[i] = 1;
  }
  View aligned = getAlignedView(view);
  // A stride that is never taken may be any.
  for (int i = 0; i + 1 < rank; ++i)
    if (view.sizes[i] == 1)
      view.strides[i] = aligned.strides[i];
  if (!isAligned(view)) {
    auto stream = static_cast<Stream>(attn_cuda_get_stream());
    result->copy = allocate(
        *driver, static_cast<uint64_t>(aligned.sizes[0] * aligned.strides[0]),
        stream);
    aligned.base = static_cast<char *>(result->copy);
    if (!aligned.base || !copyRows(*driver, view, aligned, stream))
      return -1;
    view = aligned;
  }

  int64_t mapSizes[kMaxRank], mapStrides[kMaxRank];
  int32_t box[kMaxRank];
  for (int i = 0; i < rank; ++i) {
    mapSizes[i] = view.sizes[rank - 1 - i];
    box[i] = 1;
    if (i > 0)
      mapStrides[i - 1] = view.strides[rank - 1 - i];
  }
  // Without a swizzle, a vector of as many elements.
  bool isVector = swizzleBytes == 0;
  box[0] = isVector ? rows : swizzleBytes / elementBytes;
  box[1] = isVector ? 1 : rows;
  int32_t swizzle = isVector              ? 0
                    : swizzleBytes == 128 ? 3
                    : swizzleBytes == 64  ? 2
                                          : 1;
  return attn_cuda_encode_tiled(result->map, type, rank, view.base, mapSizes,
                                mapStrides, box, swizzle, kPromote128);
}

void attn_cuda_forget(void *descriptor) {
  auto *result = static_cast<Descriptor *>(descriptor);
  if (!result->copy)
    return;
  if (const Driver *driver = getDriverToRelease())
    release(*driver, result->copy, static_cast<Stream>(attn_cuda_get_stream()));
  result->copy = nullptr;
}
