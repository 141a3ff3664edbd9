/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_TYPES_INSTANCE_H
#define TENON_WASMTIME_COMPONENT_TYPES_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// An import or export in a type.
typedef struct wasmtime_component_extern_t wasmtime_component_extern_t;

// The type of an instance. There are none, since components are not supported.
typedef struct wasmtime_component_instance_type wasmtime_component_instance_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_instance_type_t *wasmtime_component_instance_type_clone(const wasmtime_component_instance_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_instance_type_delete(wasmtime_component_instance_type_t *ty);

// How many exports there are.
WASM_API_EXTERN size_t wasmtime_component_instance_type_export_count(const wasmtime_component_instance_type_t *ty,
    const wasm_engine_t *engine);

// Writes the export of this name, owned by the caller; false if there is none.
WASM_API_EXTERN bool wasmtime_component_instance_type_export_get(const wasmtime_component_instance_type_t *ty,
    const wasm_engine_t *engine, const char *name, size_t name_len, wasmtime_component_extern_t **ret);

// Writes name (borrowed) and type (owned by the caller) of an export; false if there is none.
WASM_API_EXTERN bool wasmtime_component_instance_type_export_nth(const wasmtime_component_instance_type_t *ty,
    const wasm_engine_t *engine, size_t nth, const char **name_ret, size_t *name_len_ret,
    wasmtime_component_extern_t **ret);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_TYPES_INSTANCE_H
