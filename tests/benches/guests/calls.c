// Direct calls: recursion that is hardly anything but calls.
#include "bench.h"

__attribute__((noinline)) static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

__attribute__((noinline)) static int tak(int x, int y, int z) {
  return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

__attribute__((noinline)) static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
  bench_start();
  int f = fibonacci(33), t = tak(18, 12, 6);
  unsigned a = ackermann(2, 1500);
  bench_end();
  printf("%d %d %u\n", f, t, a);
}
