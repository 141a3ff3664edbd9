// Host calls that yield: two guests take turns on one thread, each on a stack of its own, and the host serves
// their calls as ordinary code. Then a guest is interrupted from another thread.

#include "example.h"
#include <pthread.h>
#include <tenon.h>
#include <time.h>

enum { ASK = 7 };

static void *stop_soon(void *interrupt) {
  struct timespec pause = {0, 50 * 1000 * 1000};
  nanosleep(&pause, NULL);
  tenon_interrupt_trigger(interrupt);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_config_t *config = wasm_config_new();
  tenon_config_interruptible_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = tenon_store_new_shared(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  check("ask", tenon_linker_define_yield(linker, "host", 4, "ask", 3, type, ASK), NULL);
  wasm_functype_delete(type);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  check("link", wasmtime_linker_instantiate(linker, context, module, &instance, &trap), trap);
  wasmtime_func_t sum = func_of(context, &instance, "sum"), spin = func_of(context, &instance, "spin");

  tenon_exec_t *execs[2];
  tenon_step_t steps[2];
  wasmtime_val_raw_t slots[2] = {{.i32 = 3}, {.i32 = 2}};
  for (int i = 0; i < 2; i++) {
    check("exec", tenon_exec_new(context, &execs[i]), NULL);
    tenon_exec_call(execs[i], &sum, &slots[i], 1, &steps[i]);
  }
  for (int waiting = 2; waiting > 0;) {
    for (int i = 0; i < 2; i++) {
      if (steps[i].kind != TENON_STEP_HOST_CALL)
        continue;
      wasm_frame_vec_t frames;
      tenon_exec_backtrace(execs[i], &frames);
      printf("guest %d asks %d by %d, %zu frame deep\n", i, steps[i].slots[0].i32, (int)steps[i].func_id,
             frames.size);
      wasm_frame_vec_delete(&frames);
      steps[i].slots[0].i32 *= 10;
      tenon_exec_resume(execs[i], NULL, &steps[i]);
      if (steps[i].kind == TENON_STEP_DONE)
        waiting--, printf("guest %d has %d\n", i, slots[i].i32);
    }
  }

  // A host call that is answered with a trap.
  slots[0].i32 = 1;
  tenon_exec_call(execs[0], &sum, slots, 1, &steps[0]);
  tenon_exec_resume(execs[0], wasmtime_trap_new_code(WASMTIME_TRAP_CODE_INTEGER_OVERFLOW), &steps[0]);
  wasmtime_trap_code_t code = 255;
  if (steps[0].kind == TENON_STEP_TRAP)
    wasmtime_trap_code(steps[0].trap, &code);
  printf("answered with a trap: kind %d, code %u\n", steps[0].kind, code);
  wasm_trap_delete(steps[0].trap);

  // One that is never answered.
  slots[1].i32 = 1;
  tenon_exec_call(execs[1], &sum, &slots[1], 1, &steps[1]);
  tenon_exec_abandon(execs[1]);

  tenon_interrupt_t *interrupt = tenon_exec_interrupt_handle(execs[1]);
  pthread_t thread;
  pthread_create(&thread, NULL, stop_soon, interrupt);
  tenon_exec_call(execs[1], &spin, NULL, 0, &steps[1]);
  pthread_join(thread, NULL);
  code = 255;
  if (steps[1].kind == TENON_STEP_TRAP)
    wasmtime_trap_code(steps[1].trap, &code);
  printf("interrupted: kind %d, code %u\n", steps[1].kind, code);
  wasm_trap_delete(steps[1].trap);
  tenon_interrupt_delete(interrupt);

  for (int i = 0; i < 2; i++)
    tenon_exec_delete(execs[i]);
  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
