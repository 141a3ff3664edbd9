// A linker: host functions, a memory and another module's exports by name; instances made again and again.

#include "example.h"

// Prints text from the memory that the linker gave everybody.
static wasm_trap_t *print(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
  (void)count;
  wasmtime_context_t *context = wasmtime_caller_context(caller);
  const wasmtime_memory_t *memory = env;
  uint32_t at = (uint32_t)slots[0].i32, size = (uint32_t)slots[1].i32;
  if ((uint64_t)at + size > wasmtime_memory_data_size(context, memory))
    return wasmtime_trap_new_code(WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS);
  printf("guest: %.*s\n", (int)size, (const char *)wasmtime_memory_data(context, memory) + at);
  return NULL;
}

static void define(wasmtime_linker_t *linker, wasmtime_context_t *context, const char *module, const char *name,
                   const wasmtime_extern_t *item) {
  check(name, wasmtime_linker_define(linker, context, module, strlen(module), name, strlen(name), item), NULL);
}

static void print_error(const char *what, wasmtime_error_t *error) {
  wasm_byte_vec_t text;
  wasmtime_error_message(error, &text);
  printf("%s: %.*s\n", what, (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);
}

static const char *MATH = "(module (func (export \"double\") (param i32) (result i32) "
                          "(i32.add (local.get 0) (local.get 0))))";

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  wasmtime_module_t *module = compile(engine, argv[1]);

  wasm_limits_t limits = {1, wasm_limits_max_default};
  wasm_memorytype_t *memory_type = wasm_memorytype_new(&limits);
  wasmtime_extern_t memory = {.kind = WASMTIME_EXTERN_MEMORY};
  check("memory", wasmtime_memory_new(context, memory_type, &memory.of.memory), NULL);
  wasm_memorytype_delete(memory_type);
  define(linker, context, "env", "memory", &memory);

  wasm_functype_t *type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  check("print", wasmtime_linker_define_func_unchecked(linker, "env", 3, "print", 5, type, print,
                                                       &memory.of.memory, NULL), NULL);
  print_error("again", wasmtime_linker_define_func_unchecked(linker, "env", 3, "print", 5, type, print,
                                                             &memory.of.memory, NULL));
  wasm_functype_delete(type);

  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  print_error("too early", wasmtime_linker_instantiate(linker, context, module, &instance, &trap));

  wasm_byte_vec_t binary;
  check("math", wasmtime_wat2wasm(MATH, strlen(MATH), &binary), NULL);
  wasmtime_module_t *math = NULL;
  check("math", wasmtime_module_new(engine, (const uint8_t *)binary.data, binary.size, &math), NULL);
  wasm_byte_vec_delete(&binary);
  check("math", wasmtime_linker_module(linker, context, "math", 4, math), NULL);

  for (int i = 0; i < 2; i++) {
    check("link", wasmtime_linker_instantiate(linker, context, module, &instance, &trap), trap);
    wasmtime_func_t run = func_of(context, &instance, "run");
    wasmtime_val_t arg = i32(20 + i), result, runs;
    for (int j = 0; j <= i; j++)
      check("run", wasmtime_func_call(context, &run, &arg, 1, &result, 1, &trap), trap);
    wasmtime_extern_t global = export_of(context, &instance, "runs", WASMTIME_EXTERN_GLOBAL);
    wasmtime_global_get(context, &global.of.global, &runs);
    printf("instance %d: %d after %d runs\n", i, result.of.i32, runs.of.i32);
  }

  wasmtime_module_delete(math);
  wasmtime_module_delete(module);
  wasmtime_linker_delete(linker);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
