// Counts which edges of the library a process has passed; linked into the test binaries that `make soak` builds. What the
// compiler calls has LLVM's names: an edge has a byte that counts up, and a place (address, whether a function begins).

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
  uintptr_t address;
  uintptr_t flags;
};

static const uint8_t *counters, *counters_end;
static const struct place *places, *places_end;
extern const char __executable_start[];

void __sanitizer_cov_8bit_counters_init(const uint8_t *begin, const uint8_t *end) {
  counters = begin;
  counters_end = end;
}

void __sanitizer_cov_pcs_init(const struct place *begin, const struct place *end) {
  places = begin;
  places_end = end;
}

// At the process's end: a record for each edge with its address in the file, whether a function begins there, and whether
// it was passed.
__attribute__((destructor)) static void report(void) {
  const char *stem = getenv("TENON_FUZZ_EDGES");
  char name[4096];
  if (!stem || counters_end - counters != places_end - places) return;
  snprintf(name, sizeof name, "%s.%d", stem, (int)getpid());
  FILE *out = fopen(name, "w");
  if (!out) return;
  for (size_t i = 0; counters + i < counters_end; i++) {
    uint64_t record = (uint64_t)(places[i].address - (uintptr_t)__executable_start) << 2;
    record |= (places[i].flags & 1) << 1 | (counters[i] != 0);
    fwrite(&record, sizeof record, 1, out);
  }
  fclose(out);
}
