/* Counts words in a hash table. */
#ifndef MDPRESS_WORDS_H
#define MDPRESS_WORDS_H

#include <stddef.h>
#include <stdio.h>

struct words;

struct words *words_new(void);
void words_free(struct words *w);
/* Counts every word of `text` that is not among those given to words_ignore. */
void words_count(struct words *w, const char *text);
void words_ignore(struct words *w, const char *text);
/* The `top` most frequent words, alphabetically among equals, as an HTML table. */
void words_report(struct words *w, size_t top, FILE *out);

#endif
