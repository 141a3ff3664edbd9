// Times what embedders pay per operation, for one library: link this file against libtenon or libwasmtime.
// Prints one line per figure, "name nanoseconds", each the median of several rounds.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wasm.h>
#include <wasmtime.h>

#define ROUNDS 9

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void die(const char *what, wasmtime_error_t *error, wasm_trap_t *trap) {
  wasm_byte_vec_t text = {0, NULL};
  if (error) wasmtime_error_message(error, &text);
  else if (trap) wasm_trap_message(trap, &text);
  fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data ? text.data : "");
  exit(1);
}

static wasmtime_module_t *compile(wasm_engine_t *engine, const char *wat) {
  wasm_byte_vec_t wasm;
  wasmtime_error_t *error = wasmtime_wat2wasm(wat, strlen(wat), &wasm);
  if (error) die("wat2wasm", error, NULL);
  wasmtime_module_t *module;
  error = wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size, &module);
  if (error) die("module", error, NULL);
  wasm_byte_vec_delete(&wasm);
  return module;
}

typedef struct {
  wasm_engine_t *engine;
  wasmtime_store_t *store;
  wasmtime_context_t *ctx;
  wasmtime_module_t *module;
  wasmtime_instance_t instance;
  wasmtime_func_t add, loop_checked, loop_unchecked, trap;
} bench_t;

static const char *WAT =
    "(module (import \"\" \"c\" (func $c (param i32) (result i32)))"
    " (import \"\" \"u\" (func $u (param i32) (result i32)))"
    " (memory (export \"memory\") 1)"
    " (func (export \"add\") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)"
    " (func (export \"trap\") unreachable)"
    " (func (export \"loop_checked\") (param i32) (loop $l (drop (call $c (local.get 0)))"
    "   (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))"
    " (func (export \"loop_unchecked\") (param i32) (loop $l (drop (call $u (local.get 0)))"
    "   (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))";

static const char *SMALL =
    "(module (memory (export \"memory\") 1) (table 8 funcref) (elem (i32.const 0) $f $f $f $f)"
    " (data (i32.const 1024) \"hello\") (func $f (export \"f\") (result i32) i32.const 1))";

static wasm_trap_t *checked(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                            wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)nargs, (void)nresults;
  results[0].kind = WASMTIME_I32;
  results[0].of.i32 = args[0].of.i32 + 1;
  return NULL;
}

static wasm_trap_t *unchecked(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t n) {
  (void)env, (void)caller, (void)n;
  slots[0].i32 += 1;
  return NULL;
}

static wasmtime_func_t export(bench_t *b, const char *name) {
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(b->ctx, &b->instance, name, strlen(name), &item)) die(name, NULL, NULL);
  return item.of.func;
}

static void set_up(bench_t *b) {
  b->engine = wasm_engine_new();
  b->store = wasmtime_store_new(b->engine, NULL, NULL);
  b->ctx = wasmtime_store_context(b->store);
  b->module = compile(b->engine, WAT);
  wasm_valtype_t *param = wasm_valtype_new_i32(), *result = wasm_valtype_new_i32();
  wasm_functype_t *type = wasm_functype_new_1_1(param, result);
  wasmtime_extern_t imports[2] = {{.kind = WASMTIME_EXTERN_FUNC}, {.kind = WASMTIME_EXTERN_FUNC}};
  wasmtime_func_new(b->ctx, type, checked, NULL, NULL, &imports[0].of.func);
  wasmtime_func_new_unchecked(b->ctx, type, unchecked, NULL, NULL, &imports[1].of.func);
  wasm_functype_delete(type);
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_instance_new(b->ctx, b->module, imports, 2, &b->instance, &trap);
  if (error || trap) die("instance", error, trap);
  b->add = export(b, "add");
  b->trap = export(b, "trap");
  b->loop_checked = export(b, "loop_checked");
  b->loop_unchecked = export(b, "loop_unchecked");
}

