/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_EQREF_H
#define TENON_WASMTIME_EQREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/anyref.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Writes another root of the same reference to `out`; null for NULL.
WASM_API_EXTERN void wasmtime_eqref_clone(const wasmtime_eqref_t *eqref, wasmtime_eqref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_eqref_unroot(wasmtime_eqref_t *it);

// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
WASM_API_EXTERN void wasmtime_eqref_to_anyref(const wasmtime_eqref_t *eqref, wasmtime_anyref_t *out);

// Writes what it refers to, owned by the caller, to `out`; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_type(wasmtime_context_t *context, const wasmtime_eqref_t *eqref,
    wasmtime_heaptype_t *out);

// Writes the integer with its low 31 bits to `out`.
WASM_API_EXTERN void wasmtime_eqref_from_i31(wasmtime_context_t *context, uint32_t i31val,
    wasmtime_eqref_t *out);

// Writes the integer, sign extended, to `dst`; false if it is none. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_i31_get_s(wasmtime_context_t *context, const wasmtime_eqref_t *eqref,
    int32_t *dst);

// Writes the integer, zero extended, to `dst`; false if it is none. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_i31_get_u(wasmtime_context_t *context, const wasmtime_eqref_t *eqref,
    uint32_t *dst);

// Whether it is a 31-bit integer; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_is_i31(wasmtime_context_t *context, const wasmtime_eqref_t *eqref);

// Whether it is a struct; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_is_struct(wasmtime_context_t *context, const wasmtime_eqref_t *eqref);

// Whether it is an array; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_is_array(wasmtime_context_t *context, const wasmtime_eqref_t *eqref);

// Writes the same reference to `out` if it is a struct; null and false otherwise. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_as_struct(wasmtime_context_t *context, const wasmtime_eqref_t *eqref,
    wasmtime_structref_t *out);

// Writes the same reference to `out` if it is an array; null and false otherwise. NULL counts as null.
WASM_API_EXTERN bool wasmtime_eqref_as_array(wasmtime_context_t *context, const wasmtime_eqref_t *eqref,
    wasmtime_arrayref_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null without giving a root up.
static inline void wasmtime_eqref_set_null(wasmtime_eqref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_eqref_is_null(const wasmtime_eqref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_EQREF_H
