// Host info: a pointer of the host's on an object, finalized once the object's last handle is gone.

#include "standard.h"

enum { MANY = 1000 };
static int alive;

static void finalize(void *data) {
  alive--;
  free(data);
}

// An instance that holds one allocation.
static wasm_instance_t *make(wasm_store_t *store, const wasm_module_t *module) {
  wasm_extern_vec_t none = WASM_EMPTY_VEC;
  wasm_instance_t *instance = instantiate(store, module, &none);
  int *data = malloc(sizeof *data);
  *data = alive++;
  wasm_instance_set_host_info_with_finalizer(instance, data, finalize);
  return instance;
}

int main(int argc, char **argv) {
  (void)argc;
  static wasm_instance_t *kept[MANY];
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = compile(store, argv[1]);
  for (int i = 0; i < MANY; i++)
    kept[i] = make(store, module);
  printf("%d alive, the last is number %d\n", alive, *(int *)wasm_instance_get_host_info(kept[MANY - 1]));
  for (int i = 0; i < MANY; i += 2)
    wasm_instance_delete(kept[i]);
  printf("%d alive\n", alive);

  wasm_instance_t *copy = wasm_instance_copy(kept[1]);
  for (int i = 1; i < MANY; i += 2)
    wasm_instance_delete(kept[i]);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  printf("%d alive: a copy holds it\n", alive);
  wasm_instance_delete(copy);
  printf("%d alive\n", alive);
  return 0;
}
