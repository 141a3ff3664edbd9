/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_GLOBAL_H
#define TENON_WASMTIME_GLOBAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes a global of the store with value `val` and writes it to `ret`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_global_new(wasmtime_context_t *store, const wasm_globaltype_t *ty,
    const wasmtime_val_t *val, wasmtime_global_t *ret);

// The global's type, owned by the caller; NULL if the global is of another store.
WASM_API_EXTERN wasm_globaltype_t *wasmtime_global_type(const wasmtime_context_t *store,
    const wasmtime_global_t *global);

// Writes the global's value, owned by the caller, to `out`; the i32 0 if the global is of another store.
WASM_API_EXTERN void wasmtime_global_get(wasmtime_context_t *store, const wasmtime_global_t *global,
    wasmtime_val_t *out);

// Changes the global's value.
WASM_API_EXTERN wasmtime_error_t *wasmtime_global_set(wasmtime_context_t *store,
    const wasmtime_global_t *global, const wasmtime_val_t *val);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_GLOBAL_H
