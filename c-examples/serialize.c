// A compiled module as bytes: kept in a file, loaded by another engine, and refused when damaged.

#include "example.h"
#include <unistd.h>

static void run(wasm_engine_t *engine, const wasmtime_module_t *module, const char *from) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t answer = func_of(context, &instance, "answer");
  wasmtime_val_t result;
  wasm_trap_t *trap = NULL;
  check("answer", wasmtime_func_call(context, &answer, NULL, 0, &result, 1, &trap), trap);
  printf("%d from %s\n", result.of.i32, from);
  wasmtime_store_delete(store);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasm_byte_vec_t bytes;
  check("serialize", wasmtime_module_serialize(module, &bytes), NULL);
  run(engine, module, "the compiler");
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);

  engine = wasm_engine_new();
  check("load", wasmtime_module_deserialize(engine, (const uint8_t *)bytes.data, bytes.size, &module), NULL);
  run(engine, module, "bytes");
  wasmtime_module_delete(module);

  char path[] = "/tmp/serialize-example-XXXXXX";
  FILE *file = fdopen(mkstemp(path), "wb");
  fwrite(bytes.data, 1, bytes.size, file);
  fclose(file);
  check("load", wasmtime_module_deserialize_file(engine, path, &module), NULL);
  unlink(path);
  run(engine, module, "a file");
  wasmtime_module_delete(module);

  bytes.data[bytes.size / 2] ^= 1;
  wasmtime_error_t *error = wasmtime_module_deserialize(engine, (const uint8_t *)bytes.data, bytes.size, &module);
  printf("a damaged one is %s\n", error != NULL ? "refused" : "taken");
  wasmtime_error_delete(error);
  error = wasmtime_module_deserialize(engine, (const uint8_t *)bytes.data, bytes.size / 2, &module);
  printf("half of one is %s\n", error != NULL ? "refused" : "taken");
  wasmtime_error_delete(error);
  wasm_byte_vec_delete(&bytes);
  wasm_engine_delete(engine);
  return 0;
}
