// Tables: elements from both sides, growing, one of the host's.

#include "standard.h"

static wasm_trap_t *negate(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  results->data[0] = (wasm_val_t)WASM_I32_VAL(-args->data[0].of.i32);
  return NULL;
}

// What calling the element with 5 gives.
static void try_element(const wasm_func_t *pick, int32_t index) {
  wasm_val_t arg[2] = {WASM_I32_VAL(5), WASM_I32_VAL(index)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  wasm_trap_t *trap = wasm_func_call(pick, &args, &results);
  if (trap == NULL)
    printf("element %" PRId32 " gives %" PRId32 "\n", index, result[0].of.i32);
  else
    printf("element %" PRId32 " traps\n", index);
  wasm_trap_delete(trap);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_extern_vec_t none = WASM_EMPTY_VEC, exports;
  wasm_instance_t *instance = instantiate(store, module, &none);
  wasm_instance_exports(instance, &exports);
  wasm_table_t *table = wasm_extern_as_table(exports.data[0]);
  wasm_func_t *pick = func_at(&exports, 1), *twice = func_at(&exports, 2);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *own = wasm_func_new(store, type, negate);
  wasm_functype_delete(type);

  wasm_table_t *copy = wasm_table_copy(table);
  printf("a copy is the same: %d\n", wasm_table_same(table, copy));
  wasm_table_delete(copy);
  wasm_ref_t *element = wasm_table_get(table, 1);
  printf("%" PRIu32 " elements, nothing at 0: %d, something at 1: %d\n", wasm_table_size(table),
         wasm_table_get(table, 0) == NULL, element != NULL);
  wasm_ref_delete(element);
  try_element(pick, 0);
  try_element(pick, 1);

  bool changed = wasm_table_set(table, 0, wasm_func_as_ref(own)), emptied = wasm_table_set(table, 1, NULL);
  printf("set: %d %d, out of bounds: %d\n", changed, emptied, wasm_table_set(table, 2, NULL));
  try_element(pick, 0);
  try_element(pick, 1);
  bool grown = wasm_table_grow(table, 3, wasm_func_as_ref(twice));
  printf("grow: %d, beyond the maximum: %d\n", grown, wasm_table_grow(table, 1, NULL));
  try_element(pick, 4);
  try_element(pick, 5);

  wasm_limits_t limits = {2, wasm_limits_max_default};
  wasm_tabletype_t *table_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
  wasm_table_t *host_table = wasm_table_new(store, table_type, NULL);
  wasm_tabletype_delete(table_type);
  printf("the host's own: %" PRIu32 " elements\n", wasm_table_size(host_table));
  wasm_table_delete(host_table);

  wasm_func_delete(own);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
