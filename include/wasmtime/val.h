/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_VAL_H
#define TENON_WASMTIME_VAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/extern.h>

// What a wasmtime_val_t holds: one of the numbers below.
typedef uint8_t wasmtime_valkind_t;

// The bytes of a vector, little endian.
typedef uint8_t wasmtime_v128[16];

// A rooted reference to a guest object. A store_id of 0 is the null
// reference.
typedef struct wasmtime_anyref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_anyref_t;

// A rooted reference to an exception. A store_id of 0 is the null
// reference.
typedef struct wasmtime_exnref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_exnref_t;

// A rooted reference to a host object: the object lives at least as long as this root. A store_id of 0 is the null
// reference.
typedef struct wasmtime_externref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_externref_t;

// A rooted reference to a guest object that can be compared. A store_id of 0 is the null
// reference.
typedef struct wasmtime_eqref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_eqref_t;

// A rooted reference to a struct. A store_id of 0 is the null
// reference.
typedef struct wasmtime_structref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_structref_t;

// A rooted reference to an array. A store_id of 0 is the null
// reference.
typedef struct wasmtime_arrayref {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  void *__private3;
} wasmtime_arrayref_t;

// By kind, what the value is.
typedef union wasmtime_valunion {
  // WASMTIME_I32
  int32_t i32;
  // WASMTIME_I64
  int64_t i64;
  // WASMTIME_F32
  float32_t f32;
  // WASMTIME_F64
  float64_t f64;
  // WASMTIME_ANYREF
  wasmtime_anyref_t anyref;
  // WASMTIME_EXTERNREF
  wasmtime_externref_t externref;
  // WASMTIME_EXNREF
  wasmtime_exnref_t exnref;
  // WASMTIME_FUNCREF
  wasmtime_func_t funcref;
  // WASMTIME_V128
  wasmtime_v128 v128;
} wasmtime_valunion_t;

// A value without its kind: the slot of an unchecked call. References among them are no roots.
typedef union wasmtime_val_raw {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  wasmtime_v128 v128;
  uint32_t anyref;
  uint32_t externref;
  uint32_t exnref;
  void *funcref;
} wasmtime_val_raw_t;

// A value with its kind. References but those to functions are owned: wasmtime_val_unroot gives them up.
typedef struct wasmtime_val {
  wasmtime_valkind_t kind;
  wasmtime_valunion_t of;
} wasmtime_val_t;

// `of.i32`
#define WASMTIME_I32 0

// `of.i64`
#define WASMTIME_I64 1

// `of.f32`
#define WASMTIME_F32 2

// `of.f64`
#define WASMTIME_F64 3

// `of.v128`
#define WASMTIME_V128 4

// `of.funcref`
#define WASMTIME_FUNCREF 5

// `of.externref`
#define WASMTIME_EXTERNREF 6

// `of.anyref`
#define WASMTIME_ANYREF 7

// `of.exnref`
#define WASMTIME_EXNREF 8

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Gives up what the value holds and makes it the zero of its kind; NULL is ignored.
WASM_API_EXTERN void wasmtime_val_unroot(wasmtime_val_t *val);

// Writes the same value, with a root of its own, to `dst`.
WASM_API_EXTERN void wasmtime_val_clone(const wasmtime_val_t *src, wasmtime_val_t *dst);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
#define WASMTIME_ALIGNOF(t) alignof(t)
#else
#define WASMTIME_ALIGNOF(t) _Alignof(t)
#endif

// Compile-time checks of the sizes that machine code relies on.
static inline void __wasmtime_val_assertions(void) {
  static_assert(sizeof(wasmtime_valunion_t) <= 24 && sizeof(wasmtime_valunion_t) >= 16, "size of a value");
  static_assert(WASMTIME_ALIGNOF(wasmtime_valunion_t) == 8, "alignment of a value");
  static_assert(sizeof(wasmtime_val_raw_t) == 16, "size of a slot");
  static_assert(WASMTIME_ALIGNOF(wasmtime_val_raw_t) == 8, "alignment of a slot");
}

#undef WASMTIME_ALIGNOF

// Makes the reference null.
static inline void wasmtime_funcref_set_null(wasmtime_func_t *func) { func->store_id = 0; }

// Whether the reference is null.
static inline bool wasmtime_funcref_is_null(const wasmtime_func_t *func) { return func->store_id == 0; }

#endif // TENON_WASMTIME_VAL_H
