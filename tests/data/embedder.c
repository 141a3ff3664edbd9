// Memories, stacks and time that the host gives: what works, and every way in which it fails. Says itself what is wrong.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmtime.h>

static int faults;

#define EXPECT(what)                                            \
  do {                                                          \
    if (!(what)) {                                              \
      fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what); \
      faults++;                                                 \
    }                                                           \
  } while (0)

static wasmtime_error_t *error;
static wasm_trap_t *trap;

// Whether the last call failed with a text that has this in it; forgets what it left.
static bool failed(const char *text) {
  wasm_byte_vec_t message = WASM_EMPTY_VEC;
  if (error != NULL)
    wasmtime_error_message(error, &message);
  else if (trap != NULL)
    wasm_trap_message(trap, &message);
  char copy[1024];
  snprintf(copy, sizeof copy, "%.*s", (int)message.size, message.data != NULL ? message.data : "");
  bool is_so = (error != NULL || trap != NULL) && strstr(copy, text) != NULL;
  if (!is_so)
    fprintf(stderr, "expected \"%s\", found \"%s\"\n", text, copy);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
  wasm_trap_delete(trap);
  error = NULL, trap = NULL;
  return is_so;
}

static bool works(void) {
  if (error == NULL && trap == NULL)
    return true;
  failed("no failure");
  return false;
}

static wasmtime_module_t *compile(wasm_engine_t *engine, const char *text) {
  wasm_byte_vec_t wasm;
  wasmtime_module_t *module = NULL;
  error = wasmtime_wat2wasm(text, strlen(text), &wasm);
  EXPECT(works());
  error = wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size, &module);
  EXPECT(works());
  wasm_byte_vec_delete(&wasm);
  return module;
}

static wasmtime_extern_t export_of(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name) {
  wasmtime_extern_t item = {0};
  EXPECT(wasmtime_instance_export_get(context, instance, name, strlen(name), &item));
  return item;
}

static wasmtime_val_t i32(int32_t value) { return (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = value}; }

// ---------------------------------------------------------------------------------------------------------- memories

enum wish { GOOD, REFUSE, REFUSE_LATE, SMALL, ODD, NO_GET, NO_GROW };

typedef struct {
  enum wish wish;
  bool refuse_growth, lie_about_growth;
  size_t capacity; // of new memories; 0: what is asked for
  size_t minimum, maximum, reserved, guard;
  int made, gone, grown, moved, finalized;
} host_t;

typedef struct {
  host_t *host;
  uint8_t *bytes;
  size_t size, capacity;
} block_t;

static uint8_t *get(void *env, size_t *size, size_t *capacity) {
  block_t *block = env;
  *size = block->size, *capacity = block->capacity;
  return block->host->wish == ODD ? block->bytes + 1 : block->bytes;
}

// A memory that outgrows its capacity moves, and the old place is gone: address sanitizers see who still uses it.
static wasmtime_error_t *grow(void *env, size_t size) {
  block_t *block = env;
  block->host->grown++;
  if (block->host->refuse_growth)
    return wasmtime_error_new("the host has no more");
  if (block->host->lie_about_growth)
    return NULL;
  if (size > block->capacity) {
    uint8_t *bytes = calloc(1, size);
    memcpy(bytes, block->bytes, block->size);
    free(block->bytes);
    block->bytes = bytes, block->capacity = size;
    block->host->moved++;
  }
  block->size = size;
  return NULL;
}

static void drop(void *env) {
  block_t *block = env;
  block->host->gone++;
  EXPECT(block->host->finalized == 0);
  free(block->bytes);
  free(block);
}

