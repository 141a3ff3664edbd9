/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_SHAREDMEMORY_H
#define TENON_WASMTIME_SHAREDMEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

// A shared memory. Usable from all threads.
typedef struct wasmtime_sharedmemory wasmtime_sharedmemory_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes a shared memory, written to `ret` and owned by the caller.
WASM_API_EXTERN wasmtime_error_t *wasmtime_sharedmemory_new(const wasm_engine_t *engine,
    const wasm_memorytype_t *ty, wasmtime_sharedmemory_t **ret);

// Frees the handle; NULL is ignored.
WASM_API_EXTERN void wasmtime_sharedmemory_delete(wasmtime_sharedmemory_t *memory);

// Another handle of the same memory, owned by the caller.
WASM_API_EXTERN wasmtime_sharedmemory_t *wasmtime_sharedmemory_clone(const wasmtime_sharedmemory_t *memory);

// The memory's type, owned by the caller.
WASM_API_EXTERN wasm_memorytype_t *wasmtime_sharedmemory_type(const wasmtime_sharedmemory_t *memory);

// The address of the first byte; never moves.
WASM_API_EXTERN uint8_t *wasmtime_sharedmemory_data(const wasmtime_sharedmemory_t *memory);

// The size in bytes.
WASM_API_EXTERN size_t wasmtime_sharedmemory_data_size(const wasmtime_sharedmemory_t *memory);

// The size in pages.
WASM_API_EXTERN uint64_t wasmtime_sharedmemory_size(const wasmtime_sharedmemory_t *memory);

// Adds `delta` pages and writes the size before, in pages, to `prev_size`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_sharedmemory_grow(const wasmtime_sharedmemory_t *memory,
    uint64_t delta, uint64_t *prev_size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_SHAREDMEMORY_H
