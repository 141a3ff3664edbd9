// Several results, of guest and host functions.

#include "standard.h"

// Turns four values around.
static wasm_trap_t *turn(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  for (size_t i = 0; i < args->size; i++)
    wasm_val_copy(&results->data[i], &args->data[args->size - 1 - i]);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_valtype_t *types[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                             wasm_valtype_new_f64()};
  wasm_valtype_t *turned[] = {wasm_valtype_new_f64(), wasm_valtype_new_f32(), wasm_valtype_new_i64(),
                              wasm_valtype_new_i32()};
  wasm_valtype_vec_t params, list, results;
  wasm_valtype_vec_new(&list, 4, types);
  wasm_valtype_vec_copy(&params, &list);
  wasm_valtype_vec_delete(&list);
  wasm_valtype_vec_new(&results, 4, turned);
  wasm_functype_t *type = wasm_functype_new(&params, &results);
  wasm_func_t *func = wasm_func_new(store, type, turn);
  wasm_functype_delete(type);

  wasm_extern_t *items[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  wasm_instance_t *instance = instantiate(store, module, &imports);
  wasm_func_delete(func);
  wasm_instance_exports(instance, &exports);
  wasm_val_t in[4] = {WASM_I32_VAL(1), WASM_I64_VAL(2), WASM_F32_VAL(3), WASM_F64_VAL(4)};
  wasm_val_t out[4] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(in), values = WASM_ARRAY_VEC(out);
  call(func_at(&exports, 0), &args, &values);
  printf("%.1f %.1f %" PRId64 " %" PRId32 "\n", out[0].of.f64, out[1].of.f32, out[2].of.i64, out[3].of.i32);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
