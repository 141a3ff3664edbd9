// Makes and deletes each kind of handle 100,000 times and looks whether the process grew. Prints a line per kind.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <tenon.h>
#include <wasi.h>
#include <wasm.h>
#include <wasmtime.h>

#define TIMES 100000
// Pages that allocators and caches may keep; a leak of one word per handle is 1.6 MB in 100,000 allocations.
#define SLACK_KIB 1024

static wasm_engine_t *engine;
static wasmtime_module_t *module;
static wasm_byte_vec_t image;

static long resident_kib(void) {
  FILE *f = fopen("/proc/self/statm", "r");
  long total = 0, pages = 0;
  if (!f || fscanf(f, "%ld %ld", &total, &pages) != 2) { perror("statm"); exit(2); }
  fclose(f);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void must(const char *what, wasmtime_error_t *error) {
  if (!error) return;
  wasm_byte_vec_t text;
  wasmtime_error_message(error, &text);
  fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data);
  exit(2);
}

static wasm_trap_t *callback(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                             wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  return wasmtime_trap_new("no", 2);
}

static void configs(void) {
  wasm_config_t *c = wasm_config_new();
  wasmtime_config_consume_fuel_set(c, true);
  wasm_config_delete(c);
}
static void stores(void) { wasmtime_store_delete(wasmtime_store_new(engine, NULL, NULL)); }
static void shared_stores(void) { wasmtime_store_delete(tenon_store_new_shared(engine, NULL, NULL)); }
static void old_stores(void) { wasm_store_delete(wasm_store_new(engine)); }
static void modules(void) { wasmtime_module_delete(wasmtime_module_clone(module)); }
static void traps(void) { wasm_trap_delete(wasmtime_trap_new("message", 7)); }
static void coded_traps(void) { wasm_trap_delete(wasmtime_trap_new_code(9)); }
static void errors(void) { wasmtime_error_delete(wasmtime_error_new("message")); }
static void bytes(void) {
  wasm_byte_vec_t v, w;
  wasm_byte_vec_new_uninitialized(&v, 100);
  wasm_byte_vec_copy(&w, &v);
  wasm_byte_vec_delete(&v);
  wasm_byte_vec_delete(&w);
}
static void types(void) {
  wasm_functype_t *f = wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_externref(), wasm_valtype_new_f64());
  wasm_externtype_t *e = wasm_externtype_copy(wasm_functype_as_externtype(f));
  wasm_functype_delete(f);
  wasm_externtype_delete(e);
  wasm_limits_t limits = {1, 2};
  wasm_memorytype_delete(wasm_memorytype_new(&limits));
  wasm_tabletype_delete(wasm_tabletype_new(wasm_valtype_new_funcref(), &limits));
  wasm_globaltype_delete(wasm_globaltype_new(wasm_valtype_new_i64(), WASM_VAR));
}
static void module_types(void) {
  wasm_importtype_vec_t imports;
  wasm_exporttype_vec_t exports;
  wasmtime_module_imports(module, &imports);
  wasmtime_module_exports(module, &exports);
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
}
static void wasi_configs(void) {
  wasi_config_t *c = wasi_config_new();
  const char *args[] = {"a", "b"};
  wasi_config_set_argv(c, 2, args);
  wasi_config_preopen_dir(c, "/", "/", false);
  wasi_config_delete(c);
}
static void linkers(void) {
  wasmtime_linker_t *l = wasmtime_linker_new(engine);
  wasm_functype_t *f = wasm_functype_new_0_0();
  must("define", wasmtime_linker_define_func(l, "", 0, "f", 1, f, callback, NULL, NULL));
  wasm_functype_delete(f);
  wasmtime_linker_t *copy = wasmtime_linker_clone(l);
  wasmtime_linker_delete(l);
  wasmtime_linker_delete(copy);
}
static void instances(void) {
  wasmtime_store_t *s = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *ctx = wasmtime_store_context(s);
  wasm_functype_t *f = wasm_functype_new_0_0();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  wasmtime_func_new(ctx, f, callback, NULL, NULL, &import.of.func);
  wasm_functype_delete(f);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  must("instance", wasmtime_instance_new(ctx, module, &import, 1, &instance, &trap));
  wasmtime_extern_t run;
  if (!wasmtime_instance_export_get(ctx, &instance, "run", 3, &run)) exit(2);
  wasmtime_error_t *error = wasmtime_func_call(ctx, &run.of.func, NULL, 0, NULL, 0, &trap);
  if (!error && !trap) exit(2);
  if (error) wasmtime_error_delete(error);
  if (trap) wasm_trap_delete(trap);
  wasmtime_store_delete(s);
}
static void externrefs(void) {
  static wasmtime_store_t *s;
  if (!s) s = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_val_t v = {.kind = WASMTIME_EXTERNREF}, w;
  if (!wasmtime_externref_new(wasmtime_store_context(s), &v, NULL, &v.of.externref)) exit(2);
  wasmtime_val_clone(&v, &w);
  wasmtime_val_unroot(&v);
  wasmtime_val_unroot(&w);
}
static void execs(void) {
  static wasmtime_store_t *s;
  if (!s) s = wasmtime_store_new(engine, NULL, NULL);
  tenon_exec_t *e = NULL;
  must("exec", tenon_exec_new(wasmtime_store_context(s), &e));
  tenon_interrupt_delete(tenon_exec_interrupt_handle(e));
  tenon_exec_delete(e);
}
static void loads(void) {
  wasmtime_module_t *m = NULL;
  must("load", wasmtime_module_deserialize(engine, (const uint8_t *)image.data, image.size, &m));
  wasmtime_module_delete(m);
}
static void refused(void) {
  wasmtime_module_t *m = NULL;
  wasmtime_error_t *error = wasmtime_module_new(engine, (const uint8_t *)"\0asm\1\0\0\0\x20", 9, &m);
  if (!error) exit(2);
  wasmtime_error_delete(error);
}
static void shared_memories(void) {
  wasm_memorytype_t *type = NULL;
  must("type", wasmtime_memorytype_new(1, true, 1, false, true, 16, &type));
  wasmtime_sharedmemory_t *m = NULL;
  must("memory", wasmtime_sharedmemory_new(engine, type, &m));
  wasm_memorytype_delete(type);
  wasmtime_sharedmemory_delete(m);
}
static void engines(void) { wasm_engine_delete(wasm_engine_new()); }

