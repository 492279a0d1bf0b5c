//===- Driver.h - The CUDA driver, found at run time ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few types and functions of the driver that are used here, declared anew:
// the toolkit's headers need not be there, and nothing links with libcuda.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_RUNTIME_CUDA_DRIVER_H
#define ATTN_LIB_RUNTIME_CUDA_DRIVER_H

#include "attn/Runtime/CUDA.h"

#include <stddef.h>
#include <stdint.h>

namespace attn::cuda {

using Result = int; // CUresult
using Device = int;
using Pointer = uint64_t; // CUdeviceptr
struct ContextObject;
struct ModuleObject;
struct FunctionObject;
struct StreamObject;
struct EventObject;
struct MemPoolObject;
using MemPool = MemPoolObject *;
using Context = ContextObject *;
using Module = ModuleObject *;
using Function = FunctionObject *;
using Stream = StreamObject *;
using Event = EventObject *;

/// CUlaunchAttribute: 8 bytes of header, 64 of value.
struct LaunchAttribute {
  int id;
  char padding[4];
  union {
    char bytes[64];
    struct {
      unsigned x, y, z;
    } cluster;
  } value;
};

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  unsigned numAttributes;
};

/// CUDA_MEMCPY2D.
struct Memcpy2D {
  size_t sourceX, sourceY;
  int sourceType;
  const void *sourceHost;
  Pointer source;
  void *sourceArray;
  size_t sourcePitch, destX, destY;
  int destType;
  void *destHost;
  Pointer dest;
  void *destArray;
  size_t destPitch, width, height;
};

/// CUmemPoolProps.
struct MemPoolProperties {
  int allocationType, handleTypes, locationType, location;
  void *security;
  size_t maxSize;
  char reserved[56];
};

// Numbers of the driver's enumerations.
constexpr int kDeviceMemory = 2;
constexpr int kPinnedAllocation = 1;
constexpr int kDeviceLocation = 1;
constexpr int kReleaseThreshold = 4; // Of a pool.
constexpr int kMultiprocessors = 16;
constexpr int kMultiprocessorMajor = 75;
constexpr int kMultiprocessorMinor = 76;
constexpr int kMaxDynamicSharedBytes = 8; // Of a function.
constexpr int kClusterDimension = 4;      // Of a launch.

/// A function of the driver: its type, its member, its exported name.
#define ATTN_CUDA_REQUIRED(F)                                                  \
  F(init, "cuInit", unsigned)                                                  \
  F(getErrorName, "cuGetErrorName", Result, const char **)                     \
  F(getErrorString, "cuGetErrorString", Result, const char **)                 \
  F(ctxGetCurrent, "cuCtxGetCurrent", Context *)                               \
  F(ctxSetCurrent, "cuCtxSetCurrent", Context)                                 \
  F(ctxGetDevice, "cuCtxGetDevice", Device *)                                  \
  F(deviceGet, "cuDeviceGet", Device *, int)                                   \
  F(deviceGetName, "cuDeviceGetName", char *, int, Device)                     \
  F(deviceGetAttribute, "cuDeviceGetAttribute", int *, int, Device)            \
  F(primaryCtxRetain, "cuDevicePrimaryCtxRetain", Context *, Device)           \
  F(moduleLoadData, "cuModuleLoadData", Module *, const void *)                \
  F(moduleUnload, "cuModuleUnload", Module)                                    \
  F(moduleGetFunction, "cuModuleGetFunction", Function *, Module,              \
    const char *)                                                              \
  F(funcSetAttribute, "cuFuncSetAttribute", Function, int, int)                \
  F(launchKernel, "cuLaunchKernel", Function, unsigned, unsigned, unsigned,    \
    unsigned, unsigned, unsigned, unsigned, Stream, void **, void **)          \
  F(streamCreate, "cuStreamCreate", Stream *, unsigned)                        \
  F(streamDestroy, "cuStreamDestroy_v2", Stream)                               \
  F(streamSynchronize, "cuStreamSynchronize", Stream)                          \
  F(streamWaitEvent, "cuStreamWaitEvent", Stream, Event, unsigned)             \
  F(eventCreate, "cuEventCreate", Event *, unsigned)                           \
  F(eventRecord, "cuEventRecord", Event, Stream)                               \
  F(eventSynchronize, "cuEventSynchronize", Event)                             \
  F(eventElapsedTime, "cuEventElapsedTime", float *, Event, Event)             \
  F(eventDestroy, "cuEventDestroy_v2", Event)                                  \
  F(memAlloc, "cuMemAlloc_v2", Pointer *, size_t)                              \
  F(memFree, "cuMemFree_v2", Pointer)                                          \
  F(memcpyAsync, "cuMemcpyAsync", Pointer, Pointer, size_t, Stream)            \
  F(memsetD16Async, "cuMemsetD16Async", Pointer, unsigned short, size_t,       \
    Stream)                                                                    \
  F(memsetD32Async, "cuMemsetD32Async", Pointer, unsigned, size_t, Stream)

