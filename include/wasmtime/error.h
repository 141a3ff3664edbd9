/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_ERROR_H
#define TENON_WASMTIME_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// Why a function of this library failed; owned by whoever receives it.
typedef struct wasmtime_error wasmtime_error_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// An error with this NUL-terminated text. Owned by the caller.
WASM_API_EXTERN wasmtime_error_t *wasmtime_error_new(const char *message);

// Frees an error; NULL is ignored.
WASM_API_EXTERN void wasmtime_error_delete(wasmtime_error_t *error);

// Writes the error's text, without a terminator, to `message`, which the caller frees.
WASM_API_EXTERN void wasmtime_error_message(const wasmtime_error_t *error, wasm_name_t *message);

// The status with which a WASI program ended itself: true and `status` written if that is what the error
// reports.
WASM_API_EXTERN bool wasmtime_error_exit_status(const wasmtime_error_t *error, int *status);

// Writes the guest frames that were active to `out`, innermost first; empty if none are known. The caller
// frees the vector.
WASM_API_EXTERN void wasmtime_error_wasm_trace(const wasmtime_error_t *error, wasm_frame_vec_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_ERROR_H
