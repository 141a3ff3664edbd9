/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_ANYREF_H
#define TENON_WASMTIME_ANYREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/conf.h>
#include <wasmtime/store.h>
#include <wasmtime/types/val.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Writes another root of the same reference to `out`; null for NULL.
WASM_API_EXTERN void wasmtime_anyref_clone(const wasmtime_anyref_t *anyref, wasmtime_anyref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_anyref_unroot(wasmtime_anyref_t *it);

// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
// behaviour.
WASM_API_EXTERN void wasmtime_anyref_from_raw(wasmtime_context_t *context, uint32_t raw,
    wasmtime_anyref_t *out);

// The raw value; 0 for null and for a reference of another store. It is no root. NULL counts as null.
WASM_API_EXTERN uint32_t wasmtime_anyref_to_raw(wasmtime_context_t *context, const wasmtime_anyref_t *it);

// Writes what it refers to, owned by the caller, to `out`; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_type(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    wasmtime_heaptype_t *out);

// Writes the integer with its low 31 bits to `out`.
WASM_API_EXTERN void wasmtime_anyref_from_i31(wasmtime_context_t *context, uint32_t i31val,
    wasmtime_anyref_t *out);

// Writes the integer, sign extended, to `dst`; false if it is none. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_i31_get_s(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    int32_t *dst);

// Writes the integer, zero extended, to `dst`; false if it is none. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_i31_get_u(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    uint32_t *dst);

// Whether it is a 31-bit integer; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_is_i31(wasmtime_context_t *context, const wasmtime_anyref_t *anyref);

// Whether it is comparable; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_is_eqref(wasmtime_context_t *context, const wasmtime_anyref_t *anyref);

// Whether it is a struct; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_is_struct(wasmtime_context_t *context, const wasmtime_anyref_t *anyref);

// Whether it is an array; false for null. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_is_array(wasmtime_context_t *context, const wasmtime_anyref_t *anyref);

// Writes the same reference to `out` if it is comparable; null and false otherwise. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_as_eqref(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    wasmtime_eqref_t *out);

// Writes the same reference to `out` if it is a struct; null and false otherwise. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_as_struct(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    wasmtime_structref_t *out);

// Writes the same reference to `out` if it is an array; null and false otherwise. NULL counts as null.
WASM_API_EXTERN bool wasmtime_anyref_as_array(wasmtime_context_t *context, const wasmtime_anyref_t *anyref,
    wasmtime_arrayref_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null without giving a root up.
static inline void wasmtime_anyref_set_null(wasmtime_anyref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_anyref_is_null(const wasmtime_anyref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_ANYREF_H