static wasmtime_error_t *new_memory(void *env, const wasm_memorytype_t *type, size_t minimum, size_t maximum,
                                    size_t reserved, size_t guard, wasmtime_linear_memory_t *out) {
  host_t *host = env;
  host->minimum = minimum, host->maximum = maximum, host->reserved = reserved, host->guard = guard;
  EXPECT(wasmtime_memorytype_minimum(type) == minimum / 65536);
  if (host->wish == REFUSE)
    return wasmtime_error_new("the host has no memory");
  block_t *block = malloc(sizeof *block);
  size_t capacity = host->capacity > minimum ? host->capacity : minimum;
  *block = (block_t){.host = host, .bytes = calloc(1, capacity + 1), .size = minimum, .capacity = capacity};
  if (host->wish == SMALL)
    block->size = minimum - 1;
  *out = (wasmtime_linear_memory_t){.env = block, .get_memory = get, .grow_memory = grow, .finalizer = drop};
  if (host->wish == NO_GET)
    out->get_memory = NULL;
  if (host->wish == NO_GROW)
    out->grow_memory = NULL;
  if (host->wish == REFUSE_LATE) {
    free(block->bytes), free(block);
    return wasmtime_error_new("the host changed its mind");
  }
  host->made++;
  return NULL;
}

static void finalize(void *env) { ((host_t *)env)->finalized++; }

static wasm_config_t *config_for(host_t *host) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_memory_creator_t creator = {.env = host, .new_memory = new_memory, .finalizer = finalize};
  wasmtime_config_host_memory_creator_set(config, &creator);
  return config;
}

static const char *GUEST = "(module (memory (export \"m\") 1 5) (data (i32.const 3) \"data\") (data (i32.const 65532) \"ends\")"
  "(func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
  "(func (export \"load\") (param i32) (result i32) (i32.load8_u (local.get 0)))"
  // Writes, grows, and reads in one function: the address has to be learnt anew.
  "(func (export \"across\") (param i32) (result i32)"
  "  (i32.store (i32.const 100) (i32.const 77)) (drop (memory.grow (local.get 0)))"
  "  (i32.store (i32.const 104) (i32.const 1)) (i32.add (i32.load (i32.const 100)) (i32.load (i32.const 104)))))";

typedef struct {
  wasm_engine_t *engine;
  wasmtime_store_t *store;
  wasmtime_context_t *context;
  wasmtime_instance_t instance;
} guest_t;

static bool start(guest_t *guest, wasm_config_t *config, const char *text) {
  guest->engine = wasm_engine_new_with_config(config);
  guest->store = wasmtime_store_new(guest->engine, NULL, NULL);
  guest->context = wasmtime_store_context(guest->store);
  wasmtime_module_t *module = compile(guest->engine, text);
  error = wasmtime_instance_new(guest->context, module, NULL, 0, &guest->instance, &trap);
  wasmtime_module_delete(module);
  return error == NULL && trap == NULL;
}

static void end(guest_t *guest) {
  wasmtime_store_delete(guest->store);
  wasm_engine_delete(guest->engine);
}

static int32_t call(guest_t *guest, const char *name, int32_t arg) {
  wasmtime_extern_t func = export_of(guest->context, &guest->instance, name);
  wasmtime_val_t in = i32(arg), out = i32(-99);
  error = wasmtime_func_call(guest->context, &func.of.func, &in, 1, &out, 1, &trap);
  return out.of.i32;
}

static void a_memory_of_the_host_holds_what_the_module_says(void) {
  host_t host = {0};
  guest_t guest;
  EXPECT(start(&guest, config_for(&host), GUEST));
  EXPECT(host.made == 1 && host.minimum == 65536 && host.maximum == 5 * 65536);
  EXPECT(host.reserved == (size_t)4 << 30 && host.guard == 32 << 20);
  EXPECT(call(&guest, "load", 3) == 'd' && call(&guest, "load", 65535) == 's' && call(&guest, "load", 7) == 0);
  call(&guest, "load", 65536);
  EXPECT(failed("out of bounds memory access"));
  wasmtime_extern_t memory = export_of(guest.context, &guest.instance, "m");
  EXPECT(memcmp(wasmtime_memory_data(guest.context, &memory.of.memory) + 3, "data", 4) == 0);
  wasmtime_store_delete(guest.store);
  EXPECT(host.gone == 1 && host.finalized == 0);
  wasm_engine_delete(guest.engine);
  EXPECT(host.finalized == 1);
}

