/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_FUNC_H
#define TENON_WASMTIME_COMPONENT_FUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/async.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>
#include <wasmtime/component/types/func.h>
#include <wasmtime/component/val.h>

// A function: a plain handle of its store.
typedef struct wasmtime_component_func {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __padding;
  uint32_t __private2;
  void *__private3;
} wasmtime_component_func_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Calls a function: an error, since components are not supported. Arguments and results stay as they are.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_func_call(const wasmtime_component_func_t *func,
    wasmtime_context_t *context, const wasmtime_component_val_t *args, size_t args_size,
    wasmtime_component_val_t *results, size_t results_size);

// Starts a call: writes an error to `error_ret` and gives a future that is ready at once.
// The future is owned by the caller.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_component_func_call_async(const wasmtime_component_func_t *func,
    wasmtime_context_t *context, const wasmtime_component_val_t *args, size_t args_size,
    wasmtime_component_val_t *results, size_t results_size, wasmtime_error_t **error_ret);

// Kept for old callers: does nothing and returns NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_func_post_return(const wasmtime_component_func_t *func,
    wasmtime_context_t *context);

// The function's type, owned by the caller; NULL, since there are no functions.
WASM_API_EXTERN wasmtime_component_func_type_t *wasmtime_component_func_type(const wasmtime_component_func_t *func,
    wasmtime_context_t *context);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_FUNC_H
