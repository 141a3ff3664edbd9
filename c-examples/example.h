// What the examples share: giving up with a text, and compiling the module beside them.

#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmtime.h>

// Prints why something failed and ends the program; frees nothing, since nothing goes on.
static inline void fail(const char *what, const wasmtime_error_t *error, const wasm_trap_t *trap) {
  wasm_byte_vec_t text = WASM_EMPTY_VEC;
  if (error != NULL)
    wasmtime_error_message(error, &text);
  else if (trap != NULL)
    wasm_trap_message(trap, &text);
  fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data);
  exit(1);
}

// Ends the program unless all went well.
static inline void check(const char *what, const wasmtime_error_t *error, const wasm_trap_t *trap) {
  if (error != NULL || trap != NULL)
    fail(what, error, trap);
}

// Reads a module's text from a file and makes it binary.
static inline wasm_byte_vec_t read_wat(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    fail(path, NULL, NULL);
  char text[1 << 16];
  size_t size = fread(text, 1, sizeof text, file);
  fclose(file);
  wasm_byte_vec_t binary;
  check("wat2wasm", wasmtime_wat2wasm(text, size, &binary), NULL);
  return binary;
}

// Compiles a module from a text file.
static inline wasmtime_module_t *compile(wasm_engine_t *engine, const char *path) {
  wasm_byte_vec_t binary = read_wat(path);
  wasmtime_module_t *module = NULL;
  check("compile", wasmtime_module_new(engine, (const uint8_t *)binary.data, binary.size, &module), NULL);
  wasm_byte_vec_delete(&binary);
  return module;
}

// Instantiates a module that needs no more than these imports.
static inline wasmtime_instance_t instantiate(wasmtime_context_t *context, const wasmtime_module_t *module,
                                              const wasmtime_extern_t *imports, size_t count) {
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  check("instantiate", wasmtime_instance_new(context, module, imports, count, &instance, &trap), trap);
  return instance;
}

// Finds an export that has to be there and of this kind.
static inline wasmtime_extern_t export_of(wasmtime_context_t *context, const wasmtime_instance_t *instance,
                                          const char *name, wasmtime_extern_kind_t kind) {
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(context, instance, name, strlen(name), &item) || item.kind != kind)
    fail(name, NULL, NULL);
  return item;
}

// Finds an exported function.
static inline wasmtime_func_t func_of(wasmtime_context_t *context, const wasmtime_instance_t *instance,
                                      const char *name) {
  return export_of(context, instance, name, WASMTIME_EXTERN_FUNC).of.func;
}

static inline wasmtime_val_t i32(int32_t value) {
  wasmtime_val_t val = {.kind = WASMTIME_I32, .of = {.i32 = value}};
  return val;
}

#endif
