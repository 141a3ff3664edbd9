// Host objects in a guest's hands: given, kept in tables and globals, given back, and collected.

#include "example.h"

static void gone(void *data) { printf("%s is gone\n", (const char *)data); }

static wasmtime_val_t make(wasmtime_context_t *context, const char *data) {
  wasmtime_val_t val = {.kind = WASMTIME_EXTERNREF};
  if (!wasmtime_externref_new(context, (void *)data, gone, &val.of.externref))
    fail("externref", NULL, NULL);
  return val;
}

static const char *show(wasmtime_context_t *context, const wasmtime_val_t *val) {
  const char *data = wasmtime_externref_data(context, &val->of.externref);
  return data != NULL ? data : "null";
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t echo = func_of(context, &instance, "echo");
  wasmtime_func_t is_null = func_of(context, &instance, "is_null");
  wasmtime_func_t keep = func_of(context, &instance, "keep");
  wasmtime_table_t table = export_of(context, &instance, "table", WASMTIME_EXTERN_TABLE).of.table;
  wasmtime_global_t global = export_of(context, &instance, "global", WASMTIME_EXTERN_GLOBAL).of.global;
  wasm_trap_t *trap = NULL;
  wasmtime_val_t result;

  wasmtime_val_t apple = make(context, "apple"), pear = make(context, "pear"), plum = make(context, "plum");
  check("echo", wasmtime_func_call(context, &echo, &apple, 1, &result, 1, &trap), trap);
  printf("echoed %s\n", show(context, &result));
  wasmtime_val_unroot(&result);

  check("table", wasmtime_table_set(context, &table, 3, &pear), NULL);
  if (wasmtime_table_get(context, &table, 3, &result))
    printf("the table has %s\n", show(context, &result));
  wasmtime_val_unroot(&result);
  printf("beyond its end: %s\n", wasmtime_table_get(context, &table, 4, &result) ? "something" : "nothing");

  check("keep", wasmtime_func_call(context, &keep, &plum, 1, NULL, 0, &trap), trap);
  wasmtime_global_get(context, &global, &result);
  printf("the global has %s\n", show(context, &result));
  wasmtime_val_unroot(&result);

  wasmtime_val_t null = {.kind = WASMTIME_EXTERNREF};
  wasmtime_externref_set_null(&null.of.externref);
  check("null", wasmtime_func_call(context, &is_null, &null, 1, &result, 1, &trap), trap);
  printf("null is null: %d\n", result.of.i32);

  // Only the host held the apple; table and global hold the others.
  wasmtime_val_t copy;
  wasmtime_val_clone(&apple, &copy);
  wasmtime_val_unroot(&apple);
  wasmtime_val_unroot(&pear);
  wasmtime_val_unroot(&plum);
  check("gc", wasmtime_context_gc(context), NULL);
  printf("still there: %s\n", show(context, &copy));
  wasmtime_val_unroot(&copy);
  check("gc", wasmtime_context_gc(context), NULL);
  check("table", wasmtime_table_set(context, &table, 3, &null), NULL);
  check("gc", wasmtime_context_gc(context), NULL);

  // A root keeps its object no longer than the store, but may be given up later.
  wasmtime_val_t fig = make(context, "fig");

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasmtime_val_unroot(&fig);
  wasm_engine_delete(engine);
  return 0;
}