static int failed;

static void churn(const char *what, void (*once)(void)) {
  for (int i = 0; i < TIMES / 20; i++) once();
  long before = resident_kib();
  for (int i = 0; i < TIMES; i++) once();
  long grown = resident_kib() - before;
  printf("%-16s grew by %ld KiB\n", what, grown);
  if (grown > SLACK_KIB) {
    printf("%s: more than %d KiB\n", what, SLACK_KIB);
    failed = 1;
  }
}

int main(void) {
  engine = wasm_engine_new();
  const char *text = "(module (import \"\" \"f\" (func $f)) (memory (export \"m\") 1) (data (i32.const 0) \"x\")"
                     " (table 2 funcref) (elem (i32.const 0) $f) (func (export \"run\") call $f))";
  wasm_byte_vec_t wasm;
  must("text", wasmtime_wat2wasm(text, strlen(text), &wasm));
  must("module", wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size, &module));
  wasm_byte_vec_delete(&wasm);
  must("image", wasmtime_module_serialize(module, &image));
  churn("configs", configs);
  churn("stores", stores);
  churn("shared stores", shared_stores);
  churn("wasm.h stores", old_stores);
  churn("modules", modules);
  churn("traps", traps);
  churn("coded traps", coded_traps);
  churn("errors", errors);
  churn("bytes", bytes);
  churn("types", types);
  churn("module types", module_types);
  churn("wasi configs", wasi_configs);
  churn("linkers", linkers);
  churn("instances", instances);
  churn("externrefs", externrefs);
  churn("execs", execs);
  churn("loads", loads);
  churn("refused modules", refused);
  churn("shared memories", shared_memories);
  churn("engines", engines);
  wasm_byte_vec_delete(&image);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return failed;
}
