// Vectors of 128 bits: a blur of bytes, sums of products, a search, and a 4x4 transform of floats.
// Built with -msimd128 for wasm; the native build has the same vectors.
#include "bench.h"
#include <string.h>

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));

#define N (1 << 16)
static uint8_t image[N + 16], out[N + 16];
static int32_t left[N], right[N];
static float points[N];

static u8x16 at(const uint8_t *p) {
  u8x16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

static void blur(void) {
  for (int i = 0; i < N; i += 16) {
    u8x16 a = at(image + i) >> 1, b = at(image + i + 1) >> 1, mean = a + b;
    u8x16 high = (u8x16)(mean > 200);
    mean = (mean & ~high) | (200 & high);
    memcpy(out + i, &mean, sizeof mean);
  }
}

static i32x4 products(void) {
  i32x4 sum = {0};
  for (int i = 0; i < N; i += 4) {
    i32x4 a, b;
    memcpy(&a, left + i, sizeof a);
    memcpy(&b, right + i, sizeof b);
    sum += a * b;
  }
  return sum;
}

static void transform(const f32x4 *matrix) {
  for (int i = 0; i < N; i += 4) {
    f32x4 p, r;
    memcpy(&p, points + i, sizeof p);
    r = matrix[0] * p[0] + matrix[1] * p[1] + matrix[2] * p[2] + matrix[3] * p[3];
    memcpy(points + i, &r, sizeof r);
  }
}

static unsigned count(uint8_t wanted) {
  u16x8 total = {0};
  for (int i = 0; i < N; i += 16) {
    u8x16 same = (u8x16)(at(out + i) == wanted);
    u16x8 pairs = (u16x8)same;
    total += (pairs & 1) + ((pairs >> 8) & 1);
  }
  unsigned n = 0;
  for (int i = 0; i < 8; i++) n += total[i];
  return n;
}

int main(void) {
  uint32_t state = 3;
  for (int i = 0; i < N; i++) {
    image[i] = (uint8_t)next_random(&state);
    left[i] = (int32_t)(next_random(&state) & 1023), right[i] = i & 511;
    points[i] = (float)(i & 255);
  }
  const f32x4 matrix[4] = {{0.5f, 0.25f, 0, 0}, {0, 0.5f, 0.25f, 0}, {0, 0, 0.5f, 0.25f}, {0.25f, 0, 0, 0.5f}};
  i32x4 sum = {0};
  unsigned found = 0;
  bench_start();
  for (int round = 0; round < 600; round++) {
    image[round] ^= (uint8_t)round;
    blur();
    found += count((uint8_t)round);
    sum += products();
    if (round % 8 == 0) transform(matrix);
  }
  bench_end();
  printf("%d %d %d %d %u %.3f\n", sum[0], sum[1], sum[2], sum[3], found, (double)points[17]);
}
