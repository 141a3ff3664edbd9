/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_LINKER_H
#define TENON_WASMTIME_COMPONENT_LINKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/async.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>
#include <wasmtime/component/component.h>
#include <wasmtime/component/instance.h>
#include <wasmtime/component/types/func.h>
#include <wasmtime/component/types/resource.h>
#include <wasmtime/component/val.h>

// An instance that is being defined in a linker; borrows the linker. There are none, since components are not supported.
typedef struct wasmtime_component_linker_instance_t wasmtime_component_linker_instance_t;

// Definitions by name, to satisfy the imports of components. There are none, since components are not supported.
typedef struct wasmtime_component_linker_t wasmtime_component_linker_t;

// A host function: reads `args`, writes `results`, and returns NULL, or an error (consumed) that stops the guest.
typedef wasmtime_error_t *(*wasmtime_component_func_callback_t)(void *env, wasmtime_context_t *context,
    const wasmtime_component_func_type_t *ty, wasmtime_component_val_t *args, size_t nargs,
    wasmtime_component_val_t *results, size_t nresults);

// An asynchronous host function: sets `continuation_ret`, which is asked until the results are written, or
// `error_ret`.
typedef void (*wasmtime_component_func_async_callback_t)(void *env, wasmtime_context_t *context,
    const wasmtime_component_func_type_t *ty, wasmtime_component_val_t *args, size_t nargs,
    wasmtime_component_val_t *results, size_t nresults, wasmtime_error_t **error_ret,
    wasmtime_async_continuation_t *continuation_ret);

// Ends the life of a host resource with the number `rep`; returns NULL, or an error (consumed).
typedef wasmtime_error_t *(*wasmtime_component_resource_destructor_t)(void *env, wasmtime_context_t *context,
    uint32_t rep);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Defines the HTTP interfaces: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_add_wasi_http(wasmtime_component_linker_t *linker);

// Defines the HTTP interfaces for asynchronous use: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_add_wasi_http_async(wasmtime_component_linker_t *linker);

// Defines the WASI interfaces: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_add_wasip2(wasmtime_component_linker_t *linker);

// Defines the WASI interfaces for asynchronous use: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_add_wasip2_async(wasmtime_component_linker_t *linker);

// Whether a name may be defined twice: does nothing.
WASM_API_EXTERN void wasmtime_component_linker_allow_shadowing(wasmtime_component_linker_t *linker,
    bool allow);

// Defines what the component misses: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_define_unknown_imports_as_traps(wasmtime_component_linker_t *linker,
    const wasmtime_component_t *component);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_linker_delete(wasmtime_component_linker_t *linker);

// Instantiates a component: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instantiate(const wasmtime_component_linker_t *linker,
    wasmtime_context_t *context, const wasmtime_component_t *component,
    wasmtime_component_instance_t *instance_out);

// Starts an instantiation: writes an error to `error_ret` and gives a future that is ready at once.
// The future is owned by the caller.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_component_linker_instantiate_async(const wasmtime_component_linker_t *linker,
    wasmtime_context_t *context, const wasmtime_component_t *component,
    wasmtime_component_instance_t *instance_out, wasmtime_error_t **error_ret);

// A linker: NULL, since components are not supported. Every function of linkers takes NULL.
// There is nothing to delete.
WASM_API_EXTERN wasmtime_component_linker_t *wasmtime_component_linker_new(const wasm_engine_t *engine);

// The top of the linker, owned by the caller; NULL for a NULL linker.
WASM_API_EXTERN wasmtime_component_linker_instance_t *wasmtime_component_linker_root(wasmtime_component_linker_t *linker);

// Defines a function: an error, since components are not supported. `finalizer` runs before this returns.
// `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instance_add_func(wasmtime_component_linker_instance_t *linker_instance,
    const char *name, size_t name_len, wasmtime_component_func_callback_t callback, void *data,
    void (*finalizer)(void *));

// Defines an asynchronous function: an error, since components are not supported. `finalizer` runs before
// this returns. `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instance_add_func_async(wasmtime_component_linker_instance_t *linker_instance,
    const char *name, size_t name_len, wasmtime_component_func_async_callback_t callback, void *data,
    void (*finalizer)(void *));

// Defines an instance: an error, since components are not supported. The out parameter becomes NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instance_add_instance(wasmtime_component_linker_instance_t *linker_instance,
    const char *name, size_t name_len, wasmtime_component_linker_instance_t **linker_instance_out);

// Defines a core module: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instance_add_module(wasmtime_component_linker_instance_t *linker_instance,
    const char *name, size_t name_len, const wasmtime_module_t *module);

// Defines a resource type: an error, since components are not supported. `finalizer` runs before this
// returns. `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_linker_instance_add_resource(wasmtime_component_linker_instance_t *linker_instance,
    const char *name, size_t name_len, const wasmtime_component_resource_type_t *resource,
    wasmtime_component_resource_destructor_t destructor, void *data, void (*finalizer)(void *));

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_linker_instance_delete(wasmtime_component_linker_instance_t *linker_instance);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_LINKER_H
