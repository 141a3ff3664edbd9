// Regular expressions: a backtracking matcher over text, and the same patterns as sets of states.
#include "bench.h"
#include <string.h>

// Characters, '.', '[a-z]' classes, and '*', '+', '?' behind any of them.
static size_t item(const char *p) {
  if (*p != '[') return 1;
  return (size_t)(strchr(p, ']') - p) + 1;
}

static int one(const char *p, char c) {
  if (!c) return 0;
  if (*p == '.') return c != '\n';
  if (*p != '[') return *p == c;
  for (p++; *p != ']'; p++) {
    if (p[1] == '-') {
      if (p[0] <= c && c <= p[2]) return 1;
      p += 2;
    } else if (*p == c) {
      return 1;
    }
  }
  return 0;
}

// The end of the longest match from `s`, or null.
static const char *match(const char *p, const char *s) {
  if (!*p) return s;
  size_t n = item(p);
  char repeat = p[n];
  if (repeat != '*' && repeat != '+' && repeat != '?') return one(p, *s) ? match(p + n, s + 1) : NULL;
  const char *from = s, *end;
  while (one(p, *s) && (repeat != '?' || s == from)) s++;
  for (const char *least = from + (repeat == '+'); s >= least; s--)
    if ((end = match(p + n + 1, s))) return end;
  return NULL;
}

// The same by a set of positions in the pattern, as a bit mask.
typedef struct { const char *items[32]; char repeats[32]; int n; } machine;

static void compile(machine *m, const char *p) {
  for (m->n = 0; *p; m->n++) {
    m->items[m->n] = p;
    p += item(p);
    m->repeats[m->n] = *p && strchr("*+?", *p) ? *p++ : 0;
  }
}

static uint64_t skip(const machine *m, uint64_t set) {
  for (int i = 0; i < m->n; i++)
    if (set >> i & 1 && (m->repeats[i] == '*' || m->repeats[i] == '?')) set |= 1ull << (i + 1);
  return set;
}

static unsigned search(const machine *m, const char *s) {
  unsigned ends = 0;
  uint64_t set = skip(m, 1);
  for (; *s; s++) {
    uint64_t next = 1;
    for (int i = 0; i < m->n; i++)
      if (set >> i & 1 && one(m->items[i], *s)) {
        next |= 1ull << (i + 1);
        if (m->repeats[i] == '*' || m->repeats[i] == '+') next |= 1ull << i;
      }
    set = skip(m, next);
    ends += set >> m->n & 1;
  }
  return ends;
}

int main(void) {
  static const char *const patterns[] = {"[a-z]+@[a-z]+.com", "[0-9]+-[0-9]+", "q[a-z]*z", "x.*y[0-9]?", "[A-Z][a-z]*ing"};
  static const char pieces[] = "abcxyzq0123456789-@. comKing Sing\n";
  static char text[40001];
  uint32_t state = 23;
  for (int i = 0; i < 40000; i++) {
    text[i] = pieces[next_random(&state) % (sizeof pieces - 1)];
    if (i > 6 && next_random(&state) % 50 == 0) memcpy(text + i - 4, "b@.com" + next_random(&state) % 2, 4);
  }
  unsigned matches = 0, length = 0, ends = 0;
  bench_start();
  for (int round = 0; round < 12; round++)
    for (int p = 0; p < 5; p++)
      for (const char *s = text, *end; *s; s++)
        if ((end = match(patterns[p], s))) matches++, length += (unsigned)(end - s);
  for (int p = 0; p < 5; p++) {
    machine m;
    compile(&m, patterns[p]);
    for (int round = 0; round < 12; round++) ends += search(&m, text);
  }
  bench_end();
  printf("%u %u %u\n", matches, length, ends);
}