static void call_checked(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = i}, {.kind = WASMTIME_I32, .of.i32 = 2}}, result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(b->ctx, &b->add, args, 2, &result, 1, &trap);
    if (error || trap || result.of.i32 != i + 2) die("call", error, trap);
  }
}

static void call_unchecked(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasmtime_val_raw_t slots[2];
    slots[0].i32 = i;
    slots[1].i32 = 2;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call_unchecked(b->ctx, &b->add, slots, 2, &trap);
    if (error || trap || slots[0].i32 != i + 2) die("call", error, trap);
  }
}

static void loop(bench_t *b, wasmtime_func_t *func, int n) {
  wasmtime_val_raw_t slot;
  slot.i32 = n;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call_unchecked(b->ctx, func, &slot, 1, &trap);
  if (error || trap) die("loop", error, trap);
}

static void host_checked(bench_t *b, int n) { loop(b, &b->loop_checked, n); }
static void host_unchecked(bench_t *b, int n) { loop(b, &b->loop_unchecked, n); }

static void traps(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(b->ctx, &b->trap, NULL, 0, NULL, 0, &trap);
    if (error || !trap) die("trap", error, NULL);
    wasm_trap_delete(trap);
  }
}

static wasmtime_module_t *small;

static void instances(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasmtime_store_t *store = wasmtime_store_new(b->engine, NULL, NULL);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_new(wasmtime_store_context(store), small, NULL, 0, &instance, &trap);
    if (error || trap) die("instance", error, trap);
    wasmtime_store_delete(store);
  }
}

static wasm_byte_vec_t image;

static void loads(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasmtime_module_t *module;
    wasmtime_error_t *error = wasmtime_module_deserialize(b->engine, (const uint8_t *)image.data, image.size, &module);
    if (error) die("deserialize", error, NULL);
    wasmtime_module_delete(module);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(const char *name, bench_t *b, void (*run)(bench_t *, int), int n) {
  double rounds[ROUNDS];
  run(b, n / 10 + 1);
  for (int i = 0; i < ROUNDS; i++) {
    double start = now();
    run(b, n);
    rounds[i] = (now() - start) / n;
  }
  qsort(rounds, ROUNDS, sizeof rounds[0], compare);
  printf("%s %.1f\n", name, rounds[ROUNDS / 2]);
}

static char *file;
static size_t file_size;

static void compiles(bench_t *b, int n) {
  for (int i = 0; i < n; i++) {
    wasmtime_module_t *module;
    wasmtime_error_t *error = wasmtime_module_new(b->engine, (const uint8_t *)file, file_size, &module);
    if (error) die("compile", error, NULL);
    wasmtime_module_delete(module);
  }
}

static void read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) { perror(path); exit(1); }
  fseek(f, 0, SEEK_END);
  file_size = (size_t)ftell(f);
  rewind(f);
  file = malloc(file_size);
  if (fread(file, 1, file_size, f) != file_size) { perror(path); exit(1); }
  fclose(f);
}

int main(int argc, char **argv) {
  bench_t b;
  set_up(&b);
  measure("call_checked", &b, call_checked, 200000);
  measure("call_unchecked", &b, call_unchecked, 500000);
  measure("host_checked", &b, host_checked, 200000);
  measure("host_unchecked", &b, host_unchecked, 500000);
  measure("trap", &b, traps, 20000);
  small = compile(b.engine, SMALL);
  measure("instance", &b, instances, 5000);
  if (argc > 1) {
    read_file(argv[1]);
    measure("compile", &b, compiles, 1);
    wasmtime_module_t *module;
    wasmtime_error_t *error = wasmtime_module_new(b.engine, (const uint8_t *)file, file_size, &module);
    if (error) die("compile", error, NULL);
    error = wasmtime_module_serialize(module, &image);
    if (error) die("serialize", error, NULL);
    wasmtime_module_delete(module);
    measure("load", &b, loads, 20);
    wasm_byte_vec_delete(&image);
  }
  wasmtime_module_delete(small);
  wasmtime_module_delete(b.module);
  wasmtime_store_delete(b.store);
  wasm_engine_delete(b.engine);
  return 0;
}
