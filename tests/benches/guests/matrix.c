// Matrices: products of doubles and of integers, Gaussian elimination, a stencil.
#include "bench.h"

#define N 192
static double a[N][N], b[N][N], c[N][N], grid[2][N][N];
static int32_t x[N][N], y[N][N], z[N][N];

static void multiply(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      int32_t whole = 0;
      for (int k = 0; k < N; k++) {
        sum += a[i][k] * b[k][j];
        whole += x[i][k] * y[k][j];
      }
      c[i][j] = sum;
      z[i][j] = whole;
    }
}

static void eliminate(void) {
  for (int k = 0; k < N; k++)
    for (int i = k + 1; i < N; i++) {
      double factor = c[i][k] / (c[k][k] + 1000.0);
      for (int j = k; j < N; j++) c[i][j] -= factor * c[k][j];
    }
}

static void diffuse(int from) {
  for (int i = 1; i < N - 1; i++)
    for (int j = 1; j < N - 1; j++) {
      double (*g)[N] = grid[from];
      grid[1 - from][i][j] = 0.2 * (g[i][j] + g[i - 1][j] + g[i + 1][j] + g[i][j - 1] + g[i][j + 1]);
    }
}

int main(void) {
  uint32_t state = 31;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = next_random(&state) % 100 * 0.01, b[i][j] = next_random(&state) % 100 * 0.01;
      x[i][j] = (int32_t)(next_random(&state) % 100), y[i][j] = i ^ j, grid[0][i][j] = i + j;
    }
  bench_start();
  for (int round = 0; round < 6; round++) {
    multiply();
    eliminate();
  }
  for (int round = 0; round < 300; round++) diffuse(round & 1);
  bench_end();
  printf("%.6f %d %.6f\n", c[N - 1][N - 1], z[7][9], grid[0][N / 2][N / 3]);
}
