// A WASI program that does the same in every run: its clock stands still, its random numbers follow from a seed, its
// input comes from the host piece by piece, and its output is kept, up to a limit.

#include "example.h"
#include <errno.h>
#include <tenon.h>

// Has nothing at first, then one line, then the end.
static ptrdiff_t line(void *data, uint8_t *buffer, size_t size) {
  int *calls = data;
  const char text[] = "typed by hand\n";
  switch ((*calls)++) {
  case 0:
    return -EAGAIN;
  case 1:
    memcpy(buffer, text, size < sizeof text - 1 ? size : sizeof text - 1);
    return (ptrdiff_t)(size < sizeof text - 1 ? size : sizeof text - 1);
  default:
    return 0;
  }
}

static void show(tenon_wasi_output_t *output) {
  wasm_byte_vec_t text;
  tenon_wasi_output_take(output, &text);
  const uint8_t *bytes = (const uint8_t *)text.data;
  uint64_t now, random;
  if (text.size < 16)
    fail("output", NULL, NULL);
  memcpy(&now, bytes, 8);
  memcpy(&random, bytes + 8, 8);
  printf("time %llu, random %016llx, input: %.*s", (unsigned long long)now, (unsigned long long)random, (int)text.size - 16,
         text.data + 16);
  wasm_byte_vec_delete(&text);
}

static void run(wasm_engine_t *engine, wasmtime_module_t *module, wasmtime_linker_t *linker, size_t limit) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasi_config_t *config = wasi_config_new();
  int calls = 0;
  tenon_wasi_config_set_stdin_custom(config, line, &calls, NULL);
  tenon_wasi_config_set_clock_fixed(config, 1234567890, 42);
  tenon_wasi_config_set_random_seed(config, 7);
  tenon_wasi_config_set_limits(config, &(tenon_wasi_limits_t){.descriptors = 3});
  tenon_wasi_output_t *output = tenon_wasi_config_keep_stdout(config, limit);
  check("wasi", wasmtime_context_set_wasi(context, config), NULL);

  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
  check("instance", error, trap);
  wasmtime_extern_t start;
  if (!wasmtime_instance_export_get(context, &instance, "run", 3, &start))
    fail("run", NULL, NULL);
  wasmtime_val_t errno_of_write;
  error = wasmtime_func_call(context, &start.of.func, NULL, 0, &errno_of_write, 1, &trap);
  check("call", error, trap);
  printf("writing again: error %d\n", errno_of_write.of.i32);
  show(output);
  tenon_wasi_output_delete(output);
  wasmtime_store_delete(store);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  check("wasi", wasmtime_linker_define_wasi(linker), NULL);
  for (int i = 0; i < 2; i++)
    run(engine, module, linker, 30);

  wasi_config_t *config = wasi_config_new();
  printf("no socket: %s\n", tenon_wasi_config_preopen_listener(config, -1) ? "taken" : "refused");
  wasi_config_delete(config);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
