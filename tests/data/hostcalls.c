// Host functions in every form that guests' calls of them take, and each way that such a call can end. Says what is wrong.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>
#include <wasmtime.h>
#include <tenon.h>

static void check_at(bool right, const char *what, int line) {
  if (right) return;
  printf("line %d: %s\n", line, what);
  exit(1);
}
#define CHECK(what) check_at((what), #what, __LINE__)

static const char *WAT =
    "(module"
    " (import \"\" \"plain\" (func $plain (param i32 i64 f32 f64) (result f64 f32 i64 i32)))"
    " (import \"\" \"many\" (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))"
    " (import \"\" \"mixed\" (func $mixed (param externref i32 v128) (result i32 externref)))"
    " (import \"\" \"end\" (func $end (param i32) (result i32)))"
    " (import \"\" \"raw\" (func $raw (param i32) (result i32)))"
    " (memory (export \"memory\") 1)"
    " (func (export \"plain\") (param i32 i64 f32 f64) (result f64 f32 i64 i32)"
    "   (call $plain (local.get 0) (local.get 1) (local.get 2) (local.get 3)))"
    " (func (export \"many\") (param i64) (result i64) (call $many (local.get 0) (i64.const 2) (i64.const 3) (i64.const 4)"
    "   (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9)))"
    " (func (export \"mixed\") (param externref i32) (result i32 externref)"
    "   (call $mixed (local.get 0) (local.get 1) (v128.const i64x2 5 7)))"
    " (func (export \"end\") (param i32) (result i32) (call $end (local.get 0)))"
    " (func (export \"raw\") (param i32) (result i32) (call $raw (local.get 0))))";

static wasmtime_context_t *ctx;
static int dropped, hooked;
static bool refuse;

static void drop(void *env) {
  (void)env;
  dropped++;
}

static wasm_trap_t *trap_of(const char *text) { return wasmtime_trap_new(text, strlen(text)); }

// Negative narrow numbers: nothing of them may show in the upper half.
static wasm_trap_t *plain(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
  CHECK(env == &dropped && wasmtime_caller_context(caller) == ctx && nargs == 4 && nresults == 4);
  CHECK(args[0].kind == WASMTIME_I32 && args[1].kind == WASMTIME_I64);
  CHECK(args[2].kind == WASMTIME_F32 && args[3].kind == WASMTIME_F64);
  for (int i = 0; i < 4; i++) results[i] = args[3 - i];
  return NULL;
}

static wasm_trap_t *many(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                         wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller;
  CHECK(nargs == 9 && nresults == 1);
  results[0].kind = WASMTIME_I64;
  results[0].of.i64 = 0;
  for (size_t i = 0; i < nargs; i++) results[0].of.i64 += args[i].of.i64;
  return NULL;
}

static wasm_trap_t *mixed(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller;
  CHECK(nargs == 3 && nresults == 2);
  CHECK(args[2].kind == WASMTIME_V128 && args[2].of.v128[0] == 5 && args[2].of.v128[8] == 7);
  results[0] = args[1];
  wasmtime_val_clone(&args[0], &results[1]);
  return NULL;
}

// How it ends is the argument.
static wasm_trap_t *end(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                        wasmtime_val_t *results, size_t nresults) {
  (void)env, (void)caller;
  CHECK(nargs == 1 && nresults == 1 && results[0].kind == WASMTIME_I32 && results[0].of.i32 == 0);
  switch (args[0].of.i32) {
    case 0: return NULL;
    case 1: return trap_of("told to");
    case 2: results[0].kind = WASMTIME_I64; return NULL;
    case 3: results[0].kind = 200; return NULL;
    case 5: // What stands in the results then is given up.
    default:
      results[0].kind = WASMTIME_EXTERNREF;
      CHECK(wasmtime_externref_new(ctx, malloc(1), free, &results[0].of.externref));
      return args[0].of.i32 == 5 ? trap_of("told to") : NULL;
  }
}