static void sizes_are_asked_for_as_configured(void) {
  host_t host = {0};
  guest_t guest;
  wasm_config_t *config = config_for(&host);
  wasmtime_config_memory_reservation_set(config, 0x20000);
  wasmtime_config_memory_guard_size_set(config, 0);
  EXPECT(start(&guest, config, "(module (memory 1))"));
  EXPECT(host.reserved == 0x20000 && host.guard == 0 && host.maximum == (size_t)4 << 30);
  end(&guest);
}

static void a_memory_that_moves_is_found_by_the_guest(void) {
  host_t host = {0};
  guest_t guest;
  EXPECT(start(&guest, config_for(&host), GUEST));
  EXPECT(call(&guest, "across", 1) == 78 && host.moved == 1);
  EXPECT(call(&guest, "across", 1) == 78 && host.moved == 2);
  EXPECT(call(&guest, "load", 3 * 65536 - 1) == 0 && call(&guest, "load", 3) == 'd');
  wasmtime_extern_t memory = export_of(guest.context, &guest.instance, "m");
  uint64_t before = 0;
  error = wasmtime_memory_grow(guest.context, &memory.of.memory, 1, &before);
  EXPECT(works() && before == 3 && host.moved == 3);
  EXPECT(wasmtime_memory_size(guest.context, &memory.of.memory) == 4);
  EXPECT(call(&guest, "grow", 2) == -1 && host.grown == 3); // over the declared maximum: nobody is asked
  end(&guest);
  EXPECT(host.made == 1 && host.gone == 1 && host.finalized == 1);
}

static void a_memory_that_may_not_move_grows_within_its_capacity(void) {
  host_t host = {.capacity = 2 * 65536};
  guest_t guest;
  wasm_config_t *config = config_for(&host);
  wasmtime_config_memory_may_move_set(config, false);
  EXPECT(start(&guest, config, GUEST));
  EXPECT(call(&guest, "grow", 1) == 1 && host.moved == 0);
  EXPECT(call(&guest, "grow", 1) == -1 && host.grown == 1);
  end(&guest);
}

static void growth_that_the_host_refuses_is_minus_one_to_the_guest(void) {
  host_t host = {.refuse_growth = true};
  guest_t guest;
  EXPECT(start(&guest, config_for(&host), GUEST));
  EXPECT(call(&guest, "grow", 1) == -1 && works() && host.grown == 1);
  wasmtime_extern_t memory = export_of(guest.context, &guest.instance, "m");
  uint64_t before = 42;
  error = wasmtime_memory_grow(guest.context, &memory.of.memory, 1, &before);
  EXPECT(failed("failed to grow memory by `1`") && before == 42);
  EXPECT(wasmtime_memory_size(guest.context, &memory.of.memory) == 1);
  host.refuse_growth = false, host.lie_about_growth = true;
  EXPECT(call(&guest, "grow", 1) == -1 && works());
  call(&guest, "load", 65536);
  EXPECT(failed("out of bounds memory access"));
  end(&guest);
}

static void a_creator_that_fails_fails_the_instance(enum wish wish, const char *text) {
  host_t host = {.wish = wish};
  guest_t guest;
  EXPECT(!start(&guest, config_for(&host), GUEST));
  EXPECT(failed(text));
  EXPECT(host.made == host.gone);
  wasm_memorytype_t *type = NULL;
  error = wasmtime_memorytype_new(1, false, 0, false, false, 16, &type);
  EXPECT(works());
  wasmtime_memory_t memory;
  error = wasmtime_memory_new(guest.context, type, &memory);
  EXPECT(failed(text));
  wasm_memorytype_delete(type);
  end(&guest);
  EXPECT(host.made == host.gone && host.finalized == 1);
}

