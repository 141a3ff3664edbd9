// Sorting: the C library's qsort with a callback, a heap sort, and a quicksort of our own.
#include "bench.h"
#include <stdlib.h>
#include <string.h>

#define N 200000
static uint32_t source[N], work[N];

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void sift(uint32_t *v, size_t root, size_t end) {
  for (size_t child; (child = 2 * root + 1) < end; root = child) {
    if (child + 1 < end && v[child] < v[child + 1]) child++;
    if (v[root] >= v[child]) return;
    uint32_t swap = v[root];
    v[root] = v[child];
    v[child] = swap;
  }
}

static void heap_sort(uint32_t *v, size_t n) {
  for (size_t i = n / 2; i-- > 0;) sift(v, i, n);
  for (size_t end = n - 1; end > 0; end--) {
    uint32_t swap = v[0];
    v[0] = v[end];
    v[end] = swap;
    sift(v, 0, end);
  }
}

static void quick_sort(uint32_t *v, long low, long high) {
  while (low < high) {
    uint32_t pivot = v[(low + high) / 2];
    long i = low - 1, j = high + 1;
    for (;;) {
      do i++; while (v[i] < pivot);
      do j--; while (v[j] > pivot);
      if (i >= j) break;
      uint32_t swap = v[i];
      v[i] = v[j];
      v[j] = swap;
    }
    quick_sort(v, low, j);
    low = j + 1;
  }
}

int main(void) {
  uint32_t state = 5, sum = 0;
  for (int i = 0; i < N; i++) source[i] = next_random(&state);
  bench_start();
  for (int round = 0; round < 3; round++) {
    memcpy(work, source, sizeof work);
    quick_sort(work, 0, N - 1);
    sum += work[N / 2];
    memcpy(work, source, sizeof work);
    heap_sort(work, N);
    sum += work[N / 3];
  }
  memcpy(work, source, sizeof work);
  qsort(work, N, sizeof work[0], compare);
  bench_end();
  for (int i = 1; i < N; i++)
    if (work[i - 1] > work[i]) return 1;
  printf("%u %u\n", sum, work[N / 5]);
}
