//===- Memory.cpp - Memory in the order of a stream -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"

using namespace attn::cuda;

void *attn::cuda::allocate(const Driver &driver, uint64_t bytes,
                           Stream stream) {
  if (!driver.memAllocAsync)
    return attn_cuda_alloc(bytes);
  Pointer pointer = 0;
  check(driver.memAllocAsync(&pointer, bytes ? bytes : 1, stream),
        "allocating %llu bytes on the GPU",
        static_cast<unsigned long long>(bytes));
  return fromPointer(pointer);
}

void attn::cuda::release(const Driver &driver, void *pointer, Stream stream) {
  if (!driver.memFreeAsync)
    return attn_cuda_free(pointer);
  check(driver.memFreeAsync(toPointer(pointer), stream),
        "freeing memory of the GPU");
}
