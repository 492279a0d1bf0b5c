//===- Memory.cpp - Memory in the order of a stream -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"

#include <pthread.h>

using namespace attn::cuda;

namespace {

constexpr int kMostDevices = 64;

/// Memory between two kernels is a matter of microseconds; the driver's own
/// pool gives what it has back to the system whenever somebody waits for the
/// GPU. Null if the driver has no pools.
MemPool getPool(const Driver &driver) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static MemPool pools[kMostDevices];
  Device device = 0;
  if (!driver.memPoolCreate || !driver.memPoolSetAttribute ||
      !driver.memAllocFromPoolAsync || driver.ctxGetDevice(&device) != 0 ||
      device >= kMostDevices)
    return nullptr;
  pthread_mutex_lock(&mutex);
  MemPool &pool = pools[device];
  if (!pool) {
    MemPoolProperties properties = {};
    properties.allocationType = kPinnedAllocation;
    properties.locationType = kDeviceLocation;
    properties.location = device;
    uint64_t threshold = UINT64_MAX;
    if (driver.memPoolCreate(&pool, &properties) == 0)
      driver.memPoolSetAttribute(pool, kReleaseThreshold, &threshold);
    else
      pool = nullptr;
  }
  MemPool result = pool;
  pthread_mutex_unlock(&mutex);
  return result;
}

} // namespace

void *attn::cuda::allocate(const Driver &driver, uint64_t bytes,
                           Stream stream) {
  if (!driver.memAllocAsync)
    return attn_cuda_alloc(bytes);
  Pointer pointer = 0;
  size_t some = bytes ? bytes : 1;
  MemPool pool = getPool(driver);
  check(pool ? driver.memAllocFromPoolAsync(&pointer, some, pool, stream)
             : driver.memAllocAsync(&pointer, some, stream),
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
