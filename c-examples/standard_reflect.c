// What a module imports and exports, and what its instance's parts are.

#include "standard.h"

static const char *name_of(wasm_valkind_t kind) {
  static const char *const numbers[] = {"i32", "i64", "f32", "f64"};
  return kind < 4 ? numbers[kind] : kind == WASM_EXTERNREF ? "externref" : kind == WASM_FUNCREF ? "funcref" : "?";
}

static void print_list(const wasm_valtype_vec_t *types) {
  for (size_t i = 0; i < types->size; i++)
    printf(" %s", name_of(wasm_valtype_kind(types->data[i])));
}

static void print_limits(const wasm_limits_t *limits) {
  printf(" %" PRIu32, limits->min);
  if (limits->max != wasm_limits_max_default)
    printf("..%" PRIu32, limits->max);
}

static void print_type(const wasm_externtype_t *type) {
  switch (wasm_externtype_kind(type)) {
  case WASM_EXTERN_FUNC: {
    const wasm_functype_t *func = wasm_externtype_as_functype_const(type);
    printf("func");
    print_list(wasm_functype_params(func));
    printf(" ->");
    print_list(wasm_functype_results(func));
    break;
  }
  case WASM_EXTERN_GLOBAL: {
    const wasm_globaltype_t *global = wasm_externtype_as_globaltype_const(type);
    printf("global %s%s", wasm_globaltype_mutability(global) == WASM_VAR ? "mut " : "",
           name_of(wasm_valtype_kind(wasm_globaltype_content(global))));
    break;
  }
  case WASM_EXTERN_TABLE: {
    const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(type);
    printf("table %s", name_of(wasm_valtype_kind(wasm_tabletype_element(table))));
    print_limits(wasm_tabletype_limits(table));
    break;
  }
  case WASM_EXTERN_MEMORY:
    printf("memory");
    print_limits(wasm_memorytype_limits(wasm_externtype_as_memorytype_const(type)));
    break;
  }
  printf("\n");
}

static void print_name(const wasm_name_t *name) { printf("\"%.*s\" ", (int)name->size, name->data); }

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  for (size_t i = 0; i < imports.size; i++) {
    printf("import ");
    print_name(wasm_importtype_module(imports.data[i]));
    print_name(wasm_importtype_name(imports.data[i]));
    print_type(wasm_importtype_type(imports.data[i]));
  }
  wasm_importtype_vec_delete(&imports);

  wasm_exporttype_vec_t types;
  wasm_extern_vec_t exports, none = WASM_EMPTY_VEC;
  wasm_module_exports(module, &types);
  wasm_instance_t *instance = instantiate(store, module, &none);
  wasm_instance_exports(instance, &exports);
  want(types.size == exports.size, "as many exports as declared");
  for (size_t i = 0; i < exports.size; i++) {
    printf("export ");
    print_name(wasm_exporttype_name(types.data[i]));
    print_type(wasm_exporttype_type(types.data[i]));
    wasm_externtype_t *current = wasm_extern_type(exports.data[i]);
    want(wasm_extern_kind(exports.data[i]) == wasm_externtype_kind(wasm_exporttype_type(types.data[i])), "kind");
    printf("  is ");
    print_type(current);
    wasm_externtype_delete(current);
    if (wasm_extern_kind(exports.data[i]) == WASM_EXTERN_FUNC) {
      const wasm_func_t *func = wasm_extern_as_func(exports.data[i]);
      printf("  takes %zu, gives %zu\n", wasm_func_param_arity(func), wasm_func_result_arity(func));
    }
  }

  wasm_exporttype_vec_delete(&types);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
