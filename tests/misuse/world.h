// What calls are made with: engines, stores and their parts, each several times over, so that a call can be given one
// that does not belong to the others.

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <tenon.h>

// How an argument is wrong.
enum how {
  GOOD,
  NIL,          // NULL
  OTHER_STORE,  // of another store of the same engine
  OTHER_ENGINE, // of another engine, or of a store of another engine
  STALE,        // of a store that was deleted
  ZERO,         // a by-value handle of zeros: the null reference
  RANGE,        // a by-value handle whose index is beyond everything the store has
  WRONG,        // something of another type
  K7F,          // a byte that is one of a few numbers is 0x7f
  KFF,          // ... is 0xff; for truth values the byte is 0x7f or 0xff, too
  HUGE_,        // a number with all bits set
  HALF,         // a number with the highest bit set
  LITTLE,       // 0, where a number says how much there is
  TEXT,         // text that is not UTF-8
  EMPTY,        // a vector or a struct with elements, but no data
  HOLES,        // a vector of null pointers
  USED,         // settings that an engine was made of already
};

#define CHECK(it) \
  do { \
    if (!(it)) \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #it), _exit(99); \
  } while (0)

// A store with everything that can be in one, seen through wasmtime.h.
typedef struct {
  wasm_engine_t *engine;
  wasmtime_module_t *module;
  wasmtime_store_t *store;
  wasmtime_context_t *context;
  wasmtime_instance_t instance;
  wasmtime_func_t add, enter, host;
  wasmtime_memory_t memory;
  wasmtime_table_t table;
  wasmtime_global_t global;
  wasmtime_tag_t tag;
  wasmtime_struct_type_t *struct_type;
  wasmtime_array_type_t *array_type;
  wasmtime_struct_ref_pre_t *struct_pre;
  wasmtime_array_ref_pre_t *array_pre;
  wasmtime_externref_t externref;
  wasmtime_structref_t structref;
  wasmtime_arrayref_t arrayref;
  wasmtime_exnref_t exnref;
  wasmtime_anyref_t i31;
} world_t;

// The same through wasm.h.
typedef struct {
  wasm_engine_t *engine;
  wasm_store_t *store;
  wasm_module_t *module;
  wasm_func_t *host;
  wasm_instance_t *instance;
  wasm_extern_vec_t exports;
  wasm_func_t *add, *enter;
  wasm_memory_t *memory;
  wasm_table_t *table;
  wasm_global_t *global;
  wasm_foreign_t *foreign;
} plain_t;

static world_t here, neighbour, abroad, gone;
static plain_t plain_here, plain_neighbour, plain_abroad, plain_gone;
static wasm_byte_vec_t binary;

static const char TEXT_OF_MODULE[] =
    "(module (import \"host\" \"f\" (func $f (param i32) (result i32)))"
    " (memory (export \"memory\") 1 4) (table (export \"table\") 4 16 funcref)"
    " (global (export \"global\") (mut i32) (i32.const 5)) (tag $t (export \"tag\") (param i32))"
    " (func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))"
    " (func (export \"enter\") (param i32) (result i32) (call $f (local.get 0)))"
    " (func (export \"fail\") unreachable)"
    " (func (export \"_start\")))";

// Runs while a guest waits for its host function; set by whoever wants to be called there.
static void (*inside)(wasmtime_caller_t *caller);

static wasm_trap_t *host(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                         wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)nargs, (void)nresults;
  results[0] = args[0];
  if (inside)
    inside(caller);
  return NULL;
}

static wasm_trap_t *host_raw(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
  (void)env, (void)caller, (void)slots, (void)count;
  return NULL;
}

static wasm_trap_t *plain_host(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  results->data[0] = args->data[0];
  if (inside)
    inside(NULL);
  return NULL;
}

static wasm_trap_t *plain_host_with_env(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  (void)env;
  return plain_host(args, results);
}

static void host_async(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                       wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap,
                       wasmtime_async_continuation_t *continuation) {
  (void)env, (void)caller, (void)args, (void)nargs, (void)results, (void)nresults, (void)trap;
  *continuation = (wasmtime_async_continuation_t){0};
}

static void finalize(void *env) { (void)env; }

static wasm_trap_t *passage(wasmtime_context_t *context, void *data, uint8_t event) {
  (void)context, (void)data, (void)event;
  return NULL;
}

