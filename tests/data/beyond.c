// What `tenon.h` adds to stores and engines: call hooks, limits on modules, releasing instances; and the instances of frames.
// Says itself what is wrong.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>
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

static wasm_byte_vec_t binary(const char *text) {
  wasm_byte_vec_t wasm = WASM_EMPTY_VEC;
  error = wasmtime_wat2wasm(text, strlen(text), &wasm);
  EXPECT(works());
  return wasm;
}

static wasmtime_module_t *compile(wasm_engine_t *engine, const char *text) {
  wasm_byte_vec_t wasm = binary(text);
  wasmtime_module_t *module = NULL;
  error = wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size, &module);
  wasm_byte_vec_delete(&wasm);
  return module;
}

static wasmtime_func_t func_of(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name) {
  wasmtime_extern_t item = {0};
  EXPECT(wasmtime_instance_export_get(context, instance, name, strlen(name), &item));
  return item.of.func;
}

// ------------------------------------------------------------------------------------------------------------- hooks

typedef struct {
  char seen[64];
  size_t count;
  int refuse, finalized; // the number of the event to refuse, counted from 1; 0: none
} log_t;

static wasm_trap_t *note(wasmtime_context_t *context, void *data, uint8_t event) {
  log_t *log = data;
  EXPECT(context != NULL && event <= TENON_RETURNING_FROM_HOST && log->count < sizeof log->seen - 1);
  log->seen[log->count++] = "wWhH"[event];
  log->seen[log->count] = '\0';
  return (int)log->count == log->refuse ? wasmtime_trap_new("the hook says no", 16) : NULL;
}

static void finalize(void *data) { ((log_t *)data)->finalized++; }

// What the hook saw since it was last asked.
static bool saw(log_t *log, const char *events) {
  bool is_so = strcmp(log->seen, events) == 0;
  if (!is_so)
    fprintf(stderr, "expected %s, seen %s\n", events, log->seen);
  log->count = 0, log->seen[0] = '\0', log->refuse = 0;
  return is_so;
}

static int host_calls;

static wasm_trap_t *host(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                         wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
  host_calls++;
  return NULL;
}

static const char *CALLER = "(module (import \"h\" \"f\" (func $f)) (func (export \"twice\") (call $f) (call $f))"
  "(func (export \"none\")) (func (export \"trap\") unreachable))";

typedef struct {
  wasm_engine_t *engine;
  wasmtime_store_t *store;
  wasmtime_context_t *context;
  wasmtime_linker_t *linker;
  wasmtime_instance_t instance;
} guest_t;

static void start(guest_t *guest, log_t *log, bool late) {
  guest->engine = wasm_engine_new();
  guest->store = wasmtime_store_new(guest->engine, NULL, NULL);
  guest->context = wasmtime_store_context(guest->store);
  guest->linker = wasmtime_linker_new(guest->engine);
  if (!late)
    tenon_store_call_hook(guest->context, note, log, finalize);
  wasm_functype_t *type = wasm_functype_new_0_0();
  error = wasmtime_linker_define_func(guest->linker, "h", 1, "f", 1, type, host, NULL, NULL);
  EXPECT(works());
  wasm_functype_delete(type);
  wasmtime_module_t *module = compile(guest->engine, CALLER);
  error = wasmtime_linker_instantiate(guest->linker, guest->context, module, &guest->instance, &trap);
  EXPECT(works());
  wasmtime_module_delete(module);
  if (late)
    tenon_store_call_hook(guest->context, note, log, finalize);
}

static void end(guest_t *guest) {
  wasmtime_linker_delete(guest->linker);
  wasmtime_store_delete(guest->store);
  wasm_engine_delete(guest->engine);
}

static void call(guest_t *guest, const char *name) {
  wasmtime_func_t func = func_of(guest->context, &guest->instance, name);
  error = wasmtime_func_call(guest->context, &func, NULL, 0, NULL, 0, &trap);
}

