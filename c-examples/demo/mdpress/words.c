#include "words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char *text; /* NULL: free slot */
  unsigned count;
  bool ignored;
};

struct words {
  struct word *slots;
  size_t capacity, used; /* capacity is a power of two */
};

static void *checked(void *p) {
  if (!p) {
    fputs("mdpress: out of memory\n", stderr);
    exit(3);
  }
  return p;
}

struct words *words_new(void) {
  struct words *w = checked(calloc(1, sizeof *w));
  w->capacity = 64;
  w->slots = checked(calloc(w->capacity, sizeof *w->slots));
  return w;
}

void words_free(struct words *w) {
  for (size_t i = 0; i < w->capacity; i++) {
    free(w->slots[i].text);
  }
  free(w->slots);
  free(w);
}

static uint32_t hash(const char *text, size_t n) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) {
    h = (h ^ (unsigned char)text[i]) * 16777619u;
  }
  return h;
}

/* The word's slot, or the free slot where it belongs. */
static struct word *find(const struct words *w, const char *text, size_t n) {
  for (size_t i = hash(text, n);; i++) {
    struct word *slot = &w->slots[i & (w->capacity - 1)];
    if (!slot->text || (strncmp(slot->text, text, n) == 0 && slot->text[n] == '\0')) {
      return slot;
    }
  }
}

static void grow(struct words *w) {
  struct words bigger = {.capacity = w->capacity * 2};
  bigger.slots = checked(calloc(bigger.capacity, sizeof *bigger.slots));
  for (size_t i = 0; i < w->capacity; i++) {
    if (w->slots[i].text) {
      *find(&bigger, w->slots[i].text, strlen(w->slots[i].text)) = w->slots[i];
    }
  }
  free(w->slots);
  w->slots = bigger.slots;
  w->capacity = bigger.capacity;
}

static struct word *enter(struct words *w, const char *text, size_t n) {
  struct word *slot = find(w, text, n);
  if (slot->text) {
    return slot;
  }
  slot->text = checked(malloc(n + 1));
  memcpy(slot->text, text, n);
  slot->text[n] = '\0';
  if (++w->used * 2 > w->capacity) {
    grow(w);
    slot = find(w, text, n);
  }
  return slot;
}

/* Letters, and the bytes of anything beyond ASCII. */
static bool in_word(char c) { return isalpha((unsigned char)c) || (unsigned char)c >= 0x80 || c == '\''; }

static void each_word(struct words *w, const char *text, bool ignore) {
  char word[64];
  size_t n = 0;
  for (;; text++) {
    if (*text && in_word(*text)) {
      if (n < sizeof word) {
        word[n++] = (char)tolower((unsigned char)*text);
      }
      continue;
    }
    if (n > 0) {
      struct word *slot = enter(w, word, n);
      slot->ignored |= ignore;
      slot->count += !ignore;
      n = 0;
    }
    if (!*text) {
      return;
    }
  }
}

void words_count(struct words *w, const char *text) { each_word(w, text, false); }

void words_ignore(struct words *w, const char *text) { each_word(w, text, true); }

static int by_count(const void *a, const void *b) {
  const struct word *x = a, *y = b;
  if (x->count != y->count) {
    return x->count < y->count ? 1 : -1;
  }
  return strcmp(x->text, y->text);
}

void words_report(struct words *w, size_t top, FILE *out) {
  struct word *sorted = checked(malloc((w->used + 1) * sizeof *sorted));
  size_t n = 0;
  for (size_t i = 0; i < w->capacity; i++) {
    if (w->slots[i].text && !w->slots[i].ignored && w->slots[i].count > 0) {
      sorted[n++] = w->slots[i];
    }
  }
  qsort(sorted, n, sizeof *sorted, by_count);
  fputs("<table>\n<tr><th>word</th><th>count</th></tr>\n", out);
  for (size_t i = 0; i < n && i < top; i++) {
    fprintf(out, "<tr><td>%s</td><td>%u</td></tr>\n", sorted[i].text, sorted[i].count);
  }
  fputs("</table>\n", out);
  free(sorted);
}
