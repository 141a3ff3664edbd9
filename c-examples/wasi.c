// A WASI program: arguments in, output through the host's own function, and an exit status.

#include "example.h"

static ptrdiff_t collect(void *data, const unsigned char *bytes, size_t size) {
  wasm_byte_vec_t *text = data;
  char *more = realloc(text->data, text->size + size);
  memcpy(more + text->size, bytes, size);
  text->data = more;
  text->size += size;
  return (ptrdiff_t)size;
}

static void done(void *data) {
  wasm_byte_vec_t *text = data;
  printf("%zu bytes of output: %.*s", text->size, (int)text->size, text->data);
  free(text->data);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  check("wasi", wasmtime_linker_define_wasi(linker), NULL);

  wasi_config_t *config = wasi_config_new();
  const char *args[] = {"program", "world", "and", "more"};
  wasi_config_set_argv(config, 4, args);
  wasm_byte_vec_t output = WASM_EMPTY_VEC;
  wasi_config_set_stdout_custom(config, collect, &output, done);
  printf("no such directory: %s\n", wasi_config_preopen_dir(config, "/no/such", "/", false) ? "open" : "refused");
  check("wasi", wasmtime_context_set_wasi(context, config), NULL);

  check("program", wasmtime_linker_module(linker, context, "", 0, module), NULL);
  wasmtime_func_t start;
  check("program", wasmtime_linker_get_default(linker, context, "", 0, &start), NULL);
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call(context, &start, NULL, 0, NULL, 0, &trap);
  int status = -1;
  if (error == NULL || !wasmtime_error_exit_status(error, &status))
    fail("exit", error, trap);
  printf("exit status %d\n", status);
  wasmtime_error_delete(error);

  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
