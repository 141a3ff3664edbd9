// Threads: one engine and module for all, a store for each; and engines that know nothing of each other.

#include "example.h"
#include <pthread.h>

enum { THREADS = 4, ROUNDS = 20 };

typedef struct job {
  wasm_engine_t *engine;
  wasmtime_module_t *module; // NULL: compile it
  const char *path;
  int number, progress, total;
} job_t;

static wasm_trap_t *progress(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                             wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)args, (void)nargs, (void)results, (void)nresults;
  job_t *job = wasmtime_context_get_data(wasmtime_caller_context(caller));
  job->progress++;
  return NULL;
}

static void work(job_t *job, wasm_engine_t *engine, const wasmtime_module_t *module) {
  wasmtime_store_t *store = wasmtime_store_new(engine, job, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  check("define", wasmtime_linker_define_func(linker, "host", 4, "progress", 8, type, progress, NULL, NULL), NULL);
  wasm_functype_delete(type);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  check("link", wasmtime_linker_instantiate(linker, context, module, &instance, &trap), trap);
  wasmtime_func_t sum = func_of(context, &instance, "sum");
  for (int i = 0; i < ROUNDS; i++) {
    wasmtime_val_t arg = i32(5000 + job->number), result;
    check("sum", wasmtime_func_call(context, &sum, &arg, 1, &result, 1, &trap), trap);
    job->total = result.of.i32;
  }
  wasmtime_linker_delete(linker);
  wasmtime_store_delete(store);
}

static void *start(void *env) {
  job_t *job = env;
  if (job->module != NULL) {
    work(job, job->engine, job->module);
    return NULL;
  }
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module = compile(engine, job->path);
  work(job, engine, module);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return NULL;
}

static void run(const char *what, wasm_engine_t *engine, wasmtime_module_t *module, const char *path) {
  pthread_t threads[THREADS];
  job_t jobs[THREADS];
  for (int i = 0; i < THREADS; i++) {
    job_t job = {engine, module, path, i, 0, 0};
    jobs[i] = job;
    pthread_create(&threads[i], NULL, start, &jobs[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    printf("%s %d: %d, called back %d times\n", what, i, jobs[i].total, jobs[i].progress);
  }
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module = compile(engine, argv[1]);
  run("store", engine, module, argv[1]);
  run("engine", NULL, NULL, argv[1]);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
