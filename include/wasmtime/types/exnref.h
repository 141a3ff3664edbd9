/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_TYPES_EXNREF_H
#define TENON_WASMTIME_TYPES_EXNREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

// The type of an exception in one engine. Immutable; may be used from several threads.
typedef struct wasmtime_exn_type wasmtime_exn_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The type of exceptions that carry such values, written to `out` and owned by the caller; `params` stays the
// caller's.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exn_type_new(const wasm_engine_t *engine,
    const wasm_valtype_vec_t *params, wasmtime_exn_type_t **out);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_exn_type_t *wasmtime_exn_type_copy(const wasmtime_exn_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_exn_type_delete(wasmtime_exn_type_t *ty);

// The tag type, owned by the caller.
WASM_API_EXTERN wasm_tagtype_t *wasmtime_exn_type_tag_type(const wasmtime_exn_type_t *ty);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_TYPES_EXNREF_H
