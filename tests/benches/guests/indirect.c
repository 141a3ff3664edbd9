// Calls through function pointers: a stack machine whose operations are functions, and objects with methods.
#include "bench.h"

typedef struct machine machine;
typedef void (*operation)(machine *);
struct machine { int64_t stack[64]; int top, pc; const operation *code; };

static void push_one(machine *m) { m->stack[m->top++] = 1; }
static void add(machine *m) { m->top--, m->stack[m->top - 1] += m->stack[m->top]; }
static void copy(machine *m) { m->stack[m->top] = m->stack[m->top - 1], m->top++; }
static void multiply(machine *m) { m->top--, m->stack[m->top - 1] *= m->stack[m->top]; }
static void mask(machine *m) { m->stack[m->top - 1] &= 0xffff; }
static void swap(machine *m) {
  int64_t last = m->stack[m->top - 1];
  m->stack[m->top - 1] = m->stack[m->top - 2];
  m->stack[m->top - 2] = last;
}

static const operation program[] = {copy, push_one, add, swap, multiply, mask, push_one, add, 0};

typedef struct { double (*area)(const void *); double side; } shape;
static double square(const void *s) { return ((const shape *)s)->side * ((const shape *)s)->side; }
static double circle(const void *s) { return 3.14 * ((const shape *)s)->side * ((const shape *)s)->side; }
static double triangle(const void *s) { return 0.43 * ((const shape *)s)->side * ((const shape *)s)->side; }

int main(void) {
  static double (*const methods[])(const void *) = {square, circle, triangle};
  static shape shapes[3000];
  uint32_t state = 99;
  for (int i = 0; i < 3000; i++) shapes[i] = (shape){methods[next_random(&state) % 3], i * 0.01};
  machine m = {.top = 1, .code = program};
  double total = 0;
  bench_start();
  for (int i = 0; i < 3000000; i++)
    for (m.pc = 0; m.code[m.pc]; m.pc++) m.code[m.pc](&m);
  for (int round = 0; round < 1500; round++)
    for (int i = 0; i < 3000; i++) total += shapes[i].area(&shapes[i]);
  bench_end();
  printf("%lld %.3f\n", (long long)m.stack[0], total);
}
