/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_TYPES_STRUCTREF_H
#define TENON_WASMTIME_TYPES_STRUCTREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// A byte.
#define WASMTIME_STORAGE_TYPE_KIND_I8 0

// Two bytes.
#define WASMTIME_STORAGE_TYPE_KIND_I16 1

// A value of the type `valtype`.
#define WASMTIME_STORAGE_TYPE_KIND_VALTYPE 2

// The type of a struct in one engine. Immutable; may be used from several threads.
typedef struct wasmtime_struct_type wasmtime_struct_type_t;

// How a field is stored: one of the `WASMTIME_STORAGE_TYPE_KIND_` numbers.
typedef uint8_t wasmtime_storage_type_kind_t;

// How a field is stored; `valtype` is owned and has a meaning for that kind only.
typedef struct wasmtime_storage_type {
  wasmtime_storage_type_kind_t kind;
  wasm_valtype_t *valtype;
} wasmtime_storage_type_t;

// A field of a struct, or the elements of an array.
typedef struct wasmtime_field_type {
  bool mutable_;
  wasmtime_storage_type_t storage;
} wasmtime_field_type_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_storage_type_clone(const wasmtime_storage_type_t *storage,
    wasmtime_storage_type_t *out);

// Frees what the storage holds, not the struct; NULL is ignored.
WASM_API_EXTERN void wasmtime_storage_type_delete(wasmtime_storage_type_t *storage);

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_field_type_clone(const wasmtime_field_type_t *field,
    wasmtime_field_type_t *out);

// Frees what the field holds, not the struct; NULL is ignored.
WASM_API_EXTERN void wasmtime_field_type_delete(wasmtime_field_type_t *field);

// The type of structs with these fields, which stay the caller's; owned by the caller. NULL if a field's type
// belongs to another engine.
WASM_API_EXTERN wasmtime_struct_type_t *wasmtime_struct_type_new(const wasm_engine_t *engine,
    const wasmtime_field_type_t *fields, size_t nfields);

// A copy, owned by the caller; NULL for NULL.
WASM_API_EXTERN wasmtime_struct_type_t *wasmtime_struct_type_copy(const wasmtime_struct_type_t *ty);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_struct_type_delete(wasmtime_struct_type_t *ty);

// How many fields there are.
WASM_API_EXTERN size_t wasmtime_struct_type_num_fields(const wasmtime_struct_type_t *ty);

// Writes a field, owned by the caller, to `out`; false if there is none.
WASM_API_EXTERN bool wasmtime_struct_type_field(const wasmtime_struct_type_t *ty, size_t index,
    wasmtime_field_type_t *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_TYPES_STRUCTREF_H
