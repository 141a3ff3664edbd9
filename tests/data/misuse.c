// What callers do wrong, and what has to come of it: an error, a null or nothing, never a crash. Also the small
// print of ownership: finalizers run once, out parameters stay untouched, vectors can be deleted twice.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

#define CHECK(it) \
  do { \
    if (!(it)) \
      printf("line %d: %s\n", __LINE__, #it), failures++; \
  } while (0)

static int failures, finalized;

static void count(void *env) { (void)env, finalized++; }

static bool refused(wasmtime_error_t *error) {
  wasmtime_error_delete(error);
  return error != NULL;
}

static bool refused_with(wasmtime_error_t *error, const char *text) {
  if (error == NULL)
    return false;
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  bool same = message.size == strlen(text) && memcmp(message.data, text, message.size) == 0;
  if (!same)
    printf("got `%.*s`\n", (int)message.size, message.data);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
  return same;
}

static wasmtime_module_t *compile(wasm_engine_t *engine, const char *text) {
  wasm_byte_vec_t binary;
  wasmtime_module_t *module = NULL;
  CHECK(wasmtime_wat2wasm(text, strlen(text), &binary) == NULL);
  CHECK(wasmtime_module_new(engine, (const uint8_t *)binary.data, binary.size, &module) == NULL);
  wasm_byte_vec_delete(&binary);
  return module;
}

static wasm_trap_t *wrong_kind(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                               wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)nresults;
  results[0].kind = WASMTIME_I64;
  return NULL;
}

static wasm_trap_t *forward(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                            wasmtime_val_t *results, size_t nresults) {
  wasmtime_func_t *func = env;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error =
      wasmtime_func_call(wasmtime_caller_context(caller), func, args, nargs, results, nresults, &trap);
  CHECK(error == NULL);
  return trap;
}

static wasm_functype_t *to_i32(void) { return wasm_functype_new_0_1(wasm_valtype_new_i32()); }

static void vectors(void) {
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new_empty(&bytes);
  CHECK(bytes.size == 0 && bytes.data == NULL);
  wasm_byte_vec_new_uninitialized(&bytes, 0);
  CHECK(bytes.size == 0 && bytes.data != NULL);
  wasm_byte_vec_delete(&bytes);
  CHECK(bytes.size == 0 && bytes.data == NULL);
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_new_uninitialized(&bytes, 4);
  CHECK(bytes.data[0] == 0 && bytes.data[3] == 0);
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_new_uninitialized(&bytes, SIZE_MAX);
  CHECK(bytes.size == 0);

  wasm_valtype_t *types[] = {wasm_valtype_new_i32(), NULL};
  wasm_valtype_vec_t list, copy;
  wasm_valtype_vec_new(&list, 2, types);
  wasm_valtype_vec_copy(&copy, &list);
  CHECK(copy.size == 2 && copy.data[0] != list.data[0] && copy.data[1] == NULL);
  CHECK(wasm_functype_new(&copy, NULL) == NULL && copy.size == 0);
  wasm_valtype_vec_delete(&list);
}

static void types(void) {
  CHECK(wasm_valtype_new(77) == NULL);
  wasm_valtype_t *v128 = wasmtime_wasm_valtype_v128(), *i32 = wasm_valtype_new_i32();
  CHECK(!wasmtime_wasm_valtype_equal(v128, i32) && wasmtime_wasm_valtype_equal(i32, i32));
  CHECK(wasm_globaltype_new(wasm_valtype_copy(v128), 2) == NULL);
  wasm_limits_t limits = {1, wasm_limits_max_default};
  CHECK(wasm_tabletype_new(v128, &limits) == NULL);
  wasm_functype_t *func = wasm_functype_new_1_1(i32, wasm_valtype_new_i64());
  wasm_externtype_t *seen = wasm_functype_as_externtype(func);
  CHECK((void *)seen == (void *)func && wasm_externtype_as_globaltype(seen) == NULL);
  CHECK((void *)wasm_externtype_as_functype(seen) == (void *)func);
  CHECK(wasm_functype_params(func) == wasm_functype_params(func));
  wasm_externtype_delete(seen);
  wasm_memorytype_t *memory = NULL;
  CHECK(refused(wasmtime_memorytype_new(1, false, 0, false, true, 16, &memory)) && memory == NULL);
  CHECK(refused(wasmtime_memorytype_new(1, false, 0, false, false, 5, &memory)) && memory == NULL);
  CHECK(wasmtime_memorytype_new(1, true, 2, true, false, 16, &memory) == NULL);
  uint64_t max = 0;
  CHECK(wasmtime_memorytype_is64(memory) && wasmtime_memorytype_maximum(memory, &max) && max == 2);
  wasm_memorytype_delete(memory);
  wasm_name_t bad;
  wasm_byte_vec_new(&bad, 1, "\xff");
  CHECK(wasm_exporttype_new(&bad, NULL) == NULL && bad.data == NULL);
}