static void a_failed_start_gives_the_memory_back(void) {
  host_t host = {0};
  guest_t guest;
  EXPECT(!start(&guest, config_for(&host), "(module (memory 1) (data (i32.const 65536) \"x\"))"));
  EXPECT(failed("out of bounds"));
  end(&guest);
  EXPECT(host.made == 1 && host.gone == 1 && host.finalized == 1);
}

static void shared_memories_are_not_the_hosts(void) {
  host_t host = {0};
  guest_t guest;
  EXPECT(start(&guest, config_for(&host), "(module (memory 1 2 shared))") && host.made == 0);
  end(&guest);
}

static void creators_are_finalized_without_an_engine(void) {
  host_t host = {0}, other = {0};
  wasm_config_t *config = config_for(&host);
  wasmtime_memory_creator_t second = {.env = &other, .new_memory = new_memory, .finalizer = finalize};
  wasmtime_config_host_memory_creator_set(config, &second);
  EXPECT(host.finalized == 1 && other.finalized == 0);
  wasmtime_config_max_wasm_stack_set(config, 0);
  EXPECT(wasm_engine_new_with_config(config) == NULL);
  EXPECT(host.finalized == 1 && other.finalized == 1);
  config = config_for(&host);
  wasm_config_delete(config);
  EXPECT(host.finalized == 2);
}

// ------------------------------------------------------------------------------------------------------------ stacks

typedef struct {
  bool refuse, tiny, no_get;
  size_t size;
  int made, gone, finalized;
} stacks_t;

typedef struct {
  stacks_t *stacks;
  uint8_t *bytes;
  size_t size;
} stack_t_;

static uint8_t *top_of(void *env, size_t *size) {
  stack_t_ *stack = env;
  *size = stack->stacks->tiny ? 4096 : stack->size;
  return stack->bytes + stack->size;
}

static void drop_stack(void *env) {
  stack_t_ *stack = env;
  stack->stacks->gone++;
  EXPECT(stack->stacks->finalized == 0);
  free(stack->bytes);
  free(stack);
}

static wasmtime_error_t *new_stack(void *env, size_t size, bool zeroed, wasmtime_stack_memory_t *out) {
  stacks_t *stacks = env;
  stacks->size = size;
  EXPECT(!zeroed);
  if (stacks->refuse)
    return wasmtime_error_new("the host has no stack");
  stack_t_ *stack = malloc(sizeof *stack);
  *stack = (stack_t_){.stacks = stacks, .bytes = aligned_alloc(4096, size), .size = size};
  *out = (wasmtime_stack_memory_t){.env = stack, .get_stack_memory = stacks->no_get ? NULL : top_of, .finalizer = drop_stack};
  stacks->made++;
  return NULL;
}

static void finalize_stacks(void *env) { ((stacks_t *)env)->finalized++; }

static const char *DEEP = "(module (func $f (export \"deep\") (param i32) (result i32)"
  "  (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))"
  "    (else (i32.const 0)))))";

static wasm_config_t *config_with_stacks(stacks_t *stacks) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_stack_creator_t creator = {.env = stacks, .new_stack = new_stack, .finalizer = finalize_stacks};
  wasmtime_config_host_stack_creator_set(config, &creator);
  return config;
}

static wasmtime_call_future_t *begin(guest_t *guest, const char *name, const wasmtime_val_t *arg, wasmtime_val_t *result) {
  wasmtime_extern_t func = export_of(guest->context, &guest->instance, name);
  return wasmtime_func_call_async(guest->context, &func.of.func, arg, 1, result, 1, &trap, &error);
}

