// What the programs named standard_* share. They use wasm.h alone, but for reading text.

#ifndef STANDARD_H
#define STANDARD_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>

// The one thing that wasm.h does not have.
void *wasmtime_wat2wasm(const char *wat, size_t wat_len, wasm_byte_vec_t *ret);

// Ends the program unless this is so.
static inline void want(bool so, const char *what) {
  if (!so) {
    fprintf(stderr, "%s\n", what);
    exit(1);
  }
}

// Reads a module's text from a file and makes it binary.
static inline void read_module(const char *path, wasm_byte_vec_t *binary) {
  static char text[1 << 14];
  FILE *file = fopen(path, "rb");
  want(file != NULL, path);
  size_t size = fread(text, 1, sizeof text, file);
  fclose(file);
  want(wasmtime_wat2wasm(text, size, binary) == NULL, "not a module");
}

static inline wasm_module_t *compile(wasm_store_t *store, const char *path) {
  wasm_byte_vec_t binary;
  read_module(path, &binary);
  want(wasm_module_validate(store, &binary), "not a valid module");
  wasm_module_t *module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  want(module != NULL, "does not compile");
  return module;
}

// An instance of a module, which stays the caller's.
static inline wasm_instance_t *instantiate(wasm_store_t *store, const wasm_module_t *module,
                                           const wasm_extern_vec_t *imports) {
  wasm_trap_t *trap = NULL;
  wasm_instance_t *instance = wasm_instance_new(store, module, imports, &trap);
  want(instance != NULL && trap == NULL, "does not instantiate");
  return instance;
}

// An exported function, borrowed from the exports.
static inline wasm_func_t *func_at(const wasm_extern_vec_t *exports, size_t index) {
  want(index < exports->size, "too few exports");
  wasm_func_t *func = wasm_extern_as_func(exports->data[index]);
  want(func != NULL, "not a function");
  return func;
}

// Calls what takes and gives this, and must not trap.
static inline void call(const wasm_func_t *func, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  want(wasm_func_call(func, args, results) == NULL, "a call that should not trap");
}

// Calls what takes and gives one i32.
static inline int32_t call_i32(const wasm_func_t *func, int32_t value) {
  wasm_val_t arg[1] = {WASM_I32_VAL(value)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  call(func, &args, &results);
  return result[0].of.i32;
}

#endif
