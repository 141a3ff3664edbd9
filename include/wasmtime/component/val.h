/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_COMPONENT_VAL_H
#define TENON_WASMTIME_COMPONENT_VAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>
#include <wasmtime/component/types/resource.h>

// What a value is: one of the numbers below.
typedef uint8_t wasmtime_component_valkind_t;

#define WASMTIME_COMPONENT_BOOL 0
#define WASMTIME_COMPONENT_S8 1
#define WASMTIME_COMPONENT_U8 2
#define WASMTIME_COMPONENT_S16 3
#define WASMTIME_COMPONENT_U16 4
#define WASMTIME_COMPONENT_S32 5
#define WASMTIME_COMPONENT_U32 6
#define WASMTIME_COMPONENT_S64 7
#define WASMTIME_COMPONENT_U64 8
#define WASMTIME_COMPONENT_F32 9
#define WASMTIME_COMPONENT_F64 10
#define WASMTIME_COMPONENT_CHAR 11
#define WASMTIME_COMPONENT_STRING 12
#define WASMTIME_COMPONENT_LIST 13
#define WASMTIME_COMPONENT_RECORD 14
#define WASMTIME_COMPONENT_TUPLE 15
#define WASMTIME_COMPONENT_VARIANT 16
#define WASMTIME_COMPONENT_ENUM 17
#define WASMTIME_COMPONENT_OPTION 18
#define WASMTIME_COMPONENT_RESULT 19
#define WASMTIME_COMPONENT_FLAGS 20
#define WASMTIME_COMPONENT_RESOURCE 21
#define WASMTIME_COMPONENT_MAP 22

struct wasmtime_component_val;
struct wasmtime_component_valrecord_entry;
struct wasmtime_component_valmap_entry;

// A resource of a component. There are none, since components are not supported.
typedef struct wasmtime_component_resource_any wasmtime_component_resource_any_t;

// The elements of a list.
typedef struct wasmtime_component_vallist {
  size_t size;
  struct wasmtime_component_val *data;
} wasmtime_component_vallist_t;

// The fields of a record.
typedef struct wasmtime_component_valrecord {
  size_t size;
  struct wasmtime_component_valrecord_entry *data;
} wasmtime_component_valrecord_t;

// The elements of a tuple.
typedef struct wasmtime_component_valtuple {
  size_t size;
  struct wasmtime_component_val *data;
} wasmtime_component_valtuple_t;

// The names of the flags that are set.
typedef struct wasmtime_component_valflags {
  size_t size;
  wasm_name_t *data;
} wasmtime_component_valflags_t;

// The entries of a map.
typedef struct wasmtime_component_valmap {
  size_t size;
  struct wasmtime_component_valmap_entry *data;
} wasmtime_component_valmap_t;

// The case of a variant by name, with its payload or NULL.
typedef struct {
  wasm_name_t discriminant;
  struct wasmtime_component_val *val;
} wasmtime_component_valvariant_t;

// Which side of a result, with its payload or NULL.
typedef struct {
  bool is_ok;
  struct wasmtime_component_val *val;
} wasmtime_component_valresult_t;

// By kind, the content; owned.
typedef union {
  bool boolean;
  int8_t s8;
  uint8_t u8;
  int16_t s16;
  uint16_t u16;
  int32_t s32;
  uint32_t u32;
  int64_t s64;
  uint64_t u64;
  float32_t f32;
  float64_t f64;
  uint32_t character;
  wasm_name_t string;
  wasmtime_component_vallist_t list;
  wasmtime_component_valrecord_t record;
  wasmtime_component_valtuple_t tuple;
  wasmtime_component_valvariant_t variant;
  wasm_name_t enumeration;
  struct wasmtime_component_val *option;
  wasmtime_component_valresult_t result;
  wasmtime_component_valflags_t flags;
  wasmtime_component_valmap_t map;
  wasmtime_component_resource_any_t *resource;
} wasmtime_component_valunion_t;

// A value; its content belongs to it.
typedef struct wasmtime_component_val {
  wasmtime_component_valkind_t kind;
  wasmtime_component_valunion_t of;
} wasmtime_component_val_t;

// A field of a record.
typedef struct wasmtime_component_valrecord_entry {
  wasm_name_t name;
  wasmtime_component_val_t val;
} wasmtime_component_valrecord_entry_t;

// An entry of a map.
typedef struct wasmtime_component_valmap_entry {
  wasmtime_component_val_t key;
  wasmtime_component_val_t value;
} wasmtime_component_valmap_entry_t;

// A resource of the host: its number, the number of its type, and whether its holder has to end its life.
typedef struct wasmtime_component_resource_host wasmtime_component_resource_host_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Moves the content of `val` into a value on the heap, owned by the caller; `val` becomes `false`.
WASM_API_EXTERN wasmtime_component_val_t *wasmtime_component_val_new(wasmtime_component_val_t *val);

// Frees a value on the heap with its content; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_val_free(wasmtime_component_val_t *it);

// Writes a deep copy to `dst`.
WASM_API_EXTERN void wasmtime_component_val_clone(const wasmtime_component_val_t *src,
    wasmtime_component_val_t *dst);

// Frees the content; the value becomes `false`.
WASM_API_EXTERN void wasmtime_component_val_delete(wasmtime_component_val_t *value);

// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
WASM_API_EXTERN void wasmtime_component_vallist_new(wasmtime_component_vallist_t *out, size_t size,
    const wasmtime_component_val_t *ptr);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_vallist_new_empty(wasmtime_component_vallist_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasmtime_component_vallist_new_uninit(wasmtime_component_vallist_t *out, size_t size);

// Makes `dst` a deep copy of `src`.
WASM_API_EXTERN void wasmtime_component_vallist_copy(wasmtime_component_vallist_t *dst,
    const wasmtime_component_vallist_t *src);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_vallist_delete(wasmtime_component_vallist_t *value);

// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
WASM_API_EXTERN void wasmtime_component_valrecord_new(wasmtime_component_valrecord_t *out, size_t size,
    const wasmtime_component_valrecord_entry_t *ptr);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valrecord_new_empty(wasmtime_component_valrecord_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasmtime_component_valrecord_new_uninit(wasmtime_component_valrecord_t *out,
    size_t size);

// Makes `dst` a deep copy of `src`.
WASM_API_EXTERN void wasmtime_component_valrecord_copy(wasmtime_component_valrecord_t *dst,
    const wasmtime_component_valrecord_t *src);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valrecord_delete(wasmtime_component_valrecord_t *value);

// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
WASM_API_EXTERN void wasmtime_component_valtuple_new(wasmtime_component_valtuple_t *out, size_t size,
    const wasmtime_component_val_t *ptr);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valtuple_new_empty(wasmtime_component_valtuple_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasmtime_component_valtuple_new_uninit(wasmtime_component_valtuple_t *out, size_t size);

// Makes `dst` a deep copy of `src`.
WASM_API_EXTERN void wasmtime_component_valtuple_copy(wasmtime_component_valtuple_t *dst,
    const wasmtime_component_valtuple_t *src);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valtuple_delete(wasmtime_component_valtuple_t *value);

// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
WASM_API_EXTERN void wasmtime_component_valflags_new(wasmtime_component_valflags_t *out, size_t size,
    const wasm_name_t *ptr);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valflags_new_empty(wasmtime_component_valflags_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasmtime_component_valflags_new_uninit(wasmtime_component_valflags_t *out, size_t size);

// Makes `dst` a deep copy of `src`.
WASM_API_EXTERN void wasmtime_component_valflags_copy(wasmtime_component_valflags_t *dst,
    const wasmtime_component_valflags_t *src);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valflags_delete(wasmtime_component_valflags_t *value);

// Makes `out` a vector of the `size` elements at `ptr`, whose ownership moves into it.
WASM_API_EXTERN void wasmtime_component_valmap_new(wasmtime_component_valmap_t *out, size_t size,
    const wasmtime_component_valmap_entry_t *ptr);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valmap_new_empty(wasmtime_component_valmap_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasmtime_component_valmap_new_uninit(wasmtime_component_valmap_t *out, size_t size);

// Makes `dst` a deep copy of `src`.
WASM_API_EXTERN void wasmtime_component_valmap_copy(wasmtime_component_valmap_t *dst,
    const wasmtime_component_valmap_t *src);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasmtime_component_valmap_delete(wasmtime_component_valmap_t *value);

// The resource's type, owned by the caller.
WASM_API_EXTERN wasmtime_component_resource_type_t *wasmtime_component_resource_any_type(const wasmtime_component_resource_any_t *resource);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_resource_any_t *wasmtime_component_resource_any_clone(const wasmtime_component_resource_any_t *resource);

// Whether the handle owns the resource.
WASM_API_EXTERN bool wasmtime_component_resource_any_owned(const wasmtime_component_resource_any_t *resource);

// Ends a resource's life: an error, since components are not supported.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_resource_any_drop(wasmtime_context_t *ctx,
    const wasmtime_component_resource_any_t *resource);

// The host's resource behind a handle: an error, since components are not supported. `ret` becomes NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_resource_any_to_host(wasmtime_context_t *ctx,
    const wasmtime_component_resource_any_t *resource, wasmtime_component_resource_host_t **ret);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_resource_any_delete(wasmtime_component_resource_any_t *resource);

// A resource of the host with these numbers, owned by the caller.
WASM_API_EXTERN wasmtime_component_resource_host_t *wasmtime_component_resource_host_new(bool owned,
    uint32_t rep, uint32_t ty);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_component_resource_host_t *wasmtime_component_resource_host_clone(const wasmtime_component_resource_host_t *resource);

// The resource's number.
WASM_API_EXTERN uint32_t wasmtime_component_resource_host_rep(const wasmtime_component_resource_host_t *resource);

// The number of the resource's type.
WASM_API_EXTERN uint32_t wasmtime_component_resource_host_type(const wasmtime_component_resource_host_t *resource);

// Whether the holder has to end its life.
WASM_API_EXTERN bool wasmtime_component_resource_host_owned(const wasmtime_component_resource_host_t *resource);

// A handle that components understand: an error, since they are not supported. `ret` becomes NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_component_resource_host_to_any(wasmtime_context_t *ctx,
    const wasmtime_component_resource_host_t *resource, wasmtime_component_resource_any_t **ret);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_component_resource_host_delete(wasmtime_component_resource_host_t *resource);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_COMPONENT_VAL_H
