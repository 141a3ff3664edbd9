// Floating point: five bodies under gravity, and a Mandelbrot set.
#include "bench.h"
#include <math.h>

typedef struct { double x, y, z, vx, vy, vz, mass; } body;

static body bodies[5] = {
    {0, 0, 0, 0, 0, 0, 39.5},
    {4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037},
    {8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.011},
    {12.9, -15.1, -0.22, 1.08, 0.868, -0.01, 0.0017},
    {15.4, -25.9, 0.179, 0.979, 0.594, -0.034, 0.002},
};

static void advance(double dt) {
  for (int i = 0; i < 5; i++) {
    body *a = &bodies[i];
    for (int j = i + 1; j < 5; j++) {
      body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double force = dt / (square * sqrt(square));
      a->vx -= dx * b->mass * force, a->vy -= dy * b->mass * force, a->vz -= dz * b->mass * force;
      b->vx += dx * a->mass * force, b->vy += dy * a->mass * force, b->vz += dz * a->mass * force;
    }
  }
  for (int i = 0; i < 5; i++) {
    bodies[i].x += dt * bodies[i].vx, bodies[i].y += dt * bodies[i].vy, bodies[i].z += dt * bodies[i].vz;
  }
}

static unsigned mandelbrot(int size) {
  unsigned inside = 0;
  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++) {
      float cr = 3.0f * column / size - 2.0f, ci = 2.0f * row / size - 1.0f, r = 0, i = 0;
      int n = 0;
      for (; n < 100 && r * r + i * i < 4.0f; n++) {
        float next = r * r - i * i + cr;
        i = 2.0f * r * i + ci;
        r = next;
      }
      inside += n == 100;
    }
  return inside;
}

int main(void) {
  bench_start();
  for (int i = 0; i < 400000; i++) advance(0.001);
  unsigned inside = mandelbrot(600);
  bench_end();
  printf("%.6f %.6f %.6f %u\n", bodies[0].x, bodies[1].y, bodies[4].z, inside);
}
