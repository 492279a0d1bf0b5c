//===- Memory.h - Memory in the order of a stream ---------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_RUNTIME_CUDA_MEMORY_H
#define ATTN_LIB_RUNTIME_CUDA_MEMORY_H

#include "Driver.h"

namespace attn::cuda {

/// Memory of the GPU, in the order of the stream where the driver can; null
/// after an error.
void *allocate(const Driver &driver, uint64_t bytes, Stream stream);
/// Gives it back.
void release(const Driver &driver, void *pointer, Stream stream);

} // namespace attn::cuda

#endif // ATTN_LIB_RUNTIME_CUDA_MEMORY_H
