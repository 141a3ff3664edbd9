// Fuel: what a guest's work costs, and what happens when it runs out.

#include "example.h"

int main(int argc, char **argv) {
  (void)argc;
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t fib = func_of(context, &instance, "fib");

  check("fuel", wasmtime_context_set_fuel(context, 10000), NULL);
  for (int n = 1;; n++) {
    uint64_t before, after;
    check("fuel", wasmtime_context_get_fuel(context, &before), NULL);
    wasmtime_val_t arg = i32(n), result;
    wasm_trap_t *trap = NULL;
    check("fib", wasmtime_func_call(context, &fib, &arg, 1, &result, 1, &trap), NULL);
    if (trap != NULL) {
      wasmtime_trap_code_t code = 255;
      wasmtime_trap_code(trap, &code);
      printf("fib(%d) traps with code %u\n", n, code);
      wasm_trap_delete(trap);
      break;
    }
    check("fuel", wasmtime_context_get_fuel(context, &after), NULL);
    printf("fib(%d) = %d for %d\n", n, result.of.i32, (int)(before - after));
  }

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);

  // An engine that does not count.
  engine = wasm_engine_new();
  store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_error_t *error = wasmtime_context_set_fuel(wasmtime_store_context(store), 1);
  wasm_byte_vec_t text;
  wasmtime_error_message(error, &text);
  printf("%.*s\n", (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
