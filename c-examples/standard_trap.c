// Traps: the guest's own, and one that a host function made; with frames, and the instance that they ran in.

#include "standard.h"

static wasm_trap_t *refuse(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)args, (void)results;
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "the host says no");
  wasm_trap_t *trap = wasm_trap_new(env, &message);
  wasm_byte_vec_delete(&message);
  return trap;
}

static void print_frame(const wasm_frame_t *frame, const wasm_instance_t *instance) {
  const wasm_instance_t *ran = wasm_frame_instance(frame);
  printf("  function %" PRIu32 " at offset %zu, %#zx in the module, in our instance: %d\n",
         wasm_frame_func_index(frame), wasm_frame_func_offset(frame), wasm_frame_module_offset(frame),
         ran != NULL && wasm_instance_same(ran, instance));
}

static void provoke(const wasm_func_t *func, const wasm_instance_t *instance) {
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = wasm_func_call(func, &none, &none);
  want(trap != NULL, "it should trap");
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("%s\n", message.data);
  wasm_byte_vec_delete(&message);
  wasm_frame_t *origin = wasm_trap_origin(trap);
  if (origin != NULL)
    print_frame(origin, instance);
  wasm_frame_delete(origin);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  for (size_t i = 0; i < trace.size; i++)
    print_frame(trace.data[i], instance);
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(trap);
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t *func = wasm_func_new_with_env(store, type, refuse, store, NULL);
  wasm_functype_delete(type);

  wasm_extern_t *items[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
  wasm_instance_t *instance = instantiate(store, module, &imports);
  wasm_func_delete(func);
  wasm_instance_exports(instance, &exports);
  provoke(func_at(&exports, 0), instance);
  provoke(func_at(&exports, 1), instance);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