static uint64_t clock_now(void *data, uint32_t id) { return (void)data, id; }

static int random_bytes(void *data, uint8_t *bytes, size_t size) {
  (void)data;
  memset(bytes, 4, size);
  return 0;
}

static ptrdiff_t take_output(void *data, const uint8_t *bytes, size_t count) {
  (void)data, (void)bytes;
  return (ptrdiff_t)count;
}

static wasmtime_error_t *epoch_passed(const wasmtime_context_t *context, void *data, uint64_t *delta,
                                      wasmtime_update_deadline_kind_t *kind) {
  (void)context, (void)data, (void)kind;
  *delta = 1;
  return NULL;
}

// (param i32) (result i32)
static wasm_functype_t *host_type(void) {
  return wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
}

static wasm_config_t *settings(bool limited) {
  wasm_config_t *config = wasm_config_new();
  // Threads of the parent would be missing in its children.
  wasmtime_config_parallel_compilation_set(config, false);
  wasmtime_config_consume_fuel_set(config, limited);
  wasmtime_config_epoch_interruption_set(config, limited);
  return config;
}

#define PLENTY ((uint64_t)1 << 40)

static void export_of(world_t *w, const char *name, wasmtime_extern_t *item) {
  CHECK(wasmtime_instance_export_get(w->context, &w->instance, name, strlen(name), item));
}

static void make_objects(world_t *w) {
  wasmtime_field_type_t field = {.mutable_ = true, .storage = {.kind = WASMTIME_STORAGE_TYPE_KIND_VALTYPE}};
  field.storage.valtype = wasm_valtype_new_i32();
  CHECK(w->struct_type = wasmtime_struct_type_new(w->engine, &field, 1));
  CHECK(w->array_type = wasmtime_array_type_new(w->engine, &field));
  wasmtime_field_type_delete(&field);
  CHECK(w->struct_pre = wasmtime_struct_ref_pre_new(w->context, w->struct_type));
  CHECK(w->array_pre = wasmtime_array_ref_pre_new(w->context, w->array_type));
  wasmtime_val_t one = {.kind = WASMTIME_I32, .of.i32 = 1};
  CHECK(!wasmtime_structref_new(w->context, w->struct_pre, &one, 1, &w->structref));
  CHECK(!wasmtime_arrayref_new(w->context, w->array_pre, &one, 2, &w->arrayref));
  CHECK(!wasmtime_exnref_new(w->context, &w->tag, &one, 1, &w->exnref));
  CHECK(wasmtime_externref_new(w->context, &here, NULL, &w->externref));
  wasmtime_anyref_from_i31(w->context, 7, &w->i31);
}

static void populate(world_t *w, wasm_engine_t *engine) {
  w->engine = engine;
  CHECK(!wasmtime_module_new(engine, (const uint8_t *)binary.data, binary.size, &w->module));
  CHECK(w->store = wasmtime_store_new(engine, NULL, NULL));
  w->context = wasmtime_store_context(w->store);
  CHECK(!wasmtime_context_set_fuel(w->context, PLENTY));
  wasmtime_context_set_epoch_deadline(w->context, PLENTY);
  wasm_functype_t *type = host_type();
  wasmtime_func_new(w->context, type, host, NULL, NULL, &w->host);
  wasm_functype_delete(type);
  wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_FUNC, .of.func = w->host};
  wasm_trap_t *trap = NULL;
  CHECK(!wasmtime_instance_new(w->context, w->module, &item, 1, &w->instance, &trap) && !trap);
  export_of(w, "add", &item), w->add = item.of.func;
  export_of(w, "enter", &item), w->enter = item.of.func;
  export_of(w, "memory", &item), w->memory = item.of.memory;
  export_of(w, "table", &item), w->table = item.of.table;
  export_of(w, "global", &item), w->global = item.of.global;
  export_of(w, "tag", &item), w->tag = item.of.tag;
  make_objects(w);
}