// Polls until the call is done; how often.
static int run(guest_t *guest, const char *name, int32_t arg, int32_t *result) {
  wasmtime_val_t in = i32(arg), out = i32(-99);
  wasmtime_call_future_t *future = begin(guest, name, &in, &out);
  int polls = 1;
  while (!wasmtime_call_future_poll(future))
    polls++;
  wasmtime_call_future_delete(future);
  *result = out.of.i32;
  return polls;
}

static void asynchronous_calls_run_on_stacks_of_the_host(void) {
  stacks_t stacks = {0};
  guest_t guest;
  int32_t result;
  EXPECT(start(&guest, config_with_stacks(&stacks), DEEP));
  EXPECT(call(&guest, "deep", 10) == 10 && stacks.made == 0);
  EXPECT(run(&guest, "deep", 1000, &result) == 1 && works() && result == 1000);
  EXPECT(stacks.made == 1 && stacks.size == 2 << 20);
  EXPECT(run(&guest, "deep", 20, &result) == 1 && works() && result == 20 && stacks.made == 1);
  run(&guest, "deep", 100000000, &result);
  EXPECT(failed("call stack exhausted"));
  EXPECT(run(&guest, "deep", 1000, &result) == 1 && works() && result == 1000 && stacks.made == 1);
  wasmtime_store_delete(guest.store);
  EXPECT(stacks.gone == 1 && stacks.finalized == 0);
  wasm_engine_delete(guest.engine);
  EXPECT(stacks.finalized == 1);
}

static void two_calls_at_once_need_two_stacks(void) {
  stacks_t stacks = {0};
  guest_t guest;
  wasm_config_t *config = config_with_stacks(&stacks);
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_async_stack_size_set(config, 1 << 20);
  EXPECT(start(&guest, config, DEEP));
  wasmtime_context_epoch_deadline_async_yield_and_update(guest.context, 1000);
  wasmtime_val_t args[2] = {i32(5), i32(6)}, results[2];
  wasmtime_call_future_t *a = begin(&guest, "deep", &args[0], &results[0]);
  EXPECT(!wasmtime_call_future_poll(a));
  wasmtime_context_set_epoch_deadline(guest.context, 0);
  wasmtime_call_future_t *b = begin(&guest, "deep", &args[1], &results[1]);
  EXPECT(!wasmtime_call_future_poll(b) && stacks.made == 2 && stacks.size == 1 << 20);
  EXPECT(wasmtime_call_future_poll(a) && wasmtime_call_future_poll(b) && works());
  EXPECT(results[0].of.i32 == 5 && results[1].of.i32 == 6);
  wasmtime_call_future_delete(a);
  wasmtime_call_future_delete(b);
  end(&guest);
  EXPECT(stacks.gone == 2 && stacks.finalized == 1);
}

static void a_stack_creator_that_fails_fails_the_call(stacks_t stacks, const char *text) {
  guest_t guest;
  int32_t result;
  EXPECT(start(&guest, config_with_stacks(&stacks), DEEP));
  EXPECT(run(&guest, "deep", 5, &result) == 1 && failed(text) && result == -99);
  EXPECT(stacks.made == stacks.gone);
  EXPECT(call(&guest, "deep", 10) == 10 && works());
  end(&guest);
  EXPECT(stacks.finalized == 1);
}

// -------------------------------------------------------------------------------------------------------------- time

static const char *LOOP = "(module (func (export \"count\") (param i32) (result i32) (local i32)"
  "  (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))"
  "  (local.get 1)))";

static bool start_with(guest_t *guest, bool fuel, bool epoch) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, fuel);
  wasmtime_config_epoch_interruption_set(config, epoch);
  return start(guest, config, LOOP);
}

static uint64_t fuel_of(guest_t *guest) {
  uint64_t fuel = 0;
  wasmtime_error_t *none = wasmtime_context_get_fuel(guest->context, &fuel);
  EXPECT(none == NULL);
  return fuel;
}

