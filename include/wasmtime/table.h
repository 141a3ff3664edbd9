/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_TABLE_H
#define TENON_WASMTIME_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes a table of the store, every element being `init`, and writes it to `table`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_table_new(wasmtime_context_t *store, const wasm_tabletype_t *ty,
    const wasmtime_val_t *init, wasmtime_table_t *table);

// The table's type, owned by the caller; NULL if the table is of another store.
WASM_API_EXTERN wasm_tabletype_t *wasmtime_table_type(const wasmtime_context_t *store,
    const wasmtime_table_t *table);

// Reads an element: true and `val` written, owned by the caller, or false if `index` is out of bounds.
WASM_API_EXTERN bool wasmtime_table_get(wasmtime_context_t *store, const wasmtime_table_t *table,
    uint64_t index, wasmtime_val_t *val);

// Writes an element.
WASM_API_EXTERN wasmtime_error_t *wasmtime_table_set(wasmtime_context_t *store, const wasmtime_table_t *table,
    uint64_t index, const wasmtime_val_t *value);

// The table's size in elements.
WASM_API_EXTERN uint64_t wasmtime_table_size(const wasmtime_context_t *store, const wasmtime_table_t *table);

// Adds `delta` elements of value `init` and writes the size before to `prev_size`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_table_grow(wasmtime_context_t *store,
    const wasmtime_table_t *table, uint64_t delta, const wasmtime_val_t *init, uint64_t *prev_size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_TABLE_H
