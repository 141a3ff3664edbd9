// The standard interface, wasm.h, alone: reflection, callbacks, externs of all kinds, references with host info.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>

// The one thing that wasm.h does not have.
void *wasmtime_wat2wasm(const char *wat, size_t wat_len, wasm_byte_vec_t *ret);

static wasm_trap_t *log_call(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  printf("log %d %.1f, %zu results\n", args->data[0].of.i32, args->data[1].of.f64, results->size);
  return NULL;
}

static wasm_trap_t *pass(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  printf("%s: %s\n", (const char *)env, (const char *)wasm_ref_get_host_info(args->data[0].of.ref));
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

static void finalize(void *data) { printf("%s is finalized\n", (const char *)data); }

static const char *const KINDS[] = {"func", "global", "table", "memory", "tag"};

static void print_types(const wasm_module_t *module) {
  wasm_importtype_vec_t imports;
  wasm_exporttype_vec_t exports;
  wasm_module_imports(module, &imports);
  wasm_module_exports(module, &exports);
  for (size_t i = 0; i < imports.size; i++) {
    const wasm_name_t *from = wasm_importtype_module(imports.data[i]), *name = wasm_importtype_name(imports.data[i]);
    printf("import %.*s.%.*s\n", (int)from->size, from->data, (int)name->size, name->data);
  }
  for (size_t i = 0; i < exports.size; i++) {
    const wasm_name_t *name = wasm_exporttype_name(exports.data[i]);
    const wasm_externtype_t *type = wasm_exporttype_type(exports.data[i]);
    printf("export %.*s: %s", (int)name->size, name->data, KINDS[wasm_externtype_kind(type)]);
    const wasm_functype_t *func = wasm_externtype_as_functype_const(type);
    if (func != NULL)
      printf(" of %zu to %zu", wasm_functype_params(func)->size, wasm_functype_results(func)->size);
    const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(type);
    if (table != NULL)
      printf(" of at least %u", wasm_tabletype_limits(table)->min);
    printf("\n");
  }
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  char text[4096];
  FILE *file = fopen(argv[1], "rb");
  size_t size = fread(text, 1, sizeof text, file);
  fclose(file);
  wasm_byte_vec_t binary;
  if (wasmtime_wat2wasm(text, size, &binary) != NULL)
    return 1;
  printf("valid: %d\n", wasm_module_validate(store, &binary));
  wasm_module_t *module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  print_types(module);

  wasm_functype_t *log_type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_f64());
  wasm_functype_t *pass_type = wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref());
  wasm_func_t *log_func = wasm_func_new(store, log_type, log_call);
  wasm_func_t *pass_func = wasm_func_new_with_env(store, pass_type, pass, "passing", finalize);
  wasm_functype_delete(log_type);
  wasm_functype_delete(pass_type);

  wasm_extern_t *items[] = {wasm_func_as_extern(log_func), wasm_func_as_extern(pass_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
  wasm_trap_t *trap = NULL;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
  if (instance == NULL)
    return 2;
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_memory_t *memory = wasm_extern_as_memory(exports.data[0]);
  wasm_table_t *table = wasm_extern_as_table(exports.data[1]);
  wasm_global_t *count = wasm_extern_as_global(exports.data[2]);
  wasm_func_t *run = wasm_extern_as_func(exports.data[3]), *round = wasm_extern_as_func(exports.data[4]);
  printf("memory of %zu bytes; as a func: %p\n", wasm_memory_data_size(memory),
         (void *)wasm_extern_as_func(exports.data[0]));

  wasm_val_t arg[1] = {WASM_I32_VAL(21)}, result[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result), none = WASM_EMPTY_VEC;
  trap = wasm_func_call(run, &args, &results);
  printf("run: %d, trap %d\n", result[0].of.i32, trap != NULL);
  wasm_val_t value;
  wasm_global_get(count, &value);
  printf("count: %lld\n", (long long)value.of.i64);

  wasm_ref_t *element = wasm_table_get(table, 1);
  printf("the table has run: %d, nothing at 0: %d\n", wasm_func_same(wasm_ref_as_func(element), run),
         wasm_table_get(table, 0) == NULL);
  wasm_ref_delete(element);

  trap = wasm_func_call(run, &none, &results);
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("without arguments: %s\n", message.data);
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);

  wasm_foreign_t *thing = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(thing, "a thing", finalize);
  arg[0].kind = WASM_EXTERNREF;
  arg[0].of.ref = wasm_foreign_as_ref(thing);
  trap = wasm_func_call(round, &args, &results);
  printf("back: same %d, func %d\n", wasm_ref_same(result[0].of.ref, wasm_foreign_as_ref(thing)),
         wasm_ref_as_func(result[0].of.ref) != NULL);
  wasm_val_delete(&result[0]);
  wasm_foreign_delete(thing);

  wasm_module_delete(module);
  wasm_instance_delete(instance);
  wasm_func_delete(log_func);
  wasm_func_delete(pass_func);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  printf("memory is still there: %zu\n", wasm_memory_data_size(memory));
  wasm_extern_vec_delete(&exports);
  printf("the end\n");
  return 0;
}