static wasmtime_func_t exported(wasmtime_instance_t *instance, const char *name) {
  wasmtime_extern_t item;
  CHECK(wasmtime_instance_export_get(ctx, instance, name, strlen(name), &item) && item.kind == WASMTIME_EXTERN_FUNC);
  return item.of.func;
}

static wasmtime_instance_t instance;

static wasm_trap_t *raw(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
  CHECK(env == &dropped && wasmtime_caller_context(caller) == ctx && count == 1);
  wasmtime_extern_t item;
  CHECK(wasmtime_caller_export_get(caller, "memory", 6, &item) && item.kind == WASMTIME_EXTERN_MEMORY);
  CHECK(!wasmtime_caller_export_get(caller, "none", 4, &item));
  if (slots[0].i32 < 0) return trap_of("told to");
  if (slots[0].i32 == 0) return NULL;
  // Guests and host functions in turn; the frames below are those of this call again when it goes on.
  wasmtime_func_t func = exported(&instance, "raw");
  wasmtime_val_raw_t slot;
  slot.i32 = slots[0].i32 - 1;
  wasm_trap_t *trap = NULL;
  CHECK(!wasmtime_func_call_unchecked(ctx, &func, &slot, 1, &trap));
  slots[0].i32 += slot.i32;
  CHECK(wasmtime_caller_export_get(caller, "memory", 6, &item));
  return trap;
}

static wasm_trap_t *hook(wasmtime_context_t *context, void *data, uint8_t event) {
  (void)event;
  CHECK(context == ctx && data == &hooked);
  hooked++;
  return refuse && event == TENON_CALLING_HOST ? trap_of("not now") : NULL;
}

static wasm_functype_t *type_of(const wasm_valkind_t *params, size_t np, const wasm_valkind_t *results, size_t nr) {
  wasm_valtype_vec_t p, r;
  wasm_valtype_vec_new_uninitialized(&p, np);
  wasm_valtype_vec_new_uninitialized(&r, nr);
  for (size_t i = 0; i < np; i++) p.data[i] = wasm_valtype_new(params[i]);
  for (size_t i = 0; i < nr; i++) r.data[i] = wasm_valtype_new(results[i]);
  return wasm_functype_new(&p, &r);
}

// What the trap or error says, and whether it tells of at least one frame.
static bool says(wasmtime_error_t *error, wasm_trap_t *trap, const char *text) {
  wasm_byte_vec_t message;
  wasm_frame_vec_t frames;
  CHECK(!error != !trap);
  if (error) wasmtime_error_message(error, &message), wasmtime_error_wasm_trace(error, &frames);
  else wasm_trap_message(trap, &message), wasm_trap_trace(trap, &frames);
  bool found = false;
  for (size_t i = 0; i + strlen(text) <= message.size; i++) found |= !memcmp(message.data + i, text, strlen(text));
  if (!found) printf("%.*s\n", (int)message.size, message.data);
  found &= frames.size > 0;
  wasm_byte_vec_delete(&message);
  wasm_frame_vec_delete(&frames);
  if (error) wasmtime_error_delete(error);
  if (trap) wasm_trap_delete(trap);
  return found;
}

static bool ends(const char *name, int32_t how, const char *text) {
  wasmtime_func_t func = exported(&instance, name);
  wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = how}, result;
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_func_call(ctx, &func, &arg, 1, &result, 1, &trap);
  return text ? says(error, trap, text) : !error && !trap;
}

