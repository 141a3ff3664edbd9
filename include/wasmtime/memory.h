/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_MEMORY_H
#define TENON_WASMTIME_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A memory type, owned by the caller and written to `ret`: sizes in pages of `1 << page_size_log2` bytes,
// which are 64 KiB (16) or single bytes (0).
WASM_API_EXTERN wasmtime_error_t *wasmtime_memorytype_new(uint64_t min, bool max_present, uint64_t max,
    bool is_64, bool shared, uint8_t page_size_log2, wasm_memorytype_t **ret);

// The least size in pages.
WASM_API_EXTERN uint64_t wasmtime_memorytype_minimum(const wasm_memorytype_t *ty);

// The greatest size in pages: true and `max` written, or false if there is none.
WASM_API_EXTERN bool wasmtime_memorytype_maximum(const wasm_memorytype_t *ty, uint64_t *max);

// Whether addresses have 64 bits.
WASM_API_EXTERN bool wasmtime_memorytype_is64(const wasm_memorytype_t *ty);

// Whether threads may share the memory.
WASM_API_EXTERN bool wasmtime_memorytype_isshared(const wasm_memorytype_t *ty);

// Bytes of a page.
WASM_API_EXTERN uint64_t wasmtime_memorytype_page_size(const wasm_memorytype_t *ty);

// Bytes of a page as a power of two.
WASM_API_EXTERN uint8_t wasmtime_memorytype_page_size_log2(const wasm_memorytype_t *ty);

// Makes a memory of the store and writes it to `ret`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_memory_new(wasmtime_context_t *store, const wasm_memorytype_t *ty,
    wasmtime_memory_t *ret);

// The memory's type, owned by the caller; NULL if the memory is of another store.
WASM_API_EXTERN wasm_memorytype_t *wasmtime_memory_type(const wasmtime_context_t *store,
    const wasmtime_memory_t *memory);

// The address of the memory's first byte; growing may move it.
WASM_API_EXTERN uint8_t *wasmtime_memory_data(wasmtime_context_t *store, const wasmtime_memory_t *memory);

// The memory's size in bytes.
WASM_API_EXTERN size_t wasmtime_memory_data_size(const wasmtime_context_t *store,
    const wasmtime_memory_t *memory);

// The memory's size in pages.
WASM_API_EXTERN uint64_t wasmtime_memory_size(const wasmtime_context_t *store,
    const wasmtime_memory_t *memory);

// Bytes of a page.
WASM_API_EXTERN uint64_t wasmtime_memory_page_size(wasmtime_context_t *store,
    const wasmtime_memory_t *memory);

// Bytes of a page as a power of two.
WASM_API_EXTERN uint8_t wasmtime_memory_page_size_log2(wasmtime_context_t *store,
    const wasmtime_memory_t *memory);

// Adds `delta` pages and writes the size before, in pages, to `prev_size`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_memory_grow(wasmtime_context_t *store,
    const wasmtime_memory_t *memory, uint64_t delta, uint64_t *prev_size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_MEMORY_H
