/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_INSTANCE_H
#define TENON_WASMTIME_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

// A module whose imports are known to be defined; instantiates again and again. Usable from all threads.
typedef struct wasmtime_instance_pre wasmtime_instance_pre_t;

// An instance of a store.
typedef struct wasmtime_instance {
  uint64_t store_id;
  size_t __private;
} wasmtime_instance_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Instantiates with `imports` in the module's order and runs the start function. Three outcomes: an owned error
// returned; an owned trap in `*trap`; neither, and `instance` written. `*trap` is NULL in the other two.
WASM_API_EXTERN wasmtime_error_t *wasmtime_instance_new(wasmtime_context_t *store,
    const wasmtime_module_t *module, const wasmtime_extern_t *imports, size_t nimports,
    wasmtime_instance_t *instance, wasm_trap_t **trap);

// Looks up an export: true and `item` written, or false.
WASM_API_EXTERN bool wasmtime_instance_export_get(wasmtime_context_t *store,
    const wasmtime_instance_t *instance, const char *name, size_t name_len, wasmtime_extern_t *item);

// The export at this position: true with name (borrowed from the module) and `item` written, or false.
WASM_API_EXTERN bool wasmtime_instance_export_nth(wasmtime_context_t *store,
    const wasmtime_instance_t *instance, size_t index, char **name, size_t *name_len,
    wasmtime_extern_t *item);

// Frees the handle; NULL is ignored.
WASM_API_EXTERN void wasmtime_instance_pre_delete(wasmtime_instance_pre_t *instance_pre);

// Instantiates in a store and runs the start function. Outcomes as for `wasmtime_instance_new`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_instance_pre_instantiate(const wasmtime_instance_pre_t *instance_pre,
    wasmtime_context_t *store, wasmtime_instance_t *instance, wasm_trap_t **trap_ptr);

// The module, owned by the caller.
WASM_API_EXTERN wasmtime_module_t *wasmtime_instance_pre_module(const wasmtime_instance_pre_t *instance_pre);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_INSTANCE_H
