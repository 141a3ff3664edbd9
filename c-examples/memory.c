// A guest's memory seen from both sides: reading, writing, growing, and where it ends.

#include "example.h"

static wasmtime_context_t *context;
static wasmtime_instance_t instance;

// Calls an exported function; false if it trapped.
static bool call(const char *name, const wasmtime_val_t *args, size_t nargs, int32_t *out) {
  wasmtime_func_t func = func_of(context, &instance, name);
  wasmtime_val_t result;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call(context, &func, args, nargs, &result, out != NULL, &trap);
  if (error != NULL)
    fail(name, error, NULL);
  if (trap != NULL) {
    wasmtime_trap_code_t code = 255;
    wasmtime_trap_code(trap, &code);
    printf("%s trapped with code %u\n", name, code);
    wasm_trap_delete(trap);
    return false;
  }
  if (out != NULL)
    *out = result.of.i32;
  return true;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  instance = instantiate(context, module, NULL, 0);
  wasmtime_memory_t memory = export_of(context, &instance, "memory", WASMTIME_EXTERN_MEMORY).of.memory;

  uint8_t *data = wasmtime_memory_data(context, &memory);
  printf("%d pages of %d bytes, %zu in all\n", (int)wasmtime_memory_size(context, &memory),
         (int)wasmtime_memory_page_size(context, &memory), wasmtime_memory_data_size(context, &memory));
  printf("data: %d %d %d %d\n", data[0x1000], data[0x1001], data[0x1002], data[0x1003]);

  int32_t value = 0;
  data[0x1003] = 5;
  wasmtime_val_t args[2] = {i32(0x1003), i32(0)};
  call("load", args, 1, &value);
  printf("the guest reads %d\n", value);
  args[0] = i32(0x1002), args[1] = i32(6);
  call("store", args, 2, NULL);
  printf("the host reads %d\n", data[0x1002]);
  args[0] = i32(0x1ffff);
  call("load", args, 1, &value);
  printf("the last byte is %d\n", value);
  args[0] = i32(0x20000);
  call("load", args, 1, &value);

  uint64_t before = 0;
  check("grow", wasmtime_memory_grow(context, &memory, 1, &before), NULL);
  call("size", NULL, 0, &value);
  printf("grown from %d to %d pages\n", (int)before, value);
  call("load", args, 1, &value);
  printf("the byte behind the old end is %d\n", value);
  wasmtime_error_t *error = wasmtime_memory_grow(context, &memory, 1, &before);
  wasm_byte_vec_t text;
  wasmtime_error_message(error, &text);
  printf("%.*s\n", (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);

  // A memory of the host's own.
  wasm_limits_t limits = {5, 5};
  wasm_memorytype_t *type = wasm_memorytype_new(&limits);
  wasmtime_memory_t own;
  check("memory", wasmtime_memory_new(context, type, &own), NULL);
  wasm_memorytype_delete(type);
  printf("the host's own has %d pages\n", (int)wasmtime_memory_size(context, &own));

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
