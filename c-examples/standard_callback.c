// Host functions: one that is a C function, and one with a pointer of its own, which is finalized with the store.

#include "standard.h"

static wasm_trap_t *print(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  printf("the guest passes %" PRId32 "\n", args->data[0].of.i32);
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

static wasm_trap_t *count(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  int32_t *total = env;
  (void)args;
  results->data[0] = (wasm_val_t)WASM_I32_VAL(++*total);
  return NULL;
}

static void finalize(void *env) { printf("counted to %" PRId32 "\n", *(int32_t *)env); }

int main(int argc, char **argv) {
  (void)argc;
  static int32_t total = 40;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_functype_t *unary = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_functype_t *source = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t *print_func = wasm_func_new(store, unary, print);
  wasm_func_t *count_func = wasm_func_new_with_env(store, source, count, &total, finalize);
  wasm_functype_delete(unary);
  wasm_functype_delete(source);

  wasm_extern_t *items[] = {wasm_func_as_extern(print_func), wasm_func_as_extern(count_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  wasm_instance_t *instance = instantiate(store, module, &imports);
  wasm_func_delete(print_func);
  wasm_func_delete(count_func);
  wasm_module_delete(module);
  wasm_instance_exports(instance, &exports);
  wasm_instance_delete(instance);

  const wasm_func_t *run = func_at(&exports, 0);
  printf("run takes %zu and gives %zu\n", wasm_func_param_arity(run), wasm_func_result_arity(run));
  printf("3 makes %" PRId32 "\n", call_i32(run, 3));
  printf("4 makes %" PRId32 "\n", call_i32(run, 4));

  wasm_extern_vec_delete(&exports);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