static void calls(void) {
  wasm_trap_t *trap = NULL;
  wasmtime_func_t func = exported(&instance, "plain");
  wasmtime_val_t args[4] = {{.kind = WASMTIME_I32, .of.i32 = -1}, {.kind = WASMTIME_I64, .of.i64 = INT64_MIN},
                            {.kind = WASMTIME_F32, .of.f32 = -1.5f}, {.kind = WASMTIME_F64, .of.f64 = -2.5}}, results[4];
  CHECK(!wasmtime_func_call(ctx, &func, args, 4, results, 4, &trap) && !trap);
  CHECK(results[0].of.f64 == -2.5 && results[1].of.f32 == -1.5f && results[2].of.i64 == INT64_MIN && results[3].of.i32 == -1);

  func = exported(&instance, "many");
  args[0] = (wasmtime_val_t){.kind = WASMTIME_I64, .of.i64 = 1};
  CHECK(!wasmtime_func_call(ctx, &func, args, 1, results, 1, &trap) && !trap && results[0].of.i64 == 45);

  func = exported(&instance, "mixed");
  args[0].kind = WASMTIME_EXTERNREF;
  CHECK(wasmtime_externref_new(ctx, &func, NULL, &args[0].of.externref));
  args[1] = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = 6};
  CHECK(!wasmtime_func_call(ctx, &func, args, 2, results, 2, &trap) && !trap);
  CHECK(results[0].of.i32 == 6 && wasmtime_externref_data(ctx, &results[1].of.externref) == &func);
  wasmtime_val_unroot(&args[0]);
  wasmtime_val_unroot(&results[1]);

  for (int i = 0; i < 2; i++) {
    CHECK(ends("end", 0, NULL));
    CHECK(ends("end", 1, "told to"));
    CHECK(ends("end", 2, "incompatible value"));
    CHECK(ends("end", 3, "incompatible value"));
    CHECK(ends("end", 4, "incompatible value"));
    CHECK(ends("end", 5, "told to"));
    CHECK(ends("raw", 0, NULL));
    CHECK(ends("raw", 5, NULL));
    CHECK(ends("raw", -1, "told to"));
  }
}

int main(void) {
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  ctx = wasmtime_store_context(store);
  wasm_byte_vec_t wasm;
  wasmtime_module_t *module;
  CHECK(!wasmtime_wat2wasm(WAT, strlen(WAT), &wasm));
  CHECK(!wasmtime_module_new(engine, (uint8_t *)wasm.data, wasm.size, &module));
  wasm_byte_vec_delete(&wasm);

  const wasm_valkind_t numbers[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64}, turned[] = {WASM_F64, WASM_F32, WASM_I64, WASM_I32};
  const wasm_valkind_t longs[] = {WASM_I64, WASM_I64, WASM_I64, WASM_I64, WASM_I64, WASM_I64, WASM_I64, WASM_I64, WASM_I64};
  wasm_importtype_vec_t imports;
  wasmtime_module_imports(module, &imports);
  wasm_functype_t *types[] = {type_of(numbers, 4, turned, 4), type_of(longs, 9, longs, 1),
                              wasm_functype_copy(wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[2]))),
                              type_of(numbers, 1, numbers, 1)};
  wasm_importtype_vec_delete(&imports);
  wasmtime_extern_t items[5];
  for (int i = 0; i < 5; i++) items[i].kind = WASMTIME_EXTERN_FUNC;
  wasmtime_func_new(ctx, types[0], plain, &dropped, drop, &items[0].of.func);
  wasmtime_func_new(ctx, types[1], many, NULL, drop, &items[1].of.func);
  wasmtime_func_new(ctx, types[2], mixed, NULL, drop, &items[2].of.func);
  wasmtime_func_new(ctx, types[3], end, NULL, drop, &items[3].of.func);
  wasmtime_func_new_unchecked(ctx, types[3], raw, &dropped, drop, &items[4].of.func);
  for (int i = 0; i < 4; i++) wasm_functype_delete(types[i]);
  wasm_trap_t *trap = NULL;
  CHECK(!wasmtime_instance_new(ctx, module, items, 5, &instance, &trap) && !trap);
  calls();

  // The same, watched: once told of each passage, then refused.
  tenon_store_call_hook(ctx, hook, &hooked, NULL);
  calls();
  CHECK(hooked > 0);
  refuse = true;
  CHECK(ends("end", 0, "not now"));
  CHECK(ends("raw", 0, "not now"));
  refuse = false;

  CHECK(dropped == 0);
  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  CHECK(dropped == 5);
  wasm_engine_delete(engine);
  return 0;
}
