#include "markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

void html_escape(const char *text, size_t n, FILE *out) {
  for (size_t i = 0; i < n; i++) {
    switch (text[i]) {
    case '&': fputs("&amp;", out); break;
    case '<': fputs("&lt;", out); break;
    case '>': fputs("&gt;", out); break;
    case '"': fputs("&quot;", out); break;
    default: fputc(text[i], out);
    }
  }
}

/* The end of a span that `mark` closes, or NULL if nothing closes it. */
static const char *closing(const char *from, const char *end, const char *mark) {
  size_t n = strlen(mark);
  for (const char *p = from; p + n <= end; p++) {
    if (memcmp(p, mark, n) == 0) {
      return p;
    }
  }
  return NULL;
}

static void inline_spans(const char *p, const char *end, FILE *out, struct page_stats *stats);

/* `[text](address)`; returns what follows it, or NULL if this is no link. */
static const char *link_span(const char *p, const char *end, FILE *out, struct page_stats *stats) {
  const char *close = closing(p + 1, end, "](");
  if (!close) {
    return NULL;
  }
  const char *stop = closing(close + 2, end, ")");
  if (!stop) {
    return NULL;
  }
  stats->links++;
  fputs("<a href=\"", out);
  html_escape(close + 2, (size_t)(stop - close - 2), out);
  fputs("\">", out);
  inline_spans(p + 1, close, out, stats);
  fputs("</a>", out);
  return stop + 1;
}

/* A span between two equal marks; returns what follows it, or NULL. */
static const char *marked_span(const char *p, const char *end, const char *mark, const char *tag, FILE *out,
                               struct page_stats *stats) {
  size_t n = strlen(mark);
  if ((size_t)(end - p) < n || memcmp(p, mark, n) != 0) {
    return NULL;
  }
  const char *stop = closing(p + n, end, mark);
  if (!stop || stop == p + n) {
    return NULL;
  }
  fprintf(out, "<%s>", tag);
  if (strcmp(tag, "code") == 0) {
    html_escape(p + n, (size_t)(stop - p - n), out);
  } else {
    inline_spans(p + n, stop, out, stats);
  }
  fprintf(out, "</%s>", tag);
  return stop + n;
}

static void inline_spans(const char *p, const char *end, FILE *out, struct page_stats *stats) {
  while (p < end) {
    const char *next = NULL;
    if (*p == '\\' && p + 1 < end && ispunct((unsigned char)p[1])) {
      html_escape(p + 1, 1, out);
      next = p + 2;
    } else if (*p == '`') {
      next = marked_span(p, end, "`", "code", out, stats);
    } else if (*p == '*') {
      next = marked_span(p, end, "**", "strong", out, stats);
      if (!next) {
        next = marked_span(p, end, "*", "em", out, stats);
      }
    } else if (*p == '[') {
      next = link_span(p, end, out, stats);
    }
    if (!next) {
      html_escape(p, 1, out);
      next = p + 1;
    }
    p = next;
  }
}

static void inline_text(const char *text, FILE *out, struct page_stats *stats) {
  inline_spans(text, text + strlen(text), out, stats);
}

/* Which list or block is open; one at a time. */
enum block { NONE, PARAGRAPH, BULLETS, NUMBERS, QUOTE, TABLE };

struct state {
  FILE *out;
  struct page_stats *stats;
  enum block open;
  unsigned rows;
};

static void close_block(struct state *s) {
  static const char *const tags[] = {"", "</p>\n", "</ul>\n", "</ol>\n", "</blockquote>\n", "</table>\n"};
  fputs(tags[s->open], s->out);
  s->open = NONE;
}

static void open_block(struct state *s, enum block block) {
  static const char *const tags[] = {"", "<p>", "<ul>\n", "<ol>\n", "<blockquote>", "<table>\n"};
  if (s->open == block) {
    return;
  }
  close_block(s);
  fputs(tags[block], s->out);
  s->open = block;
  s->rows = 0;
  s->stats->paragraphs += block == PARAGRAPH;
  s->stats->tables += block == TABLE;
}

