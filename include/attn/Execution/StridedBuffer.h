//===- StridedBuffer.h - Guarded memory for one tensor ----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_STRIDEDBUFFER_H
#define ATTN_EXECUTION_STRIDEDBUFFER_H

#include "attn/Execution/Array.h"

namespace attn::exec {

/// The memory that a kernel sees as one tensor: rows may be padded, and what
/// lies between and around the elements has a known pattern, so that an access
/// outside shows.
class StridedBuffer {
public:
  /// With `padding`, each dimension but the outermost is followed by that many
  /// elements of pattern, and the first element is as far from an aligned
  /// address.
  StridedBuffer(DType dtype, llvm::ArrayRef<int64_t> shape, int64_t padding,
                uint8_t pattern);

  /// Copies elements in and out; the array has this dtype and shape.
  void store(const Array &array);
  Array load() const;
  /// Sets every byte of every element.
  void fill(uint8_t byte);
  /// Whether the elements are those of `array`, bit by bit.
  bool equals(const Array &array) const;
  /// Whether everything outside the elements still is the pattern.
  bool isOutsideIntact() const;

  /// All the memory, with what is around the elements.
  llvm::MutableArrayRef<char> getMemory() {
    return {memory.data(), memory.size()};
  }
  /// Lets the descriptor point to a copy of the memory at another address.
  void setAddress(void *address);

  /// The ranked memref descriptor: two pointers, offset, sizes, strides.
  void *getDescriptor() { return descriptor.data(); }

private:
  /// Calls `fn(row, offset, size)` in bytes for every innermost row: its place
  /// in a dense array, in this buffer, and its extent.
  template <typename Fn>
  void forEachRow(Fn fn) const;

  DType dtype;
  uint8_t pattern;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<int64_t, 4> strides;
  int64_t start = 0; // Bytes before the first element.
  Buffer memory;
  llvm::SmallVector<int64_t, 11> descriptor;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_STRIDEDBUFFER_H
