// Memories: reading and writing from both sides, growing, one of the host's.

#include "standard.h"

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_extern_vec_t none = WASM_EMPTY_VEC, exports;
  wasm_instance_t *instance = instantiate(store, module, &none);
  wasm_instance_exports(instance, &exports);
  wasm_memory_t *memory = wasm_extern_as_memory(exports.data[0]);
  const wasm_func_t *load = func_at(&exports, 1), *size = func_at(&exports, 2);

  wasm_memory_t *copy = wasm_memory_copy(memory);
  printf("a copy is the same: %d\n", wasm_memory_same(memory, copy));
  wasm_memory_delete(copy);
  printf("%" PRIu32 " pages, %zu bytes\n", wasm_memory_size(memory), wasm_memory_data_size(memory));
  byte_t *data = wasm_memory_data(memory);
  printf("the guest wrote \"%.4s\"\n", data + 0x1000);
  data[0x1003] = 42;
  printf("it reads %" PRId32 ", and %" PRId32 " next to it\n", call_i32(load, 0x1003), call_i32(load, 0x1004));

  wasm_val_t arg[1] = {WASM_I32_VAL(0x20000)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  wasm_trap_t *trap = wasm_func_call(load, &args, &results);
  want(trap != NULL, "out of bounds");
  wasm_trap_delete(trap);
  printf("grow by one: %d\n", wasm_memory_grow(memory, 1));
  printf("grow beyond the maximum: %d\n", wasm_memory_grow(memory, 1));
  printf("%" PRIu32 " pages, the guest says %" PRId32 "\n", wasm_memory_size(memory), call_i32(size, 0));
  printf("now it reads %" PRId32 " there\n", call_i32(load, 0x20000));

  wasm_limits_t limits = {5, 5};
  wasm_memorytype_t *type = wasm_memorytype_new(&limits);
  wasm_memory_t *own = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  printf("the host's own: %" PRIu32 " pages, grow by nothing: %d, by one: %d\n", wasm_memory_size(own),
         wasm_memory_grow(own, 0), wasm_memory_grow(own, 1));
  wasm_memory_delete(own);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