static void populate_plain(plain_t *w, wasm_engine_t *engine) {
  w->engine = engine;
  CHECK(w->store = wasm_store_new(engine));
  CHECK(w->module = wasm_module_new(w->store, &binary));
  wasm_functype_t *type = host_type();
  CHECK(w->host = wasm_func_new(w->store, type, plain_host));
  wasm_functype_delete(type);
  wasm_extern_t *imports[] = {wasm_func_as_extern(w->host)};
  wasm_extern_vec_t list = WASM_ARRAY_VEC(imports);
  CHECK(w->instance = wasm_instance_new(w->store, w->module, &list, NULL));
  wasm_instance_exports(w->instance, &w->exports);
  w->memory = wasm_extern_as_memory(w->exports.data[0]);
  w->table = wasm_extern_as_table(w->exports.data[1]);
  w->global = wasm_extern_as_global(w->exports.data[2]);
  w->add = wasm_extern_as_func(w->exports.data[4]);
  w->enter = wasm_extern_as_func(w->exports.data[5]);
  CHECK(w->memory && w->table && w->global && w->add && w->enter);
  CHECK(w->foreign = wasm_foreign_new(w->store));
}

static void write_image(void) {
  wasm_byte_vec_t image;
  CHECK(!wasmtime_module_serialize(here.module, &image));
  FILE *file = fopen("misuse.image", "wb");
  CHECK(file && fwrite(image.data, 1, image.size, file) == image.size && !fclose(file));
  wasm_byte_vec_delete(&image);
}

static void set_up(void) {
  CHECK(!wasmtime_wat2wasm(TEXT_OF_MODULE, sizeof TEXT_OF_MODULE - 1, &binary));
  wasm_engine_t *engine = wasm_engine_new_with_config(settings(true));
  populate(&here, engine);
  populate(&neighbour, engine);
  populate(&gone, engine);
  populate(&abroad, wasm_engine_new_with_config(settings(true)));
  wasmtime_store_delete(gone.store);
  engine = wasm_engine_new_with_config(settings(false));
  populate_plain(&plain_here, engine);
  populate_plain(&plain_neighbour, engine);
  populate_plain(&plain_gone, engine);
  populate_plain(&plain_abroad, wasm_engine_new_with_config(settings(false)));
  wasm_store_delete(plain_gone.store);
  write_image();
}

static world_t *world(enum how how) {
  return how == OTHER_STORE ? &neighbour : how == OTHER_ENGINE ? &abroad : how == STALE ? &gone : &here;
}

static plain_t *plain(enum how how) {
  if (how == OTHER_STORE)
    return &plain_neighbour;
  return how == OTHER_ENGINE ? &plain_abroad : how == STALE ? &plain_gone : &plain_here;
}

// Whatever the call did, the stores still work and can be deleted.
// Calls the guest, by a future if the store's guests may be suspended from now on.
static bool adds(void) {
  wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = 1}, {.kind = WASMTIME_I32, .of.i32 = 2}}, sum;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call(here.context, &here.add, args, 2, &sum, 1, &trap);
  if (error) {
    wasm_message_t text;
    wasmtime_error_message(error, &text);
    bool suspends = memmem(text.data, text.size, "_async", 6) != NULL;
    wasm_byte_vec_delete(&text);
    wasmtime_error_delete(error);
    if (!suspends)
      return false;
    error = NULL;
    wasmtime_call_future_t *future = wasmtime_func_call_async(here.context, &here.add, args, 2, &sum, 1, &trap, &error);
    while (!wasmtime_call_future_poll(future))
      ;
    wasmtime_call_future_delete(future);
  }
  return !error && !trap && sum.of.i32 == 3;
}

static bool healthy(void) {
  inside = NULL;
  wasmtime_error_delete(wasmtime_context_set_fuel(here.context, PLENTY));
  wasmtime_context_set_epoch_deadline(here.context, PLENTY);
  if (!adds())
    return false;
  wasm_val_t plain_args[2] = {WASM_I32_VAL(1), WASM_I32_VAL(2)}, plain_sum[1] = {WASM_INIT_VAL};
  wasm_val_vec_t in = WASM_ARRAY_VEC(plain_args), out = WASM_ARRAY_VEC(plain_sum);
  if (wasm_func_call(plain_here.add, &in, &out) || plain_sum[0].of.i32 != 3)
    return false;
  if (wasmtime_context_gc(here.context) || wasmtime_context_gc(neighbour.context))
    return false;
  wasmtime_store_delete(here.store);
  wasmtime_store_delete(neighbour.store);
  wasmtime_store_delete(abroad.store);
  wasm_extern_vec_delete(&plain_here.exports);
  wasm_instance_delete(plain_here.instance);
  wasm_store_delete(plain_here.store);
  return true;
}
