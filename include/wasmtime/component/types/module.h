/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_TYPES_MODULE_H
#define TENON_WASMTIME_COMPONENT_TYPES_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// The type of a core module. There are none, since components are not supported.
typedef struct wasmtime_module_type wasmtime_module_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_module_type_t *wasmtime_module_type_clone(const wasmtime_module_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_module_type_delete(wasmtime_module_type_t *ty);

// How many exports there are.
WASM_API_EXTERN size_t wasmtime_module_type_export_count(const wasmtime_module_type_t *ty,
    const wasm_engine_t *engine);

// The export at this position, owned by the caller; NULL if there is none.
WASM_API_EXTERN wasm_exporttype_t *wasmtime_module_type_export_nth(const wasmtime_module_type_t *ty,
    const wasm_engine_t *engine, size_t nth);

// How many imports there are.
WASM_API_EXTERN size_t wasmtime_module_type_import_count(const wasmtime_module_type_t *ty,
    const wasm_engine_t *engine);

// The import at this position, owned by the caller; NULL if there is none.
WASM_API_EXTERN wasm_importtype_t *wasmtime_module_type_import_nth(const wasmtime_module_type_t *ty,
    const wasm_engine_t *engine, size_t nth);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_TYPES_MODULE_H
