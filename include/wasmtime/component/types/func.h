/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_TYPES_FUNC_H
#define TENON_WASMTIME_COMPONENT_TYPES_FUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/conf.h>
#include <wasmtime/component/types/val.h>

// The type of a function. There are none, since components are not supported.
typedef struct wasmtime_component_func_type_t wasmtime_component_func_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Whether calls are asynchronous.
WASM_API_EXTERN bool wasmtime_component_func_type_async(const wasmtime_component_func_type_t *ty);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_func_type_t *wasmtime_component_func_type_clone(const wasmtime_component_func_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_func_type_delete(wasmtime_component_func_type_t *ty);

// How many parameters there are.
WASM_API_EXTERN size_t wasmtime_component_func_type_param_count(const wasmtime_component_func_type_t *ty);

// Writes name (borrowed) and type (owned by the caller) of a parameter; false if there is none.
WASM_API_EXTERN bool wasmtime_component_func_type_param_nth(const wasmtime_component_func_type_t *ty,
    size_t nth, const char **name_ret, size_t *name_len_ret, wasmtime_component_valtype_t *type_ret);

// Writes the type of the result, which the caller deletes; false if there is none.
WASM_API_EXTERN bool wasmtime_component_func_type_result(const wasmtime_component_func_type_t *ty,
    wasmtime_component_valtype_t *type_ret);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_TYPES_FUNC_H
