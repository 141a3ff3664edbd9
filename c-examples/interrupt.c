// Stopping a guest that does not stop: by the engine's epoch from another thread, and by a callback that first
// grants more time.

#include "example.h"
#include <pthread.h>
#include <time.h>

static void *tick(void *engine) {
  struct timespec pause = {0, 50 * 1000 * 1000};
  nanosleep(&pause, NULL);
  wasmtime_engine_increment_epoch(engine);
  return NULL;
}

// Says yes twice.
static wasmtime_error_t *more_time(const wasmtime_context_t *context, void *data, uint64_t *delta,
                                   wasmtime_update_deadline_kind_t *kind) {
  (void)context, (void)kind;
  int *left = data;
  if ((*left)-- == 0)
    return wasmtime_error_new("no more time");
  printf("more time granted\n");
  *delta = 0; // asked again at once
  return NULL;
}

static void gone(void *data) { printf("%d left\n", *(int *)data); }

int main(int argc, char **argv) {
  (void)argc;
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t run = func_of(context, &instance, "run");

  pthread_t thread;
  wasmtime_context_set_epoch_deadline(context, 1);
  pthread_create(&thread, NULL, tick, engine);
  wasm_trap_t *trap = NULL;
  check("run", wasmtime_func_call(context, &run, NULL, 0, NULL, 0, &trap), NULL);
  wasmtime_trap_code_t code = 255;
  wasmtime_trap_code(trap, &code);
  printf("stopped with code %u\n", code);
  wasm_trap_delete(trap);
  pthread_join(thread, NULL);

  int left = 2;
  wasmtime_store_epoch_deadline_callback(store, more_time, &left, gone);
  wasmtime_error_t *error = wasmtime_func_call(context, &run, NULL, 0, NULL, 0, &trap);
  wasm_byte_vec_t text;
  wasmtime_error_message(error, &text);
  printf("%s\n", strstr(text.data, "no more time") ? "stopped by the callback" : "stopped otherwise");
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
