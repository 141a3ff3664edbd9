// Runs one guest program under WASI and prints what it cost: "compile_ms instantiate_us run_ms", where run is the
// time between the guest's calls of `bench.start` and `bench.end`, or of the whole program if it makes none.
// Link against libtenon or libwasmtime. Usage, in the program's folder: [GUEST_STDOUT=file] guest program.wasm [args...]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wasi.h>
#include <wasm.h>
#include <wasmtime.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void check(const char *what, wasmtime_error_t *error, wasm_trap_t *trap) {
  int status;
  if (error && wasmtime_error_exit_status(error, &status) && status == 0) return;
  if (!error && !trap) return;
  wasm_byte_vec_t text;
  if (error) wasmtime_error_message(error, &text);
  else wasm_trap_message(trap, &text);
  fprintf(stderr, "%s: %.*s\n", what, (int)text.size, text.data);
  exit(1);
}

static double started, spent;

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

int main(int argc, char **argv) {
  if (argc < 2) { fprintf(stderr, "usage: guest program.wasm [args...]\n"); return 2; }
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *ctx = wasmtime_store_context(store);
  wasm_byte_vec_t wasm = read_file(argv[1]);

  double t0 = now();
  wasmtime_module_t *module;
  check("compile", wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size, &module), NULL);
  double t1 = now();

  wasi_config_t *wasi = wasi_config_new();
  char *out = getenv("GUEST_STDOUT");
  if (!wasi_config_set_argv(wasi, (size_t)argc - 1, (const char **)argv + 1) ||
      !wasi_config_preopen_dir(wasi, ".", ".", true) || (out && !wasi_config_set_stdout_file(wasi, out))) {
    fprintf(stderr, "wasi configuration refused\n");
    return 1;
  }
  check("wasi", wasmtime_context_set_wasi(ctx, wasi), NULL);

  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  check("wasi", wasmtime_linker_define_wasi(linker), NULL);
  wasm_functype_t *nothing = wasm_functype_new_0_0();
  check("define", wasmtime_linker_define_func(linker, "bench", 5, "start", 5, nothing, start, NULL, NULL), NULL);
  check("define", wasmtime_linker_define_func(linker, "bench", 5, "end", 3, nothing, end, NULL, NULL), NULL);
  wasm_functype_delete(nothing);

  double t2 = now();
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  check("instantiate", wasmtime_linker_instantiate(linker, ctx, module, &instance, &trap), trap);
  double t3 = now();

  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(ctx, &instance, "_start", 6, &item)) { fprintf(stderr, "no _start\n"); return 1; }
  trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call(ctx, &item.of.func, NULL, 0, NULL, 0, &trap);
  check("run", error, trap);
  double t4 = now();
  printf("%.2f %.1f %.3f\n", t1 - t0, (t3 - t2) * 1e3, spent > 0 ? spent : t4 - t3);
  if (error) wasmtime_error_delete(error);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&wasm);
  return 0;
}
