/* Calls the kernel of attention.mlir and compares with the definition. */

#include "attention.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Of the runtime inside the library. */
void attn_set_num_threads(int threads);
uint64_t attn_runtime_calls(void);

enum { B = 2, H = 4, G = 2, N = 45, M = 61, D = 32 };

static float q[B][H][N][D], k[B][G][M][D], v[B][G][M][D];
static float out[B][H][N][D], lse[B][H][N];

static void fill(float *data, size_t count, unsigned seed) {
  size_t i;
  for (i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
  }
}

static double check_row(int b, int h, int i) {
  double p[M], sum = 0, worst, expected;
  int g = h / (H / G), last = i + M - N, j, d;
  for (j = 0; j <= last; ++j) {
    double s = 0;
    for (d = 0; d < D; ++d)
      s += (double)q[b][h][i][d] * k[b][g][j][d];
    sum += p[j] = exp(0.2 * s);
  }
  worst = fabs(lse[b][h][i] - log(sum));
  for (d = 0; d < D; ++d) {
    expected = 0;
    for (j = 0; j <= last; ++j)
      expected += p[j] / sum * v[b][g][j][d];
    worst = fmax(worst, fabs(out[b][h][i][d] - expected));
  }
  return worst;
}

int main(void) {
  int64_t q_sizes[4] = {B, H, N, D}, k_sizes[4] = {B, G, M, D};
  double worst = 0;
  int b, h, i;
  fill(&q[0][0][0][0], sizeof(q) / sizeof(float), 1);
  fill(&k[0][0][0][0], sizeof(k) / sizeof(float), 2);
  fill(&v[0][0][0][0], sizeof(v) / sizeof(float), 3);
  attn_set_num_threads(3);
  if (attention_launch(&q[0][0][0][0], q_sizes, NULL, &k[0][0][0][0], k_sizes,
                       NULL, &v[0][0][0][0], k_sizes, NULL, &out[0][0][0][0],
                       NULL, &lse[0][0][0], NULL) != 0) {
    fprintf(stderr, "the call was refused\n");
    return 1;
  }
  for (b = 0; b < B; ++b)
    for (h = 0; h < H; ++h)
      for (i = 0; i < N; ++i)
        worst = fmax(worst, check_row(b, h, i));
  if (!(worst < 2e-5)) {
    fprintf(stderr, "an element is off by %g\n", worst);
    return 1;
  }
  printf("all right, %d parallel loops\n", (int)attn_runtime_calls());
  return 0;
}
