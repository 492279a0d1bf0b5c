//===- Driver.cpp - The CUDA driver, found at run time --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

namespace attn::cuda {
namespace {

thread_local char lastError[1024];

pthread_once_t once = PTHREAD_ONCE_INIT;
Driver driver;
/// Why there is no driver; empty when there is one.
char loadError[512];

/// Loads the library and calls cuInit. Nothing is freed on failure: the process
/// will not get another driver.
void load() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(loadError, sizeof(loadError), "no CUDA driver: %s", dlerror());
    return;
  }
  // POSIX lets the address of a function pass through void *.
#define ATTN_CUDA_LOAD(member, name, ...)                                      \
  {                                                                            \
    void *symbol = dlsym(library, name);                                       \
    memcpy(&driver.member, &symbol, sizeof(symbol));                           \
  }
#define ATTN_CUDA_CHECK(member, name, ...)                                     \
  if (!driver.member && !loadError[0])                                         \
    snprintf(loadError, sizeof(loadError),                                     \
             "the CUDA driver is too old: it has no " name);
  ATTN_CUDA_REQUIRED(ATTN_CUDA_LOAD)
  ATTN_CUDA_OPTIONAL(ATTN_CUDA_LOAD)
  ATTN_CUDA_REQUIRED(ATTN_CUDA_CHECK)
#undef ATTN_CUDA_LOAD
#undef ATTN_CUDA_CHECK
  if (loadError[0])
    return;
  Result result = driver.init(0);
  if (result == 0)
    return;
  const char *name = nullptr, *text = nullptr;
  driver.getErrorName(result, &name);
  driver.getErrorString(result, &text);
  snprintf(loadError, sizeof(loadError), "no usable GPU: %s: %s",
           name ? name : "an unknown error", text ? text : "(no text)");
}

} // namespace

void fail(const char *format, ...) {
  if (lastError[0])
    return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(lastError, sizeof(lastError), format, arguments);
  va_end(arguments);
}

bool check(Result result, const char *what, ...) {
  if (result == 0)
    return true;
  char text[512];
  va_list arguments;
  va_start(arguments, what);
  vsnprintf(text, sizeof(text), what, arguments);
  va_end(arguments);
  const char *name = nullptr, *meaning = nullptr;
  driver.getErrorName(result, &name);
  driver.getErrorString(result, &meaning);
  fail("%s: %s (%d): %s", text, name ? name : "unknown error", result,
       meaning ? meaning : "the driver has no text for it");
  return false;
}

const Driver *getDriver() {
  return lastError[0] ? nullptr : getDriverToRelease();
}

const Driver *getDriverToRelease() {
  pthread_once(&once, load);
  if (loadError[0]) {
    fail("%s", loadError);
    return nullptr;
  }
  Context context = nullptr;
  if (!check(driver.ctxGetCurrent(&context), "asking for the current context"))
    return nullptr;
  if (context)
    return &driver;
  // It stays retained: modules live in it until the process ends.
  Device device;
  if (!check(driver.deviceGet(&device, 0), "looking for a GPU") ||
      !check(driver.primaryCtxRetain(&context, device),
             "making a context on GPU 0") ||
      !check(driver.ctxSetCurrent(context), "making a context current"))
    return nullptr;
  return &driver;
}

uint64_t getContextId(const Driver &driver) {
  Context context = nullptr;
  if (driver.ctxGetCurrent(&context) != 0)
    return 0;
  // The address may be used again after a context is destroyed, the number is
  // not; drivers before CUDA 12 only have the address.
  unsigned long long id = 0;
  if (driver.ctxGetId && driver.ctxGetId(context, &id) == 0)
    return id;
  return reinterpret_cast<uint64_t>(context);
}

void describeDevice(const Driver &driver, char *text, size_t size) {
  Device device = 0;
  char name[128] = "an unknown device";
  int major = 0, minor = 0;
  if (driver.ctxGetDevice(&device) == 0) {
    driver.deviceGetName(name, sizeof(name), device);
    driver.deviceGetAttribute(&major, kMultiprocessorMajor, device);
    driver.deviceGetAttribute(&minor, kMultiprocessorMinor, device);
  }
  snprintf(text, size, "%s (sm_%d%d)", name, major, minor);
}

} // namespace attn::cuda

using namespace attn::cuda;

const char *attn_cuda_last_error(void) {
  return lastError[0] ? lastError : nullptr;
}

void attn_cuda_clear_error(void) { lastError[0] = 0; }

int64_t attn_cuda_multiprocessors(void) {
  const Driver *driver = getDriver();
  Device device = 0;
  int count = 1;
  if (driver && check(driver->ctxGetDevice(&device), "asking for the device"))
    check(driver->deviceGetAttribute(&count, kMultiprocessors, device),
          "asking for the number of multiprocessors");
  return count > 0 ? count : 1;
}
