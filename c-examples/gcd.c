// Calling a guest: with checked values, with raw slots, and what comes of wrong arguments.

#include "example.h"

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t gcd = func_of(context, &instance, "gcd");

  wasm_trap_t *trap = NULL;
  wasmtime_val_t args[2] = {i32(6), i32(27)}, result;
  check("gcd", wasmtime_func_call(context, &gcd, args, 2, &result, 1, &trap), trap);
  printf("gcd(6, 27) = %d\n", result.of.i32);

  wasmtime_val_raw_t slots[2] = {{.i32 = 1071}, {.i32 = 462}};
  check("gcd", wasmtime_func_call_unchecked(context, &gcd, slots, 2, &trap), trap);
  printf("gcd(1071, 462) = %d\n", slots[0].i32);

  wasm_byte_vec_t text;
  wasmtime_error_t *error = wasmtime_func_call(context, &gcd, args, 1, &result, 1, &trap);
  wasmtime_error_message(error, &text);
  printf("one argument: %.*s\n", (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);

  args[1].kind = WASMTIME_I64;
  error = wasmtime_func_call(context, &gcd, args, 2, &result, 1, &trap);
  wasmtime_error_message(error, &text);
  printf("a wrong one: %.*s", (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