static void fuel_suspends_the_future_at_each_interval(void) {
  guest_t guest;
  int32_t result;
  EXPECT(start_with(&guest, true, false));
  error = wasmtime_context_set_fuel(guest.context, 100000);
  EXPECT(works() && run(&guest, "count", 1000, &result) == 1 && result == 1000 && fuel_of(&guest) == 91998);
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 1000);
  EXPECT(works() && fuel_of(&guest) == 91998);
  EXPECT(run(&guest, "count", 1000, &result) == 8 && result == 1000 && fuel_of(&guest) == 83996);
  // Fuel that ends, ends in a trap all the same.
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 100);
  EXPECT(works());
  error = wasmtime_context_set_fuel(guest.context, 250);
  EXPECT(works() && fuel_of(&guest) == 250);
  EXPECT(run(&guest, "count", 1000, &result) == 3 && trap != NULL && failed("all fuel consumed") && fuel_of(&guest) == 0);
  error = wasmtime_context_set_fuel(guest.context, 100000);
  EXPECT(works());
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 0);
  EXPECT(works() && run(&guest, "count", 1000, &result) == 1 && result == 1000);
  end(&guest);
}

static void calls_that_cannot_be_suspended_are_refused(void) {
  guest_t guest;
  EXPECT(start_with(&guest, true, true));
  error = wasmtime_context_set_fuel(guest.context, 100000);
  EXPECT(works());
  wasmtime_context_set_epoch_deadline(guest.context, 10);
  EXPECT(call(&guest, "count", 5) == 5 && works());
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 1000);
  EXPECT(works());
  call(&guest, "count", 5);
  EXPECT(failed("store configuration requires that `*_async` functions are used instead"));
  end(&guest);
  EXPECT(start_with(&guest, false, true));
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 1000);
  EXPECT(failed("fuel is not configured in this store"));
  EXPECT(wasmtime_context_epoch_deadline_async_yield_and_update(guest.context, 1) == NULL);
  call(&guest, "count", 5);
  EXPECT(failed("store configuration requires that `*_async` functions are used instead"));
  end(&guest);
}

static void the_epoch_suspends_the_future(void) {
  guest_t guest;
  int32_t result;
  EXPECT(start_with(&guest, false, true));
  wasmtime_context_epoch_deadline_async_yield_and_update(guest.context, 2);
  EXPECT(run(&guest, "count", 10, &result) == 2 && works() && result == 10);
  EXPECT(run(&guest, "count", 10, &result) == 1 && works() && result == 10);
  wasmtime_engine_increment_epoch(guest.engine);
  EXPECT(run(&guest, "count", 10, &result) == 1);
  wasmtime_engine_increment_epoch(guest.engine);
  EXPECT(run(&guest, "count", 10, &result) == 2 && works() && result == 10);
  end(&guest);
}

typedef struct {
  int asked, finalized;
  uint8_t kind;
  bool refuse;
} ticks_t;

static wasmtime_error_t *tick(const wasmtime_context_t *context, void *data, uint64_t *delta,
                              wasmtime_update_deadline_kind_t *kind) {
  ticks_t *ticks = data;
  EXPECT(context != NULL && *delta == 0 && *kind == WASMTIME_UPDATE_DEADLINE_CONTINUE);
  *kind = ticks->kind, *delta = ++ticks->asked < 3 ? 0 : 1000;
  return ticks->refuse ? wasmtime_error_new("time is up") : NULL;
}

static void tick_finalized(void *data) { ((ticks_t *)data)->finalized++; }

