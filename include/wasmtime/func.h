/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_FUNC_H
#define TENON_WASMTIME_FUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

// Who calls a host function; valid until that returns.
typedef struct wasmtime_caller wasmtime_caller_t;

// A host function with checked values: reads `args`, writes `results`, and returns NULL, or a trap (consumed)
// that stops the guest.
typedef wasm_trap_t *(*wasmtime_func_callback_t)(void *env, wasmtime_caller_t *caller,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results, size_t nresults);

// A host function with raw slots: parameters come in `args_and_results`, results overwrite them from the
// first slot on. Returns NULL, or a trap (consumed) that stops the guest.
typedef wasm_trap_t *(*wasmtime_func_unchecked_callback_t)(void *env, wasmtime_caller_t *caller,
    wasmtime_val_raw_t *args_and_results, size_t num_args_and_results);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes a host function of the store and writes it to `ret`. `finalizer`, if given, is called with `env` when
// the store is deleted. If `type` belongs to another engine the function is null. `finalizer` may be NULL.
WASM_API_EXTERN void wasmtime_func_new(wasmtime_context_t *store, const wasm_functype_t *ty,
    wasmtime_func_callback_t callback, void *env, void (*finalizer)(void *), wasmtime_func_t *ret);

// Makes a host function with raw slots and writes it to `ret`; otherwise as `wasmtime_func_new`. That the callback
// writes references which are not the store's, or of another type, is undefined behaviour. `finalizer` may be NULL.
WASM_API_EXTERN void wasmtime_func_new_unchecked(wasmtime_context_t *store, const wasm_functype_t *ty,
    wasmtime_func_unchecked_callback_t callback, void *env, void (*finalizer)(void *), wasmtime_func_t *ret);

// The function's type, owned by the caller; NULL if the function is of another store.
WASM_API_EXTERN wasm_functype_t *wasmtime_func_type(const wasmtime_context_t *store,
    const wasmtime_func_t *func);

// Calls a function. Three outcomes: an owned error returned; an owned trap in `*trap`; neither, and `results`
// written. `*trap` is NULL in the other two. Arguments stay the caller's, results become the caller's.
WASM_API_EXTERN wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *store, const wasmtime_func_t *func,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap);

// Calls a function with raw slots: parameters from the first slot on, results overwrite them. An array that is
// shorter than the larger of both counts is refused; references among the values that are not the store's are undefined
// behaviour. Outcomes as for `wasmtime_func_call`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_func_call_unchecked(wasmtime_context_t *store,
    const wasmtime_func_t *func, wasmtime_val_raw_t *args_and_results, size_t args_and_results_len,
    wasm_trap_t **trap);

// Makes a handle from a raw value that machine code of the store gave, or that `wasmtime_func_to_raw` did, and writes
// it to `ret`. NULL makes the null function; using a handle made from anything else is undefined behaviour.
WASM_API_EXTERN void wasmtime_func_from_raw(wasmtime_context_t *context, void *raw, wasmtime_func_t *ret);

// The raw value of a function; NULL for the null function and for one of another store.
WASM_API_EXTERN void *wasmtime_func_to_raw(wasmtime_context_t *context, const wasmtime_func_t *func);

// Looks up an export of the calling instance, of any kind: true and `item` written, or false, also when the
// host called the function itself. Once the host function returned the caller's use is undefined behaviour.
WASM_API_EXTERN bool wasmtime_caller_export_get(wasmtime_caller_t *caller, const char *name, size_t name_len,
    wasmtime_extern_t *item);

// The context of the store, borrowed until the host function returns; then the caller's use is undefined behaviour.
WASM_API_EXTERN wasmtime_context_t *wasmtime_caller_context(wasmtime_caller_t *caller);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_FUNC_H
