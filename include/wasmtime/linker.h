/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_LINKER_H
#define TENON_WASMTIME_LINKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/func.h>
#include <wasmtime/instance.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

// Definitions that modules are linked against. Defining is exclusive; instantiating, looking up and cloning
// may happen on several threads.
typedef struct wasmtime_linker wasmtime_linker_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A linker without definitions, owned by the caller.
WASM_API_EXTERN wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *engine);

// A linker with the same definitions, owned by the caller; it goes its own way from there.
WASM_API_EXTERN wasmtime_linker_t *wasmtime_linker_clone(const wasmtime_linker_t *linker);

// Frees a linker; NULL is ignored.
WASM_API_EXTERN void wasmtime_linker_delete(wasmtime_linker_t *linker);

// Whether later definitions may replace earlier ones of the same name. Off by default.
WASM_API_EXTERN void wasmtime_linker_allow_shadowing(wasmtime_linker_t *linker, bool allow_shadowing);

// Defines an item of `store`, which is copied.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define(wasmtime_linker_t *linker, wasmtime_context_t *store,
    const char *module, size_t module_len, const char *name, size_t name_len, const wasmtime_extern_t *item);

// Defines a host function for any store of the engine. `finalizer`, if given, is called with `data` when the
// last linker and store that use the definition are gone, or before this returns if defining fails.
// `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_func(wasmtime_linker_t *linker, const char *module,
    size_t module_len, const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_callback_t cb, void *data, void (*finalizer)(void *));

// Defines a host function with raw slots; otherwise as `wasmtime_linker_define_func`. That the callback writes
// references which are not the store's, or of another type, is undefined behaviour. `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_func_unchecked(wasmtime_linker_t *linker,
    const char *module, size_t module_len, const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_unchecked_callback_t cb, void *data, void (*finalizer)(void *));

// Defines the functions of WASI preview 1, which look at the configuration of the store that calls.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_wasi(wasmtime_linker_t *linker);

// Defines every export of `instance` under the module name `name`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_instance(wasmtime_linker_t *linker,
    wasmtime_context_t *store, const char *name, size_t name_len, const wasmtime_instance_t *instance);

// Instantiates `module` with definitions from here and runs its start function. Outcomes as for
// `wasmtime_instance_new`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_instantiate(const wasmtime_linker_t *linker,
    wasmtime_context_t *store, const wasmtime_module_t *module, wasmtime_instance_t *instance,
    wasm_trap_t **trap);

// Looks the imports of `module` up once, for many instantiations; the result is written to `instance_pre` and
// owned by the caller. Needs host functions and no store's items.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_instantiate_pre(const wasmtime_linker_t *linker,
    const wasmtime_module_t *module, wasmtime_instance_pre_t **instance_pre);

// Defines the exports of `module` under `name`. A reactor is instantiated once, here, and its `_initialize` is
// called; a command gets a fresh instance for every call.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_module(wasmtime_linker_t *linker, wasmtime_context_t *store,
    const char *name, size_t name_len, const wasmtime_module_t *module);

// Writes the function that runs `name` as a program to `func`: its export "" or `_start`, or a function that
// does nothing.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_get_default(const wasmtime_linker_t *linker,
    wasmtime_context_t *store, const char *name, size_t name_len, wasmtime_func_t *func);

// Looks up a definition: true and `item` written, or false.
WASM_API_EXTERN bool wasmtime_linker_get(const wasmtime_linker_t *linker, wasmtime_context_t *store,
    const char *module, size_t module_len, const char *name, size_t name_len, wasmtime_extern_t *item);

// Makes every function that `module` imports and that has no definition stop the guest when it is called.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_traps(wasmtime_linker_t *linker,
    const wasmtime_module_t *module);

// Defines every import of `module` that has no definition: functions return zeros and nulls, other items are
// as small as their type allows and belong to `store`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_default_values(wasmtime_linker_t *linker,
    wasmtime_context_t *store, const wasmtime_module_t *module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_LINKER_H
