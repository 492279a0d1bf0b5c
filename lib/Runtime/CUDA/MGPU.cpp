//===- MGPU.cpp - The names that MLIR's lowering of gpu calls -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `gpu-to-llvm` and the translation of `gpu.binary` call these. Differences
// from MLIR's own library: a module is loaded when a kernel of it is launched,
// not by a static constructor; every stream is the caller's; errors are kept
// for attn_cuda_last_error instead of printed.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "Modules.h"

using namespace attn::cuda;

static Stream toStream(void *stream) { return static_cast<Stream>(stream); }

extern "C" {

// Modules.

ATTN_RUNTIME_EXPORT void *mgpuModuleLoad(void *data, size_t bytes) {
  return createImage(data, bytes);
}
ATTN_RUNTIME_EXPORT void *mgpuModuleLoadJIT(void *data, int) {
  return createImage(data, 0);
}
ATTN_RUNTIME_EXPORT void mgpuModuleUnload(void *module) {
  destroyImage(static_cast<Image *>(module));
}
ATTN_RUNTIME_EXPORT void *mgpuModuleGetFunction(void *module,
                                                const char *name) {
  const Driver *driver = getDriver();
  if (!driver || !module)
    return nullptr;
  return getKernel(*driver, *static_cast<Image *>(module), name);
}

ATTN_RUNTIME_EXPORT void mgpuLaunchKernel(void *kernel, intptr_t gridX,
                                          intptr_t gridY, intptr_t gridZ,
                                          intptr_t blockX, intptr_t blockY,
                                          intptr_t blockZ, int32_t sharedBytes,
                                          void *stream, void **arguments,
                                          void ** /*extra*/, size_t /*count*/) {
  const Driver *driver = getDriver();
  if (!driver || !kernel)
    return;
  int64_t grid[] = {gridX, gridY, gridZ}, block[] = {blockX, blockY, blockZ};
  launch(*driver, *static_cast<Kernel *>(kernel), grid, block,
         /*cluster=*/nullptr, sharedBytes, toStream(stream), arguments);
}

ATTN_RUNTIME_EXPORT void
mgpuLaunchClusterKernel(void *kernel, intptr_t clusterX, intptr_t clusterY,
                        intptr_t clusterZ, intptr_t gridX, intptr_t gridY,
                        intptr_t gridZ, intptr_t blockX, intptr_t blockY,
                        intptr_t blockZ, int32_t sharedBytes, void *stream,
                        void **arguments, void ** /*extra*/, size_t /*count*/) {
  const Driver *driver = getDriver();
  if (!driver || !kernel)
    return;
  int64_t grid[] = {gridX, gridY, gridZ}, block[] = {blockX, blockY, blockZ};
  int64_t cluster[] = {clusterX, clusterY, clusterZ};
  launch(*driver, *static_cast<Kernel *>(kernel), grid, block, cluster,
         sharedBytes, toStream(stream), arguments);
}

// Streams: there is one per call of compiled code, the caller's.

ATTN_RUNTIME_EXPORT void *mgpuStreamCreate() { return attn_cuda_get_stream(); }
ATTN_RUNTIME_EXPORT void mgpuStreamDestroy(void *) {}
ATTN_RUNTIME_EXPORT void mgpuStreamSynchronize(void *stream) {
  if (const Driver *driver = getDriver())
    check(driver->streamSynchronize(toStream(stream)),
          "waiting for the stream");
}
ATTN_RUNTIME_EXPORT void mgpuStreamWaitEvent(void *stream, void *event) {
  if (const Driver *driver = getDriver())
    check(
        driver->streamWaitEvent(toStream(stream), static_cast<Event>(event), 0),
        "making the stream wait for an event");
}

// Events.

ATTN_RUNTIME_EXPORT void *mgpuEventCreate() {
  constexpr unsigned disableTiming = 2;
  Event event = nullptr;
  if (const Driver *driver = getDriver())
    check(driver->eventCreate(&event, disableTiming), "making an event");
  return event;
}
ATTN_RUNTIME_EXPORT void mgpuEventDestroy(void *event) {
  if (const Driver *driver = event ? getDriverToRelease() : nullptr)
    check(driver->eventDestroy(static_cast<Event>(event)),
          "destroying an event");
}
ATTN_RUNTIME_EXPORT void mgpuEventSynchronize(void *event) {
  if (const Driver *driver = event ? getDriver() : nullptr)
    check(driver->eventSynchronize(static_cast<Event>(event)),
          "waiting for an event");
}
ATTN_RUNTIME_EXPORT void mgpuEventRecord(void *event, void *stream) {
  if (const Driver *driver = event ? getDriver() : nullptr)
    check(driver->eventRecord(static_cast<Event>(event), toStream(stream)),
          "recording an event");
}

// Memory.

ATTN_RUNTIME_EXPORT void *mgpuMemAlloc(uint64_t bytes, void *stream,
                                       bool isHostShared) {
  if (isHostShared) {
    fail("memory that host and GPU share is not supported");
    return nullptr;
  }
  const Driver *driver = getDriver();
  return driver ? allocate(*driver, bytes, toStream(stream)) : nullptr;
}
ATTN_RUNTIME_EXPORT void mgpuMemFree(void *pointer, void *stream) {
  if (const Driver *driver = pointer ? getDriverToRelease() : nullptr)
    release(*driver, pointer, toStream(stream));
}
ATTN_RUNTIME_EXPORT void mgpuMemcpy(void *to, void *from, size_t bytes,
                                    void *stream) {
  if (const Driver *driver = bytes ? getDriver() : nullptr)
    check(driver->memcpyAsync(toPointer(to), toPointer(from), bytes,
                              toStream(stream)),
          "copying %llu bytes", static_cast<unsigned long long>(bytes));
}
ATTN_RUNTIME_EXPORT void mgpuMemset32(void *to, unsigned value, size_t count,
                                      void *stream) {
  if (const Driver *driver = count ? getDriver() : nullptr)
    check(driver->memsetD32Async(toPointer(to), value, count, toStream(stream)),
          "setting %llu words", static_cast<unsigned long long>(count));
}
ATTN_RUNTIME_EXPORT void mgpuMemset16(void *to, unsigned short value,
                                      size_t count, void *stream) {
  if (const Driver *driver = count ? getDriver() : nullptr)
    check(driver->memsetD16Async(toPointer(to), value, count, toStream(stream)),
          "setting %llu halves", static_cast<unsigned long long>(count));
}

} // extern "C"
