/* Markdown to HTML, a small honest subset: headings, paragraphs, lists, quotes, fenced code, tables, rules,
 * emphasis, code spans and links. */
#ifndef MDPRESS_MARKDOWN_H
#define MDPRESS_MARKDOWN_H

#include <stddef.h>
#include <stdio.h>

/* What a page contained. */
struct page_stats {
  unsigned headings, paragraphs, items, code_blocks, tables, links;
};

/* Renders `text` (NUL terminated, changed in place) to `out`; adds to `stats`. */
void markdown_render(char *text, FILE *out, struct page_stats *stats);

/* Writes `n` bytes of `text` with the characters that HTML reserves escaped. */
void html_escape(const char *text, size_t n, FILE *out);

#endif
