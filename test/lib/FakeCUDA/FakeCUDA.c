/*===- FakeCUDA.c - A CUDA driver that runs nothing -----------------------===*/
/*
 * Licensed under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
/*===----------------------------------------------------------------------===*/
/*
 * Stands for libcuda.so.1 in tests: prints what it is asked for, gives memory
 * of the host, and launches nothing. FAKE_CUDA_FAIL="cuMemAlloc_v2=2" lets a
 * function return that error. FAKE_CUDA_CONTEXT=1 begins with a context, as a
 * program that uses the GPU already.
 */
/*===----------------------------------------------------------------------===*/

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
typedef uint64_t CUdeviceptr;

static void *context;

/* The error that the named function is to return. */
static CUresult outcome(const char *function) {
  const char *fail = getenv("FAKE_CUDA_FAIL");
  size_t length = strlen(function);
  if (fail && strncmp(fail, function, length) == 0 && fail[length] == '=')
    return atoi(fail + length + 1);
  return 0;
}

#define LOG(...) (fprintf(stderr, "cuda: " __VA_ARGS__), fputc('\n', stderr))
#define RETURN return outcome(__func__)

CUresult cuInit(unsigned flags) {
  LOG("init %u", flags);
  if (getenv("FAKE_CUDA_CONTEXT"))
    context = (void *)2;
  RETURN;
}
CUresult cuGetErrorName(CUresult error, const char **text) {
  *text = error == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == 100 ? "CUDA_ERROR_NO_DEVICE"
          : error == 209 ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
          : error == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : error == 701 ? "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"
                         : NULL;
  return *text ? 0 : 1;
}
CUresult cuGetErrorString(CUresult error, const char **text) {
  *text = error == 2     ? "out of memory"
          : error == 100 ? "no CUDA-capable device is detected"
          : error == 209 ? "no kernel image is available for execution"
          : error == 700 ? "an illegal memory access was encountered"
          : error == 701 ? "too many resources requested for launch"
                         : NULL;
  return *text ? 0 : 1;
}

CUresult cuCtxGetCurrent(void **current) {
  *current = context;
  RETURN;
}
CUresult cuCtxSetCurrent(void *current) {
  LOG("context %d is current", (int)(intptr_t)current);
  context = current;
  RETURN;
}
CUresult cuCtxGetId(void *which, unsigned long long *id) {
  *id = (unsigned long long)(intptr_t)which;
  RETURN;
}
CUresult cuCtxGetDevice(int *device) {
  *device = 0;
  RETURN;
}
CUresult cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  RETURN;
}
CUresult cuDeviceGetName(char *name, int size, int device) {
  snprintf(name, (size_t)size, "Fake GPU %d", device);
  RETURN;
}
CUresult cuDeviceGetAttribute(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == 16 ? 4 : attribute == 75 ? 9 : 0;
  RETURN;
}
CUresult cuDevicePrimaryCtxRetain(void **primary, int device) {
  LOG("retain the primary context of device %d", device);
  *primary = (void *)1;
  RETURN;
}

CUresult cuModuleLoadData(void **module, const void *image) {
  LOG("load a module that begins with %.3s", (const char *)image + 1);
  *module = (void *)(uintptr_t)image;
  RETURN;
}
CUresult cuModuleUnload(void *module) {
  (void)module;
  LOG("unload a module");
  RETURN;
}
CUresult cuModuleGetFunction(void **function, void *module, const char *name) {
  LOG("function %s", name);
  (void)module;
  *function = strdup(name);
  RETURN;
}
CUresult cuModuleGetGlobal_v2(CUdeviceptr *address, size_t *bytes, void *module,
                              const char *name) {
  static const uint64_t seven = 7;
  (void)module;
  LOG("global %s", name);
  if (strcmp(name, "seven") != 0)
    return 500; /* CUDA_ERROR_NOT_FOUND */
  *address = (CUdeviceptr)(uintptr_t)&seven;
  *bytes = sizeof(seven);
  RETURN;
}
CUresult cuFuncSetAttribute(void *function, int attribute, int value) {
  LOG("attribute %d of %s is %d", attribute, (const char *)function, value);
  RETURN;
}
CUresult cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz,
                        unsigned bx, unsigned by, unsigned bz, unsigned shared,
                        void *stream, void **arguments, void **extra) {
  (void)arguments, (void)extra;
  LOG("launch %s (%u, %u, %u) x (%u, %u, %u), shared %u, stream %d",
      (const char *)function, gx, gy, gz, bx, by, bz, shared,
      (int)(intptr_t)stream);
  RETURN;
}
CUresult cuLaunchKernelEx(const void *config, void *function, void **arguments,
                          void **extra) {
  const unsigned *sizes = config;
  const unsigned *attribute = *(const unsigned *const *)(sizes + 10);
  (void)arguments, (void)extra;
  LOG("launch %s (%u, %u, %u) x (%u, %u, %u), attribute %u (%u, %u, %u)",
      (const char *)function, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
      sizes[5], attribute[0], attribute[2], attribute[3], attribute[4]);
  RETURN;
}

