/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_INSTANCE_H
#define TENON_WASMTIME_COMPONENT_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/conf.h>
#include <wasmtime/store.h>
#include <wasmtime/component/component.h>
#include <wasmtime/component/func.h>

// An instance: a plain handle of its store.
typedef struct wasmtime_component_instance {
  uint64_t store_id;
  uint32_t __private;
} wasmtime_component_instance_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Where an export is found, owned by the caller; NULL if there is none.
WASM_API_EXTERN wasmtime_component_export_index_t *wasmtime_component_instance_get_export_index(const wasmtime_component_instance_t *instance,
    wasmtime_context_t *context, const wasmtime_component_export_index_t *instance_export_index,
    const char *name, size_t name_len);

// Finds an exported function: false, since there are no instances. `func_out` is untouched.
WASM_API_EXTERN bool wasmtime_component_instance_get_func(const wasmtime_component_instance_t *instance,
    wasmtime_context_t *context, const wasmtime_component_export_index_t *export_index,
    wasmtime_component_func_t *func_out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_INSTANCE_H
