// Two guests take turns on one thread: fuel cuts their calls into slices. They run on stacks that the host makes.

#define _GNU_SOURCE
#include "example.h"
#include <sys/mman.h>

enum { GUARD = 4096 };

// A stack grows down from its top; below it is a page that nobody may touch.
typedef struct {
  uint8_t *bytes;
  size_t size;
} mapping_t;

static uint8_t *top_of(void *env, size_t *size) {
  mapping_t *stack = env;
  *size = stack->size;
  return stack->bytes + GUARD + stack->size;
}

static void unmap(void *env) {
  mapping_t *stack = env;
  munmap(stack->bytes, GUARD + stack->size);
  free(stack);
  printf("a stack is given back\n");
}

static wasmtime_error_t *new_stack(void *env, size_t size, bool zeroed, wasmtime_stack_memory_t *out) {
  (void)env, (void)zeroed; // fresh pages are zero
  uint8_t *bytes = mmap(NULL, GUARD + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED || mprotect(bytes, GUARD, PROT_NONE) != 0)
    return wasmtime_error_new("no pages for a stack");
  mapping_t *stack = malloc(sizeof *stack);
  *stack = (mapping_t){.bytes = bytes, .size = size};
  *out = (wasmtime_stack_memory_t){.env = stack, .get_stack_memory = top_of, .finalizer = unmap};
  printf("a stack of %zu KiB is made\n", size / 1024);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  wasm_config_t *config = wasm_config_new();
  wasmtime_stack_creator_t stacks = {.new_stack = new_stack};
  wasmtime_config_host_stack_creator_set(config, &stacks);
  wasmtime_config_async_stack_size_set(config, 512 * 1024);
  wasmtime_config_consume_fuel_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t collatz = func_of(context, &instance, "collatz");

  check("fuel", wasmtime_context_set_fuel(context, 100000), NULL);
  check("slices", wasmtime_context_fuel_async_yield_interval(context, 500), NULL);

  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = NULL;
  wasmtime_val_t args[2] = {i32(27), i32(97)}, results[2];
  wasmtime_call_future_t *calls[2];
  for (int i = 0; i < 2; i++)
    calls[i] = wasmtime_func_call_async(context, &collatz, &args[i], 1, &results[i], 1, &trap, &error);
  for (int left = 2, turn = 0; left > 0; turn++) {
    int who = turn % 2;
    if (calls[who] == NULL || !wasmtime_call_future_poll(calls[who]))
      continue;
    check("collatz", error, trap);
    printf("turn %d: %d takes %d steps\n", turn, args[who].of.i32, results[who].of.i32);
    wasmtime_call_future_delete(calls[who]);
    calls[who] = NULL, left--;
  }
  uint64_t fuel;
  check("fuel", wasmtime_context_get_fuel(context, &fuel), NULL);
  printf("%d fuel used\n", 100000 - (int)fuel);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
