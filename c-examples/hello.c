// The smallest program: a guest that calls one function of the host's.

#include "example.h"

static wasm_trap_t *say_hello(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                              wasmtime_val_t *results, size_t nresults) {
  (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  printf("Hello from %s!\n", (const char *)env);
  return NULL;
}

static void say_bye(void *env) { printf("%s says bye\n", (const char *)env); }

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);

  wasm_functype_t *type = wasm_functype_new_0_0();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  wasmtime_func_new(context, type, say_hello, "the host", say_bye, &import.of.func);
  wasm_functype_delete(type);

  wasmtime_instance_t instance = instantiate(context, module, &import, 1);
  wasmtime_func_t run = func_of(context, &instance, "run");
  wasm_trap_t *trap = NULL;
  check("run", wasmtime_func_call(context, &run, NULL, 0, NULL, 0, &trap), trap);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
