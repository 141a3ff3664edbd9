/* Mdpress turns every Markdown file of a directory into one HTML page and counts their words. Like loglens it
 * is an ordinary program: the demo runs it natively and as WebAssembly and compares the two.
 *
 * Usage: mdpress [-w rows] [-o file] dir
 * Stdin: words that the statistics leave out. Environment: MDPRESS_TITLE. */
#include "markdown.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
  size_t rows;
  const char *out, *dir, *title;
};

static int fail(const char *what, const char *why) {
  fprintf(stderr, "mdpress: %s: %s\n", what, why);
  return 2;
}

/* Reads a stream to its end; the caller frees. NULL with errno set on failure. */
static char *slurp(FILE *in) {
  size_t size = 0, capacity = 4096;
  char *text = malloc(capacity);
  while (text) {
    size += fread(text + size, 1, capacity - size - 1, in);
    if (ferror(in)) {
      free(text);
      return NULL;
    }
    if (feof(in)) {
      text[size] = '\0';
      return text;
    }
    if (size + 1 == capacity) {
      char *bigger = realloc(text, capacity *= 2);
      if (!bigger) {
        free(text);
      }
      text = bigger;
    }
  }
  return NULL;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The names of the directory's *.md files, sorted; the caller frees names and array. NULL on failure. */
static char **list_pages(const char *dir, size_t *count) {
  DIR *d = opendir(dir);
  if (!d) {
    return NULL;
  }
  char **names = NULL;
  *count = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    size_t n = strlen(e->d_name);
    if (n <= 3 || strcmp(e->d_name + n - 3, ".md") != 0) {
      continue;
    }
    char **more = realloc(names, (*count + 1) * sizeof *names);
    if (!more || !(more[*count] = strdup(e->d_name))) {
      abort();
    }
    names = more;
    ++*count;
  }
  closedir(d);
  if (names) {
    qsort(names, *count, sizeof *names, by_name);
  } else {
    errno = ENOENT;
  }
  return names;
}

static int press_page(const char *dir, const char *name, FILE *out, struct words *words,
                      struct page_stats *total) {
  char path[1024];
  if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path) {
    return fail(name, "path too long");
  }
  struct stat info;
  FILE *in = fopen(path, "rb");
  if (!in || fstat(fileno(in), &info) != 0) {
    return fail(name, strerror(errno));
  }
  char *text = slurp(in);
  fclose(in);
  if (!text) {
    return fail(name, strerror(errno));
  }
  words_count(words, text);
  struct page_stats stats = {0};
  fprintf(out, "<article id=\"%s\">\n", name);
  markdown_render(text, out, &stats);
  fprintf(out, "</article>\n<!-- %s: %lld bytes, %u headings, %u paragraphs, %u items, %u code, %u tables, %u links -->\n",
          name, (long long)info.st_size, stats.headings, stats.paragraphs, stats.items, stats.code_blocks,
          stats.tables, stats.links);
  free(text);
  total->headings += stats.headings;
  total->links += stats.links;
  return 0;
}

static int press(const struct options *o, FILE *out) {
  size_t count;
  char **names = list_pages(o->dir, &count);
  if (!names) {
    return fail("pages", strerror(errno));
  }
  struct words *words = words_new();
  char *ignored = slurp(stdin);
  if (!ignored) {
    return fail("stdin", strerror(errno));
  }
  words_ignore(words, ignored);
  free(ignored);
  struct page_stats total = {0};
  int status = 0;
  fputs("<!doctype html>\n<title>", out);
  html_escape(o->title, strlen(o->title), out);
  fputs("</title>\n", out);
  for (size_t i = 0; i < count; i++) {
    if (status == 0) {
      status = press_page(o->dir, names[i], out, words, &total);
    }
    free(names[i]);
  }
  free(names);
  words_report(words, o->rows, out);
  fprintf(out, "<!-- %zu pages, %u headings, %u links -->\n", count, total.headings, total.links);
  words_free(words);
  return status;
}

static int parse_options(int argc, char **argv, struct options *o) {
  int c;
  while ((c = getopt(argc, argv, "w:o:")) != -1) {
    if (c == 'w') {
      o->rows = strtoul(optarg, NULL, 10);
    } else if (c == 'o') {
      o->out = optarg;
    } else {
      return 2;
    }
  }
  if (optind + 1 != argc) {
    return fail("arguments", "expected one directory");
  }
  o->dir = argv[optind];
  const char *title = getenv("MDPRESS_TITLE");
  o->title = title ? title : "pages";
  return 0;
}

int main(int argc, char **argv) {
  struct options o = {.rows = 10};
  int status = parse_options(argc, argv, &o);
  if (status != 0) {
    return status;
  }
  FILE *out = o.out ? fopen(o.out, "wb") : stdout;
  if (!out) {
    return fail("output", strerror(errno));
  }
  status = press(&o, out);
  if (fflush(out) != 0 || ferror(out)) {
    return fail("output", strerror(errno));
  }
  if (o.out) {
    fclose(out);
    printf("%s written\n", o.out);
  }
  return status;
}