static void traps(void) {
  wasm_trap_t *trap = wasmtime_trap_new_code(200);
  wasmtime_trap_code_t code = 99;
  CHECK(trap != NULL && !wasmtime_trap_code(trap, &code) && code == 99);
  wasm_trap_delete(trap);
  wasm_message_t message;
  wasm_byte_vec_new(&message, 3, "abc");
  trap = wasm_trap_new(NULL, &message);
  wasm_byte_vec_delete(&message);
  wasm_trap_message(trap, &message);
  CHECK(message.size == 4 && strcmp(message.data, "abc") == 0);
  wasm_byte_vec_delete(&message);
  CHECK(wasm_trap_origin(trap) == NULL);
  wasm_trap_t *copy = wasm_trap_copy(trap);
  CHECK(wasm_trap_same(trap, copy));
  wasm_trap_set_host_info_with_finalizer(trap, &failures, count);
  CHECK(wasm_trap_get_host_info(copy) == &failures);
  wasm_trap_delete(trap);
  CHECK(finalized == 0);
  wasm_trap_delete(copy);
  CHECK(finalized == 1);
}

static void configs(void) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_strategy_set(config, 9);
  wasmtime_config_cranelift_opt_level_set(config, 7);
  CHECK(refused(wasmtime_config_target_set(config, "not-a-real-target")));
  CHECK(wasmtime_config_target_set(config, "x86_64-unknown-linux-gnu") == NULL);
  CHECK(refused(wasmtime_config_cache_config_load(config, "/no/such/file")));
  CHECK(wasmtime_config_cache_config_load(config, NULL) == NULL);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  CHECK(engine != NULL);
  wasm_engine_delete(engine);
  config = wasm_config_new();
  wasmtime_config_max_wasm_stack_set(config, 0);
  CHECK(wasm_engine_new_with_config(config) == NULL);
}

