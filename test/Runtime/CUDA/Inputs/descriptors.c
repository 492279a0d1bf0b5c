/* Describes memory to the copy engine of a fake driver. */
#include "attn/Runtime/CUDA.h"

#include <stdio.h>
#include <string.h>

/* A descriptor, and behind it the copy that it describes. */
static _Alignas(64) struct {
  char map[128];
  void *copy;
  char rest[56];
} descriptor;

static _Alignas(16) uint16_t memory[1024];

static void report(const char *what) {
  const char *error = attn_cuda_last_error();
  fprintf(stderr, "%s: %s%s\n", what, error ? error : "ok",
          descriptor.copy ? ", copied" : "");
  attn_cuda_clear_error();
}

/* Memory of bf16, in tiles of 8 rows. */
static void describe(const char *what, int rank, void *base,
                     const int64_t *sizes, const int64_t *strides) {
  attn_cuda_describe(&descriptor, 9, 2, rank, base, sizes, strides, 8, 128);
  report(what);
}

/* Whether the copy has the elements of the memory, its rows at multiples of 16
 * bytes. */
static void compare(const uint16_t *base, const int64_t *sizes,
                    const int64_t *strides) {
  const uint16_t *copy = descriptor.copy;
  int64_t row = (sizes[2] + 7) / 8 * 8, wrong = 0;
  for (int64_t i = 0; copy && i < sizes[0]; ++i)
    for (int64_t j = 0; j < sizes[1]; ++j)
      for (int64_t k = 0; k < sizes[2]; ++k)
        wrong += copy[(i * sizes[1] + j) * row + k] !=
                 base[i * strides[0] + j * strides[1] + k];
  fprintf(stderr, "%d elements differ\n", copy ? (int)wrong : -1);
  attn_cuda_forget(&descriptor);
}

int main(void) {
  const int64_t sizes[] = {2, 3, 5}, aligned[] = {64, 16, 1};
  const int64_t packed[] = {15, 5, 1}, overlapping[] = {3, 1, 1};
  const int64_t backwards[] = {64, -16, 1};
  const int64_t one[] = {1, 3, 5}, odd[] = {7, 16, 1};
  const int64_t none[] = {2, 0, 5}, many[] = {1, 1, 1, 1, 1, 1};
  for (int i = 0; i < 1024; ++i)
    memory[i] = (uint16_t)i;

  fprintf(stderr, "multiprocessors: %d\n", (int)attn_cuda_multiprocessors());
  report("device");
  describe("aligned", 3, memory, sizes, aligned);
  attn_cuda_forget(&descriptor);

  attn_cuda_set_stream((void *)7);
  describe("packed", 3, memory, sizes, packed);
  compare(memory, sizes, packed);
  describe("begins anywhere", 3, memory + 1, sizes, aligned);
  compare(memory + 1, sizes, aligned);
  describe("overlapping", 3, memory, sizes, overlapping);
  compare(memory, sizes, overlapping);
  describe("backwards", 3, memory + 64, sizes, backwards);
  compare(memory + 64, sizes, backwards);
  describe("matrix", 2, memory, sizes + 1, packed + 1);
  attn_cuda_forget(&descriptor);

  describe("one entry", 3, memory, one, odd);
  describe("empty", 3, memory + 1, none, packed);
  attn_cuda_describe(&descriptor, 7, 4, 2, memory, sizes, aligned + 1, 64, 64);
  attn_cuda_describe(&descriptor, 0, 1, 2, memory, sizes, aligned + 1, 64, 32);
  report("other tiles");

  describe("vector", 1, memory, sizes, aligned);
  describe("six dimensions", 6, memory, many, many);
  attn_cuda_forget(&descriptor);
  return 0;
}
