// Several results at once, vectors among them.

#include "example.h"

static wasm_trap_t *twist(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller;
  printf("the host got %zu and gives %zu\n", nargs, nresults);
  for (size_t i = 0; i < nresults; i++)
    results[i] = args[nargs - 1 - i];
  results[1].of.i64 += 1;
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);

  wasm_valtype_t *in[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasmtime_wasm_valtype_v128()};
  wasm_valtype_t *out[] = {wasmtime_wasm_valtype_v128(), wasm_valtype_new_i64(), wasm_valtype_new_i32()};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 3, in);
  wasm_valtype_vec_new(&results, 3, out);
  wasm_functype_t *type = wasm_functype_new(&params, &results);
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  wasmtime_func_new(context, type, twist, NULL, NULL, &import.of.func);
  wasm_functype_delete(type);

  wasmtime_instance_t instance = instantiate(context, module, &import, 1);
  wasmtime_func_t round = func_of(context, &instance, "round");
  wasmtime_val_t args[3] = {i32(7), {.kind = WASMTIME_I64, .of = {.i64 = 1LL << 40}}, {.kind = WASMTIME_V128}};
  for (int i = 0; i < 16; i++)
    args[2].of.v128[i] = (uint8_t)(i * i);
  wasmtime_val_t got[3];
  wasm_trap_t *trap = NULL;
  check("round", wasmtime_func_call(context, &round, args, 3, got, 3, &trap), trap);
  printf("%d %lld %d..%d\n", got[0].of.i32, (long long)got[1].of.i64, got[2].of.v128[1], got[2].of.v128[15]);

  // The import comes out again as an export: the same function, called by the host this time.
  wasmtime_func_t same = func_of(context, &instance, "twist");
  check("twist", wasmtime_func_call(context, &same, args, 3, got, 3, &trap), trap);
  printf("%d kinds %d %d %d\n", got[2].of.i32, got[0].kind, got[1].kind, got[2].kind);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
