//===- Counters.cpp - Counters of launches --------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each launch leaves its counter as it was, so counters are used again: by the
// launch so many launches later that the two cannot be in flight together. A
// launch that is captured may happen at any later time, and has one of its own.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <pthread.h>
#include <stdlib.h>

using namespace attn::cuda;

namespace {

constexpr uint64_t kCounters = 1 << 16, kCounterBytes = 8;
constexpr unsigned kNonBlocking = 1; // Of a stream.
constexpr int kRelaxed = 2;          // Of a thread's captures.

/// The counters of a context, made when there are none, or none left.
struct Counters {
  uint64_t context;
  /// Those of launches, and of launches that are captured.
  Pointer used, captured;
  uint64_t numUsed, numCaptured;
  Counters *next;
};

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
Counters *all;

/// Zeros, on no stream of the program's; 0 after an error.
Pointer makeZeros(const Driver &driver) {
  // Others may be capturing, which this has no part in.
  int mode = kRelaxed;
  if (driver.threadExchangeStreamCaptureMode)
    driver.threadExchangeStreamCaptureMode(&mode);
  Pointer result = 0;
  Stream stream = nullptr;
  if (check(driver.streamCreate(&stream, kNonBlocking), "making a stream")) {
    if (check(driver.memAlloc(&result, kCounters * kCounterBytes),
              "allocating counters") &&
        !(check(driver.memsetD32Async(result, 0, kCounters * kCounterBytes / 4,
                                      stream),
                "clearing counters") &&
          check(driver.streamSynchronize(stream), "clearing counters"))) {
      driver.memFree(result);
      result = 0;
    }
    driver.streamDestroy(stream);
  }
  if (driver.threadExchangeStreamCaptureMode)
    driver.threadExchangeStreamCaptureMode(&mode);
  return result;
}

Counters *getCounters(uint64_t context) {
  for (Counters *counters = all; counters; counters = counters->next)
    if (counters->context == context)
      return counters;
  auto *counters = static_cast<Counters *>(calloc(1, sizeof(Counters)));
  if (!counters) {
    fail("out of memory");
    return nullptr;
  }
  counters->context = context;
  counters->next = all;
  return all = counters;
}

bool isCapturing(const Driver &driver) {
  int status = 0;
  return driver.streamIsCapturing &&
         driver.streamIsCapturing(static_cast<Stream>(attn_cuda_get_stream()),
                                  &status) == 0 &&
         status != 0;
}

} // namespace

void *attn_cuda_counter(void) {
  const Driver *driver = getDriver();
  if (!driver)
    return nullptr;
  bool captures = isCapturing(*driver);
  pthread_mutex_lock(&mutex);
  Pointer result = 0;
  if (Counters *counters = getCounters(getContextId(*driver))) {
    // With the first, those that a capture will need.
    if (!counters->used)
      counters->used = makeZeros(*driver);
    if (!counters->captured || counters->numCaptured == kCounters) {
      counters->captured = makeZeros(*driver);
      counters->numCaptured = 0;
    }
    Pointer base = captures ? counters->captured : counters->used;
    uint64_t number =
        captures ? counters->numCaptured++ : counters->numUsed++ % kCounters;
    if (base)
      result = base + number * kCounterBytes;
  }
  pthread_mutex_unlock(&mutex);
  return fromPointer(result);
}
