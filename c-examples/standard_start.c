// A start function that traps: where it stood.

#include "standard.h"

static void print_frame(const wasm_frame_t *frame) {
  printf("function %" PRIu32 " at offset %zu, %#zx in the module\n", wasm_frame_func_index(frame),
         wasm_frame_func_offset(frame), wasm_frame_module_offset(frame));
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *trap = NULL;
  wasm_instance_t *instance = wasm_instance_new(store, module, &none, &trap);
  want(instance == NULL && trap != NULL, "the start function traps");

  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("%s", message.data);
  wasm_byte_vec_delete(&message);
  wasm_frame_t *origin = wasm_trap_origin(trap);
  printf("origin: ");
  print_frame(origin);
  wasm_frame_delete(origin);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  for (size_t i = 0; i < trace.size; i++)
    print_frame(trace.data[i]);
  wasm_frame_vec_delete(&trace);

  wasm_trap_delete(trap);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
