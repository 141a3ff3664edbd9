/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_STRUCTREF_H
#define TENON_WASMTIME_STRUCTREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/eqref.h>
#include <wasmtime/error.h>
#include <wasmtime/types/structref.h>

// The type of structs to be made in a store.
typedef struct wasmtime_struct_ref_pre wasmtime_struct_ref_pre_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Prepares to make structs of this type, which stays the caller's. Owned by the caller; NULL if the type belongs
// to another engine.
WASM_API_EXTERN wasmtime_struct_ref_pre_t *wasmtime_struct_ref_pre_new(wasmtime_context_t *context,
    const wasmtime_struct_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_struct_ref_pre_delete(wasmtime_struct_ref_pre_t *pre);

// Makes a struct with these fields, which stay the caller's, and writes a root of it to `out`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_structref_new(wasmtime_context_t *context,
    const wasmtime_struct_ref_pre_t *pre, const wasmtime_val_t *fields, size_t nfields,
    wasmtime_structref_t *out);

// Writes a field, owned by the caller, to `out`; packed fields are zero extended. Fails for null, and for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_structref_field(wasmtime_context_t *context,
    const wasmtime_structref_t *structref, size_t index, wasmtime_val_t *out);

// Sets a field to a value, which stays the caller's. Fails for null, and for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_structref_set_field(wasmtime_context_t *context,
    const wasmtime_structref_t *structref, size_t index, const wasmtime_val_t *val);

// The struct's type, owned by the caller; NULL for null.
WASM_API_EXTERN wasmtime_struct_type_t *wasmtime_structref_type(wasmtime_context_t *context,
    const wasmtime_structref_t *structref);

// Writes another root of the same reference to `out`; null for NULL.
WASM_API_EXTERN void wasmtime_structref_clone(const wasmtime_structref_t *structref,
    wasmtime_structref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_structref_unroot(wasmtime_structref_t *it);

// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_structref_to_anyref(const wasmtime_structref_t *structref,
    wasmtime_anyref_t *out);

// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_structref_to_eqref(const wasmtime_structref_t *structref,
    wasmtime_eqref_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null without giving a root up.
static inline void wasmtime_structref_set_null(wasmtime_structref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_structref_is_null(const wasmtime_structref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_STRUCTREF_H
