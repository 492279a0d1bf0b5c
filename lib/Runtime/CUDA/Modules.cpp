//===- Modules.cpp - Loaded modules and their kernels ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module is loaded when one of its kernels is first needed, once per context.
// The lists are short: a program has one image and mostly one context.
//
//===----------------------------------------------------------------------===//

#include "Modules.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

namespace attn::cuda {

namespace {
/// What was loaded into one context.
struct Loaded {
  Loaded *next;
  uint64_t context;
  Module module;
  Kernel *kernels;
};

/// Guards all lists; an uncontended lock costs far less than a launch.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct Lock {
  Lock() { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }
};
} // namespace

struct Image {
  const void *bytes;
  uint64_t size;
  Loaded *loaded;
  /// The one before among those of lowered host code.
  Image *previous;
};

/// The last of those.
static Image *lastImage;

Image *createImage(const void *bytes, uint64_t size) {
  auto *image = static_cast<Image *>(calloc(1, sizeof(Image)));
  if (!image) {
    fail("no memory for the description of a GPU module");
    return nullptr;
  }
  image->bytes = bytes;
  image->size = size;
  return image;
}

void destroyImage(Image *image) {
  if (!image)
    return;
  // The driver's modules stay: a context may be gone already, and this also
  // runs when the process exits, after the driver.
  Lock lock;
  for (Image **at = &lastImage; *at; at = &(*at)->previous)
    if (*at == image) {
      *at = image->previous;
      break;
    }
  while (Loaded *loaded = image->loaded) {
    image->loaded = loaded->next;
    while (Kernel *kernel = loaded->kernels) {
      loaded->kernels = kernel->next;
      free(kernel);
    }
    free(loaded);
  }
  free(image);
}

static Loaded *load(const Driver &driver, Image &image, uint64_t context,
                    const char *kernel) {
  Module module;
  Result result = driver.moduleLoadData(&module, image.bytes);
  if (result != 0) {
    char device[192];
    describeDevice(driver, device, sizeof(device));
    check(result, "loading the module of kernel '%s' (%llu bytes) on %s",
          kernel, static_cast<unsigned long long>(image.size), device);
    return nullptr;
  }
  auto *loaded = static_cast<Loaded *>(calloc(1, sizeof(Loaded)));
  if (!loaded) {
    driver.moduleUnload(module);
    fail("no memory for the module of kernel '%s'", kernel);
    return nullptr;
  }
  loaded->context = context;
  loaded->module = module;
  loaded->next = image.loaded;
  image.loaded = loaded;
  return loaded;
}

Kernel *getKernel(const Driver &driver, Image &image, const char *name) {
  uint64_t context = getContextId(driver);
  Lock lock;
  Loaded *loaded = image.loaded;
  while (loaded && loaded->context != context)
    loaded = loaded->next;
  if (!loaded)
    loaded = load(driver, image, context, name);
  if (!loaded)
    return nullptr;
  for (Kernel *kernel = loaded->kernels; kernel; kernel = kernel->next)
    if (strcmp(kernel->name, name) == 0)
      return kernel;

  Function function;
  if (!check(driver.moduleGetFunction(&function, loaded->module, name),
             "looking for kernel '%s' in its module", name))
    return nullptr;
  auto *kernel =
      static_cast<Kernel *>(calloc(1, sizeof(Kernel) + strlen(name)));
  if (!kernel) {
    fail("no memory for kernel '%s'", name);
    return nullptr;
  }
  kernel->function = function;
  strcpy(kernel->name, name);
  kernel->next = loaded->kernels;
  loaded->kernels = kernel;
  return kernel;
}

/// Above this a function has to be allowed what it asks for.
static constexpr int32_t kFreeSharedBytes = 48 << 10;

static bool allowSharedBytes(const Driver &driver, Kernel &kernel,
                             int32_t bytes) {
  if (bytes <= kFreeSharedBytes)
    return true;
  Lock lock;
  if (bytes <= kernel.allowedSharedBytes)
    return true;
  if (!check(driver.funcSetAttribute(kernel.function, kMaxDynamicSharedBytes,
                                     bytes),
             "allowing kernel '%s' %d bytes of dynamic shared memory",
             kernel.name, bytes))
    return false;
  kernel.allowedSharedBytes = bytes;
  return true;
}

