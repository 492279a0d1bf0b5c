/* Calls the kernel of product.mlir through its header and compares with plain
 * loops. */

#include "product.h"

#include <stdio.h>

enum { M = 5, K = 4, N = 3, PAD = 2 };

static int fail(const char *what) {
  fprintf(stderr, "failed: %s\n", what);
  return 1;
}

int main(void) {
  /* Rows with gaps: the launcher takes strides. */
  float a[M * (K + PAD)], b[K * N], out[M * (N + PAD)], packed[M * N];
  int64_t a_sizes[2] = {M, K}, a_strides[2] = {K + PAD, 1};
  int64_t out_strides[2] = {N + PAD, 1}, transposed[2] = {1, M};
  int64_t wrong[2] = {M, K + 1}, out_sizes[2];
  int i, j, k;
  for (i = 0; i < M * (K + PAD); ++i)
    a[i] = (float)(i % 7) - 3;
  for (i = 0; i < K * N; ++i)
    b[i] = (float)(i % 5) - 2;
  for (i = 0; i < M * (N + PAD); ++i)
    out[i] = -99;

  product_result0_sizes(a_sizes, out_sizes);
  if (out_sizes[0] != M || out_sizes[1] != N)
    return fail("the sizes of the result");
  if (product_launch(a, a_sizes, a_strides, b, NULL, NULL, 2, out,
                     out_strides) != 0)
    return fail("the call");
  for (i = 0; i < M; ++i)
    for (j = 0; j < N + PAD; ++j) {
      float expected = -99; /* A gap. */
      if (j < N) {
        expected = 0;
        for (k = 0; k < K; ++k)
          expected += a[i * (K + PAD) + k] * b[k * N + j];
        expected *= 2;
      }
      if (out[i * (N + PAD) + j] != expected)
        return fail("an element");
    }

  /* Packed results, fixed sizes given, no strides. */
  if (product_launch(a, a_sizes, a_strides, b, (int64_t[]){K, N}, NULL, 2,
                     packed, NULL) != 0)
    return fail("the packed call");
  for (i = 0; i < M; ++i)
    for (j = 0; j < N; ++j)
      if (packed[i * N + j] != out[i * (N + PAD) + j])
        return fail("a packed element");

  /* Calls that the kernel was not compiled for. */
  if (product_launch(a, wrong, a_strides, b, NULL, NULL, 2, out, NULL) != -1)
    return fail("a wrong size is refused");
  if (product_launch(a, NULL, a_strides, b, NULL, NULL, 2, out, NULL) != -1)
    return fail("missing sizes are refused");
  if (product_launch(a, a_sizes, a_strides, b, wrong, NULL, 2, out, NULL) != -2)
    return fail("a wrong fixed size is refused");
  if (product_launch(a, a_sizes, transposed, b, NULL, NULL, 2, out, NULL) != -1)
    return fail("a transposed argument is refused");
  if (product_launch(a, a_sizes, a_strides, b, NULL, NULL, 2, out,
                     transposed) != -4)
    return fail("a transposed result is refused");
  printf("all right\n");
  return 0;
}
