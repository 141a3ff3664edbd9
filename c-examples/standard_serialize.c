// A compiled module as bytes, and back.

#include "standard.h"

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_byte_vec_t image, kept;
  wasm_module_serialize(module, &image);
  wasm_module_delete(module);
  want(image.size > 0, "no image");
  // As if it had been to a file.
  wasm_byte_vec_new_uninitialized(&kept, image.size);
  memcpy(kept.data, image.data, image.size);
  wasm_byte_vec_delete(&image);

  module = wasm_module_deserialize(store, &kept);
  want(module != NULL, "does not load");
  wasm_extern_vec_t none = WASM_EMPTY_VEC, exports;
  wasm_instance_t *instance = instantiate(store, module, &none);
  wasm_instance_exports(instance, &exports);
  printf("6 squared is %" PRId32 "\n", call_i32(func_at(&exports, 0), 6));
  wasm_module_delete(module);

  kept.data[kept.size / 2] ^= 1;
  module = wasm_module_deserialize(store, &kept);
  printf("damaged bytes make %s\n", module == NULL ? "nothing" : "a module");
  wasm_byte_vec_delete(&kept);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