static void a_hook_sees_both_directions(bool late) {
  log_t log = {0};
  guest_t guest;
  start(&guest, &log, late);
  call(&guest, "none");
  EXPECT(works() && saw(&log, "wW"));
  call(&guest, "twice");
  EXPECT(works() && saw(&log, "whHhHW"));
  call(&guest, "trap");
  EXPECT(failed("unreachable") && saw(&log, "wW"));
  tenon_store_call_hook(guest.context, NULL, NULL, NULL);
  EXPECT(log.finalized == 1);
  call(&guest, "twice");
  EXPECT(works() && saw(&log, ""));
  end(&guest);
  EXPECT(log.finalized == 1);
}

static void an_error_of_the_hook_ends_the_call(void) {
  log_t log = {0};
  guest_t guest;
  start(&guest, &log, false);
  host_calls = 0, log.refuse = 1; // calling the guest: it does not run
  call(&guest, "twice");
  EXPECT(failed("the hook says no") && saw(&log, "w") && host_calls == 0);
  log.refuse = 2; // calling the host: it is not called
  call(&guest, "twice");
  EXPECT(failed("the hook says no") && saw(&log, "whW") && host_calls == 0);
  log.refuse = 3; // returning from the host: the guest does not go on
  call(&guest, "twice");
  EXPECT(failed("the hook says no") && saw(&log, "whHW") && host_calls == 1);
  log.refuse = 2; // returning from the guest
  call(&guest, "none");
  EXPECT(failed("the hook says no") && saw(&log, "wW"));
  end(&guest);
  EXPECT(log.finalized == 1);
}

static void a_hook_sees_calls_that_yield(void) {
  log_t log = {0};
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasm_functype_t *type = wasm_functype_new_0_0();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
  tenon_func_new_yield(context, type, 5, &import.of.func);
  wasm_functype_delete(type);
  wasmtime_module_t *module = compile(engine, CALLER);
  wasmtime_instance_t instance;
  error = wasmtime_instance_new(context, module, &import, 1, &instance, &trap);
  EXPECT(works());
  tenon_store_call_hook(context, note, &log, finalize);
  wasmtime_func_t twice = func_of(context, &instance, "twice");
  tenon_exec_t *exec = NULL;
  error = tenon_exec_new(context, &exec);
  EXPECT(works());
  tenon_step_t step;
  tenon_exec_call(exec, &twice, NULL, 0, &step);
  EXPECT(step.kind == TENON_STEP_HOST_CALL && saw(&log, "wh"));
  tenon_exec_resume(exec, NULL, &step);
  EXPECT(step.kind == TENON_STEP_HOST_CALL && saw(&log, "Hh"));
  tenon_exec_resume(exec, NULL, &step);
  EXPECT(step.kind == TENON_STEP_DONE && saw(&log, "HW"));
  log.refuse = 2;
  tenon_exec_call(exec, &twice, NULL, 0, &step);
  EXPECT(step.kind == TENON_STEP_ERROR && saw(&log, "whW"));
  error = step.error;
  EXPECT(failed("the hook says no"));
  tenon_exec_delete(exec);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
}

// ------------------------------------------------------------------------------------------------------------ limits

static void modules_beyond_a_limit_are_refused(void) {
  tenon_module_limits_t limits;
  tenon_module_limits_init(&limits);
  limits.functions = 1, limits.locals = 3;
  wasm_config_t *config = wasm_config_new();
  tenon_config_module_limits_set(config, &limits);
  limits.functions = 100; // the struct was copied
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_module_t *module = compile(engine, "(module (func (local i32 i32 i64)))");
  EXPECT(works() && module != NULL);
  wasmtime_module_delete(module);
  EXPECT(compile(engine, "(module (func) (func))") == NULL);
  EXPECT(failed("number of functions is 2, more than 1"));
  EXPECT(compile(engine, "(module (func (local i32 i32 i64 f32)))") == NULL);
  EXPECT(failed("number of locals is 4, more than 3"));
  wasm_byte_vec_t wasm = binary("(module (func) (func))");
  error = wasmtime_module_validate(engine, (const uint8_t *)wasm.data, wasm.size);
  EXPECT(failed("number of functions is 2, more than 1"));
  wasm_byte_vec_delete(&wasm);
  wasm_engine_delete(engine);
}

