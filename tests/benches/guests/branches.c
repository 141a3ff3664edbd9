// Branches: a bytecode interpreter around a switch, and a lexer's state machine.
#include "bench.h"
#include <string.h>

enum { LOAD, ADD, SUB, JUMP_IF, STORE, AND, SHIFT, HALT };
typedef struct { uint8_t op, to; int16_t arg; } instruction;

static const instruction code[] = {
    {LOAD, 0, 0}, {LOAD, 1, 1}, {STORE, 2, 0}, {ADD, 2, 1}, {AND, 2, 4095}, {SHIFT, 2, 1},
    {ADD, 0, 2},  {SUB, 3, 1},  {JUMP_IF, 3, 2}, {HALT, 0, 0},
};

static uint32_t interpret(uint32_t count) {
  uint32_t r[4] = {0, 0, 0, count}, pc = 0;
  for (;;) {
    instruction i = code[pc++];
    switch (i.op) {
      case LOAD: r[i.to] = (uint32_t)i.arg; break;
      case ADD: r[i.to] += i.arg == 2 ? r[2] : (uint32_t)i.arg; break;
      case SUB: r[i.to] -= (uint32_t)i.arg; break;
      case JUMP_IF: if (r[i.to]) pc = (uint32_t)i.arg; break;
      case STORE: r[i.to] = r[i.arg]; break;
      case AND: r[i.to] &= (uint32_t)i.arg; break;
      case SHIFT: r[i.to] >>= i.arg; break;
      case HALT: return r[0];
    }
  }
}

static unsigned words, numbers, symbols, comments;

static void lex(const char *text) {
  enum { BLANK, WORD, NUMBER, COMMENT } state = BLANK;
  for (const char *p = text; *p; p++) {
    char c = *p;
    if (state == COMMENT) {
      if (c == '\n') state = BLANK;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
      if (state != WORD) words++;
      state = WORD;
    } else if (c >= '0' && c <= '9') {
      if (state == BLANK) numbers++, state = NUMBER;
    } else if (c == '#') {
      comments++, state = COMMENT;
    } else {
      symbols += c != ' ' && c != '\n';
      state = BLANK;
    }
  }
}

int main(void) {
  static char text[200001];
  static const char pieces[] = "abc_d 12 + (x9) # note\n [y] = zz * 3.5; \n";
  uint32_t state = 7;
  for (unsigned i = 0; i < 200000; i++) text[i] = pieces[next_random(&state) % (sizeof pieces - 1)];
  bench_start();
  uint32_t result = interpret(4000000);
  for (int round = 0; round < 60; round++) lex(text);
  bench_end();
  printf("%u %u %u %u %u\n", result, words, numbers, symbols, comments);
}
