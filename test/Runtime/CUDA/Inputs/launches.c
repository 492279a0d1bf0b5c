/* Launches kernels of a module that only a fake driver takes. */
#include "attn/Runtime/CUDA.h"

#include <stdio.h>
#include <string.h>

void *mgpuModuleLoad(void *data, uint64_t bytes);
void *mgpuModuleGetFunction(void *module, const char *name);
void mgpuModuleUnload(void *module);
void mgpuLaunchClusterKernel(void *kernel, intptr_t cx, intptr_t cy,
                             intptr_t cz, intptr_t gx, intptr_t gy, intptr_t gz,
                             intptr_t bx, intptr_t by, intptr_t bz,
                             int32_t shared, void *stream, void **arguments,
                             void **extra, uint64_t count);
void *mgpuStreamCreate(void);
void *mgpuMemAlloc(uint64_t bytes, void *stream, _Bool shared);
void mgpuMemFree(void *pointer, void *stream);

static char image[] = "\177ELF";

static void report(const char *what) {
  const char *error = attn_cuda_last_error();
  fprintf(stderr, "%s: %s\n", what, error ? error : "ok");
}

int main(void) {
  const int64_t grid[] = {4, 2, 1}, block[] = {128, 1, 1}, none[] = {0, 1, 1};
  void *module = attn_cuda_module(image, sizeof(image)), *slot = NULL;
  void *memory, *kernel;
  int64_t sizes[] = {64, 32}, strides[] = {128};
  int32_t box[] = {64, 8};
  char map[128];
  uint64_t seven = 0;
  float out[2] = {1, 2}, in[2] = {0, 0};

  attn_cuda_launch(module, "first", grid, block, 0, NULL);
  report("plain");
  attn_cuda_set_stream((void *)7);
  attn_cuda_launch(module, "first", grid, block, 65536, NULL);
  attn_cuda_launch(module, "first", grid, block, 65536, NULL);
  attn_cuda_launch(module, "second", none, block, 0, NULL);
  report("shared");

  kernel = attn_cuda_kernel(&slot, image, sizeof(image), "third");
  fprintf(stderr, "same kernel: %d\n",
          kernel == attn_cuda_kernel(&slot, image, sizeof(image), "third"));
  mgpuLaunchClusterKernel(kernel, 2, 1, 1, 4, 1, 1, 384, 1, 1, 0,
                          mgpuStreamCreate(), NULL, NULL, 0);
  report("cluster");
  attn_cuda_encode_tiled(map, 9, 2, map, sizes, strides, box, 3, 2);
  report("tensor map");

  memory = attn_cuda_alloc(sizeof(out));
  attn_cuda_copy(memory, out, sizeof(out));
  attn_cuda_copy(in, memory, sizeof(in));
  fprintf(stderr, "copied: %g %g\n", in[0], in[1]);
  report("memory");
  attn_cuda_free(memory);
  fprintf(stderr, "timer: %g\n", attn_cuda_timer_stop(attn_cuda_timer_start()));
  mgpuMemFree(mgpuMemAlloc(100, NULL, 0), NULL);
  report("ordered memory");

  /* What is wrong with a call, whatever the driver. */
  attn_cuda_clear_error();
  attn_cuda_launch(module, "first", grid, none, 0, NULL);
  report("no threads");
  attn_cuda_launch(module, "first", grid, block, 0, NULL);
  report("after an error");
  attn_cuda_clear_error();
  attn_cuda_launch(NULL, "first", grid, block, 0, NULL);
  report("no module");
  attn_cuda_clear_error();
  attn_cuda_encode_tiled(map, 9, 6, map, sizes, strides, box, 3, 2);
  report("rank");
  attn_cuda_clear_error();
  attn_cuda_read("seven", &seven, sizeof(seven));
  fprintf(stderr, "a global: %d\n", (int)seven);
  report("read");
  attn_cuda_clear_error();
  attn_cuda_read("eight", &seven, sizeof(seven));
  report("no such global");
  attn_cuda_clear_error();
  attn_cuda_read("seven", &seven, 4);
  report("another size");
  attn_cuda_module_free(module);
  return 0;
}
