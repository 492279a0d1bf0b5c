//===- Array.h - Host arrays passed to and from kernels ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_ARRAY_H
#define ATTN_EXECUTION_ARRAY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace attn::exec {

/// The element types of arrays. There is no bf16: its bit patterns travel as
/// U16, since NumPy has no such type.
enum class DType { Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64 };

/// "f32", "u16", "bool", ...
llvm::StringRef getName(DType dtype);
/// In bytes.
int64_t getSize(DType dtype);

/// "f32[2, 3]"; a dimension that may be anything is "?" (any negative value).
std::string formatShape(llvm::StringRef element, llvm::ArrayRef<int64_t> shape);

/// Bytes at an address that suits any vector load.
class Buffer {
public:
  static constexpr size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(size_t size);

  char *data() { return memory.get(); }
  const char *data() const { return memory.get(); }
  size_t size() const { return bytes; }

private:
  struct Free {
    void operator()(char *pointer) const;
  };
  std::unique_ptr<char[], Free> memory;
  size_t bytes = 0;
};

/// A dense row-major array.
struct Array {
  Array() = default;
  /// Uninitialised elements. The number of bytes must fit; see `getByteSize`.
  Array(DType dtype, llvm::ArrayRef<int64_t> shape);

  int64_t getNumElements() const;
  template <typename T>
  llvm::MutableArrayRef<T> as() {
    return {reinterpret_cast<T *>(data.data()), data.size() / sizeof(T)};
  }
  template <typename T>
  llvm::ArrayRef<T> as() const {
    return {reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T)};
  }
  std::string format() const { return formatShape(getName(dtype), shape); }

  DType dtype = DType::F32;
  llvm::SmallVector<int64_t, 4> shape;
  Buffer data;
};

/// Element `index` of an array of integers or booleans.
int64_t getInteger(const Array &array, int64_t index);

/// The bytes of a dense array; nothing when that overflows or a dimension is
/// negative.
std::optional<int64_t> getByteSize(DType dtype, llvm::ArrayRef<int64_t> shape);

/// Whether there is memory for such an array. To be asked before one is made
/// whose size a user chose: running out of memory is no error one can report.
bool fitsInMemory(DType dtype, llvm::ArrayRef<int64_t> shape);

} // namespace attn::exec

#endif // ATTN_EXECUTION_ARRAY_H