static void the_epoch_callback_decides_whether_to_suspend(void) {
  guest_t guest;
  int32_t result;
  ticks_t ticks = {.kind = WASMTIME_UPDATE_DEADLINE_YIELD};
  EXPECT(start_with(&guest, false, true));
  wasmtime_store_epoch_deadline_callback(guest.store, tick, &ticks, tick_finalized);
  EXPECT(run(&guest, "count", 10, &result) == 4 && works() && result == 10 && ticks.asked == 3);
  ticks = (ticks_t){.kind = WASMTIME_UPDATE_DEADLINE_CONTINUE};
  wasmtime_context_set_epoch_deadline(guest.context, 0);
  EXPECT(run(&guest, "count", 10, &result) == 1 && works() && ticks.asked == 3);
  // Not in a future: it cannot be suspended.
  ticks = (ticks_t){.kind = WASMTIME_UPDATE_DEADLINE_YIELD};
  wasmtime_context_set_epoch_deadline(guest.context, 0);
  call(&guest, "count", 10);
  EXPECT(failed("cannot use `UpdateDeadline::Yield` without using an async wasm entrypoint"));
  ticks.kind = 7;
  wasmtime_context_set_epoch_deadline(guest.context, 0);
  run(&guest, "count", 10, &result);
  EXPECT(failed("update kind 7"));
  ticks = (ticks_t){.kind = WASMTIME_UPDATE_DEADLINE_YIELD, .refuse = true};
  wasmtime_context_set_epoch_deadline(guest.context, 0);
  EXPECT(run(&guest, "count", 10, &result) == 1 && failed("time is up"));
  EXPECT(ticks.finalized == 0);
  end(&guest);
  EXPECT(ticks.finalized == 1);
}

static void a_suspended_future_can_be_given_up(void) {
  guest_t guest;
  EXPECT(start_with(&guest, true, false));
  error = wasmtime_context_fuel_async_yield_interval(guest.context, 100);
  EXPECT(works());
  error = wasmtime_context_set_fuel(guest.context, 100000);
  wasmtime_val_t arg = i32(1000), result = i32(-99);
  wasmtime_call_future_t *future = begin(&guest, "count", &arg, &result);
  EXPECT(!wasmtime_call_future_poll(future) && !wasmtime_call_future_poll(future));
  wasmtime_call_future_delete(future);
  int32_t value;
  EXPECT(works() && result.of.i32 == -99 && run(&guest, "count", 5, &value) == 1 && value == 5);
  end(&guest);
}

int main(void) {
  a_memory_of_the_host_holds_what_the_module_says();
  sizes_are_asked_for_as_configured();
  a_memory_that_moves_is_found_by_the_guest();
  a_memory_that_may_not_move_grows_within_its_capacity();
  growth_that_the_host_refuses_is_minus_one_to_the_guest();
  a_creator_that_fails_fails_the_instance(REFUSE, "the host has no memory");
  a_creator_that_fails_fails_the_instance(REFUSE_LATE, "the host changed its mind");
  a_creator_that_fails_fails_the_instance(SMALL, "expected at least 0x10000");
  a_creator_that_fails_fails_the_instance(ODD, "expected an address that is a multiple of 16");
  a_creator_that_fails_fails_the_instance(NO_GET, "`get_memory` is null");
  a_creator_that_fails_fails_the_instance(NO_GROW, "`grow_memory` is null");
  a_failed_start_gives_the_memory_back();
  shared_memories_are_not_the_hosts();
  creators_are_finalized_without_an_engine();
  asynchronous_calls_run_on_stacks_of_the_host();
  two_calls_at_once_need_two_stacks();
  a_stack_creator_that_fails_fails_the_call((stacks_t){.refuse = true}, "the host has no stack");
  a_stack_creator_that_fails_fails_the_call((stacks_t){.tiny = true}, "expected at least 0x10000 bytes");
  a_stack_creator_that_fails_fails_the_call((stacks_t){.no_get = true}, "`get_stack_memory` is null");
  fuel_suspends_the_future_at_each_interval();
  calls_that_cannot_be_suspended_are_refused();
  the_epoch_suspends_the_future();
  the_epoch_callback_decides_whether_to_suspend();
  a_suspended_future_can_be_given_up();
  return faults != 0;
}