static void stores(wasm_engine_t *engine) {
  wasmtime_module_t *module = compile(engine,
      "(module (import \"\" \"f\" (func $f (result i32))) (memory (export \"m\") 1) (global (export \"g\") i32"
      " (i32.const 1)) (table (export \"t\") 1 funcref) (func (export \"run\") (result i32) (call $f)))");
  wasmtime_store_t *a = wasmtime_store_new(engine, NULL, NULL), *b = wasmtime_store_new(engine, NULL, count);
  wasmtime_context_t *in_a = wasmtime_store_context(a), *in_b = wasmtime_store_context(b);
  CHECK(in_a == wasmtime_store_context(a) && wasmtime_context_get_data(in_a) == NULL);
  wasmtime_context_set_data(in_b, module);
  CHECK(wasmtime_context_get_data(in_b) == module);

  wasm_functype_t *type = to_i32();
  wasmtime_extern_t f = {.kind = WASMTIME_EXTERN_FUNC}, item;
  finalized = 0;
  wasmtime_func_new(in_a, type, wrong_kind, NULL, count, &f.of.func);
  wasmtime_instance_t instance = {0, 0};
  wasm_trap_t *trap = (wasm_trap_t *)&f;
  CHECK(refused_with(wasmtime_instance_new(in_a, module, NULL, 0, &instance, &trap), "expected 1 imports, found 0"));
  CHECK(trap == NULL && instance.store_id == 0);
  CHECK(refused_with(wasmtime_instance_new(in_b, module, &f, 1, &instance, &trap),
                     "function used with the wrong store"));
  f.kind = 17;
  CHECK(refused(wasmtime_instance_new(in_a, module, &f, 1, &instance, &trap)));
  f.kind = WASMTIME_EXTERN_FUNC;
  CHECK(wasmtime_instance_new(in_a, module, &f, 1, &instance, &trap) == NULL && trap == NULL);
  CHECK(!wasmtime_instance_export_get(in_b, &instance, "run", 3, &item));
  CHECK(!wasmtime_instance_export_get(in_a, &instance, "nun", 3, &item));
  CHECK(!wasmtime_instance_export_get(in_a, &instance, "\xff", 1, &item));
  CHECK(wasmtime_instance_export_get(in_a, &instance, "run", 3, &item));
  wasmtime_func_t run = item.of.func;
  wasmtime_val_t result;
  trap = (wasm_trap_t *)&f;
  CHECK(refused(wasmtime_func_call(in_b, &run, NULL, 0, &result, 1, &trap)) && trap == NULL);
  CHECK(refused_with(wasmtime_func_call(in_a, &run, NULL, 0, NULL, 0, &trap), "expected 1 results, got 0"));
  CHECK(refused(wasmtime_func_call(in_a, &run, NULL, 0, &result, 1, &trap)));
  wasmtime_func_t null = {0, NULL};
  CHECK(refused_with(wasmtime_func_call(in_a, &null, NULL, 0, &result, 1, &trap), "function handle is null"));
  CHECK(wasmtime_func_type(in_b, &run) == NULL);

  wasmtime_extern_t parts[3];
  CHECK(wasmtime_instance_export_get(in_a, &instance, "m", 1, &parts[0]));
  CHECK(wasmtime_instance_export_get(in_a, &instance, "g", 1, &parts[1]));
  CHECK(wasmtime_instance_export_get(in_a, &instance, "t", 1, &parts[2]));
  uint64_t before = 99;
  CHECK(wasmtime_memory_data(in_b, &parts[0].of.memory) == NULL);
  CHECK(refused(wasmtime_memory_grow(in_b, &parts[0].of.memory, 1, &before)) && before == 99);
  CHECK(refused_with(wasmtime_memory_grow(in_a, &parts[0].of.memory, 70000, &before), "failed to grow memory by `70000`"));
  wasmtime_val_t value = {.kind = WASMTIME_I32};
  CHECK(refused_with(wasmtime_global_set(in_a, &parts[1].of.global, &value), "immutable global cannot be set"));
  CHECK(refused(wasmtime_global_set(in_b, &parts[1].of.global, &value)));
  CHECK(refused(wasmtime_table_set(in_a, &parts[2].of.table, 0, &value)));
  value.kind = WASMTIME_FUNCREF;
  value.of.funcref = run;
  CHECK(refused(wasmtime_table_set(in_a, &parts[2].of.table, 5, &value)));
  CHECK(refused(wasmtime_table_set(in_b, &parts[2].of.table, 0, &value)));
  CHECK(wasmtime_table_set(in_a, &parts[2].of.table, 0, &value) == NULL);
  parts[0].of.memory.__private1 = 1000;
  CHECK(wasmtime_memory_data(in_a, &parts[0].of.memory) == NULL);

  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  CHECK(wasmtime_linker_define_func(linker, "", 0, "f", 1, type, wrong_kind, NULL, count) == NULL);
  int once = finalized;
  CHECK(refused_with(wasmtime_linker_define_func(linker, "", 0, "f", 1, type, wrong_kind, NULL, count),
                     "import of `::f` defined twice"));
  CHECK(finalized == once + 1);
  CHECK(refused_with(wasmtime_linker_define_func(linker, "\xff", 1, "f", 1, type, wrong_kind, NULL, count),
                     "input was not valid utf-8"));
  CHECK(finalized == once + 2);
  CHECK(refused(wasmtime_linker_define(linker, in_b, "", 0, "g", 1, &f)));
  wasmtime_linker_allow_shadowing(linker, true);
  CHECK(wasmtime_linker_define_func(linker, "", 0, "f", 1, type, wrong_kind, NULL, count) == NULL);
  CHECK(finalized == once + 3);
  wasmtime_linker_delete(linker);
  CHECK(finalized == once + 4);

  wasmtime_store_delete(b);
  CHECK(finalized == once + 5);
  wasmtime_store_delete(a);
  CHECK(finalized == once + 6);
  wasm_functype_delete(type);
  wasmtime_module_delete(module);
}

