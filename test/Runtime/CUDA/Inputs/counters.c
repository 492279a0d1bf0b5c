/* Licensed under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

#include "attn/Runtime/CUDA.h"

#include <stdint.h>
#include <stdio.h>

enum { COUNTERS = 1 << 16 };

static void report(const char *what) {
  const char *error = attn_cuda_last_error();
  fprintf(stderr, "%s: %s\n", what, error ? error : "ok");
  attn_cuda_clear_error();
}

static int isClear(const int32_t *counter) {
  return counter && counter[0] == 0 && counter[1] == 0;
}

int main(void) {
  const int32_t *first = attn_cuda_counter();
  report("first");
  if (!first)
    return 0;
  int others = 1, clear = isClear(first);
  for (int i = 1; i < COUNTERS; ++i) {
    const int32_t *next = attn_cuda_counter();
    clear += isClear(next);
    others += next != first;
  }
  fprintf(stderr, "%d counters, %d clear, then the first: %d\n", others, clear,
          attn_cuda_counter() == first);

  /* Of captured launches, one for each, never that of another launch. */
  attn_cuda_set_stream((void *)8);
  const char *begin = (const char *)first, *end = begin + 8 * COUNTERS;
  const int32_t *before = attn_cuda_counter();
  int apart = (const char *)before < begin || (const char *)before >= end;
  for (int i = 1; i < COUNTERS; ++i) {
    const int32_t *next = attn_cuda_counter();
    apart += next == before + 2 && isClear(next);
    before = next;
  }
  fprintf(stderr, "%d captured\n", apart);
  const int32_t *more = attn_cuda_counter();
  fprintf(stderr, "more: %d\n", isClear(more) && more != before + 2);
  report("last");
  return 0;
}
