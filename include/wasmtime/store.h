/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_STORE_H
#define TENON_WASMTIME_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasi.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

// Go on until the new deadline.
#define WASMTIME_UPDATE_DEADLINE_CONTINUE 0

// Yield to an asynchronous host first.
#define WASMTIME_UPDATE_DEADLINE_YIELD 1

// What most functions take for a store: borrowed from it, at one address for the store's whole life.
typedef struct wasmtime_context wasmtime_context_t;

// The owner of instances and their parts. One thread at a time; may move between threads.
typedef struct wasmtime_store wasmtime_store_t;

// What an epoch deadline callback asks for: one of the `WASMTIME_UPDATE_DEADLINE_` numbers.
typedef uint8_t wasmtime_update_deadline_kind_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A store, owned by the caller. `data` is the host's own pointer; `finalizer`, if given, is called with it
// when the store is deleted. `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_store_t *wasmtime_store_new(wasm_engine_t *engine, void *data,
    void (*finalizer)(void *));

// The store's context, borrowed.
WASM_API_EXTERN wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *store);

// Sets limits for later creation and growth: bytes of a memory, elements of a table, and how many instances,
// tables and memories there may be. A negative number means the default: no limit of sizes, 10,000 of each.
WASM_API_EXTERN void wasmtime_store_limiter(wasmtime_store_t *store, int64_t memory_size,
    int64_t table_elements, int64_t instances, int64_t tables, int64_t memories);

// Frees a store with everything in it; NULL is ignored. A store whose call is running, as in one of its own host
// functions, is left as it is.
WASM_API_EXTERN void wasmtime_store_delete(wasmtime_store_t *store);

// The host's own pointer.
WASM_API_EXTERN void *wasmtime_context_get_data(const wasmtime_context_t *context);

// Replaces the host's own pointer; the finalizer given to `wasmtime_store_new` will get the new one.
WASM_API_EXTERN void wasmtime_context_set_data(wasmtime_context_t *context, void *data);

// Frees host objects that nothing refers to any more; their finalizers run before this returns.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_gc(wasmtime_context_t *context);

// Sets the fuel left. An error unless the engine was configured with fuel.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_set_fuel(wasmtime_context_t *context, uint64_t fuel);

// Writes the fuel left to `fuel`. An error unless the engine was configured with fuel.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_get_fuel(const wasmtime_context_t *context,
    uint64_t *fuel);

// Gives the store a WASI configuration, which is consumed; may be repeated.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_set_wasi(wasmtime_context_t *context, wasi_config_t *wasi);

// Allows HTTP in components of the store: does nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_context_set_wasi_http(wasmtime_context_t *context);

// The guest stops (or the callback is asked) once the engine's epoch is this far beyond the present one.
WASM_API_EXTERN void wasmtime_context_set_epoch_deadline(wasmtime_context_t *context,
    uint64_t ticks_beyond_current);

// What to do when the deadline has passed: `func` writes by how many ticks it moves, or returns an error
// (consumed) with which the guest stops. `finalizer`, if given, is called with `data` when the callback is
// replaced or the store deleted. A NULL `func` brings the trap back.
WASM_API_EXTERN void wasmtime_store_epoch_deadline_callback(wasmtime_store_t *store,
    wasmtime_error_t *(*func)(const wasmtime_context_t *context, void *data, uint64_t *epoch_deadline_delta,
    wasmtime_update_deadline_kind_t *update_kind), void *data, void (*finalizer)(void *));

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_STORE_H
