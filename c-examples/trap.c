// How a guest is stopped: traps with codes and frames, and a host function that refuses.

#include "example.h"

static wasm_trap_t *refuse(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                           wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  return wasmtime_trap_new("not today", 9);
}

static void print_frames(wasm_frame_vec_t *frames) {
  for (size_t i = 0; i < frames->size && i < 3; i++) {
    const wasm_name_t *name = wasmtime_frame_func_name(frames->data[i]);
    const wasm_name_t *module = wasmtime_frame_module_name(frames->data[i]);
    printf("  function %u (%.*s) of %.*s\n", wasm_frame_func_index(frames->data[i]), name ? (int)name->size : 1,
           name ? name->data : "-", module ? (int)module->size : 1, module ? module->data : "-");
  }
  if (frames->size > 3)
    printf("  and more\n");
  wasm_frame_vec_delete(frames);
}

static void call(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name,
                 const wasmtime_val_t *args, size_t nargs) {
  wasmtime_func_t func = func_of(context, instance, name);
  wasmtime_val_t result;
  wasm_trap_t *trap = NULL;
  wasm_byte_vec_t text;
  wasm_frame_vec_t frames;
  wasmtime_error_t *error = wasmtime_func_call(context, &func, args, nargs, &result, nargs != 0, &trap);
  if (error != NULL) {
    wasmtime_error_message(error, &text);
    printf("%s fails:\n%.*s", name, (int)text.size, text.data);
    wasmtime_error_wasm_trace(error, &frames);
    wasmtime_error_delete(error);
  } else {
    wasmtime_trap_code_t code = 255;
    wasmtime_trap_code(trap, &code);
    wasm_trap_message(trap, &text);
    const char *cause = strstr(text.data, "wasm trap: ");
    printf("%s traps with code %u: %.*s\n", name, code, (int)strcspn(cause, "\n"), cause);
    wasm_trap_trace(trap, &frames);
    wasm_trap_delete(trap);
  }
  wasm_byte_vec_delete(&text);
  print_frames(&frames);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  wasmtime_func_new(context, type, refuse, NULL, NULL, &import.of.func);
  wasm_functype_delete(type);
  wasmtime_instance_t instance = instantiate(context, module, &import, 1);

  call(context, &instance, "outer", NULL, 0);
  wasmtime_val_t args[2] = {i32(1), i32(0)};
  call(context, &instance, "divide", args, 2);
  call(context, &instance, "deep", NULL, 0);
  call(context, &instance, "host", NULL, 0);

  wasm_trap_t *fresh = wasmtime_trap_new_code(WASMTIME_TRAP_CODE_OUT_OF_FUEL);
  wasm_byte_vec_t text;
  wasm_trap_message(fresh, &text);
  printf("%s\n", text.data);
  wasm_byte_vec_delete(&text);
  wasm_trap_delete(fresh);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
