// One module shared by threads, each with a store of its own.

#include "standard.h"
#include <pthread.h>

enum { THREADS = 8, ROUNDS = 5 };

typedef struct {
  wasm_engine_t *engine;
  wasm_shared_module_t *module;
  int32_t number, sum;
} job_t;

static wasm_trap_t *take(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  job_t *job = env;
  (void)results;
  job->sum += args->data[0].of.i32;
  return NULL;
}

static void *work(void *env) {
  job_t *job = env;
  wasm_store_t *store = wasm_store_new(job->engine);
  wasm_module_t *module = wasm_module_obtain(store, job->module);
  wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, take, job, NULL);
  wasm_functype_delete(type);
  wasm_val_t value = WASM_I32_VAL(job->number);
  wasm_globaltype_t *global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_global_t *number = wasm_global_new(store, global_type, &value);
  wasm_globaltype_delete(global_type);

  wasm_extern_t *items[] = {wasm_func_as_extern(func), wasm_global_as_extern(number)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  for (int i = 0; i < ROUNDS; i++) {
    wasm_instance_t *instance = instantiate(store, module, &imports);
    wasm_instance_exports(instance, &exports);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    call(func_at(&exports, 0), &none, &none);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
  }
  wasm_global_delete(number);
  wasm_func_delete(func);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_shared_module_t *shared = wasm_module_share(module);
  wasm_module_delete(module);
  wasm_store_delete(store);

  pthread_t threads[THREADS];
  static job_t jobs[THREADS];
  for (int32_t i = 0; i < THREADS; i++) {
    jobs[i] = (job_t){engine, shared, i, 0};
    pthread_create(&threads[i], NULL, work, &jobs[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    printf("thread %d: %" PRId32 "\n", i, jobs[i].sum);
  }
  wasm_shared_module_delete(shared);
  wasm_engine_delete(engine);
  return 0;
}
