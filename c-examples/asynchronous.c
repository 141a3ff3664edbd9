// A host function that takes its time: the guest is suspended on its own stack while the host does other things.

#include "example.h"

// An answer that is there after it was asked for a few times.
typedef struct {
  int patience;
  int32_t answer;
  wasmtime_val_t *result;
} pending_t;

static bool ready(void *env) {
  pending_t *pending = env;
  if (pending->patience-- > 0)
    return false;
  *pending->result = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = pending->answer};
  return true;
}

static void forget(void *env) {
  printf("answer %d is given\n", ((pending_t *)env)->answer);
  free(env);
}

static void ask(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap,
                wasmtime_async_continuation_t *continuation) {
  (void)env, (void)caller, (void)nargs, (void)nresults;
  printf("asked for %d\n", args[0].of.i32);
  if (args[0].of.i32 < 0) {
    *trap = wasmtime_trap_new("no answer", 9);
    continuation->callback = NULL;
    return;
  }
  pending_t *pending = malloc(sizeof *pending);
  *pending = (pending_t){.patience = 2, .answer = 2 * args[0].of.i32, .result = results};
  *continuation = (wasmtime_async_continuation_t){.callback = ready, .env = pending, .finalizer = forget};
}

static void undefined(void *env) { printf("%s is no longer defined\n", (const char *)env); }

// Polls until the future is done, and counts.
static int wait_for(wasmtime_call_future_t *future) {
  int polls = 1;
  while (!wasmtime_call_future_poll(future))
    polls++;
  wasmtime_call_future_delete(future);
  return polls;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);

  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  check("define", wasmtime_linker_define_async_func(linker, "host", 4, "ask", 3, type, ask, "ask", undefined), NULL);
  wasm_functype_delete(type);

  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = NULL;
  wasmtime_instance_t instance;
  wait_for(wasmtime_linker_instantiate_async(linker, context, module, &instance, &trap, &error));
  check("instantiate", error, trap);
  wasmtime_func_t run = func_of(context, &instance, "run");

  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = 5}, result;
  int polls = wait_for(wasmtime_func_call_async(context, &run, &arg, 1, &result, 1, &trap, &error));
  check("run", error, trap);
  printf("after %d polls: %d\n", polls, result.of.i32);

  arg.of.i32 = -1;
  wait_for(wasmtime_func_call_async(context, &run, &arg, 1, &result, 1, &trap, &error));
  printf("an impossible question %s\n", error != NULL ? "fails" : "works");
  wasmtime_error_delete(error);

  // A call that nobody waits for any more is given up.
  arg.of.i32 = 7;
  wasmtime_call_future_t *future = wasmtime_func_call_async(context, &run, &arg, 1, &result, 1, &trap, &error);
  printf("done at once: %d\n", wasmtime_call_future_poll(future));
  wasmtime_call_future_delete(future);

  wasmtime_linker_delete(linker);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
