/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_TYPES_VAL_H
#define TENON_WASMTIME_TYPES_VAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

// What a reference refers to: one of the WASMTIME_HEAPTYPE_KIND_ numbers.
typedef uint8_t wasmtime_heaptype_kind_t;

struct wasmtime_array_type;
struct wasmtime_struct_type;
struct wasmtime_exn_type;

// By kind, the concrete type; owned.
typedef union wasmtime_heaptype_union {
  wasm_functype_t *concrete_func;
  struct wasmtime_array_type *concrete_array;
  struct wasmtime_struct_type *concrete_struct;
  struct wasmtime_exn_type *concrete_exn;
} wasmtime_heaptype_union_t;

// What a reference refers to.
typedef struct wasmtime_heaptype {
  wasmtime_heaptype_kind_t kind;
  wasmtime_heaptype_union_t of;
} wasmtime_heaptype_t;

// A host object.
#define WASMTIME_HEAPTYPE_KIND_EXTERN 0

// No host object.
#define WASMTIME_HEAPTYPE_KIND_NOEXTERN 1

// A function.
#define WASMTIME_HEAPTYPE_KIND_FUNC 2

// A function of the type `of.concrete_func`.
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC 3

// No function.
#define WASMTIME_HEAPTYPE_KIND_NOFUNC 4

// Any guest object.
#define WASMTIME_HEAPTYPE_KIND_ANY 5

// No guest object.
#define WASMTIME_HEAPTYPE_KIND_NONE 6

// A guest object that can be compared.
#define WASMTIME_HEAPTYPE_KIND_EQ 7

// A 31-bit integer.
#define WASMTIME_HEAPTYPE_KIND_I31 8

// An array.
#define WASMTIME_HEAPTYPE_KIND_ARRAY 9

// An array of the type `of.concrete_array`.
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY 10

// A struct.
#define WASMTIME_HEAPTYPE_KIND_STRUCT 11

// A struct of the type `of.concrete_struct`.
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT 12

// An exception.
#define WASMTIME_HEAPTYPE_KIND_EXN 13

// An exception of the type `of.concrete_exn`.
#define WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN 14

// No exception.
#define WASMTIME_HEAPTYPE_KIND_NOEXN 15

// A 32-bit integer.
#define WASMTIME_VALTYPE_KIND_I32 0

// A 64-bit integer.
#define WASMTIME_VALTYPE_KIND_I64 1

// A 32-bit float.
#define WASMTIME_VALTYPE_KIND_F32 2

// A 64-bit float.
#define WASMTIME_VALTYPE_KIND_F64 3

// A vector of 128 bits.
#define WASMTIME_VALTYPE_KIND_V128 4

// The reference type `reftype`.
#define WASMTIME_VALTYPE_KIND_REF 5

// A reference type.
typedef struct wasmtime_reftype {
  bool nullable;
  wasmtime_heaptype_t heaptype;
} wasmtime_reftype_t;

// What a value is: one of the `WASMTIME_VALTYPE_KIND_` numbers.
typedef uint8_t wasmtime_valtype_kind_t;

// A value type; `reftype` has a meaning for references only.
typedef struct wasmtime_valtype {
  wasmtime_valtype_kind_t kind;
  wasmtime_reftype_t reftype;
} wasmtime_valtype_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Frees what a heap type holds, not the struct; NULL is ignored.
WASM_API_EXTERN void wasmtime_heaptype_delete(wasmtime_heaptype_t *ty);

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_heaptype_clone(const wasmtime_heaptype_t *ty, wasmtime_heaptype_t *out);

// Frees what a reference type holds, not the struct; NULL is ignored.
WASM_API_EXTERN void wasmtime_reftype_delete(wasmtime_reftype_t *ty);

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_reftype_clone(const wasmtime_reftype_t *ty, wasmtime_reftype_t *out);

// Writes what a value type of `wasm.h` is, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_valtype_new(const wasm_valtype_t *ty, wasmtime_valtype_t *out);

// Frees what a value type holds, not the struct; NULL is ignored.
WASM_API_EXTERN void wasmtime_valtype_delete(wasmtime_valtype_t *ty);

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasmtime_valtype_clone(const wasmtime_valtype_t *ty, wasmtime_valtype_t *out);

// The type as `wasm.h` has it, owned by the caller; NULL if a number in it means nothing. Only concrete types
// need an engine.
WASM_API_EXTERN wasm_valtype_t *wasmtime_valtype_to_wasm(const wasm_engine_t *engine,
    const wasmtime_valtype_t *ty);

// The type of a 128-bit vector, owned by the caller.
WASM_API_EXTERN wasm_valtype_t *wasmtime_wasm_valtype_v128(void);

// Whether both are the same type.
WASM_API_EXTERN bool wasmtime_wasm_valtype_equal(const wasm_valtype_t *a, const wasm_valtype_t *b);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_TYPES_VAL_H
