//===- GPUMemory.h - Memory on a GPU ----------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_GPUMEMORY_H
#define ATTN_EXECUTION_GPUMEMORY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>

namespace attn::exec {

/// The runtime's last error on this thread, which is cleared.
llvm::Error takeGPUError();

/// Bytes on the GPU that the runtime uses.
class GPUMemory {
public:
  /// An error where there is no GPU, or not enough memory on it.
  static llvm::Expected<GPUMemory> allocate(uint64_t bytes);

  void *get() const { return pointer.get(); }

  /// Copy all bytes in or out, and wait for what the GPU did before.
  llvm::Error store(llvm::ArrayRef<char> bytes);
  llvm::Error load(llvm::MutableArrayRef<char> bytes) const;

private:
  struct Free {
    void operator()(void *pointer) const;
  };
  std::unique_ptr<void, Free> pointer;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_GPUMEMORY_H
