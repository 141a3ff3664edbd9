// Runs one WASI program as often as it is asked to. Link against libtenon or libwasmtime. Usage, in the program's folder:
//
//   guest [--epoch] [--gc] [--out file] program.wasm [args...]
//   guest --wat2wasm program.wat program.wasm
//
// Reads commands from standard input, one per line, and answers each with a number:
//   run      milliseconds between the guest's calls of `bench.start` and `bench.end` (of the whole program without them),
//            in a new store
//   compile  milliseconds for compiling the module once more
//   load     microseconds for loading the serialised module and dropping it, the mean of twenty
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wasi.h>
#include <wasm.h>
#include <wasmtime.h>

typedef struct {
  wasm_engine_t *engine;
  wasmtime_module_t *module;
  wasmtime_linker_t *linker;
  wasm_byte_vec_t wasm, image;
  const char **argv;
  size_t argc;
  const char *out;
  bool epoch;
} bench_t;

static double started, spent;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void check(const char *what, wasmtime_error_t *error, wasm_trap_t *trap) {
  int status;
  if (error && wasmtime_error_exit_status(error, &status) && status == 0) {
    wasmtime_error_delete(error);
    return;
  }
  if (!error && !trap) return;
  wasm_byte_vec_t text;
  if (error) wasmtime_error_message(error, &text);
  else wasm_trap_message(trap, &text);
  fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data);
  exit(1);
}

static wasm_trap_t *start(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  started = now();
  return NULL;
}

static wasm_trap_t *end(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                        wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  spent = now() - started;
  return NULL;
}

static wasm_byte_vec_t read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) { perror(path); exit(1); }
  fseek(f, 0, SEEK_END);
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new_uninitialized(&bytes, (size_t)ftell(f));
  rewind(f);
  if (fread(bytes.data, 1, bytes.size, f) != bytes.size) { perror(path); exit(1); }
  fclose(f);
  return bytes;
}

static wasmtime_module_t *compile(bench_t *b) {
  wasmtime_module_t *module;
  check("compile", wasmtime_module_new(b->engine, (const uint8_t *)b->wasm.data, b->wasm.size, &module), NULL);
  return module;
}

static void prepare(bench_t *b) {
  b->module = compile(b);
  b->linker = wasmtime_linker_new(b->engine);
  check("wasi", wasmtime_linker_define_wasi(b->linker), NULL);
  wasm_functype_t *nothing = wasm_functype_new_0_0();
  check("define", wasmtime_linker_define_func(b->linker, "bench", 5, "start", 5, nothing, start, NULL, NULL), NULL);
  check("define", wasmtime_linker_define_func(b->linker, "bench", 5, "end", 3, nothing, end, NULL, NULL), NULL);
  wasm_functype_delete(nothing);
}

static wasmtime_store_t *new_store(bench_t *b) {
  wasmtime_store_t *store = wasmtime_store_new(b->engine, NULL, NULL);
  wasmtime_context_t *ctx = wasmtime_store_context(store);
  if (b->epoch) wasmtime_context_set_epoch_deadline(ctx, 1000000);
  wasi_config_t *wasi = wasi_config_new();
  if (!wasi_config_set_argv(wasi, b->argc, b->argv) || !wasi_config_preopen_dir(wasi, ".", ".", true) ||
      (b->out && !wasi_config_set_stdout_file(wasi, b->out))) {
    fprintf(stderr, "wasi configuration refused\n");
    exit(1);
  }
  wasi_config_inherit_stderr(wasi);
  check("wasi", wasmtime_context_set_wasi(ctx, wasi), NULL);
  return store;
}

static double run(bench_t *b) {
  wasmtime_store_t *store = new_store(b);
  wasmtime_context_t *ctx = wasmtime_store_context(store);
  wasmtime_instance_t instance;
  wasmtime_extern_t item;
  wasm_trap_t *trap = NULL;
  check("instantiate", wasmtime_linker_instantiate(b->linker, ctx, b->module, &instance, &trap), trap);
  if (!wasmtime_instance_export_get(ctx, &instance, "_start", 6, &item)) { fprintf(stderr, "no _start\n"); exit(1); }
  trap = NULL;
  spent = 0;
  double from = now();
  wasmtime_error_t *error = wasmtime_func_call(ctx, &item.of.func, NULL, 0, NULL, 0, &trap);
  double whole = now() - from;
  check("run", error, trap);
  wasmtime_store_delete(store);
  return spent > 0 ? spent : whole;
}

static double compile_again(bench_t *b) {
  double from = now();
  wasmtime_module_t *module = compile(b);
  double took = now() - from;
  wasmtime_module_delete(module);
  return took;
}

static double load(bench_t *b) {
  enum { TIMES = 20 };
  if (!b->image.size) check("serialize", wasmtime_module_serialize(b->module, &b->image), NULL);
  double from = now();
  for (int i = 0; i < TIMES; i++) {
    wasmtime_module_t *module;
    check("load", wasmtime_module_deserialize(b->engine, (const uint8_t *)b->image.data, b->image.size, &module), NULL);
    wasmtime_module_delete(module);
  }
  return (now() - from) * 1e3 / TIMES;
}

static int wat_to_wasm(const char *from, const char *to) {
  wasm_byte_vec_t text = read_file(from), wasm;
  check(from, wasmtime_wat2wasm(text.data, text.size, &wasm), NULL);
  FILE *f = fopen(to, "wb");
  if (!f || fwrite(wasm.data, 1, wasm.size, f) != wasm.size || fclose(f)) { perror(to); return 1; }
  wasm_byte_vec_delete(&wasm);
  wasm_byte_vec_delete(&text);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "--wat2wasm")) return wat_to_wasm(argv[2], argv[3]);
  bench_t b = {0};
  wasm_config_t *config = wasm_config_new();
  int at = 1;
  for (; at < argc && !strncmp(argv[at], "--", 2); at++) {
    if (!strcmp(argv[at], "--epoch")) {
      wasmtime_config_epoch_interruption_set(config, b.epoch = true);
    } else if (!strcmp(argv[at], "--gc")) {
      wasmtime_config_wasm_function_references_set(config, true);
      wasmtime_config_wasm_gc_set(config, true);
    } else if (!strcmp(argv[at], "--out") && at + 1 < argc) {
      b.out = argv[++at];
    }
  }
  if (at >= argc) { fprintf(stderr, "usage: guest [--epoch] [--gc] [--out file] program.wasm [args...]\n"); return 2; }
  b.engine = wasm_engine_new_with_config(config);
  b.wasm = read_file(argv[at]);
  b.argv = (const char **)argv + at;
  b.argc = (size_t)(argc - at);
  prepare(&b);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    double answer;
    if (!strcmp(line, "run")) answer = run(&b);
    else if (!strcmp(line, "compile")) answer = compile_again(&b);
    else if (!strcmp(line, "load")) answer = load(&b);
    else { fprintf(stderr, "no command %s\n", line); return 2; }
    printf("%.6f\n", answer);
    fflush(stdout);
  }
  if (b.image.size) wasm_byte_vec_delete(&b.image);
  wasmtime_linker_delete(b.linker);
  wasmtime_module_delete(b.module);
  wasm_engine_delete(b.engine);
  wasm_byte_vec_delete(&b.wasm);
  return 0;
}
