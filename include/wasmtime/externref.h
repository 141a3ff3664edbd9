/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_EXTERNREF_H
#define TENON_WASMTIME_EXTERNREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/conf.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Hands `data` to the store; `finalizer`, if given, is called with it once neither a guest nor a root reaches
// it. False if there is no room. `finalizer` may be NULL.
WASM_API_EXTERN bool wasmtime_externref_new(wasmtime_context_t *context, void *data,
    void (*finalizer)(void *), wasmtime_externref_t *out);

// The pointer given to `wasmtime_externref_new`; NULL for null.
WASM_API_EXTERN void *wasmtime_externref_data(wasmtime_context_t *_context, const wasmtime_externref_t *data);

// Writes another root of the same object to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_externref_clone(const wasmtime_externref_t *reference,
    wasmtime_externref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_externref_unroot(wasmtime_externref_t *reference);

// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
// behaviour.
WASM_API_EXTERN void wasmtime_externref_from_raw(wasmtime_context_t *context, uint32_t raw,
    wasmtime_externref_t *out);

// The raw value, which is not a root: nothing may be collected before it is used. 0 for null. NULL counts as null.
WASM_API_EXTERN uint32_t wasmtime_externref_to_raw(wasmtime_context_t *context,
    const wasmtime_externref_t *reference);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null.
static inline void wasmtime_externref_set_null(wasmtime_externref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_externref_is_null(const wasmtime_externref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_EXTERNREF_H
