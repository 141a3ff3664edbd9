// Memory traffic: streams over arrays, copies and fills, and chasing pointers through a shuffled ring.
#include "bench.h"
#include <stdlib.h>
#include <string.h>

#define N (1 << 20)

static double a[N], b[N], c[N];
static uint32_t ring[N];

int main(void) {
  uint32_t state = 12345;
  for (int i = 0; i < N; i++) a[i] = i, b[i] = 2 * i, ring[i] = (uint32_t)i;
  // Sattolo's shuffle: one ring through all places.
  for (uint32_t i = N - 1; i > 0; i--) {
    uint32_t j = next_random(&state) % i, swap = ring[i];
    ring[i] = ring[j];
    ring[j] = swap;
  }
  char *from = malloc(N), *to = malloc(N);
  uint32_t at = 0, sum = 0;
  bench_start();
  for (int round = 0; round < 12; round++)
    for (int i = 0; i < N; i++) c[i] = a[i] + 3.0 * b[i];
  for (int round = 0; round < 40; round++) {
    memset(from, round, N);
    memcpy(to, from, N);
    memmove(to + 1, to, N - 1);
    sum += (unsigned char)to[round];
  }
  for (int round = 0; round < 12; round++)
    for (int i = 0; i < N; i += 4) sum += ring[i] ^ (uint8_t)to[i];
  for (int i = 0; i < 2000000; i++) at = ring[at];
  bench_end();
  printf("%.1f %u %u\n", c[N - 1], at, sum);
}
