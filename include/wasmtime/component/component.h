/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_COMPONENT_H
#define TENON_WASMTIME_COMPONENT_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/component/types/component.h>

// Where in a component an export is found. There are none, since components are not supported.
typedef struct wasmtime_component_export_index_t wasmtime_component_export_index_t;

// A compiled component. There are none, since components are not supported.
typedef struct wasmtime_component_t wasmtime_component_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_t *wasmtime_component_clone(const wasmtime_component_t *component);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_delete(wasmtime_component_t *component);

// Takes a component back that was serialized: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_deserialize(const wasm_engine_t *engine,
    const uint8_t *buf, size_t len, wasmtime_component_t **component_out);

// Takes a component back from a file: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_deserialize_file(const wasm_engine_t *engine,
    const char *path, wasmtime_component_t **component_out);

// Compiles a component: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_new(const wasm_engine_t *engine, const uint8_t *buf,
    size_t len, wasmtime_component_t **component_out);

// Writes a component's machine code to `ret`: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_serialize(const wasmtime_component_t *component,
    wasm_byte_vec_t *ret);

// The component's type, owned by the caller.
WASM_API_EXTERN wasmtime_component_type_t *wasmtime_component_type(const wasmtime_component_t *component);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_export_index_t *wasmtime_component_export_index_clone(const wasmtime_component_export_index_t *index);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_export_index_delete(wasmtime_component_export_index_t *export_index);

// Where an export is found, owned by the caller; NULL if there is none.
WASM_API_EXTERN wasmtime_component_export_index_t *wasmtime_component_get_export_index(const wasmtime_component_t *component,
    const wasmtime_component_export_index_t *instance_export_index, const char *name, size_t name_len);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_COMPONENT_H