static bool heading(struct state *s, const char *line) {
  size_t level = strspn(line, "#");
  if (level == 0 || level > 6 || line[level] != ' ') {
    return false;
  }
  close_block(s);
  s->stats->headings++;
  fprintf(s->out, "<h%zu>", level);
  inline_text(line + level + 1, s->out, s->stats);
  fprintf(s->out, "</h%zu>\n", level);
  return true;
}

static void list_item(struct state *s, enum block kind, const char *text) {
  open_block(s, kind);
  s->stats->items++;
  fputs("<li>", s->out);
  inline_text(text, s->out, s->stats);
  fputs("</li>\n", s->out);
}

/* A bulleted or numbered line. */
static bool list_line(struct state *s, const char *line) {
  if ((line[0] == '-' || line[0] == '*') && line[1] == ' ') {
    list_item(s, BULLETS, line + 2);
    return true;
  }
  size_t digits = strspn(line, "0123456789");
  if (digits > 0 && line[digits] == '.' && line[digits + 1] == ' ') {
    list_item(s, NUMBERS, line + digits + 2);
    return true;
  }
  return false;
}

static bool table_rule(const char *line) { return strspn(line, "|-: ") == strlen(line); }

/* `| a | b |`: the first row is the head, the rule below it is not shown. */
static bool table_line(struct state *s, char *line) {
  if (line[0] != '|') {
    return false;
  }
  open_block(s, TABLE);
  if (table_rule(line)) {
    return true;
  }
  const char *tag = s->rows++ == 0 ? "th" : "td";
  fputs("<tr>", s->out);
  for (char *cell = line + 1, *bar; (bar = strchr(cell, '|')) != NULL; cell = bar + 1) {
    const char *from = cell, *to = bar;
    while (from < to && *from == ' ') from++;
    while (to > from && to[-1] == ' ') to--;
    fprintf(s->out, "<%s>", tag);
    inline_spans(from, to, s->out, s->stats);
    fprintf(s->out, "</%s>", tag);
  }
  fputs("</tr>\n", s->out);
  return true;
}

static void text_line(struct state *s, const char *line) {
  bool quote = line[0] == '>';
  bool goes_on = s->open == (quote ? QUOTE : PARAGRAPH);
  open_block(s, quote ? QUOTE : PARAGRAPH);
  if (goes_on) {
    fputc('\n', s->out);
  }
  if (quote) {
    line += line[1] == ' ' ? 2 : 1;
  }
  inline_text(line, s->out, s->stats);
}

static void render_line(struct state *s, char *line) {
  if (line[0] == '\0') {
    close_block(s);
  } else if (strcmp(line, "---") == 0) {
    close_block(s);
    fputs("<hr>\n", s->out);
  } else if (!heading(s, line) && !list_line(s, line) && !table_line(s, line)) {
    text_line(s, line);
  }
}

/* The next line without its end; moves `*rest` behind it. NULL at the end of the text. */
static char *next_line(char **rest) {
  char *line = *rest;
  if (*line == '\0') {
    return NULL;
  }
  char *end = strchr(line, '\n');
  *rest = end ? end + 1 : line + strlen(line);
  if (end) {
    *end = '\0';
  }
  size_t n = strlen(line);
  if (n > 0 && line[n - 1] == '\r') {
    line[n - 1] = '\0';
  }
  return line;
}

static void code_block(struct state *s, char **rest) {
  close_block(s);
  s->stats->code_blocks++;
  fputs("<pre>", s->out);
  for (char *line; (line = next_line(rest)) != NULL && strncmp(line, "```", 3) != 0;) {
    html_escape(line, strlen(line), s->out);
    fputc('\n', s->out);
  }
  fputs("</pre>\n", s->out);
}

void markdown_render(char *text, FILE *out, struct page_stats *stats) {
  struct state s = {.out = out, .stats = stats, .open = NONE};
  for (char *line; (line = next_line(&text)) != NULL;) {
    if (strncmp(line, "```", 3) == 0) {
      code_block(&s, &text);
    } else {
      render_line(&s, line);
    }
  }
  close_block(&s);
}
