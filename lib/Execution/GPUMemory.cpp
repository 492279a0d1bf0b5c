//===- GPUMemory.cpp - Memory on a GPU ------------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/GPUMemory.h"

#include "attn/Runtime/CUDA.h"

using namespace llvm;

namespace attn::exec {

Error takeGPUError() {
  const char *text = attn_cuda_last_error();
  if (!text)
    return Error::success();
  Error error = createStringError(Twine(text));
  attn_cuda_clear_error();
  return error;
}

void GPUMemory::Free::operator()(void *pointer) const {
  attn_cuda_free(pointer);
}

Expected<GPUMemory> GPUMemory::allocate(uint64_t bytes) {
  GPUMemory memory;
  memory.pointer.reset(attn_cuda_alloc(bytes));
  if (Error error = takeGPUError())
    return error;
  return memory;
}

Error GPUMemory::store(ArrayRef<char> bytes) {
  attn_cuda_copy(pointer.get(), bytes.data(), bytes.size());
  return takeGPUError();
}

Error GPUMemory::load(MutableArrayRef<char> bytes) const {
  attn_cuda_copy(bytes.data(), pointer.get(), bytes.size());
  return takeGPUError();
}

} // namespace attn::exec
