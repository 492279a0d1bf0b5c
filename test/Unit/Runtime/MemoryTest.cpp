//===- MemoryTest.cpp - Tests of the buffers of kernels -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runtime/Runtime.h"
#include "gtest/gtest.h"

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

extern "C" void *_mlir_memref_to_llvm_alloc(size_t bytes);
extern "C" void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment,
                                                    size_t bytes);
extern "C" void _mlir_memref_to_llvm_free(void *pointer);

namespace {

TEST(MemoryTest, BuffersAreAlignedAndWritable) {
  for (size_t bytes : {size_t(0), size_t(1), size_t(4096), size_t(1) << 20}) {
    void *pointer = _mlir_memref_to_llvm_alloc(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % 64, 0u);
    memset(pointer, 1, bytes);
    _mlir_memref_to_llvm_free(pointer);
  }
  _mlir_memref_to_llvm_free(nullptr);
}

TEST(MemoryTest, ALargeBufferComesBack) {
  attn_release_memory();
  void *first = _mlir_memref_to_llvm_alloc(1 << 20);
  _mlir_memref_to_llvm_free(first);
  // A little smaller fits, much smaller would waste it.
  void *tiny = _mlir_memref_to_llvm_alloc(100 << 10);
  EXPECT_NE(tiny, first);
  void *second = _mlir_memref_to_llvm_aligned_alloc(64, (1 << 20) - 5000);
  EXPECT_EQ(second, first);
  _mlir_memref_to_llvm_free(tiny);
  _mlir_memref_to_llvm_free(second);
  attn_release_memory();
}

TEST(MemoryTest, TwoThreadsNeverShareABuffer) {
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (int id = 0; id < 4; ++id)
    threads.emplace_back([&, id] {
      for (int turn = 0; turn < 200; ++turn) {
        size_t bytes = (size_t(64) << 10) + turn * 4096;
        char *buffer = static_cast<char *>(_mlir_memref_to_llvm_alloc(bytes));
        memset(buffer, id, bytes);
        std::this_thread::yield();
        for (size_t i = 0; i < bytes; i += 512)
          failures[id] += buffer[i] != id;
        _mlir_memref_to_llvm_free(buffer);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  for (int count : failures)
    EXPECT_EQ(count, 0);
  attn_release_memory();
}

} // namespace
