// Marks the part of a guest that is timed. Under wasm the host takes the time; natively the program takes it itself
// and writes "#ms <milliseconds>" to standard error.
#pragma once
#include <stdint.h>
#include <stdio.h>

#ifdef __wasm__
__attribute__((import_module("bench"), import_name("start"))) void bench_start(void);
__attribute__((import_module("bench"), import_name("end"))) void bench_end(void);
#else
#include <time.h>
static struct timespec bench_from;
static inline void bench_start(void) { clock_gettime(CLOCK_MONOTONIC, &bench_from); }
static inline void bench_end(void) {
  struct timespec to;
  clock_gettime(CLOCK_MONOTONIC, &to);
  fprintf(stderr, "#ms %.6f\n", (to.tv_sec - bench_from.tv_sec) * 1e3 + (to.tv_nsec - bench_from.tv_nsec) / 1e6);
}
#endif

// Numbers that look random and are the same everywhere.
static inline uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}
