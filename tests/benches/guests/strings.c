// Strings: searching, splitting, case, numbers to text and back, the C library's printf.
#include "bench.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char text[60000], work[60000];

int main(void) {
  static const char *const words[] = {"alpha", "beta", "Gamma", "delta-7", "epsilon", "zeta", "1234", "theta."};
  static const char *const absent[] = {"zeta 1235", "alphabet", "Gamma gamma", "beta.", "epsilon alpha?", "7-", "theta. 0", "1234 12345"};
  uint32_t state = 17;
  size_t length = 0;
  while (length < sizeof text - 20) {
    const char *word = words[next_random(&state) % 8];
    length += (size_t)sprintf(text + length, "%s ", word);
  }
  unsigned found = 0, tokens = 0, upper = 0, equal = 0;
  unsigned long sum = 0;
  bench_start();
  for (int round = 0; round < 60; round++) {
    // Not from hit to hit, and no strtok or strchr below: some libraries measure the whole text at each call.
    for (int i = 0; i < 8; i++) found += strstr(text, absent[i]) != NULL;
    memcpy(work, text, sizeof work);
    for (char *word = work, *end; *word; word = end + 1) {
      for (end = word; *end != ' '; end++) {}
      *end = 0;
      tokens++;
      equal += strcmp(word, "epsilon") == 0;
      sum += strtoul(word, NULL, 10) + strlen(word);
    }
    for (size_t i = 0; i < length; i++) upper += isupper((unsigned char)text[i]) != 0;
    for (int i = 0; i < 2000; i++) {
      char line[80];
      sum += (unsigned)snprintf(line, sizeof line, "%d: %s=%08x %c", i, words[i & 7], i * 40503u, 'a' + i % 26);
      sum += (unsigned char)line[i % 10];
    }
  }
  bench_end();
  printf("%u %u %u %u %lu\n", found, tokens, upper, equal, sum);
}
