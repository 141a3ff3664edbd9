// Times what embedders pay per operation, for one library: link this file against libtenon or libwasmtime.
//
//   micro            prints one line per figure, "name number", the median of several rounds
//   micro --serve    reads names from standard input and answers each with the number of one round
//
// Numbers are nanoseconds per operation, `resident` is bytes per idle instance.
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

// Its start function writes to four pages, one of which has data.
static const char *TOUCHING =
    "(module (memory (export \"memory\") 4) (table 64 funcref) (elem (i32.const 0) $f $f $f $f)"
    " (global (mut i32) (i32.const 1)) (data (i32.const 1024) \"hello\")"
    " (func $f (export \"f\") (result i32) i32.const 1)"
    " (func $touch (i32.store (i32.const 0) (i32.const 1)) (i32.store (i32.const 70000) (i32.const 1))"
    "   (i32.store (i32.const 140000) (i32.const 1)) (i32.store (i32.const 210000) (i32.const 1)))"
    " (start $touch))";

static double resident_bytes(void) {
  FILE *f = fopen("/proc/self/smaps_rollup", "r");
  char line[256];
  double kib = -1;
  while (f && fgets(line, sizeof line, f))
    if (sscanf(line, "Rss: %lf", &kib) == 1) break;
  if (f) fclose(f);
  if (kib < 0) die("no resident size in /proc/self/smaps_rollup", NULL, NULL);
  return kib * 1024;
}

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

// Resident bytes per store with one instance, beyond the four pages that each instance has written to.
static double resident(bench_t *b) {
  enum { COUNT = 500, TOUCHED = 4 };
  wasmtime_module_t *module = compile(b->engine, TOUCHING);
  static wasmtime_store_t *stores[COUNT];
  double before = 0;
  for (int i = 0; i < COUNT; i++) {
    // The first few pay for what all share.
    if (i == COUNT / 5) before = resident_bytes();
    stores[i] = wasmtime_store_new(b->engine, NULL, NULL);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_new(wasmtime_store_context(stores[i]), module, NULL, 0, &instance, &trap);
    if (error || trap) die("instance", error, trap);
  }
  double each = (resident_bytes() - before) / (COUNT - COUNT / 5) - TOUCHED * 4096;
  for (int i = 0; i < COUNT; i++) wasmtime_store_delete(stores[i]);
  wasmtime_module_delete(module);
  return each;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct {
  const char *name;
  void (*run)(bench_t *, int);
  int times;
} figure_t;

static const figure_t FIGURES[] = {
    {"call_checked", call_checked, 200000},     {"call_unchecked", call_unchecked, 500000},
    {"host_checked", host_checked, 200000},     {"host_unchecked", host_unchecked, 500000},
    {"trap", traps, 5000},                      {"instance", instances, 2000},
};
enum { FIGURE_COUNT = sizeof FIGURES / sizeof FIGURES[0] };

static double once(bench_t *b, const figure_t *f) {
  double start = now();
  f->run(b, f->times);
  return (now() - start) / f->times;
}

static double median(bench_t *b, const figure_t *f) {
  double rounds[ROUNDS];
  f->run(b, f->times / 10 + 1);
  for (int i = 0; i < ROUNDS; i++) rounds[i] = once(b, f);
  qsort(rounds, ROUNDS, sizeof rounds[0], compare);
  return rounds[ROUNDS / 2];
}

static void serve(bench_t *b) {
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    int i = 0;
    while (i < FIGURE_COUNT && strcmp(line, FIGURES[i].name)) i++;
    if (i == FIGURE_COUNT && strcmp(line, "resident")) { fprintf(stderr, "no figure %s\n", line); exit(2); }
    printf("%.3f\n", i < FIGURE_COUNT ? once(b, &FIGURES[i]) : resident(b));
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  bench_t b;
  set_up(&b);
  small = compile(b.engine, SMALL);
  if (argc > 1 && !strcmp(argv[1], "--serve")) {
    serve(&b);
  } else {
    for (int i = 0; i < FIGURE_COUNT; i++) printf("%s %.1f\n", FIGURES[i].name, median(&b, &FIGURES[i]));
    printf("resident %.0f\n", resident(&b));
  }
  wasmtime_module_delete(small);
  wasmtime_module_delete(b.module);
  wasmtime_store_delete(b.store);
  wasm_engine_delete(b.engine);
  return 0;
}