// --------------------------------------------------------------------------------------------------------- releasing

static size_t resident_kib(void) {
  size_t pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%*s %zu", &pages) != 1)
    pages = 0;
  if (file != NULL)
    fclose(file);
  return pages * 4;
}

static const char *SMALL = "(module (memory (export \"m\") 1) (global (export \"g\") (mut i32) (i32.const 7))"
  "(func (export \"f\") (result i32) (i32.store (i32.const 0) (i32.const 1)) (global.get 0)))";

static void once(wasmtime_context_t *context, const wasmtime_module_t *module) {
  wasmtime_instance_t instance;
  error = wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
  EXPECT(works());
  wasmtime_extern_t memory, global;
  EXPECT(wasmtime_instance_export_get(context, &instance, "m", 1, &memory));
  EXPECT(wasmtime_instance_export_get(context, &instance, "g", 1, &global));
  wasmtime_func_t func = func_of(context, &instance, "f");
  wasmtime_val_t result;
  error = wasmtime_func_call(context, &func, NULL, 0, &result, 1, &trap);
  EXPECT(works() && result.of.i32 == 7 && wasmtime_memory_data_size(context, &memory.of.memory) == 65536);
  error = tenon_instance_release(context, &instance);
  EXPECT(works());
  // Stale handles name nothing, also when their places are in use again.
  EXPECT(wasmtime_memory_data(context, &memory.of.memory) == NULL);
  EXPECT(wasmtime_global_type(context, &global.of.global) == NULL);
  error = tenon_instance_release(context, &instance);
  EXPECT(failed("the store has no such instance"));
}

static void released_instances_leave_nothing_behind(void) {
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = tenon_store_new_shared(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, SMALL);
  for (int i = 0; i < 1000; i++)
    once(context, module);
  size_t before = resident_kib();
  for (int i = 0; i < 20000 && faults == 0; i++)
    once(context, module);
  size_t after = resident_kib();
  EXPECT(before > 0 && after < before + 4096);
  // Kept, each would have its own page at least: 80 MiB.
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
}

static void an_importer_keeps_a_released_instance(void) {
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = tenon_store_new_shared(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, SMALL);
  wasmtime_module_t *user = compile(engine, "(module (import \"\" \"f\" (func $f (result i32)))"
    "(func (export \"g\") (result i32) (i32.add (call $f) (i32.const 1))))");
  wasmtime_instance_t made, importer;
  error = wasmtime_instance_new(context, module, NULL, 0, &made, &trap);
  EXPECT(works());
  wasmtime_extern_t import;
  EXPECT(wasmtime_instance_export_get(context, &made, "f", 1, &import));
  error = wasmtime_instance_new(context, user, &import, 1, &importer, &trap);
  EXPECT(works());
  error = tenon_instance_release(context, &made);
  EXPECT(works());
  wasmtime_func_t g = func_of(context, &importer, "g");
  wasmtime_val_t result;
  error = wasmtime_func_call(context, &g, NULL, 0, &result, 1, &trap);
  EXPECT(works() && result.of.i32 == 8);
  wasmtime_module_delete(module);
  wasmtime_module_delete(user);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
}

static void an_exclusive_store_releases_nothing(void) {
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, SMALL);
  wasmtime_instance_t instance;
  error = wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
  EXPECT(works());
  error = tenon_instance_release(context, &instance);
  EXPECT(failed("owns its instances until it is deleted"));
  wasmtime_instance_t foreign = {.store_id = instance.store_id + 1000};
  error = tenon_instance_release(context, &foreign);
  EXPECT(failed("wrong store"));
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
}

// ------------------------------------------------------------------------------------------------------------ frames

