// References to host objects: through calls, globals and tables, with what the host hung on them.

#include "standard.h"

static wasm_trap_t *inspect(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  wasm_ref_t *it = args->data[0].of.ref;
  printf("  the host sees %s\n", it == NULL ? "null" : (const char *)wasm_ref_get_host_info(it));
  results->data[0].kind = WASM_EXTERNREF;
  results->data[0].of.ref = it == NULL ? NULL : wasm_ref_copy(it);
  return NULL;
}

// Calls with one reference, if any, and gives the reference that comes back, if any; owned by the caller.
static wasm_ref_t *exchange(const wasm_func_t *func, wasm_ref_t *it) {
  wasm_val_t arg[1] = {WASM_REF_VAL(it)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = {wasm_func_param_arity(func), arg}, results = {wasm_func_result_arity(func), result};
  call(func, &args, &results);
  return results.size > 0 ? result[0].of.ref : NULL;
}

// Whether what came back is this; frees it.
static void check(const char *from, wasm_ref_t *got, const wasm_ref_t *expected) {
  bool same = got == NULL ? expected == NULL : expected != NULL && wasm_ref_same(got, expected);
  printf("%s: %s\n", from, same ? "the same" : "something else");
  wasm_ref_delete(got);
}

static void element(const wasm_func_t *set, const wasm_func_t *get, wasm_ref_t *it) {
  wasm_val_t where[2] = {WASM_I32_VAL(3), WASM_REF_VAL(it)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(where), at = {1, where}, results = WASM_ARRAY_VEC(result), none = WASM_EMPTY_VEC;
  call(set, &args, &none);
  call(get, &at, &results);
  check("table", result[0].of.ref, it);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref());
  wasm_func_t *func = wasm_func_new(store, type, inspect);
  wasm_functype_delete(type);
  wasm_extern_t *items[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  wasm_instance_t *instance = instantiate(store, module, &imports);
  wasm_instance_exports(instance, &exports);

  wasm_foreign_t *one = wasm_foreign_new(store), *two = wasm_foreign_new(store);
  wasm_ref_t *refs[] = {NULL, wasm_foreign_as_ref(one), wasm_foreign_as_ref(two), wasm_func_as_ref(func)};
  wasm_ref_set_host_info(refs[1], "one");
  wasm_ref_set_host_info(refs[2], "two");
  wasm_ref_set_host_info(refs[3], "a function");
  wasm_global_t *global = wasm_extern_as_global(exports.data[0]);
  wasm_table_t *table = wasm_extern_as_table(exports.data[1]);
  for (int i = 0; i < 4; i++) {
    check("call", exchange(func_at(&exports, 6), refs[i]), refs[i]);
    check("set", exchange(func_at(&exports, 2), refs[i]), NULL);
    check("global", exchange(func_at(&exports, 3), NULL), refs[i]);
    wasm_val_t value;
    wasm_global_get(global, &value);
    bool same = value.of.ref == NULL ? refs[i] == NULL : wasm_ref_same(value.of.ref, refs[i]);
    printf("global, from the host: %s\n", same ? "the same" : "something else");
    wasm_val_delete(&value);
    element(func_at(&exports, 4), func_at(&exports, 5), refs[i]);
    wasm_table_set(table, 4, refs[i]);
    check("table, from the host", wasm_table_get(table, 4), refs[i]);
  }

  wasm_foreign_delete(one);
  wasm_foreign_delete(two);
  wasm_func_delete(func);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