/// Those that an older driver lacks, or that few programs need.
#define ATTN_CUDA_OPTIONAL(F)                                                  \
  F(ctxGetId, "cuCtxGetId", Context, unsigned long long *)                     \
  F(moduleGetGlobal, "cuModuleGetGlobal_v2", Pointer *, size_t *, Module,      \
    const char *)                                                              \
  F(launchKernelEx, "cuLaunchKernelEx", const LaunchConfig *, Function,        \
    void **, void **)                                                          \
  F(memAllocAsync, "cuMemAllocAsync", Pointer *, size_t, Stream)               \
  F(memFreeAsync, "cuMemFreeAsync", Pointer, Stream)                           \
  F(memPoolCreate, "cuMemPoolCreate", MemPool *, const MemPoolProperties *)    \
  F(memPoolSetAttribute, "cuMemPoolSetAttribute", MemPool, int, void *)        \
  F(memAllocFromPoolAsync, "cuMemAllocFromPoolAsync", Pointer *, size_t,       \
    MemPool, Stream)                                                           \
  F(memcpy2DAsync, "cuMemcpy2DAsync_v2", const Memcpy2D *, Stream)             \
  F(streamIsCapturing, "cuStreamIsCapturing", Stream, int *)                   \
  F(threadExchangeStreamCaptureMode, "cuThreadExchangeStreamCaptureMode",      \
    int *)                                                                     \
  F(tensorMapEncodeTiled, "cuTensorMapEncodeTiled", void *, int, uint32_t,     \
    void *, const uint64_t *, const uint64_t *, const uint32_t *,              \
    const uint32_t *, int, int, int, int)

struct Driver {
#define ATTN_CUDA_MEMBER(member, name, ...) Result (*member)(__VA_ARGS__);
  ATTN_CUDA_REQUIRED(ATTN_CUDA_MEMBER)
  ATTN_CUDA_OPTIONAL(ATTN_CUDA_MEMBER)
#undef ATTN_CUDA_MEMBER
};

/// The driver, with a context current on this thread; null after an error, and
/// while an earlier error is not cleared.
const Driver *getDriver();

/// The same for what is given back, which is possible after an error too.
const Driver *getDriverToRelease();

/// What identifies the current context for the life of the process.
uint64_t getContextId(const Driver &driver);

/// "NVIDIA H100 (sm_90)", of the current context, into `text`.
void describeDevice(const Driver &driver, char *text, size_t size);

/// Keeps an error unless there is one already.
__attribute__((format(printf, 1, 2))) void fail(const char *format, ...);

/// Whether `result` is success; else an error "WHAT: NAME: TEXT".
__attribute__((format(printf, 2, 3))) bool check(Result result,
                                                 const char *what, ...);

inline Pointer toPointer(const void *pointer) {
  return reinterpret_cast<Pointer>(pointer);
}
inline void *fromPointer(Pointer pointer) {
  return reinterpret_cast<void *>(pointer);
}

} // namespace attn::cuda

#endif // ATTN_LIB_RUNTIME_CUDA_DRIVER_H
