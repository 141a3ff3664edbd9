/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_TYPES_RESOURCE_H
#define TENON_WASMTIME_COMPONENT_TYPES_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// The type of a resource. Immutable; may be used from several threads.
typedef struct wasmtime_component_resource_type wasmtime_component_resource_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The type of host resources with this number, owned by the caller.
WASM_API_EXTERN wasmtime_component_resource_type_t *wasmtime_component_resource_type_new_host(uint32_t ty);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_resource_type_t *wasmtime_component_resource_type_clone(const wasmtime_component_resource_type_t *ty);

// Whether both are the same type.
WASM_API_EXTERN bool wasmtime_component_resource_type_equal(const wasmtime_component_resource_type_t *a,
    const wasmtime_component_resource_type_t *b);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_resource_type_delete(wasmtime_component_resource_type_t *resource);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_TYPES_RESOURCE_H
