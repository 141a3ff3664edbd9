// The host makes the guests' memories, here from its own budget, and may refuse.

#include "example.h"

typedef struct {
  size_t left; // bytes
} budget_t;

typedef struct {
  budget_t *budget;
  uint8_t *bytes;
  size_t size;
} block_t;

static uint8_t *get(void *env, size_t *size, size_t *capacity) {
  block_t *block = env;
  *size = *capacity = block->size;
  return block->bytes;
}

static wasmtime_error_t *grow(void *env, size_t size) {
  block_t *block = env;
  if (size - block->size > block->budget->left)
    return wasmtime_error_new("over the budget");
  uint8_t *bytes = realloc(block->bytes, size);
  if (bytes == NULL)
    return wasmtime_error_new("no memory");
  memset(bytes + block->size, 0, size - block->size); // guests rely on it
  block->budget->left -= size - block->size;
  block->bytes = bytes, block->size = size;
  return NULL;
}

static void give_back(void *env) {
  block_t *block = env;
  printf("%zu KiB come back\n", block->size / 1024);
  block->budget->left += block->size;
  free(block->bytes);
  free(block);
}

static wasmtime_error_t *new_memory(void *env, const wasm_memorytype_t *type, size_t minimum, size_t maximum,
                                    size_t reserved, size_t guard, wasmtime_linear_memory_t *out) {
  (void)type, (void)reserved, (void)guard;
  budget_t *budget = env;
  if (minimum > budget->left)
    return wasmtime_error_new("over the budget");
  printf("%zu KiB of at most %zu KiB\n", minimum / 1024, maximum / 1024);
  block_t *block = malloc(sizeof *block);
  *block = (block_t){.budget = budget, .bytes = calloc(1, minimum), .size = minimum};
  budget->left -= minimum;
  *out = (wasmtime_linear_memory_t){.env = block, .get_memory = get, .grow_memory = grow, .finalizer = give_back};
  return NULL;
}

static int32_t call(wasmtime_context_t *context, wasmtime_instance_t *instance, const char *name, int32_t arg) {
  wasmtime_func_t func = func_of(context, instance, name);
  wasmtime_val_t in = i32(arg), out;
  wasm_trap_t *trap = NULL;
  check(name, wasmtime_func_call(context, &func, &in, 1, &out, 1, &trap), trap);
  return out.of.i32;
}

int main(int argc, char **argv) {
  (void)argc;
  budget_t budget = {.left = 3 * 65536};
  wasm_config_t *config = wasm_config_new();
  wasmtime_memory_creator_t creator = {.env = &budget, .new_memory = new_memory};
  wasmtime_config_host_memory_creator_set(config, &creator);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);

  wasmtime_instance_t first = instantiate(context, module, NULL, 0);
  printf("grow: %d\n", call(context, &first, "grow", 1));
  printf("first byte: %c\n", call(context, &first, "load", 0));

  wasmtime_instance_t second = instantiate(context, module, NULL, 0);
  printf("grow: %d\n", call(context, &second, "grow", 1));

  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_instance_new(context, module, NULL, 0, &second, &trap);
  printf("a third guest %s\n", error != NULL ? "is refused" : "fits in");
  wasmtime_error_delete(error);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  printf("%zu KiB left\n", budget.left / 1024);
  return 0;
}
