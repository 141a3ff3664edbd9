/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_TYPES_ARRAYREF_H
#define TENON_WASMTIME_TYPES_ARRAYREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/types/structref.h>

// The type of an array in one engine. Immutable; may be used from several threads.
typedef struct wasmtime_array_type wasmtime_array_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The type of arrays with such elements; `field` stays the caller's. Owned by the caller. NULL if its type
// belongs to another engine.
WASM_API_EXTERN wasmtime_array_type_t *wasmtime_array_type_new(const wasm_engine_t *engine,
    const wasmtime_field_type_t *field);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_array_type_t *wasmtime_array_type_copy(const wasmtime_array_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_array_type_delete(wasmtime_array_type_t *ty);

// Writes what the elements are, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_array_type_element(const wasmtime_array_type_t *ty, wasmtime_field_type_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_TYPES_ARRAYREF_H