static void engines(wasm_engine_t *engine) {
  wasm_engine_t *other = wasm_engine_new();
  wasmtime_module_t *module = compile(other, "(module)");
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  CHECK(refused(wasmtime_instance_new(wasmtime_store_context(store), module, NULL, 0, &instance, &trap)));
  wasmtime_module_t *none = NULL;
  CHECK(refused(wasmtime_module_new(engine, (const uint8_t *)"(module)", 8, &none)) && none == NULL);
  CHECK(refused(wasmtime_module_new(engine, NULL, 0, &none)) && none == NULL);
  CHECK(refused(wasmtime_module_deserialize(engine, (const uint8_t *)"junk", 4, &none)) && none == NULL);
  CHECK(refused(wasmtime_wat2wasm("(module (func (i32.foo)))", 25, NULL)));
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(other);
}

// A guest calls a host function that calls the guest again; a trap inside passes through both.
static void nesting(wasm_engine_t *engine) {
  wasmtime_module_t *module = compile(engine,
      "(module (import \"\" \"f\" (func $f (result i32))) (func (export \"a\") (result i32) (i32.add (call $f)"
      " (i32.const 1))) (func (export \"b\") (result i32) (i32.const 41)) (func (export \"c\") (result i32)"
      " (unreachable)))");
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_func_t inner = {0, NULL};
  wasm_functype_t *type = to_i32();
  wasmtime_extern_t f = {.kind = WASMTIME_EXTERN_FUNC}, a, b, c;
  wasmtime_func_new(context, type, forward, &inner, NULL, &f.of.func);
  wasm_functype_delete(type);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  CHECK(wasmtime_instance_new(context, module, &f, 1, &instance, &trap) == NULL);
  CHECK(wasmtime_instance_export_get(context, &instance, "a", 1, &a));
  CHECK(wasmtime_instance_export_get(context, &instance, "b", 1, &b));
  CHECK(wasmtime_instance_export_get(context, &instance, "c", 1, &c));
  wasmtime_val_t result;
  inner = b.of.func;
  CHECK(wasmtime_func_call(context, &a.of.func, NULL, 0, &result, 1, &trap) == NULL && trap == NULL);
  CHECK(result.of.i32 == 42);
  inner = c.of.func;
  CHECK(wasmtime_func_call(context, &a.of.func, NULL, 0, &result, 1, &trap) == NULL && trap != NULL);
  wasmtime_trap_code_t code = 99;
  CHECK(wasmtime_trap_code(trap, &code) && code == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED);
  wasm_trap_delete(trap);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
}

static void executions(wasm_engine_t *engine) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL), *other = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasm_functype_t *type = to_i32();
  wasmtime_func_t func, foreign;
  tenon_func_new_yield(context, type, 5, &func);
  tenon_func_new_yield(wasmtime_store_context(other), type, 5, &foreign);
  wasm_functype_delete(type);
  wasmtime_val_t result;
  wasm_trap_t *trap = NULL;
  CHECK(refused(wasmtime_func_call(context, &func, NULL, 0, &result, 1, &trap)));

  tenon_exec_t *exec = NULL;
  CHECK(tenon_exec_new(context, &exec) == NULL);
  wasmtime_val_raw_t slot;
  tenon_step_t step;
  tenon_exec_resume(exec, NULL, &step);
  CHECK(step.kind == TENON_STEP_ERROR && refused(step.error));
  tenon_exec_call(exec, &foreign, &slot, 1, &step);
  CHECK(step.kind == TENON_STEP_ERROR && refused(step.error));
  tenon_exec_abandon(exec);
  tenon_exec_delete(exec);
  CHECK(!tenon_feature("no such thing", 13) && tenon_feature("yield", 5) && tenon_feature("simd", 4));
  wasmtime_store_delete(other);
  wasmtime_store_delete(store);
}

static wasm_trap_t *delete_store(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                                 wasmtime_val_t *results, size_t nresults) {
  (void)caller, (void)args, (void)nargs, (void)nresults;
  wasmtime_store_delete(env);
  results[0] = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = 7};
  return NULL;
}

// A host function deletes the store that is calling it: nothing happens, and the call goes on.
static void deletion_in_a_call(wasm_engine_t *engine) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, count);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(
      engine, "(module (import \"\" \"\" (func $f (result i32))) (func (export \"\") (result i32) call $f))");
  wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC}, export;
  wasmtime_func_new(context, type, delete_store, store, NULL, &import.of.func);
  wasm_functype_delete(type);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  CHECK(wasmtime_instance_new(context, module, &import, 1, &instance, &trap) == NULL && trap == NULL);
  CHECK(wasmtime_instance_export_get(context, &instance, "", 0, &export));
  finalized = 0;
  wasmtime_val_t result;
  CHECK(wasmtime_func_call(context, &export.of.func, NULL, 0, &result, 1, &trap) == NULL && trap == NULL);
  CHECK(result.kind == WASMTIME_I32 && result.of.i32 == 7 && finalized == 0);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  CHECK(finalized == 1);
}

