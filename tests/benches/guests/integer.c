// Integer loops: Collatz lengths, greatest common divisors, a 64-bit congruential generator.
#include "bench.h"

static unsigned collatz(uint64_t n) {
  unsigned steps = 0;
  for (; n != 1; steps++) n = n & 1 ? 3 * n + 1 : n / 2;
  return steps;
}

static uint32_t gcd(uint32_t a, uint32_t b) {
  while (b) {
    uint32_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

int main(void) {
  unsigned longest = 0, at = 0, coprime = 0;
  uint64_t mixed = 1;
  bench_start();
  for (unsigned n = 1; n < 150000; n++) {
    unsigned steps = collatz(n);
    if (steps > longest) longest = steps, at = n;
  }
  for (uint32_t a = 1; a < 900; a++)
    for (uint32_t b = 1; b < a; b++) coprime += gcd(a, b) == 1;
  for (int i = 0; i < 20000000; i++) mixed = (mixed * 6364136223846793005u + 1442695040888963407u) ^ (mixed >> 29);
  bench_end();
  printf("%u %u %u %llx\n", longest, at, coprime, (unsigned long long)mixed);
}
