//===- StridedBuffer.cpp - Guarded memory for one tensor ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/StridedBuffer.h"

#include "llvm/ADT/STLExtras.h"

#include <cstring>

namespace attn::exec {

/// Bytes of pattern before and after the elements.
static constexpr int64_t guard = 2 * Buffer::alignment;

StridedBuffer::StridedBuffer(DType dtype, llvm::ArrayRef<int64_t> shape,
                             int64_t padding, uint8_t pattern)
    : dtype(dtype), pattern(pattern), shape(shape), strides(shape.size(), 1) {
  int64_t extent = 1;
  for (size_t dim = shape.size(); dim-- > 0;) {
    strides[dim] = extent;
    extent *= dim == 0 ? shape[dim] : shape[dim] + padding;
  }
  int64_t elementSize = getSize(dtype);
  start = guard + padding * elementSize;
  memory = Buffer(start + extent * elementSize + guard);
  std::memset(memory.data(), pattern, memory.size());

  // The offset is part of the layout, so it is used.
  int64_t base = reinterpret_cast<int64_t>(memory.data() + guard);
  descriptor.append({base, base, padding});
  descriptor.append(this->shape.begin(), this->shape.end());
  descriptor.append(strides.begin(), strides.end());
}

void StridedBuffer::setAddress(void *address) {
  descriptor[0] = descriptor[1] = reinterpret_cast<int64_t>(address) + guard;
}

template <typename Fn>
void StridedBuffer::forEachRow(Fn fn) const {
  if (llvm::is_contained(shape, 0))
    return;
  int64_t elementSize = getSize(dtype);
  size_t outer = shape.empty() ? 0 : shape.size() - 1;
  int64_t rowSize = (shape.empty() ? 1 : shape.back()) * elementSize;
  llvm::SmallVector<int64_t, 4> index(outer, 0);
  int64_t offset = start;
  for (int64_t row = 0;; row += rowSize) {
    fn(row, offset, rowSize);
    size_t dim = outer;
    while (dim-- > 0) {
      offset += strides[dim] * elementSize;
      if (++index[dim] < shape[dim])
        break;
      offset -= strides[dim] * elementSize * shape[dim];
      index[dim] = 0;
    }
    if (dim == size_t(-1))
      return;
  }
}

void StridedBuffer::store(const Array &array) {
  forEachRow([&](int64_t row, int64_t offset, int64_t size) {
    std::memcpy(memory.data() + offset, array.data.data() + row, size);
  });
}

Array StridedBuffer::load() const {
  Array array(dtype, shape);
  forEachRow([&](int64_t row, int64_t offset, int64_t size) {
    std::memcpy(array.data.data() + row, memory.data() + offset, size);
  });
  return array;
}

void StridedBuffer::fill(uint8_t byte) {
  forEachRow([&](int64_t, int64_t offset, int64_t size) {
    std::memset(memory.data() + offset, byte, size);
  });
}

bool StridedBuffer::equals(const Array &array) const {
  bool same = true;
  forEachRow([&](int64_t row, int64_t offset, int64_t size) {
    same = same && std::memcmp(memory.data() + offset, array.data.data() + row,
                               size) == 0;
  });
  return same;
}

bool StridedBuffer::isOutsideIntact() const {
  // Rows come in increasing order: look at the gap before each.
  int64_t end = 0;
  bool intact = true;
  auto check = [&](int64_t until) {
    for (; intact && end < until; ++end)
      intact = static_cast<uint8_t>(memory.data()[end]) == pattern;
  };
  forEachRow([&](int64_t, int64_t offset, int64_t size) {
    check(offset);
    end = offset + size;
  });
  check(memory.size());
  return intact;
}

} // namespace attn::exec