static wasm_trap_t *into_other_store(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                                     wasmtime_val_t *results, size_t nresults) {
  wasmtime_context_t **contexts = env;
  wasmtime_func_t *func = (wasmtime_func_t *)contexts[1];
  wasm_trap_t *trap = NULL;
  (void)caller;
  CHECK(wasmtime_func_call(contexts[0], func, args, nargs, results, nresults, &trap) == NULL);
  return trap;
}

// A guest of one store calls into another, whose guest comes back to the first: the thread is the same, so nothing is in
// another thread's use.
static void nesting_across_stores(wasm_engine_t *engine) {
  static const char TEXT[] = "(module (import \"\" \"f\" (func $f (result i32))) (memory (export \"m\") 1)"
                             " (func (export \"run\") (result i32) (i32.add (call $f) (i32.const 1)))"
                             " (func (export \"grow\") (result i32) (memory.grow (i32.const 1))))";
  wasmtime_module_t *module = compile(engine, TEXT);
  wasmtime_store_t *stores[2];
  wasmtime_context_t *contexts[2];
  wasmtime_func_t runs[2], grow = {0, NULL};
  void *targets[2][2] = {{NULL, &runs[1]}, {NULL, &grow}};
  wasm_trap_t *trap = NULL;
  wasm_functype_t *type = to_i32();
  for (int i = 0; i < 2; i++) {
    stores[i] = wasmtime_store_new(engine, NULL, NULL);
    contexts[i] = wasmtime_store_context(stores[i]);
    targets[1 - i][0] = contexts[i];
    wasmtime_extern_t f = {.kind = WASMTIME_EXTERN_FUNC}, item;
    wasmtime_func_new(contexts[i], type, into_other_store, targets[i], NULL, &f.of.func);
    wasmtime_instance_t instance;
    CHECK(wasmtime_instance_new(contexts[i], module, &f, 1, &instance, &trap) == NULL);
    CHECK(wasmtime_instance_export_get(contexts[i], &instance, "run", 3, &item));
    runs[i] = item.of.func;
    CHECK(wasmtime_instance_export_get(contexts[i], &instance, "grow", 4, &item));
    if (i == 0)
      grow = item.of.func;
  }
  wasm_functype_delete(type);
  wasmtime_val_t result;
  CHECK(wasmtime_func_call(contexts[0], &runs[0], NULL, 0, &result, 1, &trap) == NULL && trap == NULL);
  CHECK(result.of.i32 == 3); // the memory had one page, and two guests add one each
  wasmtime_module_delete(module);
  wasmtime_store_delete(stores[1]);
  wasmtime_store_delete(stores[0]);
}

// Through wasm.h, tables and memories belong to a store, too.
static void foreign_imports(wasm_engine_t *engine) {
  wasm_store_t *ours = wasm_store_new(engine), *theirs = wasm_store_new(engine);
  wasm_byte_vec_t binary;
  static const char TEXT[] = "(module (import \"\" \"t\" (table 1 funcref)) (import \"\" \"m\" (memory 1)))";
  CHECK(wasmtime_wat2wasm(TEXT, sizeof TEXT - 1, &binary) == NULL);
  wasm_module_t *module = wasm_module_new(ours, &binary);
  wasm_byte_vec_delete(&binary);
  wasm_limits_t limits = {1, wasm_limits_max_default};
  wasm_tabletype_t *table_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
  wasm_memorytype_t *memory_type = wasm_memorytype_new(&limits);
  wasm_table_t *tables[] = {wasm_table_new(ours, table_type, NULL), wasm_table_new(theirs, table_type, NULL)};
  wasm_memory_t *memories[] = {wasm_memory_new(ours, memory_type), wasm_memory_new(theirs, memory_type)};
  for (int i = 0; i < 4; i++) {
    wasm_extern_t *items[] = {wasm_table_as_extern(tables[i & 1]), wasm_memory_as_extern(memories[i >> 1])};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(ours, module, &imports, &trap);
    CHECK((instance != NULL) == (i == 0) && (trap != NULL) == (i != 0));
    wasm_instance_delete(instance);
    wasm_trap_delete(trap);
  }
  for (int i = 0; i < 2; i++)
    wasm_table_delete(tables[i]), wasm_memory_delete(memories[i]);
  wasm_tabletype_delete(table_type);
  wasm_memorytype_delete(memory_type);
  wasm_module_delete(module);
  wasm_store_delete(ours);
  wasm_store_delete(theirs);
}

