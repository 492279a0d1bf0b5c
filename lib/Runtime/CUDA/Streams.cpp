//===- Streams.cpp - Streams, memory and events ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <stdlib.h>

using namespace attn::cuda;

static thread_local void *currentStream = nullptr;

void attn_cuda_set_stream(void *stream) { currentStream = stream; }
void *attn_cuda_get_stream(void) { return currentStream; }

static Stream getStream() { return static_cast<Stream>(currentStream); }

int attn_cuda_synchronize(void) {
  const Driver *driver = getDriver();
  return driver && check(driver->streamSynchronize(getStream()),
                         "waiting for the stream")
             ? 0
             : -1;
}

void *attn_cuda_alloc(uint64_t bytes) {
  const Driver *driver = getDriver();
  Pointer pointer = 0;
  // The driver has no allocations of nothing.
  if (!driver || !check(driver->memAlloc(&pointer, bytes ? bytes : 1),
                        "allocating %llu bytes on the GPU",
                        static_cast<unsigned long long>(bytes)))
    return nullptr;
  return fromPointer(pointer);
}

void attn_cuda_free(void *pointer) {
  if (!pointer)
    return;
  if (const Driver *driver = getDriverToRelease())
    check(driver->memFree(toPointer(pointer)), "freeing memory of the GPU");
}

int attn_cuda_copy(void *to, const void *from, uint64_t bytes) {
  const Driver *driver = getDriver();
  if (!driver)
    return -1;
  if (bytes &&
      !check(driver->memcpyAsync(toPointer(to), toPointer(from), bytes,
                                 getStream()),
             "copying %llu bytes", static_cast<unsigned long long>(bytes)))
    return -1;
  return attn_cuda_synchronize();
}

namespace {
struct Timer {
  Event start, stop;
};
} // namespace

static void destroy(Timer *timer) {
  if (const Driver *driver = getDriverToRelease()) {
    if (timer->start)
      driver->eventDestroy(timer->start);
    if (timer->stop)
      driver->eventDestroy(timer->stop);
  }
  free(timer);
}

void *attn_cuda_timer_start(void) {
  const Driver *driver = getDriver();
  if (!driver)
    return nullptr;
  auto *timer = static_cast<Timer *>(calloc(1, sizeof(Timer)));
  if (!timer) {
    fail("no memory for a timer");
    return nullptr;
  }
  if (check(driver->eventCreate(&timer->start, 0), "making an event") &&
      check(driver->eventCreate(&timer->stop, 0), "making an event") &&
      check(driver->eventRecord(timer->start, getStream()),
            "recording an event"))
    return timer;
  destroy(timer);
  return nullptr;
}

double attn_cuda_timer_stop(void *handle) {
  auto *timer = static_cast<Timer *>(handle);
  if (!timer)
    return -1;
  float ms = -1;
  const Driver *driver = getDriver();
  if (!driver ||
      !check(driver->eventRecord(timer->stop, getStream()),
             "recording an event") ||
      !check(driver->eventSynchronize(timer->stop), "waiting for the stream") ||
      !check(driver->eventElapsedTime(&ms, timer->start, timer->stop),
             "reading an event"))
    ms = -1;
  destroy(timer);
  return ms;
}