static wasm_instance_t *instantiate(wasm_store_t *store, const wasm_module_t *module, wasm_extern_t *import) {
  wasm_extern_t *items[1] = {import};
  wasm_extern_vec_t imports = {import != NULL ? 1 : 0, items};
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
  EXPECT(works() && instance != NULL);
  return instance;
}

static wasm_module_t *module_of(wasm_store_t *store, const char *text) {
  wasm_byte_vec_t wasm = binary(text);
  wasm_module_t *module = wasm_module_new(store, &wasm);
  EXPECT(module != NULL);
  wasm_byte_vec_delete(&wasm);
  return module;
}

static void a_frame_knows_its_instance(void) {
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *inner_module = module_of(store, "(module (func (export \"f\") unreachable))");
  wasm_module_t *outer_module = module_of(store, "(module (import \"\" \"f\" (func $f)) (func (export \"g\") (call $f)))");
  wasm_instance_t *inner = instantiate(store, inner_module, NULL);
  wasm_extern_vec_t inner_exports, outer_exports;
  wasm_instance_exports(inner, &inner_exports);
  wasm_instance_t *outer = instantiate(store, outer_module, inner_exports.data[0]);
  wasm_instance_exports(outer, &outer_exports);

  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t *found = wasm_func_call(wasm_extern_as_func(outer_exports.data[0]), &none, &none);
  EXPECT(found != NULL);
  wasm_frame_vec_t frames;
  wasm_trap_trace(found, &frames);
  EXPECT(frames.size == 2);
  wasm_instance_t *first = wasm_frame_instance(frames.data[0]);
  EXPECT(first != NULL && wasm_instance_same(first, inner) && !wasm_instance_same(first, outer));
  EXPECT(wasm_instance_same(wasm_frame_instance(frames.data[1]), outer));
  EXPECT(wasm_frame_instance(frames.data[0]) == first);
  wasm_frame_t *origin = wasm_trap_origin(found), *copy = wasm_frame_copy(origin);
  EXPECT(wasm_instance_same(wasm_frame_instance(copy), inner));
  wasm_frame_delete(origin);
  wasm_frame_delete(copy);

  // An instance that comes later changes nothing for this trap; in the next one it could be either.
  wasm_instance_t *second = instantiate(store, inner_module, NULL);
  wasm_trap_t *later = wasm_func_call(wasm_extern_as_func(outer_exports.data[0]), &none, &none);
  wasm_frame_t *frame = wasm_trap_origin(found), *other = wasm_trap_origin(later);
  EXPECT(wasm_instance_same(wasm_frame_instance(frame), inner));
  EXPECT(wasm_frame_instance(other) == NULL);
  wasm_frame_delete(frame);
  wasm_frame_delete(other);

  // A frame keeps what it lends out.
  wasm_extern_vec_delete(&inner_exports);
  wasm_extern_vec_delete(&outer_exports);
  wasm_instance_delete(inner);
  wasm_instance_delete(outer);
  wasm_instance_delete(second);
  wasm_module_delete(inner_module);
  wasm_module_delete(outer_module);
  wasm_trap_delete(later);
  wasm_store_delete(store);
  wasm_extern_vec_t exports;
  wasm_instance_exports(first, &exports);
  EXPECT(exports.size == 1);
  wasm_extern_vec_delete(&exports);
  wasm_frame_vec_delete(&frames);
  // Its store is gone by now.
  origin = wasm_trap_origin(found);
  EXPECT(wasm_frame_instance(origin) == NULL);
  wasm_frame_delete(origin);
  wasm_trap_delete(found);
  wasm_engine_delete(engine);
}

int main(void) {
  a_hook_sees_both_directions(false);
  a_hook_sees_both_directions(true);
  an_error_of_the_hook_ends_the_call();
  a_hook_sees_calls_that_yield();
  modules_beyond_a_limit_are_refused();
  released_instances_leave_nothing_behind();
  an_importer_keeps_a_released_instance();
  an_exclusive_store_releases_nothing();
  a_frame_knows_its_instance();
  return faults != 0;
}
