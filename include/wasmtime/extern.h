/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_EXTERN_H
#define TENON_WASMTIME_EXTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime/conf.h>
#include <wasmtime/module.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/store.h>

// What a wasmtime_extern_t holds: one of the WASMTIME_EXTERN_ numbers.
typedef uint8_t wasmtime_extern_kind_t;

// Anything that can be imported or exported; defined below.
typedef struct wasmtime_extern wasmtime_extern_t;

// An exception tag of a store.
typedef struct wasmtime_tag {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __padding;
  uint32_t __private2;
} wasmtime_tag_t;

// A `wasmtime_func_t`.
#define WASMTIME_EXTERN_FUNC 0

// A `wasmtime_global_t`.
#define WASMTIME_EXTERN_GLOBAL 1

// A `wasmtime_table_t`.
#define WASMTIME_EXTERN_TABLE 2

// A `wasmtime_memory_t`.
#define WASMTIME_EXTERN_MEMORY 3

// A `wasmtime_sharedmemory_t *`, owned.
#define WASMTIME_EXTERN_SHAREDMEMORY 4

// A `wasmtime_tag_t`.
#define WASMTIME_EXTERN_TAG 5

// A function of a store. A `store_id` of 0 makes it the null function reference.
typedef struct wasmtime_func {
  uint64_t store_id;
  void *__private;
} wasmtime_func_t;

// A table of a store.
typedef struct wasmtime_table {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __padding;
  uint32_t __private2;
} wasmtime_table_t;

// A memory of a store.
typedef struct wasmtime_memory {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __padding;
  uint32_t __private2;
} wasmtime_memory_t;

// A global of a store.
typedef struct wasmtime_global {
  uint64_t store_id;
  uint32_t __private1;
  uint32_t __private2;
  uint32_t __private3;
} wasmtime_global_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Frees what the value owns (a shared memory), not the value itself; NULL is ignored.
WASM_API_EXTERN void wasmtime_extern_delete(wasmtime_extern_t *val);

// The type, owned by the caller; NULL if the value is of another store.
WASM_API_EXTERN wasm_externtype_t *wasmtime_extern_type(wasmtime_context_t *context,
    const wasmtime_extern_t *val);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

// By kind, which handle it is.
typedef union wasmtime_extern_union {
  // WASMTIME_EXTERN_FUNC
  wasmtime_func_t func;
  // WASMTIME_EXTERN_GLOBAL
  wasmtime_global_t global;
  // WASMTIME_EXTERN_TABLE
  wasmtime_table_t table;
  // WASMTIME_EXTERN_MEMORY
  wasmtime_memory_t memory;
  // WASMTIME_EXTERN_SHAREDMEMORY, owned
  struct wasmtime_sharedmemory *sharedmemory;
  // WASMTIME_EXTERN_TAG
  wasmtime_tag_t tag;
} wasmtime_extern_union_t;

// Anything that can be imported or exported.
struct wasmtime_extern {
  wasmtime_extern_kind_t kind;
  wasmtime_extern_union_t of;
};

#endif // TENON_WASMTIME_EXTERN_H
