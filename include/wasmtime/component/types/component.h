/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_TYPES_COMPONENT_H
#define TENON_WASMTIME_COMPONENT_TYPES_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/component/types/func.h>
#include <wasmtime/component/types/instance.h>
#include <wasmtime/component/types/module.h>
#include <wasmtime/component/types/resource.h>
#include <wasmtime/component/types/val.h>

// What an item is: one of the numbers below.
typedef uint8_t wasmtime_component_item_kind_t;

#define WASMTIME_COMPONENT_ITEM_COMPONENT 0
#define WASMTIME_COMPONENT_ITEM_COMPONENT_INSTANCE 1
#define WASMTIME_COMPONENT_ITEM_MODULE 2
#define WASMTIME_COMPONENT_ITEM_COMPONENT_FUNC 3
#define WASMTIME_COMPONENT_ITEM_RESOURCE 4
#define WASMTIME_COMPONENT_ITEM_CORE_FUNC 5
#define WASMTIME_COMPONENT_ITEM_TYPE 6

// The type of a component. There are none, since components are not supported.
typedef struct wasmtime_component_type_t wasmtime_component_type_t;

// By kind, the item's type; owned.
typedef union wasmtime_component_item_union {
  wasmtime_component_type_t *component;
  wasmtime_component_instance_type_t *component_instance;
  wasmtime_module_type_t *module;
  wasmtime_component_func_type_t *component_func;
  wasmtime_component_resource_type_t *resource;
  wasm_functype_t *core_func;
  wasmtime_component_valtype_t type;
} wasmtime_component_item_union_t;

// What an import or export is, with its type.
typedef struct wasmtime_component_item_t {
  wasmtime_component_item_kind_t kind;
  wasmtime_component_item_union_t of;
} wasmtime_component_item_t;

// An import or export in a type; borrows the type and the engine. There are none, since components are not supported.
typedef struct wasmtime_component_extern_t wasmtime_component_extern_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_type_t *wasmtime_component_type_clone(const wasmtime_component_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_type_delete(wasmtime_component_type_t *ty);

// How many exports there are.
WASM_API_EXTERN size_t wasmtime_component_type_export_count(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine);

// Writes the export of this name, owned by the caller; false if there is none.
WASM_API_EXTERN bool wasmtime_component_type_export_get(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine, const char *name, size_t name_len, wasmtime_component_extern_t **ret);

// Writes name (borrowed) and type (owned by the caller) of an export; false if there is none.
WASM_API_EXTERN bool wasmtime_component_type_export_nth(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine, size_t nth, const char **name_ret, size_t *name_len_ret,
    wasmtime_component_extern_t **ret);

// How many imports there are.
WASM_API_EXTERN size_t wasmtime_component_type_import_count(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine);

// Writes the import of this name, owned by the caller; false if there is none.
WASM_API_EXTERN bool wasmtime_component_type_import_get(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine, const char *name, size_t name_len, wasmtime_component_extern_t **ret);

// Writes name (borrowed) and type (owned by the caller) of an import; false if there is none.
WASM_API_EXTERN bool wasmtime_component_type_import_nth(const wasmtime_component_type_t *ty,
    const wasm_engine_t *engine, size_t nth, const char **name_ret, size_t *name_len_ret,
    wasmtime_component_extern_t **ret);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_extern_t *wasmtime_component_extern_clone(const wasmtime_component_extern_t *e);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_extern_delete(wasmtime_component_extern_t *it);

// The identifier it carries; NULL if none.
WASM_API_EXTERN const char *wasmtime_component_extern_external_id(const wasmtime_component_extern_t *e,
    size_t *len);

// The interface it implements; NULL if none.
WASM_API_EXTERN const char *wasmtime_component_extern_implements(const wasmtime_component_extern_t *e,
    size_t *len);

// Whether it implements the interface of this name.
WASM_API_EXTERN bool wasmtime_component_extern_is_implements(const wasmtime_component_extern_t *e,
    const char *name, size_t len);

// Writes what kind of thing it is and its type to `ret`, which the caller deletes.
WASM_API_EXTERN void wasmtime_component_extern_type(const wasmtime_component_extern_t *e,
    wasmtime_component_item_t *ret);

// Writes a copy to `out`, which the caller deletes.
WASM_API_EXTERN void wasmtime_component_item_clone(const wasmtime_component_item_t *item,
    wasmtime_component_item_t *out);

// Frees what the item owns; the struct is the caller's.
WASM_API_EXTERN void wasmtime_component_item_delete(wasmtime_component_item_t *it);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_TYPES_COMPONENT_H
