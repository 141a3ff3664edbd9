// Runs a guest with the profiler that the first argument numbers and prints the process's number, or with the
// guest profiler ("guest") and prints the profile.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>
#include <unistd.h>

static const char *const WAT =
    "(module $mod (import \"\" \"sample\" (func $sample))"
    "  (func $outer (export \"outer\") (param i32) (result i32) call 2 local.get 0)"
    "  (func (export \"inner\") call $sample)"
    "  (func $\"odd\\0aname\" (export \"odd\") nop)"
    "  (func $deep (export \"deep\") (param i32)"
    "    (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $sample)))))";

static wasmtime_guestprofiler_t *profiler;
static wasmtime_store_t *store;

static wasm_trap_t *sample(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                           wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  if (profiler != NULL)
    wasmtime_guestprofiler_sample(profiler, store, 1500000);
  return NULL;
}

static void call(wasmtime_instance_t *instance, const char *name, size_t nargs, size_t nresults) {
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_extern_t item;
  wasm_trap_t *trap = NULL;
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = 30}, result;
  if (!wasmtime_instance_export_get(context, instance, name, strlen(name), &item) ||
      wasmtime_func_call(context, &item.of.func, &arg, nargs, &result, nresults, &trap) != NULL || trap != NULL)
    exit(3);
}

int main(int argc, char **argv) {
  bool guest = argc > 1 && strcmp(argv[1], "guest") == 0;
  wasm_config_t *config = wasm_config_new();
  if (argc > 1 && !guest)
    wasmtime_config_profiler_set(config, (uint8_t)atoi(argv[1]));
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  if (engine == NULL)
    return puts("no engine"), 2;
  store = wasmtime_store_new(engine, NULL, NULL);
  wasm_byte_vec_t wasm;
  wasmtime_module_t *module = NULL;
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  if (wasmtime_wat2wasm(WAT, strlen(WAT), &wasm) != NULL ||
      wasmtime_module_new(engine, (uint8_t *)wasm.data, wasm.size, &module) != NULL)
    return 4;
  wasmtime_func_new(wasmtime_store_context(store), type, sample, NULL, NULL, &import.of.func);
  if (wasmtime_instance_new(wasmtime_store_context(store), module, &import, 1, &instance, &trap) != NULL || trap != NULL)
    return 5;
  if (guest) {
    wasm_name_t product, name;
    wasm_name_new_from_string(&product, "a \"guest\"");
    wasm_name_new_from_string(&name, "lib");
    wasmtime_guestprofiler_modules_t modules = {.name = &name, .mod = module};
    profiler = wasmtime_guestprofiler_new(engine, &product, 1000000, &modules, 1);
    wasm_name_delete(&product);
    wasm_name_delete(&name);
  }
  call(&instance, "outer", 1, 1);
  call(&instance, "inner", 0, 0);
  call(&instance, "odd", 0, 0);
  call(&instance, "deep", 1, 0);
  if (guest) {
    wasm_byte_vec_t profile;
    wasmtime_guestprofiler_sample(profiler, store, 0);
    if (wasmtime_guestprofiler_finish(profiler, &profile) != NULL)
      return 6;
    printf("%.*s\n", (int)profile.size, profile.data);
    wasm_byte_vec_delete(&profile);
  } else {
    printf("%d\n", (int)getpid());
  }
  wasm_functype_delete(type);
  wasm_byte_vec_delete(&wasm);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
