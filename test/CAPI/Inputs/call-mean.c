/* Calls the function that capi-test.c made an object of. */
#include <stdint.h>
#include <stdio.h>

typedef struct {
  float *allocated, *aligned;
  int64_t offset, sizes[4], strides[4];
} Tensor;

extern void _mlir_ciface_mean(Tensor *q, Tensor *k, Tensor *v, Tensor *out);

int main(void) {
  float q[4] = {1, 1, 1, 1}, k[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  float v[4] = {1, 20, 3, 40}, out[2] = {-1, -1};
  Tensor tq = {q, q, 0, {1, 1, 1, 4}, {4, 4, 4, 1}};
  Tensor tk = {k, k, 0, {1, 1, 2, 4}, {8, 8, 4, 1}};
  Tensor tv = {v, v, 0, {1, 1, 2, 2}, {4, 4, 2, 1}};
  Tensor to = {out, out, 0, {1, 1, 1, 2}, {2, 2, 2, 1}};
  _mlir_ciface_mean(&tq, &tk, &tv, &to);
  printf("mean %g %g\n", out[0], out[1]);
  return 0;
}