// The names that fuel had before version 15.
static void older_fuel(wasm_engine_t *without) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  CHECK(wasm_engine_new_with_config(config) == NULL);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL), *plain = wasmtime_store_new(without, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store), *in_plain = wasmtime_store_context(plain);
  uint64_t fuel = 99;
  CHECK(refused(wasmtime_context_add_fuel(in_plain, 1)) && !wasmtime_context_fuel_consumed(in_plain, &fuel));
  CHECK(refused_with(wasmtime_context_consume_fuel(in_plain, 1, &fuel), "not enough fuel remaining in store"));
  CHECK(fuel == 99);
  CHECK(wasmtime_context_add_fuel(context, 3) == NULL);
  CHECK(wasmtime_context_fuel_consumed(context, &fuel) && fuel == 0);
  CHECK(wasmtime_context_consume_fuel(context, 1, &fuel) == NULL && fuel == 2);
  CHECK(refused(wasmtime_context_consume_fuel(context, 2, &fuel)) && fuel == 2);
  CHECK(wasmtime_context_fuel_consumed(context, &fuel) && fuel == 1);
  wasmtime_module_t *module = compile(engine, "(module (func (export \"\") nop i32.const 1 drop))");
  wasmtime_instance_t instance;
  wasmtime_extern_t item;
  wasm_trap_t *trap = NULL;
  CHECK(wasmtime_instance_new(context, module, NULL, 0, &instance, &trap) == NULL);
  CHECK(wasmtime_context_set_fuel(context, 10) == NULL && wasmtime_context_add_fuel(context, 10) == NULL);
  CHECK(wasmtime_instance_export_get(context, &instance, "", 0, &item));
  CHECK(wasmtime_func_call(context, &item.of.func, NULL, 0, NULL, 0, &trap) == NULL && trap == NULL);
  CHECK(wasmtime_context_fuel_remaining(context, &fuel) && fuel == 18);
  CHECK(wasmtime_context_fuel_consumed(context, &fuel) && fuel == 3);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasmtime_store_delete(plain);
  wasm_engine_delete(engine);
}

// A guest calls WASI in a store that was given no configuration for it.
static void wasi_without_configuration(wasm_engine_t *engine) {
  wasmtime_module_t *module = compile(engine,
      "(module (import \"wasi_snapshot_preview1\" \"args_sizes_get\" (func $f (param i32 i32) (result i32)))"
      " (memory (export \"memory\") 1) (func (export \"run\") (result i32) (call $f (i32.const 0) (i32.const 4))))");
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  CHECK(wasmtime_linker_define_wasi(linker) == NULL);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_instance_t instance;
  wasmtime_extern_t run;
  wasm_trap_t *trap = NULL;
  CHECK(wasmtime_linker_instantiate(linker, context, module, &instance, &trap) == NULL && trap == NULL);
  CHECK(wasmtime_instance_export_get(context, &instance, "run", 3, &run));
  wasmtime_val_t result;
  CHECK(refused(wasmtime_func_call(context, &run.of.func, NULL, 0, &result, 1, &trap)) && trap == NULL);
  CHECK(wasmtime_context_set_wasi(context, wasi_config_new()) == NULL);
  CHECK(wasmtime_func_call(context, &run.of.func, NULL, 0, &result, 1, &trap) == NULL && result.of.i32 == 0);
  wasmtime_store_delete(store);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
}

int main(void) {
  vectors();
  types();
  traps();
  configs();
  wasm_engine_t *engine = wasm_engine_new();
  stores(engine);
  engines(engine);
  nesting(engine);
  executions(engine);
  deletion_in_a_call(engine);
  nesting_across_stores(engine);
  foreign_imports(engine);
  older_fuel(engine);
  wasi_without_configuration(engine);
  wasm_engine_delete(engine);
  return failures != 0;
}