void launch(const Driver &driver, Kernel &kernel, const int64_t grid[3],
            const int64_t block[3], const int64_t cluster[3],
            int32_t sharedBytes, Stream stream, void **arguments) {
  // Empty tensors have empty grids, which the driver refuses.
  if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0)
    return;
  for (int i = 0; i < 3; ++i)
    if (grid[i] < 0 || grid[i] > INT32_MAX || block[i] <= 0 ||
        block[i] > INT32_MAX) {
      fail("launching kernel '%s': a grid of (%lld, %lld, %lld) blocks of "
           "(%lld, %lld, %lld) threads is out of range",
           kernel.name, static_cast<long long>(grid[0]),
           static_cast<long long>(grid[1]), static_cast<long long>(grid[2]),
           static_cast<long long>(block[0]), static_cast<long long>(block[1]),
           static_cast<long long>(block[2]));
      return;
    }
  if (!allowSharedBytes(driver, kernel, sharedBytes))
    return;
  LaunchConfig config = {};
  config.gridX = static_cast<unsigned>(grid[0]);
  config.gridY = static_cast<unsigned>(grid[1]);
  config.gridZ = static_cast<unsigned>(grid[2]);
  config.blockX = static_cast<unsigned>(block[0]);
  config.blockY = static_cast<unsigned>(block[1]);
  config.blockZ = static_cast<unsigned>(block[2]);
  config.sharedBytes = static_cast<unsigned>(sharedBytes);
  config.stream = stream;
  Result result;
  if (cluster) {
    if (!driver.launchKernelEx) {
      fail("launching kernel '%s': the CUDA driver is too old for clusters of "
           "blocks",
           kernel.name);
      return;
    }
    LaunchAttribute attribute = {};
    attribute.id = kClusterDimension;
    attribute.value.cluster = {static_cast<unsigned>(cluster[0]),
                               static_cast<unsigned>(cluster[1]),
                               static_cast<unsigned>(cluster[2])};
    config.attributes = &attribute;
    config.numAttributes = 1;
    result =
        driver.launchKernelEx(&config, kernel.function, arguments, nullptr);
  } else {
    result = driver.launchKernel(kernel.function, config.gridX, config.gridY,
                                 config.gridZ, config.blockX, config.blockY,
                                 config.blockZ, config.sharedBytes, stream,
                                 arguments, /*extra=*/nullptr);
  }
  check(result,
        "launching kernel '%s' with (%u, %u, %u) blocks of (%u, %u, %u) "
        "threads and %d bytes of dynamic shared memory",
        kernel.name, config.gridX, config.gridY, config.gridZ, config.blockX,
        config.blockY, config.blockZ, sharedBytes);
}

} // namespace attn::cuda

using namespace attn::cuda;

void *attn_cuda_module(const void *image, uint64_t bytes) {
  return createImage(image, bytes);
}

void attn_cuda_module_free(void *module) {
  destroyImage(static_cast<Image *>(module));
}

int attn_cuda_launch(void *module, const char *name, const int64_t grid[3],
                     const int64_t block[3], int32_t dynamicSharedBytes,
                     void **arguments) {
  const Driver *driver = getDriver();
  if (driver && !module)
    fail("launching kernel '%s': there is no module", name);
  Kernel *kernel = driver && module
                       ? getKernel(*driver, *static_cast<Image *>(module), name)
                       : nullptr;
  if (kernel)
    launch(*driver, *kernel, grid, block, /*cluster=*/nullptr,
           dynamicSharedBytes, static_cast<Stream>(attn_cuda_get_stream()),
           arguments);
  return attn_cuda_last_error() ? -1 : 0;
}

void *attn_cuda_kernel(void **slot, const void *image, uint64_t bytes,
                       const char *name) {
  const Driver *driver = getDriver();
  if (!driver)
    return nullptr;
  void *module = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
  if (!module) {
    Image *created = createImage(image, bytes);
    if (!created)
      return nullptr;
    // Another thread may have been faster.
    if (__atomic_compare_exchange_n(slot, &module, static_cast<void *>(created),
                                    /*weak=*/false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
      module = created;
      Lock lock;
      created->previous = lastImage;
      lastImage = created;
    } else {
      destroyImage(created);
    }
  }
  return getKernel(*driver, *static_cast<Image *>(module), name);
}

/// The first byte of a global of the last module in this context that has it;
/// null if none has.
static Pointer findGlobal(const Driver &driver, const char *name,
                          uint64_t bytes) {
  uint64_t context = getContextId(driver);
  Lock lock;
  for (Image *image = lastImage; image; image = image->previous)
    for (Loaded *loaded = image->loaded; loaded; loaded = loaded->next) {
      Pointer address = 0;
      size_t size = 0;
      if (loaded->context == context &&
          driver.moduleGetGlobal(&address, &size, loaded->module, name) == 0 &&
          size == bytes)
        return address;
    }
  return 0;
}

int attn_cuda_read(const char *name, void *data, uint64_t bytes) {
  const Driver *driver = getDriver();
  if (!driver)
    return -1;
  if (!driver->moduleGetGlobal) {
    fail("reading '%s': the CUDA driver has no globals", name);
    return -1;
  }
  Pointer address = findGlobal(*driver, name, bytes);
  if (!address) {
    fail("reading '%s': no module that was launched has a global of this name "
         "and %llu bytes",
         name, static_cast<unsigned long long>(bytes));
    return -1;
  }
  auto stream = static_cast<Stream>(attn_cuda_get_stream());
  bool isRead = check(driver->memcpyAsync(reinterpret_cast<Pointer>(data),
                                          address, bytes, stream),
                      "reading '%s'", name) &&
                check(driver->streamSynchronize(stream), "reading '%s'", name);
  return isRead ? 0 : -1;
}
