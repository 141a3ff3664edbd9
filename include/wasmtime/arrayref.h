/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_ARRAYREF_H
#define TENON_WASMTIME_ARRAYREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/eqref.h>
#include <wasmtime/error.h>
#include <wasmtime/types/arrayref.h>

// The type of arrays to be made in a store.
typedef struct wasmtime_array_ref_pre wasmtime_array_ref_pre_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Prepares to make arrays of this type, which stays the caller's. Owned by the caller; NULL if the type belongs
// to another engine.
WASM_API_EXTERN wasmtime_array_ref_pre_t *wasmtime_array_ref_pre_new(wasmtime_context_t *context,
    const wasmtime_array_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_array_ref_pre_delete(wasmtime_array_ref_pre_t *pre);

// Makes an array of `len` elements, each the value `elem`, which stays the caller's, and writes a root of it to `out`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_arrayref_new(wasmtime_context_t *context,
    const wasmtime_array_ref_pre_t *pre, const wasmtime_val_t *elem, uint32_t len, wasmtime_arrayref_t *out);

// Writes how many elements there are to `out`. Fails for null, and for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_arrayref_len(wasmtime_context_t *context,
    const wasmtime_arrayref_t *arrayref, uint32_t *out);

// Writes an element, owned by the caller, to `out`; packed elements are zero extended. Fails for null, and for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_arrayref_get(wasmtime_context_t *context,
    const wasmtime_arrayref_t *arrayref, uint32_t index, wasmtime_val_t *out);

// Sets an element to a value, which stays the caller's. Fails for null, and for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_arrayref_set(wasmtime_context_t *context,
    const wasmtime_arrayref_t *arrayref, uint32_t index, const wasmtime_val_t *val);

// The array's type, owned by the caller; NULL for null.
WASM_API_EXTERN wasmtime_array_type_t *wasmtime_arrayref_type(wasmtime_context_t *context,
    const wasmtime_arrayref_t *arrayref);

// Writes another root of the same reference to `out`; null for NULL.
WASM_API_EXTERN void wasmtime_arrayref_clone(const wasmtime_arrayref_t *arrayref, wasmtime_arrayref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_arrayref_unroot(wasmtime_arrayref_t *it);

// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_arrayref_to_anyref(const wasmtime_arrayref_t *arrayref, wasmtime_anyref_t *out);

// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_arrayref_to_eqref(const wasmtime_arrayref_t *arrayref, wasmtime_eqref_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null without giving a root up.
static inline void wasmtime_arrayref_set_null(wasmtime_arrayref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_arrayref_is_null(const wasmtime_arrayref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_ARRAYREF_H
