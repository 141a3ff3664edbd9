/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_EXNREF_H
#define TENON_WASMTIME_EXNREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>
#include <wasmtime/tag.h>
#include <wasmtime/types/exnref.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes an exception with this tag and these values, which stay the caller's, and writes a root of it to `exn_ret`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_new(wasmtime_context_t *store, const wasmtime_tag_t *tag,
    const wasmtime_val_t *fields, size_t nfields, wasmtime_exnref_t *exn_ret);

// Writes the exception's tag to `tag_ret`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_tag(wasmtime_context_t *store, const wasmtime_exnref_t *exn,
    wasmtime_tag_t *tag_ret);

// How many values the exception carries; 0 for null.
WASM_API_EXTERN size_t wasmtime_exnref_field_count(wasmtime_context_t *store, const wasmtime_exnref_t *exn);

// Writes one of the exception's values, owned by the caller, to `val_ret`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_field(wasmtime_context_t *store,
    const wasmtime_exnref_t *exn, size_t index, wasmtime_val_t *val_ret);

// The exception's type, owned by the caller; NULL for null.
WASM_API_EXTERN wasmtime_exn_type_t *wasmtime_exnref_type(wasmtime_context_t *context,
    const wasmtime_exnref_t *exnref);

// Writes another root of the exception to `out`; null for NULL.
WASM_API_EXTERN void wasmtime_exnref_clone(const wasmtime_exnref_t *it, wasmtime_exnref_t *out);

// Gives the root up and makes the reference null; NULL is ignored.
WASM_API_EXTERN void wasmtime_exnref_unroot(wasmtime_exnref_t *it);

// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
// behaviour.
WASM_API_EXTERN void wasmtime_exnref_from_raw(wasmtime_context_t *context, uint32_t raw,
    wasmtime_exnref_t *out);

// The raw value; 0 for null and for an exception of another store. It is no root. NULL counts as null.
WASM_API_EXTERN uint32_t wasmtime_exnref_to_raw(wasmtime_context_t *context, const wasmtime_exnref_t *it);

// Leaves the exception with the store and gives the trap, owned by the caller, that throws it when a host function
// returns it. NULL for null and for an exception of another store.
WASM_API_EXTERN wasm_trap_t *wasmtime_context_set_exception(wasmtime_context_t *store,
    const wasmtime_exnref_t *exn);

// Takes the exception that a call left with the store: true, and a root written to `exn_ret`, if there is one.
WASM_API_EXTERN bool wasmtime_context_take_exception(wasmtime_context_t *store, wasmtime_exnref_t *exn_ret);

// Whether a call left an exception with the store.
WASM_API_EXTERN bool wasmtime_context_has_exception(wasmtime_context_t *store);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// Makes the reference null without giving a root up.
static inline void wasmtime_exnref_set_null(wasmtime_exnref_t *ref) { ref->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_exnref_is_null(const wasmtime_exnref_t *ref) { return ref->store_id == 0; }

#endif // TENON_WASMTIME_EXNREF_H
