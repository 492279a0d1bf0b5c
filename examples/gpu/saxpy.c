/*===- saxpy.c - Runs a compiled GPU kernel from C ------------------------===*/
/*
 * Licensed under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
/*===----------------------------------------------------------------------===*/
/*
 * Needs no CUDA header, no toolkit and no Python, and builds where there is no
 * GPU; the driver is looked for when the program runs.
 *
 *   attn-compile saxpy.mlir --entry=saxpy --target=cuda --chip=sm_90a \
 *     --emit=so -o libsaxpy.so --header=saxpy.h
 *   cc saxpy.c -I. -I$PREFIX/include ./libsaxpy.so -o saxpy
 */
/*===----------------------------------------------------------------------===*/

#include "saxpy.h"
#include "attn/Runtime/CUDA.h"

#include <stdio.h>

enum { N = 1000 };

static int fail(const char *what) {
  const char *error = attn_cuda_last_error();
  fprintf(stderr, "%s: %s\n", what, error ? error : "a wrong argument");
  return 1;
}

int main(void) {
  static float x[N], y[N];
  const int64_t size = N;
  float *gpu_x, *gpu_y;
  int i, wrong = 0;

  for (i = 0; i < N; ++i) {
    x[i] = (float)i;
    y[i] = 1.0F;
  }
  gpu_x = attn_cuda_alloc(sizeof(x));
  gpu_y = attn_cuda_alloc(sizeof(y));
  attn_cuda_copy(gpu_x, x, sizeof(x));
  attn_cuda_copy(gpu_y, y, sizeof(y));
  if (attn_cuda_last_error()) /* The first of all these calls. */
    return fail("no memory on a GPU");

  if (saxpy_launch(2.0F, gpu_x, &size, NULL, gpu_y, &size, NULL))
    return fail("saxpy");
  /* Waits for the kernel, so its errors show here. */
  if (attn_cuda_copy(y, gpu_y, sizeof(y)))
    return fail("the result");
  attn_cuda_free(gpu_x);
  attn_cuda_free(gpu_y);

  for (i = 0; i < N; ++i)
    wrong += y[i] != 2.0F * (float)i + 1.0F;
  printf("%d of %d elements are wrong\n", wrong, N);
  return wrong != 0;
}