CUresult cuStreamCreate(void **stream, unsigned flags) {
  LOG("make a stream, flags %u", flags);
  *stream = (void *)9;
  RETURN;
}
CUresult cuStreamDestroy_v2(void *stream) {
  LOG("destroy stream %d", (int)(intptr_t)stream);
  RETURN;
}
/* Stream 8 is captured. */
CUresult cuStreamIsCapturing(void *stream, int *status) {
  *status = stream == (void *)8;
  RETURN;
}
CUresult cuThreadExchangeStreamCaptureMode(int *mode) {
  static int current;
  int before = current;
  current = *mode;
  *mode = before;
  LOG("captures in mode %d", current);
  RETURN;
}
CUresult cuStreamSynchronize(void *stream) {
  LOG("wait for stream %d", (int)(intptr_t)stream);
  RETURN;
}
CUresult cuStreamWaitEvent(void *stream, void *event, unsigned flags) {
  (void)event, (void)flags;
  LOG("stream %d waits", (int)(intptr_t)stream);
  RETURN;
}
CUresult cuEventCreate(void **event, unsigned flags) {
  (void)flags;
  *event = malloc(1);
  RETURN;
}
CUresult cuEventRecord(void *event, void *stream) {
  (void)event, (void)stream;
  RETURN;
}
CUresult cuEventSynchronize(void *event) {
  (void)event;
  RETURN;
}
CUresult cuEventElapsedTime(float *ms, void *start, void *stop) {
  (void)start, (void)stop;
  *ms = 0.5F;
  RETURN;
}
CUresult cuEventDestroy_v2(void *event) {
  free(event);
  RETURN;
}

CUresult cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes) {
  LOG("allocate %zu", bytes);
  *pointer = (CUdeviceptr)(uintptr_t)calloc(1, bytes);
  RETURN;
}
CUresult cuMemFree_v2(CUdeviceptr pointer) {
  LOG("free");
  free((void *)(uintptr_t)pointer);
  RETURN;
}
CUresult cuMemPoolCreate(void **pool, const void *properties) {
  static char pools;
  (void)properties;
  LOG("make a pool");
  *pool = &pools;
  RETURN;
}
CUresult cuMemPoolSetAttribute(void *pool, int attribute, void *value) {
  (void)pool;
  LOG("set attribute %d of a pool to %llx", attribute,
      *(unsigned long long *)value);
  RETURN;
}
CUresult cuMemAllocFromPoolAsync(CUdeviceptr *pointer, size_t bytes, void *pool,
                                 void *stream) {
  (void)pool;
  (void)stream;
  LOG("allocate %zu in order", bytes);
  *pointer = (CUdeviceptr)(uintptr_t)calloc(1, bytes);
  RETURN;
}
CUresult cuMemAllocAsync(CUdeviceptr *pointer, size_t bytes, void *stream) {
  (void)stream;
  LOG("allocate %zu in order, from no pool", bytes);
  *pointer = (CUdeviceptr)(uintptr_t)calloc(1, bytes);
  RETURN;
}
CUresult cuMemFreeAsync(CUdeviceptr pointer, void *stream) {
  (void)stream;
  LOG("free in order");
  free((void *)(uintptr_t)pointer);
  RETURN;
}
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes,
                       void *stream) {
  (void)stream;
  LOG("copy %zu", bytes);
  memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, bytes);
  RETURN;
}
/* CUDA_MEMCPY2D: the fields in order. */
typedef struct {
  size_t sourceX, sourceY;
  int sourceType;
  const void *sourceHost;
  CUdeviceptr source;
  void *sourceArray;
  size_t sourcePitch, destX, destY;
  int destType;
  void *destHost;
  CUdeviceptr dest;
  void *destArray;
  size_t destPitch, width, height;
} Memcpy2D;
CUresult cuMemcpy2DAsync_v2(const Memcpy2D *copy, void *stream) {
  (void)stream;
  LOG("copy %zu rows of %zu, %zu to %zu apart", copy->height, copy->width,
      copy->sourcePitch, copy->destPitch);
  for (size_t row = 0; row < copy->height; ++row)
    memcpy((char *)(uintptr_t)copy->dest + row * copy->destPitch,
           (const char *)(uintptr_t)copy->source + row * copy->sourcePitch,
           copy->width);
  RETURN;
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count,
                          void *stream) {
  (void)stream;
  for (size_t i = 0; i < count; ++i)
    ((unsigned short *)(uintptr_t)to)[i] = value;
  RETURN;
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count,
                          void *stream) {
  (void)stream;
  for (size_t i = 0; i < count; ++i)
    ((unsigned *)(uintptr_t)to)[i] = value;
  RETURN;
}
CUresult cuTensorMapEncodeTiled(void *map, int type, uint32_t rank, void *base,
                                const uint64_t *sizes, const uint64_t *strides,
                                const uint32_t *box, const uint32_t *steps,
                                int interleave, int swizzle, int l2, int fill) {
  (void)map, (void)base, (void)steps, (void)interleave, (void)l2, (void)fill;
  LOG("tensor map of type %d, rank %u, size %d, stride %d, box %u, swizzle %d",
      type, rank, (int)sizes[0], rank > 1 ? (int)strides[0] : 0, box[0],
      swizzle);
  RETURN;
}
