// Libwasmtime as a second opinion: a program of its own, which reads modules with calls from its input and writes what
// they do. `peer.rs` speaks with it. All numbers are little endian; a value is a byte for its kind and 16 for its bits.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wasm.h>
#include <wasmtime.h>

// How a step ended.
enum { VALUES, TRAP, EXCEPTION, ERROR };

// Of a reference only whether it is null.
enum { NULL_REFERENCE = 16, REFERENCE = 17 };

static void take(void *to, size_t len) {
  if (fread(to, 1, len, stdin) != len) {
    exit(0);
  }
}

static void put(const void *from, size_t len) {
  if (fwrite(from, 1, len, stdout) != len) {
    exit(1);
  }
}

static uint32_t take_u32(void) {
  uint32_t value;
  take(&value, sizeof value);
  return value;
}

static void put_u32(uint32_t value) { put(&value, sizeof value); }

static void put_u8(uint8_t value) { put(&value, 1); }

static char *take_bytes(uint32_t *len) {
  *len = take_u32();
  char *bytes = malloc(*len + 1);
  if (!bytes) {
    exit(1);
  }
  take(bytes, *len);
  return bytes;
}

static bool is_null(const wasmtime_val_t *value) {
  switch (value->kind) {
  case WASMTIME_FUNCREF:
    return value->of.funcref.store_id == 0;
  case WASMTIME_EXTERNREF:
    return value->of.externref.store_id == 0;
  case WASMTIME_ANYREF:
    return value->of.anyref.store_id == 0;
  default:
    return value->of.exnref.store_id == 0;
  }
}

// Writes a value and gives up its root.
static void put_value(wasmtime_val_t *value) {
  uint8_t bits[16] = {0};
  uint8_t kind = value->kind;
  switch (kind) {
  case WASMTIME_I32:
  case WASMTIME_F32:
    memcpy(bits, &value->of, 4);
    break;
  case WASMTIME_I64:
  case WASMTIME_F64:
    memcpy(bits, &value->of, 8);
    break;
  case WASMTIME_V128:
    memcpy(bits, &value->of, 16);
    break;
  default:
    kind = is_null(value) ? NULL_REFERENCE : REFERENCE;
    wasmtime_val_unroot(value);
  }
  put_u8(kind);
  put(bits, sizeof bits);
}

static void take_value(wasmtime_val_t *value) {
  memset(value, 0, sizeof *value);
  uint8_t bits[16];
  take(&value->kind, 1);
  take(bits, sizeof bits);
  memcpy(&value->of, bits, sizeof bits);
}

// Consumes both. True if the step succeeded; otherwise its end is written.
static bool went_well(wasmtime_context_t *context, wasmtime_error_t *error, wasm_trap_t *trap) {
  if (!error && !trap) {
    return true;
  }
  wasmtime_exnref_t exception;
  wasm_name_t message;
  wasmtime_trap_code_t code;
  if (context && wasmtime_context_has_exception(context) && wasmtime_context_take_exception(context, &exception)) {
    wasmtime_exnref_unroot(&exception);
    put_u8(EXCEPTION);
  } else if (trap && wasmtime_trap_code(trap, &code)) {
    put_u8(TRAP);
    put_u8(code);
  } else {
    put_u8(ERROR);
    trap ? wasm_trap_message(trap, &message) : wasmtime_error_message(error, &message);
    put_u32(message.size);
    put(message.data, message.size);
    wasm_name_delete(&message);
  }
  if (error) {
    wasmtime_error_delete(error);
  }
  if (trap) {
    wasm_trap_delete(trap);
  }
  return false;
}

static bool export_nth(wasmtime_context_t *context, wasmtime_instance_t *instance, size_t i, wasmtime_extern_t *item) {
  char *name;
  size_t len;
  return wasmtime_instance_export_nth(context, instance, i, &name, &len, item);
}

static void put_globals(wasmtime_context_t *context, wasmtime_instance_t *instance) {
  wasmtime_extern_t item;
  for (size_t i = 0; export_nth(context, instance, i, &item); i++) {
    if (item.kind == WASMTIME_EXTERN_GLOBAL) {
      wasmtime_val_t value;
      wasmtime_global_get(context, &item.of.global, &value);
      put_value(&value);
    }
    wasmtime_extern_delete(&item);
  }
  put_u8(0xff);
}

static void put_memory(wasmtime_context_t *context, const wasmtime_memory_t *memory) {
  uint32_t len = wasmtime_memory_data_size(context, memory);
  put_u8(WASMTIME_EXTERN_MEMORY);
  put_u32(len);
  put(wasmtime_memory_data(context, memory), len);
}

