// Reads lines: `m` and a binary module in hexadecimal, or `t` and a text in hexadecimal. Prints for each what the library
// says about it, messages between bars and with line ends as `\n`.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

static void say(wasmtime_error_t *error) {
  wasm_byte_vec_t text;
  if (error == NULL) {
    printf("|OK|");
    return;
  }
  wasmtime_error_message(error, &text);
  putchar('|');
  for (size_t i = 0; i < text.size; i++) {
    switch (text.data[i]) {
    case '\n': printf("\\n"); break;
    case '\\': printf("\\\\"); break;
    default: putchar(text.data[i]);
    }
  }
  putchar('|');
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);
}

int main(void) {
  static char line[65536];
  static uint8_t bytes[sizeof line / 2];
  wasm_engine_t *engine = wasm_engine_new();
  while (fgets(line, sizeof line, stdin) != NULL) {
    size_t n = 0;
    for (unsigned byte; sscanf(line + 1 + 2 * n, "%2x", &byte) == 1; n++)
      bytes[n] = (uint8_t)byte;
    if (line[0] == 'm') {
      wasmtime_module_t *module = NULL;
      say(wasmtime_module_new(engine, bytes, n, &module));
      wasmtime_module_delete(module);
      say(wasmtime_module_validate(engine, bytes, n));
    } else {
      wasm_byte_vec_t binary;
      say(wasmtime_wat2wasm((const char *)bytes, n, &binary));
    }
    putchar('\n');
  }
  wasm_engine_delete(engine);
  return 0;
}
