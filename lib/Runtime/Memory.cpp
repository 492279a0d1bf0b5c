//===- Memory.cpp - Buffers of compiled kernels ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel lays keys and values out in panels, in buffers of some megabytes
// that live for one call. The C library returns such buffers to the system and
// gets them back page by page, by faults that cost a tenth of a short call. So
// large buffers that are freed are kept for the next call, a few of them and up
// to a limit.
//
//===----------------------------------------------------------------------===//

#include "attn/Runtime/Runtime.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace {

constexpr size_t kAlignment = 64;
/// Smaller buffers are left to the C library.
constexpr size_t kSmallestKept = 64 << 10;
constexpr size_t kMostBytesKept = size_t(256) << 20;
constexpr int kMostKept = 16;

/// In front of every buffer; keeps the alignment of what follows.
struct alignas(kAlignment) Header {
  size_t bytes;
};

/// Whoever does not get it at once goes on without the kept buffers: a kernel
/// never waits here, and a child process forked meanwhile is not stuck.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
bool lock() { return pthread_mutex_trylock(&mutex) == 0; }
void unlock() { pthread_mutex_unlock(&mutex); }

Header *kept[kMostKept];
size_t bytesKept = 0;

/// The smallest kept buffer of at least `bytes`, if it wastes no more than
/// half.
Header *takeKept(size_t bytes) {
  if (!lock())
    return nullptr;
  int best = -1;
  for (int i = 0; i < kMostKept; ++i)
    if (kept[i] && kept[i]->bytes >= bytes && kept[i]->bytes / 2 <= bytes &&
        (best < 0 || kept[i]->bytes < kept[best]->bytes))
      best = i;
  Header *header = best < 0 ? nullptr : kept[best];
  if (header) {
    kept[best] = nullptr;
    bytesKept -= header->bytes;
  }
  unlock();
  return header;
}

/// Keeps a buffer if there is room. Says whether it did.
bool keep(Header *header) {
  if (header->bytes < kSmallestKept || header->bytes > kMostBytesKept)
    return false;
  if (!lock())
    return false;
  bool done = false;
  if (bytesKept + header->bytes <= kMostBytesKept)
    for (int i = 0; i < kMostKept && !done; ++i)
      if (!kept[i]) {
        kept[i] = header;
        bytesKept += header->bytes;
        done = true;
      }
  unlock();
  return done;
}

} // namespace

extern "C" {

// The names that MLIR's lowering of memrefs calls.

ATTN_RUNTIME_EXPORT void *_mlir_memref_to_llvm_alloc(size_t bytes) {
  // Whole pages, so that sizes that differ by little fit each other's buffers.
  bytes = (bytes + 4095) / 4096 * 4096;
  Header *header = bytes >= kSmallestKept ? takeKept(bytes) : nullptr;
  if (!header) {
    header = static_cast<Header *>(
        aligned_alloc(kAlignment, sizeof(Header) + bytes));
    // As after a failed malloc, the kernel would write to null; stop here,
    // where the reason is still known.
    if (!header)
      abort();
    header->bytes = bytes;
  }
  return header + 1;
}

ATTN_RUNTIME_EXPORT void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment,
                                                             size_t bytes) {
  if (alignment > kAlignment)
    abort();
  return _mlir_memref_to_llvm_alloc(bytes);
}

ATTN_RUNTIME_EXPORT void _mlir_memref_to_llvm_free(void *pointer) {
  if (!pointer)
    return;
  Header *header = static_cast<Header *>(pointer) - 1;
  if (!keep(header))
    free(header);
}

void attn_release_memory(void) {
  // Worth a wait, but not one for a lock that a fork has left behind.
  for (int tries = 0; !lock(); ++tries) {
    if (tries == 1000)
      return;
    sched_yield();
  }
  for (int i = 0; i < kMostKept; ++i) {
    free(kept[i]);
    kept[i] = nullptr;
  }
  bytesKept = 0;
  unlock();
}

} // extern "C"
