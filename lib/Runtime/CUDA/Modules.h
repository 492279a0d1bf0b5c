//===- Modules.h - Loaded modules and their kernels -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_RUNTIME_CUDA_MODULES_H
#define ATTN_LIB_RUNTIME_CUDA_MODULES_H

#include "Driver.h"

namespace attn::cuda {

/// A kernel in one context.
struct Kernel {
  Kernel *next;
  Function function;
  /// Bytes of dynamic shared memory that the driver was asked to allow.
  int32_t allowedSharedBytes;
  char name[1]; // The rest follows.
};

/// The image of a module and what was loaded from it, in which contexts.
struct Image;

Image *createImage(const void *bytes, uint64_t size);
void destroyImage(Image *image);

/// The kernel in the current context; loads the module if it has to. Null
/// after an error.
Kernel *getKernel(const Driver &driver, Image &image, const char *name);

/// Launches; an empty grid does nothing. `cluster` may be null.
void launch(const Driver &driver, Kernel &kernel, const int64_t grid[3],
            const int64_t block[3], const int64_t cluster[3],
            int32_t sharedBytes, Stream stream, void **arguments);

} // namespace attn::cuda

#endif // ATTN_LIB_RUNTIME_CUDA_MODULES_H
