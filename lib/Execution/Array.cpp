//===- Array.cpp - Host arrays passed to and from kernels -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Array.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cassert>
#include <new>
#include <unistd.h>

namespace attn::exec {

llvm::StringRef getName(DType dtype) {
  switch (dtype) {
  case DType::Bool:
    return "bool";
  case DType::I8:
    return "i8";
  case DType::I16:
    return "i16";
  case DType::I32:
    return "i32";
  case DType::I64:
    return "i64";
  case DType::U8:
    return "u8";
  case DType::U16:
    return "u16";
  case DType::U32:
    return "u32";
  case DType::U64:
    return "u64";
  case DType::F16:
    return "f16";
  case DType::F32:
    return "f32";
  case DType::F64:
    return "f64";
  }
  llvm_unreachable("unknown dtype");
}

int64_t getSize(DType dtype) {
  switch (dtype) {
  case DType::Bool:
  case DType::I8:
  case DType::U8:
    return 1;
  case DType::I16:
  case DType::U16:
  case DType::F16:
    return 2;
  case DType::I32:
  case DType::U32:
  case DType::F32:
    return 4;
  case DType::I64:
  case DType::U64:
  case DType::F64:
    return 8;
  }
  llvm_unreachable("unknown dtype");
}

std::string formatShape(llvm::StringRef element,
                        llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << element << '[';
  llvm::interleaveComma(shape, os, [&](int64_t dim) {
    if (dim < 0)
      os << '?';
    else
      os << dim;
  });
  os << ']';
  return text;
}

void Buffer::Free::operator()(char *pointer) const {
  ::operator delete[](pointer, std::align_val_t(alignment));
}

Buffer::Buffer(size_t size)
    // Never null, so that an empty array has an address too.
    : memory(static_cast<char *>(::operator new[](
          std::max<size_t>(size, 1), std::align_val_t(alignment)))),
      bytes(size) {}

std::optional<int64_t> getByteSize(DType dtype, llvm::ArrayRef<int64_t> shape) {
  int64_t bytes = getSize(dtype);
  // A zero anywhere makes the product 0 whatever the other dimensions are.
  bool empty = llvm::is_contained(shape, 0);
  for (int64_t dim : shape) {
    if (dim < 0 || (!empty && llvm::MulOverflow(bytes, dim, bytes)))
      return std::nullopt;
  }
  return empty ? 0 : bytes;
}

bool fitsInMemory(DType dtype, llvm::ArrayRef<int64_t> shape) {
  std::optional<int64_t> bytes = getByteSize(dtype, shape);
  if (!bytes)
    return false;
  // Systems that promise more memory than there is exist.
  long pages = sysconf(_SC_PHYS_PAGES), pageSize = sysconf(_SC_PAGESIZE);
  if (pages > 0 && pageSize > 0 && *bytes / pageSize >= pages)
    return false;
  void *memory = ::operator new(*bytes, std::nothrow);
  ::operator delete(memory);
  return memory != nullptr;
}

Array::Array(DType dtype, llvm::ArrayRef<int64_t> shape)
    : dtype(dtype), shape(shape) {
  std::optional<int64_t> bytes = getByteSize(dtype, shape);
  assert(bytes && "checked by the caller");
  data = Buffer(*bytes);
}

int64_t Array::getNumElements() const { return data.size() / getSize(dtype); }

int64_t getInteger(const Array &array, int64_t index) {
  switch (array.dtype) {
  case DType::Bool:
  case DType::U8:
    return array.as<uint8_t>()[index];
  case DType::I8:
    return array.as<int8_t>()[index];
  case DType::I16:
    return array.as<int16_t>()[index];
  case DType::U16:
    return array.as<uint16_t>()[index];
  case DType::I32:
    return array.as<int32_t>()[index];
  case DType::U32:
    return array.as<uint32_t>()[index];
  case DType::I64:
  case DType::U64:
    return array.as<int64_t>()[index];
  case DType::F16:
  case DType::F32:
  case DType::F64:
    break;
  }
  llvm_unreachable("not an array of integers");
}

} // namespace attn::exec