static void put_table(wasmtime_context_t *context, const wasmtime_table_t *table) {
  uint32_t len = wasmtime_table_size(context, table);
  put_u8(WASMTIME_EXTERN_TABLE);
  put_u32(len);
  for (uint32_t i = 0; i < len; i++) {
    wasmtime_val_t value;
    bool found = wasmtime_table_get(context, table, i, &value);
    put_u8(found && !is_null(&value));
    if (found && value.kind != WASMTIME_FUNCREF) {
      wasmtime_val_unroot(&value);
    }
  }
}

static void put_remains(wasmtime_context_t *context, wasmtime_instance_t *instance) {
  wasmtime_extern_t item;
  for (size_t i = 0; export_nth(context, instance, i, &item); i++) {
    if (item.kind == WASMTIME_EXTERN_MEMORY) {
      put_memory(context, &item.of.memory);
    } else if (item.kind == WASMTIME_EXTERN_TABLE) {
      put_table(context, &item.of.table);
    }
    wasmtime_extern_delete(&item);
  }
  put_u8(0xff);
}

// Reads a call; makes it, unless there is no instance.
static void call(wasmtime_context_t *context, wasmtime_instance_t *instance) {
  uint32_t len;
  char *name = take_bytes(&len);
  uint32_t nargs = take_u32(), nresults = take_u32();
  wasmtime_val_t *args = calloc(nargs + nresults + 1, sizeof *args);
  for (uint32_t i = 0; i < nargs; i++) {
    take_value(&args[i]);
  }
  wasmtime_extern_t item;
  wasmtime_val_t *results = args + nargs;
  wasm_trap_t *trap = NULL;
  if (instance && wasmtime_instance_export_get(context, instance, name, len, &item)) {
    wasmtime_error_t *error = wasmtime_func_call(context, &item.of.func, args, nargs, results, nresults, &trap);
    if (went_well(context, error, trap)) {
      put_u8(VALUES);
      put_u32(nresults);
      for (uint32_t i = 0; i < nresults; i++) {
        put_value(&results[i]);
      }
    }
    wasmtime_extern_delete(&item);
    put_globals(context, instance);
  }
  free(args);
  free(name);
}

// What the one import does; `observe.rs` has the same.
static wasm_trap_t *host(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
  (void)env, (void)caller, (void)count;
  uint32_t x = slots[0].i32;
  slots[0].i32 = (x * 0x9e3779b1u) ^ (x >> 7);
  return NULL;
}

static wasm_engine_t *new_engine(void) {
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_wasm_wide_arithmetic_set(config, true);
  wasmtime_config_wasm_custom_page_sizes_set(config, true);
  wasmtime_config_wasm_multi_memory_set(config, true);
  wasmtime_config_wasm_memory64_set(config, true);
  wasmtime_config_wasm_tail_call_set(config, true);
  wasmtime_config_wasm_function_references_set(config, true);
  wasmtime_config_wasm_gc_set(config, true);
  wasmtime_config_wasm_exceptions_set(config, true);
  wasmtime_config_parallel_compilation_set(config, false);
  return wasm_engine_new_with_config(config);
}

// One module with its calls.
static void serve(wasm_engine_t *engine, wasmtime_linker_t *linker) {
  uint32_t len;
  char *wasm = take_bytes(&len);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = NULL;
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  bool compiled = false, lives = false;
  wasmtime_error_t *error = wasmtime_module_new(engine, (uint8_t *)wasm, len, &module);
  if (went_well(NULL, error, NULL)) {
    compiled = true;
    put_u8(VALUES);
    error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
    lives = went_well(context, error, trap);
  }
  if (lives) {
    put_u8(VALUES);
    put_u32(0);
    put_globals(context, &instance);
  }
  for (uint32_t calls = take_u32(); calls; calls--) {
    call(context, lives ? &instance : NULL);
  }
  if (lives) {
    put_remains(context, &instance);
  }
  if (compiled) {
    wasmtime_module_delete(module);
  }
  wasmtime_store_delete(store);
  free(wasm);
  fflush(stdout);
}

int main(void) {
  wasm_engine_t *engine = new_engine();
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasmtime_error_t *error = wasmtime_linker_define_func_unchecked(linker, "h", 1, "f", 1, type, host, NULL, NULL);
  if (error) {
    return 1;
  }
  wasm_functype_delete(type);
  for (;;) {
    serve(engine, linker);
  }
}
