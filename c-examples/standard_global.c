// Globals of the host and of the guest, constant and variable.

#include "standard.h"

static wasm_global_t *make(wasm_store_t *store, wasm_valtype_t *content, wasm_mutability_t mutability, wasm_val_t value) {
  wasm_globaltype_t *type = wasm_globaltype_new(content, mutability);
  wasm_global_t *global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  want(global != NULL, "no global");
  return global;
}

static wasm_val_t get(const wasm_global_t *global) {
  wasm_val_t value;
  wasm_global_get(global, &value);
  return value;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_val_t ratio_value = WASM_F32_VAL(1.5f), total_value = WASM_I64_VAL(100), bad = WASM_F64_VAL(0.5);
  wasm_global_t *ratio = make(store, wasm_valtype_new_f32(), WASM_CONST, ratio_value);
  wasm_global_t *total = make(store, wasm_valtype_new_i64(), WASM_VAR, total_value);

  wasm_extern_t *items[] = {wasm_global_as_extern(ratio), wasm_global_as_extern(total)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  wasm_instance_t *instance = instantiate(store, module, &imports);
  wasm_instance_exports(instance, &exports);
  wasm_global_t *own = wasm_extern_as_global(exports.data[0]), *same = wasm_extern_as_global(exports.data[1]);
  printf("what was imported and exported again is the same: %d, the guest's own is: %d\n",
         wasm_global_same(total, same), wasm_global_same(total, own));
  wasm_global_t *copy = wasm_global_copy(total);
  printf("a copy is the same: %d\n", wasm_global_same(total, copy));
  wasm_global_delete(copy);

  printf("before: %.1f %" PRId64 " %" PRId32 "\n", get(ratio).of.f32, get(total).of.i64, get(own).of.i32);
  wasm_val_t seven = WASM_I32_VAL(7);
  wasm_global_set(own, &seven);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  call(func_at(&exports, 2), &none, &none);
  printf("after: %.1f %" PRId64 " %" PRId32 "\n", get(ratio).of.f32, get(total).of.i64, get(own).of.i32);
  wasm_global_set(total, &bad);
  wasm_global_set(ratio, &ratio_value);
  printf("a value of another type, and any for a constant, change nothing: %.1f %" PRId64 "\n", get(ratio).of.f32,
         get(total).of.i64);

  wasm_global_delete(ratio);
  wasm_global_delete(total);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
