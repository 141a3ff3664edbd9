/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASM_H
#define TENON_WASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Wrong arguments are answered with an error, a null, false or nothing, and never with a crash, as far as a compare can
// tell: null pointers, objects of another store or engine, by-value handles of a deleted store or beyond its end, numbers
// that mean nothing, text that is no UTF-8. The rest is undefined behaviour:
//
// - using an object that was deleted, or deleting it twice. Settings (`wasm_config_t`) are the exception: a second use of
//   the same is refused.
// - using what was borrowed from an object after that is gone: names, types, frames, contexts, callers.
// - an array or a vector with fewer elements than its size says, text without the terminator that it should have, and
//   vectors to be freed whose buffer did not come from this library.
// - by-value handles and raw values that this library did not make, other than null ones.
// - using a copy of a rooted reference after another copy was given up; only the clone functions make roots.
// - using an exclusive store and what belongs to it from two threads at once. Calls, growth and instantiation that find a
//   guest running on another thread are refused, but not every race is found.
#include <string.h>
#include <assert.h>

#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Marks pointers whose ownership moves with them; means nothing to the compiler.
#define own

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;
typedef byte_t wasm_byte_t;

// Compile-time checks of what this interface takes for granted.
inline void assertions(void) {
  static_assert(sizeof(float32_t) == sizeof(uint32_t), "32-bit floats expected");
  static_assert(sizeof(float64_t) == sizeof(uint64_t), "64-bit floats expected");
  static_assert(sizeof(intptr_t) == sizeof(uint32_t) || sizeof(intptr_t) == sizeof(uint64_t),
                "pointers of 32 or 64 bits expected");
}

// A value type's number: one of wasm_valkind_enum.
typedef uint8_t wasm_valkind_t;

struct wasm_ref_t;

// A value with its kind. A reference in it is owned by it.
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    struct wasm_ref_t *ref;
  } of;
} wasm_val_t;

// Declare a type of this interface with its usual functions, for implementations of it.
#define WASM_DECLARE_OWN(name) \
  typedef struct wasm_##name##_t wasm_##name##_t; \
  WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t *);

#define WASM_DECLARE_VEC(name, ptr_or_none) \
  typedef struct wasm_##name##_vec_t { \
    size_t size; \
    wasm_##name##_t ptr_or_none *data; \
  } wasm_##name##_vec_t; \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(own wasm_##name##_vec_t *out); \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(own wasm_##name##_vec_t *out, size_t); \
  WASM_API_EXTERN void wasm_##name##_vec_new(own wasm_##name##_vec_t *out, size_t, \
                                             own wasm_##name##_t ptr_or_none const[]); \
  WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t *out, const wasm_##name##_vec_t *); \
  WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t *);

#define WASM_DECLARE_TYPE(name) \
  WASM_DECLARE_OWN(name) \
  WASM_DECLARE_VEC(name, *) \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);

#define WASM_DECLARE_REF_BASE(name) \
  WASM_DECLARE_OWN(name) \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *); \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t *, const wasm_##name##_t *); \
  WASM_API_EXTERN void *wasm_##name##_get_host_info(const wasm_##name##_t *); \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t *, void *); \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t *, void *, void (*)(void *));

#define WASM_DECLARE_REF(name) \
  WASM_DECLARE_REF_BASE(name) \
  WASM_API_EXTERN wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *); \
  WASM_API_EXTERN wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *); \
  WASM_API_EXTERN const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *); \
  WASM_API_EXTERN const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *);

#define WASM_DECLARE_SHARABLE_REF(name) \
  WASM_DECLARE_REF(name) \
  WASM_DECLARE_OWN(shared_##name) \
  WASM_API_EXTERN own wasm_shared_##name##_t *wasm_##name##_share(const wasm_##name##_t *); \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_obtain(wasm_store_t *, const wasm_shared_##name##_t *);

#ifdef __cplusplus
} // extern "C"
#endif

// Whether a global can change.
typedef enum wasm_mutability_enum {
  WASM_CONST,
  WASM_VAR,
} wasm_mutability_enum;

// The value types that `wasm.h` has numbers for.
typedef enum wasm_valkind_enum {
  WASM_I32,
  WASM_I64,
  WASM_F32,
  WASM_F64,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF,
} wasm_valkind_enum;

// What kind of thing can be imported or exported.
typedef enum wasm_externkind_enum {
  WASM_EXTERN_FUNC,
  WASM_EXTERN_GLOBAL,
  WASM_EXTERN_TABLE,
  WASM_EXTERN_MEMORY,
  WASM_EXTERN_TAG,
} wasm_externkind_enum;

// Settings for an engine; `wasmtime/config.h` has the functions that change them.
typedef struct wasm_config_t wasm_config_t;

// A compiler with everything that stores share. Usable from all threads; stores, modules and linkers keep it
// alive.
typedef struct wasm_engine_t wasm_engine_t;

// What a module exports: a name and a type.
typedef struct wasm_exporttype_t wasm_exporttype_t;

// A function, global, table or memory.
typedef struct wasm_extern_t wasm_extern_t;

// The type of anything that can be imported or exported. Immutable; may be used from several threads.
typedef struct wasm_externtype_t wasm_externtype_t;

// An object of the host's, for guests to hold and pass on.
typedef struct wasm_foreign_t wasm_foreign_t;

// One guest frame. It keeps the names and the instance that it lends out.
typedef struct wasm_frame_t wasm_frame_t;

// A function of a store.
typedef struct wasm_func_t wasm_func_t;

// The parameters and results of a function. Immutable; may be used from several threads.
typedef struct wasm_functype_t wasm_functype_t;

// A global of a store.
typedef struct wasm_global_t wasm_global_t;

// The type of a global. Immutable; may be used from several threads.
typedef struct wasm_globaltype_t wasm_globaltype_t;

// What a module imports: two names and a type.
typedef struct wasm_importtype_t wasm_importtype_t;

// An instantiated module.
typedef struct wasm_instance_t wasm_instance_t;

// A memory of a store.
typedef struct wasm_memory_t wasm_memory_t;

// The type of a memory. Immutable; may be used from several threads.
typedef struct wasm_memorytype_t wasm_memorytype_t;

// A compiled module. Immutable.
typedef struct wasm_module_t wasm_module_t;

// Any object: a trap, a module, an instance, an extern or a foreign host object.
typedef struct wasm_ref_t wasm_ref_t;

// A module on its way to another store of the same engine.
typedef struct wasm_shared_module_t wasm_shared_module_t;

// The owner of instances and their parts. One thread at a time; its objects keep it alive.
typedef struct wasm_store_t wasm_store_t;

// A table of a store.
typedef struct wasm_table_t wasm_table_t;

// The type of a table. Immutable; may be used from several threads.
typedef struct wasm_tabletype_t wasm_tabletype_t;

// The type of an exception tag. Immutable; may be used from several threads.
typedef struct wasm_tagtype_t wasm_tagtype_t;

// Why a guest was stopped; owned by whoever receives it.
typedef struct wasm_trap_t wasm_trap_t;

// The type of a value. Immutable; may be used from several threads.
typedef struct wasm_valtype_t wasm_valtype_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_byte_vec_t {
  size_t size;
  wasm_byte_t *data;
} wasm_byte_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_valtype_vec_t {
  size_t size;
  wasm_valtype_t **data;
} wasm_valtype_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_functype_vec_t {
  size_t size;
  wasm_functype_t **data;
} wasm_functype_vec_t;

// Whether a global can change: one of `wasm_mutability_enum`.
typedef uint8_t wasm_mutability_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_globaltype_vec_t {
  size_t size;
  wasm_globaltype_t **data;
} wasm_globaltype_vec_t;

// Sizes of a table in elements or of a memory in pages. A `max` of 0xffffffff means that there is none;
// larger limits than 32 bits do not fit here and are shown as 0xffffffff.
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_tabletype_vec_t {
  size_t size;
  wasm_tabletype_t **data;
} wasm_tabletype_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_memorytype_vec_t {
  size_t size;
  wasm_memorytype_t **data;
} wasm_memorytype_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_tagtype_vec_t {
  size_t size;
  wasm_tagtype_t **data;
} wasm_tagtype_vec_t;

// What kind of thing can be imported or exported: one of `wasm_externkind_enum`.
typedef uint8_t wasm_externkind_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_externtype_vec_t {
  size_t size;
  wasm_externtype_t **data;
} wasm_externtype_vec_t;

// Names and messages are byte vectors.
typedef struct wasm_byte_vec_t wasm_name_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_importtype_vec_t {
  size_t size;
  wasm_importtype_t **data;
} wasm_importtype_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_exporttype_vec_t {
  size_t size;
  wasm_exporttype_t **data;
} wasm_exporttype_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_val_vec_t {
  size_t size;
  wasm_val_t *data;
} wasm_val_vec_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_frame_vec_t {
  size_t size;
  wasm_frame_t **data;
} wasm_frame_vec_t;

// A message with a terminating NUL.
typedef struct wasm_byte_vec_t wasm_message_t;

// A host function: reads `args`, writes `results`, and returns NULL, or a trap (consumed) that stops the guest.
typedef struct wasm_trap_t *(*wasm_func_callback_t)(const wasm_val_vec_t *args, wasm_val_vec_t *results);

// A host function with a pointer of the host's own; otherwise as `wasm_func_callback_t`.
typedef struct wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env, const wasm_val_vec_t *args,
    wasm_val_vec_t *results);

// A size of a table or an index into it, in elements.
typedef uint32_t wasm_table_size_t;

// A size of a memory in pages.
typedef uint32_t wasm_memory_pages_t;

// Elements and how many; the buffer belongs to this library.
typedef struct wasm_extern_vec_t {
  size_t size;
  wasm_extern_t **data;
} wasm_extern_vec_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_byte_vec_new_empty(wasm_byte_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_byte_vec_new_uninitialized(wasm_byte_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_byte_vec_new(wasm_byte_vec_t *out, size_t size, const wasm_byte_t *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_byte_vec_copy(wasm_byte_vec_t *out, const wasm_byte_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_byte_vec_delete(wasm_byte_vec_t *vec);

// Default settings, owned by the caller.
WASM_API_EXTERN wasm_config_t *wasm_config_new(void);

// Frees settings; NULL is ignored, and so are settings that are gone already.
WASM_API_EXTERN void wasm_config_delete(wasm_config_t *config);

// An engine with default settings, owned by the caller; NULL if this machine is not supported.
WASM_API_EXTERN wasm_engine_t *wasm_engine_new(void);

// An engine with these settings, which are consumed; NULL if they do not go together, need something that this
// library does not have, or were consumed already.
WASM_API_EXTERN wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *config);

// Frees the handle; NULL is ignored.
WASM_API_EXTERN void wasm_engine_delete(wasm_engine_t *engine);

// A store, owned by the caller.
WASM_API_EXTERN wasm_store_t *wasm_store_new(wasm_engine_t *engine);

// Frees the handle; objects of the store stay usable. NULL is ignored.
WASM_API_EXTERN void wasm_store_delete(wasm_store_t *store);

// The type with the given `wasm_valkind_t` number; NULL if there is none. Owned by the caller.
WASM_API_EXTERN wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind);

// The type's number: one of `wasm_valkind_enum`, 4 for v128, 255 for references that have no number.
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *it);

// Frees a value type; NULL is ignored.
WASM_API_EXTERN void wasm_valtype_delete(wasm_valtype_t *it);

// A copy of a value type, owned by the caller.
WASM_API_EXTERN wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_valtype_vec_new_empty(wasm_valtype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_valtype_vec_new_uninitialized(wasm_valtype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_valtype_vec_new(wasm_valtype_vec_t *out, size_t size, wasm_valtype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_valtype_vec_copy(wasm_valtype_vec_t *out, const wasm_valtype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_valtype_vec_delete(wasm_valtype_vec_t *vec);

// A function type; both vectors move into it and become empty. Owned by the caller.
WASM_API_EXTERN wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params, wasm_valtype_vec_t *results);

// The parameter types, borrowed from the function type.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *it);

// The result types, borrowed from the function type.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *it);

// Frees a function type; NULL is ignored.
WASM_API_EXTERN void wasm_functype_delete(wasm_functype_t *it);

// A copy of a function type, owned by the caller.
WASM_API_EXTERN wasm_functype_t *wasm_functype_copy(const wasm_functype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN wasm_externtype_t *wasm_functype_as_externtype(wasm_functype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN const wasm_externtype_t *wasm_functype_as_externtype_const(const wasm_functype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_functype_vec_new_empty(wasm_functype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_functype_vec_new_uninitialized(wasm_functype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_functype_vec_new(wasm_functype_vec_t *out, size_t size,
    wasm_functype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_functype_vec_copy(wasm_functype_vec_t *out, const wasm_functype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_functype_vec_delete(wasm_functype_vec_t *vec);

// A global type; `content` moves into it. NULL if `content` is NULL or `mutability` neither
// `WASM_CONST` nor `WASM_VAR`. Owned by the caller.
WASM_API_EXTERN wasm_globaltype_t *wasm_globaltype_new(wasm_valtype_t *content, wasm_mutability_t mutability);

// The type of the value, borrowed from the global type.
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *it);

// `WASM_CONST` or `WASM_VAR`.
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *it);

// Frees a global type; NULL is ignored.
WASM_API_EXTERN void wasm_globaltype_delete(wasm_globaltype_t *it);

// A copy of a global type, owned by the caller.
WASM_API_EXTERN wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN wasm_externtype_t *wasm_globaltype_as_externtype(wasm_globaltype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN const wasm_externtype_t *wasm_globaltype_as_externtype_const(const wasm_globaltype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_globaltype_vec_new_empty(wasm_globaltype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_globaltype_vec_new_uninitialized(wasm_globaltype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_globaltype_vec_new(wasm_globaltype_vec_t *out, size_t size,
    wasm_globaltype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_globaltype_vec_copy(wasm_globaltype_vec_t *out, const wasm_globaltype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_globaltype_vec_delete(wasm_globaltype_vec_t *vec);

// A table type; `element` moves into it. NULL unless it is a reference type and `limits` are given.
// Owned by the caller.
WASM_API_EXTERN wasm_tabletype_t *wasm_tabletype_new(wasm_valtype_t *element, const wasm_limits_t *limits);

// The type of the elements, borrowed from the table type.
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *it);

// The limits in elements, borrowed from the table type.
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *it);

// Frees a table type; NULL is ignored.
WASM_API_EXTERN void wasm_tabletype_delete(wasm_tabletype_t *it);

// A copy of a table type, owned by the caller.
WASM_API_EXTERN wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN wasm_externtype_t *wasm_tabletype_as_externtype(wasm_tabletype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN const wasm_externtype_t *wasm_tabletype_as_externtype_const(const wasm_tabletype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_tabletype_vec_new_empty(wasm_tabletype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_tabletype_vec_new_uninitialized(wasm_tabletype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_tabletype_vec_new(wasm_tabletype_vec_t *out, size_t size,
    wasm_tabletype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_tabletype_vec_copy(wasm_tabletype_vec_t *out, const wasm_tabletype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_tabletype_vec_delete(wasm_tabletype_vec_t *vec);

// The type of a 32-bit memory with these limits in pages of 64 KiB. Owned by the caller.
WASM_API_EXTERN wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits);

// The limits in pages, borrowed from the memory type.
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *it);

// Frees a memory type; NULL is ignored.
WASM_API_EXTERN void wasm_memorytype_delete(wasm_memorytype_t *it);

// A copy of a memory type, owned by the caller.
WASM_API_EXTERN wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN wasm_externtype_t *wasm_memorytype_as_externtype(wasm_memorytype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN const wasm_externtype_t *wasm_memorytype_as_externtype_const(const wasm_memorytype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_memorytype_vec_new_empty(wasm_memorytype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_memorytype_vec_new_uninitialized(wasm_memorytype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_memorytype_vec_new(wasm_memorytype_vec_t *out, size_t size,
    wasm_memorytype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_memorytype_vec_copy(wasm_memorytype_vec_t *out, const wasm_memorytype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_memorytype_vec_delete(wasm_memorytype_vec_t *vec);

// A tag type; `functype` moves into it. Owned by the caller.
WASM_API_EXTERN wasm_tagtype_t *wasm_tagtype_new(wasm_functype_t *functype);

// The function type, borrowed from the tag type.
WASM_API_EXTERN const wasm_functype_t *wasm_tagtype_functype(const wasm_tagtype_t *it);

// Frees a tag type; NULL is ignored.
WASM_API_EXTERN void wasm_tagtype_delete(wasm_tagtype_t *it);

// A copy of a tag type, owned by the caller.
WASM_API_EXTERN wasm_tagtype_t *wasm_tagtype_copy(const wasm_tagtype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN wasm_externtype_t *wasm_tagtype_as_externtype(wasm_tagtype_t *it);

// The same object seen as an extern type: same address, not owned.
WASM_API_EXTERN const wasm_externtype_t *wasm_tagtype_as_externtype_const(const wasm_tagtype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_tagtype_vec_new_empty(wasm_tagtype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_tagtype_vec_new_uninitialized(wasm_tagtype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_tagtype_vec_new(wasm_tagtype_vec_t *out, size_t size, wasm_tagtype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_tagtype_vec_copy(wasm_tagtype_vec_t *out, const wasm_tagtype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_tagtype_vec_delete(wasm_tagtype_vec_t *vec);

// The kind: one of `wasm_externkind_enum`.
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *it);

// The same object as a func type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN wasm_functype_t *wasm_externtype_as_functype(wasm_externtype_t *it);

// The same object as a func type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN const wasm_functype_t *wasm_externtype_as_functype_const(const wasm_externtype_t *it);

// The same object as a global type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN wasm_globaltype_t *wasm_externtype_as_globaltype(wasm_externtype_t *it);

// The same object as a global type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN const wasm_globaltype_t *wasm_externtype_as_globaltype_const(const wasm_externtype_t *it);

// The same object as a table type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN wasm_tabletype_t *wasm_externtype_as_tabletype(wasm_externtype_t *it);

// The same object as a table type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN const wasm_tabletype_t *wasm_externtype_as_tabletype_const(const wasm_externtype_t *it);

// The same object as a memory type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN wasm_memorytype_t *wasm_externtype_as_memorytype(wasm_externtype_t *it);

// The same object as a memory type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN const wasm_memorytype_t *wasm_externtype_as_memorytype_const(const wasm_externtype_t *it);

// The same object as a tag type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN wasm_tagtype_t *wasm_externtype_as_tagtype(wasm_externtype_t *it);

// The same object as a tag type, or NULL if it is of another kind; not owned.
WASM_API_EXTERN const wasm_tagtype_t *wasm_externtype_as_tagtype_const(const wasm_externtype_t *it);

// Frees an extern type; NULL is ignored.
WASM_API_EXTERN void wasm_externtype_delete(wasm_externtype_t *it);

// A copy of an extern type, owned by the caller.
WASM_API_EXTERN wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_externtype_vec_new_empty(wasm_externtype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_externtype_vec_new_uninitialized(wasm_externtype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_externtype_vec_new(wasm_externtype_vec_t *out, size_t size,
    wasm_externtype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_externtype_vec_copy(wasm_externtype_vec_t *out, const wasm_externtype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_externtype_vec_delete(wasm_externtype_vec_t *vec);

// An import type; names and type move into it, the names become empty. NULL if a name is no UTF-8.
// Owned by the caller.
WASM_API_EXTERN wasm_importtype_t *wasm_importtype_new(wasm_name_t *module, wasm_name_t *name,
    wasm_externtype_t *ty);

// The name of the module imported from, borrowed from the import type.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *it);

// The name of the import, borrowed from the import type.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *it);

// The type of the import, borrowed from the import type.
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *it);

// Frees an import type; NULL is ignored.
WASM_API_EXTERN void wasm_importtype_delete(wasm_importtype_t *it);

// A copy of an import type, owned by the caller.
WASM_API_EXTERN wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_importtype_vec_new_empty(wasm_importtype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_importtype_vec_new_uninitialized(wasm_importtype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_importtype_vec_new(wasm_importtype_vec_t *out, size_t size,
    wasm_importtype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_importtype_vec_copy(wasm_importtype_vec_t *out, const wasm_importtype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_importtype_vec_delete(wasm_importtype_vec_t *vec);

// An export type; name and type move into it, the name becomes empty. NULL if the name is no UTF-8.
// Owned by the caller.
WASM_API_EXTERN wasm_exporttype_t *wasm_exporttype_new(wasm_name_t *name, wasm_externtype_t *ty);

// The name of the export, borrowed from the export type.
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *it);

// The type of the export, borrowed from the export type.
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *it);

// Frees an export type; NULL is ignored.
WASM_API_EXTERN void wasm_exporttype_delete(wasm_exporttype_t *it);

// A copy of an export type, owned by the caller.
WASM_API_EXTERN wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_exporttype_vec_new_empty(wasm_exporttype_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_exporttype_vec_new_uninitialized(wasm_exporttype_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_exporttype_vec_new(wasm_exporttype_vec_t *out, size_t size,
    wasm_exporttype_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_exporttype_vec_copy(wasm_exporttype_vec_t *out, const wasm_exporttype_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_exporttype_vec_delete(wasm_exporttype_vec_t *vec);

// Frees the reference in a value, if it holds one, and makes it null.
WASM_API_EXTERN void wasm_val_delete(wasm_val_t *v);

// Writes a copy, owned by the caller, to `out`.
WASM_API_EXTERN void wasm_val_copy(wasm_val_t *out, const wasm_val_t *from);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_val_vec_new_empty(wasm_val_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_val_vec_new_uninitialized(wasm_val_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_val_vec_new(wasm_val_vec_t *out, size_t size, const wasm_val_t *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_val_vec_copy(wasm_val_vec_t *out, const wasm_val_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_val_vec_delete(wasm_val_vec_t *vec);

// Frees the handle; the object lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_ref_delete(wasm_ref_t *it);

// Another handle of the same object, owned by the caller; host info is shared. NULL gives NULL.
WASM_API_EXTERN wasm_ref_t *wasm_ref_copy(const wasm_ref_t *it);

// Whether both handles are of the same object. NULL is no object: false.
WASM_API_EXTERN bool wasm_ref_same(const wasm_ref_t *a, const wasm_ref_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_ref_get_host_info(const wasm_ref_t *it);

// Sets the host's own pointer, shared by all copies of the handle. NULL is ignored.
WASM_API_EXTERN void wasm_ref_set_host_info(wasm_ref_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_ref_set_host_info_with_finalizer(wasm_ref_t *it, void *info,
    void (*finalizer)(void *));

// The instance that the frame ran in, borrowed from the frame. NULL if it is not known: when the store has several instances
// of the module, is one that many threads enter, or is gone.
WASM_API_EXTERN wasm_instance_t *wasm_frame_instance(const wasm_frame_t *it);

// The function's index in its module.
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *it);

// Bytes from the start of the function's body, local declarations included; `SIZE_MAX` if unknown.
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *it);

// Bytes from the start of the module; `SIZE_MAX` if unknown.
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *it);

// Frees a frame; NULL is ignored.
WASM_API_EXTERN void wasm_frame_delete(wasm_frame_t *it);

// A copy of a frame, owned by the caller.
WASM_API_EXTERN wasm_frame_t *wasm_frame_copy(const wasm_frame_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_frame_vec_new_empty(wasm_frame_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_frame_vec_new_uninitialized(wasm_frame_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_frame_vec_new(wasm_frame_vec_t *out, size_t size, wasm_frame_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_frame_vec_copy(wasm_frame_vec_t *out, const wasm_frame_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_frame_vec_delete(wasm_frame_vec_t *vec);

// A trap with the given message, which should end in a NUL. Handed to the guest by a host function, it
// stops the guest. Owned by the caller.
WASM_API_EXTERN wasm_trap_t *wasm_trap_new(wasm_store_t *_store, const wasm_message_t *message);

// Writes the message, with a terminating NUL that the size counts, to `out`, which the caller frees.
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *trap, wasm_message_t *out);

// The innermost guest frame, owned by the caller; NULL if none is known.
WASM_API_EXTERN wasm_frame_t *wasm_trap_origin(const wasm_trap_t *trap);

// Writes all guest frames, innermost first, to `out`, which the caller frees.
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *trap, wasm_frame_vec_t *out);

// Frees the handle; the trap lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_trap_delete(wasm_trap_t *it);

// Another handle of the same trap, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_trap_t *wasm_trap_copy(const wasm_trap_t *it);

// Whether both handles are of the same trap.
WASM_API_EXTERN bool wasm_trap_same(const wasm_trap_t *a, const wasm_trap_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_trap_get_host_info(const wasm_trap_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_trap_set_host_info(wasm_trap_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_trap_set_host_info_with_finalizer(wasm_trap_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_trap_as_ref(wasm_trap_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_trap_as_ref_const(const wasm_trap_t *it);

// The reference as a trap, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_trap_t *wasm_ref_as_trap(wasm_ref_t *it);

// The reference as a trap, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_trap_t *wasm_ref_as_trap_const(const wasm_ref_t *it);

// A new object, different from all others. Owned by the caller.
WASM_API_EXTERN wasm_foreign_t *wasm_foreign_new(wasm_store_t *store);

// Frees the handle; the foreign object lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_foreign_delete(wasm_foreign_t *it);

// Another handle of the same foreign object, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_foreign_t *wasm_foreign_copy(const wasm_foreign_t *it);

// Whether both handles are of the same foreign object.
WASM_API_EXTERN bool wasm_foreign_same(const wasm_foreign_t *a, const wasm_foreign_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_foreign_get_host_info(const wasm_foreign_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_foreign_set_host_info(wasm_foreign_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_foreign_set_host_info_with_finalizer(wasm_foreign_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_foreign_as_ref(wasm_foreign_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_foreign_as_ref_const(const wasm_foreign_t *it);

// The reference as a foreign object, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_foreign_t *wasm_ref_as_foreign(wasm_ref_t *it);

// The reference as a foreign object, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_foreign_t *wasm_ref_as_foreign_const(const wasm_ref_t *it);

// Compiles a binary module; NULL if it is invalid. Owned by the caller.
WASM_API_EXTERN wasm_module_t *wasm_module_new(wasm_store_t *store, const wasm_byte_vec_t *binary);

// Whether the bytes are a valid binary module.
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary);

// Writes what the module imports, in order of declaration, to `out`, which the caller frees.
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t *module, wasm_importtype_vec_t *out);

// Writes what the module exports, in order of declaration, to `out`, which the caller frees.
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t *module, wasm_exporttype_vec_t *out);

// Writes the compiled module as bytes to `out`, which the caller frees.
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *module, wasm_byte_vec_t *out);

// A module from what `wasm_module_serialize` wrote in an equal engine; NULL if it is anything else.
// Owned by the caller.
WASM_API_EXTERN wasm_module_t *wasm_module_deserialize(wasm_store_t *store, const wasm_byte_vec_t *bytes);

// The module without its store, owned by the caller; usable on any thread.
WASM_API_EXTERN wasm_shared_module_t *wasm_module_share(const wasm_module_t *module);

// The module for use in `store`; NULL if that has another engine. Owned by the caller.
WASM_API_EXTERN wasm_module_t *wasm_module_obtain(wasm_store_t *store, const wasm_shared_module_t *shared);

// Frees a shared module; NULL is ignored.
WASM_API_EXTERN void wasm_shared_module_delete(wasm_shared_module_t *shared);

// Frees the handle; the module lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_module_delete(wasm_module_t *it);

// Another handle of the same module, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_module_t *wasm_module_copy(const wasm_module_t *it);

// Whether both handles are of the same module.
WASM_API_EXTERN bool wasm_module_same(const wasm_module_t *a, const wasm_module_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_module_get_host_info(const wasm_module_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_module_set_host_info(wasm_module_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_module_set_host_info_with_finalizer(wasm_module_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_module_as_ref(wasm_module_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_module_as_ref_const(const wasm_module_t *it);

// The reference as a module, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_module_t *wasm_ref_as_module(wasm_ref_t *it);

// The reference as a module, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_module_t *wasm_ref_as_module_const(const wasm_ref_t *it);

// Makes a host function of the store, owned by the caller.
WASM_API_EXTERN wasm_func_t *wasm_func_new(wasm_store_t *store, const wasm_functype_t *ty,
    wasm_func_callback_t callback);

// Makes a host function with a pointer of the host's own; `finalizer`, if given, is called with it when the
// store and all its objects are gone. `finalizer` may be NULL.
WASM_API_EXTERN wasm_func_t *wasm_func_new_with_env(wasm_store_t *store, const wasm_functype_t *ty,
    wasm_func_callback_with_env_t callback, void *env, void (*finalizer)(void *));

// The type, owned by the caller.
WASM_API_EXTERN wasm_functype_t *wasm_func_type(const wasm_func_t *func);

// How many parameters the function takes.
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *func);

// How many results the function gives.
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *func);

// Calls the function. NULL, and `results` overwritten; or the reason, whatever it is, as a trap owned by the
// caller.
WASM_API_EXTERN wasm_trap_t *wasm_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
    wasm_val_vec_t *results);

// Frees the handle; the function lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_func_delete(wasm_func_t *it);

// Another handle of the same function, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_func_t *wasm_func_copy(const wasm_func_t *it);

// Whether both handles are of the same function.
WASM_API_EXTERN bool wasm_func_same(const wasm_func_t *a, const wasm_func_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_func_get_host_info(const wasm_func_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_func_set_host_info(wasm_func_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_func_set_host_info_with_finalizer(wasm_func_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_func_as_ref(wasm_func_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_func_as_ref_const(const wasm_func_t *it);

// The reference as a function, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_func_t *wasm_ref_as_func(wasm_ref_t *it);

// The reference as a function, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_func_t *wasm_ref_as_func_const(const wasm_ref_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN wasm_extern_t *wasm_func_as_extern(wasm_func_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN const wasm_extern_t *wasm_func_as_extern_const(const wasm_func_t *it);

// The extern as a func, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_func_t *wasm_extern_as_func(wasm_extern_t *it);

// The extern as a func, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_func_t *wasm_extern_as_func_const(const wasm_extern_t *it);

// Makes a global of the store with this value; NULL if the value is not of the type. Owned by the caller.
WASM_API_EXTERN wasm_global_t *wasm_global_new(wasm_store_t *store, const wasm_globaltype_t *ty,
    const wasm_val_t *value);

// The type, owned by the caller.
WASM_API_EXTERN wasm_globaltype_t *wasm_global_type(const wasm_global_t *global);

// Writes the value, owned by the caller, to `out`; the i32 0 for types that `wasm.h` has no values of.
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *global, wasm_val_t *out);

// Changes the value; ignored if the global cannot change or the value is not of its type.
WASM_API_EXTERN void wasm_global_set(wasm_global_t *global, const wasm_val_t *value);

// Frees the handle; the global lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_global_delete(wasm_global_t *it);

// Another handle of the same global, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_global_t *wasm_global_copy(const wasm_global_t *it);

// Whether both handles are of the same global.
WASM_API_EXTERN bool wasm_global_same(const wasm_global_t *a, const wasm_global_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_global_get_host_info(const wasm_global_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_global_set_host_info(wasm_global_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_global_set_host_info_with_finalizer(wasm_global_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_global_as_ref(wasm_global_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_global_as_ref_const(const wasm_global_t *it);

// The reference as a global, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_global_t *wasm_ref_as_global(wasm_ref_t *it);

// The reference as a global, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_global_t *wasm_ref_as_global_const(const wasm_ref_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN wasm_extern_t *wasm_global_as_extern(wasm_global_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN const wasm_extern_t *wasm_global_as_extern_const(const wasm_global_t *it);

// The extern as a global, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_global_t *wasm_extern_as_global(wasm_extern_t *it);

// The extern as a global, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_global_t *wasm_extern_as_global_const(const wasm_extern_t *it);

// Makes a table of the store, every element being `init`; NULL if that is not of the type. Owned by the caller.
WASM_API_EXTERN wasm_table_t *wasm_table_new(wasm_store_t *store, const wasm_tabletype_t *ty,
    wasm_ref_t *init);

// The type, owned by the caller.
WASM_API_EXTERN wasm_tabletype_t *wasm_table_type(const wasm_table_t *table);

// The element, owned by the caller; NULL if it is null or out of bounds.
WASM_API_EXTERN wasm_ref_t *wasm_table_get(const wasm_table_t *table, wasm_table_size_t index);

// Changes the element, NULL making it null; false if that is not of the type or out of bounds.
WASM_API_EXTERN bool wasm_table_set(wasm_table_t *table, wasm_table_size_t index, wasm_ref_t *value);

// The size in elements.
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *table);

// Adds `delta` elements of value `init`; false if there is no room. A NULL `init` is the null reference.
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t *table, wasm_table_size_t delta, wasm_ref_t *init);

// Frees the handle; the table lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_table_delete(wasm_table_t *it);

// Another handle of the same table, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_table_t *wasm_table_copy(const wasm_table_t *it);

// Whether both handles are of the same table.
WASM_API_EXTERN bool wasm_table_same(const wasm_table_t *a, const wasm_table_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_table_get_host_info(const wasm_table_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_table_set_host_info(wasm_table_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_table_set_host_info_with_finalizer(wasm_table_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_table_as_ref(wasm_table_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_table_as_ref_const(const wasm_table_t *it);

// The reference as a table, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_table_t *wasm_ref_as_table(wasm_ref_t *it);

// The reference as a table, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_table_t *wasm_ref_as_table_const(const wasm_ref_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN wasm_extern_t *wasm_table_as_extern(wasm_table_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN const wasm_extern_t *wasm_table_as_extern_const(const wasm_table_t *it);

// The extern as a table, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_table_t *wasm_extern_as_table(wasm_extern_t *it);

// The extern as a table, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_table_t *wasm_extern_as_table_const(const wasm_extern_t *it);

// Makes a memory of the store; NULL if there is no room or a limit is in the way. Owned by the caller.
WASM_API_EXTERN wasm_memory_t *wasm_memory_new(wasm_store_t *store, const wasm_memorytype_t *ty);

// The type, owned by the caller.
WASM_API_EXTERN wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *memory);

// The address of the first byte; growing may move it.
WASM_API_EXTERN byte_t *wasm_memory_data(wasm_memory_t *memory);

// The size in bytes.
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *memory);

// The size in pages.
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *memory);

// Adds `delta` pages; false if there is no room or a limit is in the way.
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *memory, wasm_memory_pages_t delta);

// Frees the handle; the memory lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_memory_delete(wasm_memory_t *it);

// Another handle of the same memory, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_memory_t *wasm_memory_copy(const wasm_memory_t *it);

// Whether both handles are of the same memory.
WASM_API_EXTERN bool wasm_memory_same(const wasm_memory_t *a, const wasm_memory_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_memory_get_host_info(const wasm_memory_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_memory_set_host_info(wasm_memory_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_memory_set_host_info_with_finalizer(wasm_memory_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_memory_as_ref(wasm_memory_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_memory_as_ref_const(const wasm_memory_t *it);

// The reference as a memory, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_memory_t *wasm_ref_as_memory(wasm_ref_t *it);

// The reference as a memory, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_memory_t *wasm_ref_as_memory_const(const wasm_ref_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN wasm_extern_t *wasm_memory_as_extern(wasm_memory_t *it);

// The same object as an extern: same address, not owned.
WASM_API_EXTERN const wasm_extern_t *wasm_memory_as_extern_const(const wasm_memory_t *it);

// The extern as a memory, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_memory_t *wasm_extern_as_memory(wasm_extern_t *it);

// The extern as a memory, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_memory_t *wasm_extern_as_memory_const(const wasm_extern_t *it);

// The kind: one of `wasm_externkind_enum`.
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *it);

// The type, owned by the caller.
WASM_API_EXTERN wasm_externtype_t *wasm_extern_type(const wasm_extern_t *it);

// Frees the handle; the extern lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_extern_delete(wasm_extern_t *it);

// Another handle of the same extern, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_extern_t *wasm_extern_copy(const wasm_extern_t *it);

// Whether both handles are of the same extern.
WASM_API_EXTERN bool wasm_extern_same(const wasm_extern_t *a, const wasm_extern_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_extern_get_host_info(const wasm_extern_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_extern_set_host_info(wasm_extern_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_extern_set_host_info_with_finalizer(wasm_extern_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_extern_as_ref(wasm_extern_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_extern_as_ref_const(const wasm_extern_t *it);

// The reference as an extern, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_extern_t *wasm_ref_as_extern(wasm_ref_t *it);

// The reference as an extern, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_extern_t *wasm_ref_as_extern_const(const wasm_ref_t *it);

// Makes `out` the empty vector `{0, NULL}`.
WASM_API_EXTERN void wasm_extern_vec_new_empty(wasm_extern_vec_t *out);

// Makes `out` a vector of `size` zeroed elements for the caller to fill.
WASM_API_EXTERN void wasm_extern_vec_new_uninitialized(wasm_extern_vec_t *out, size_t size);

// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
WASM_API_EXTERN void wasm_extern_vec_new(wasm_extern_vec_t *out, size_t size, wasm_extern_t *const *data);

// Makes `out` a deep copy of `from`.
WASM_API_EXTERN void wasm_extern_vec_copy(wasm_extern_vec_t *out, const wasm_extern_vec_t *from);

// Frees elements and buffer and leaves `{0, NULL}`.
WASM_API_EXTERN void wasm_extern_vec_delete(wasm_extern_vec_t *vec);

// Instantiates with imports in the module's order and runs the start function. On failure NULL, and the
// reason as a trap, whatever it is, written to `trap` unless that is NULL. Owned by the caller.
WASM_API_EXTERN wasm_instance_t *wasm_instance_new(wasm_store_t *store, const wasm_module_t *module,
    const wasm_extern_vec_t *imports, wasm_trap_t **trap);

// Writes the exports, in order of declaration, to `out`, which the caller frees.
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t *instance, wasm_extern_vec_t *out);

// Frees the handle; the instance lives on while anything else uses it. NULL is ignored.
WASM_API_EXTERN void wasm_instance_delete(wasm_instance_t *it);

// Another handle of the same instance, owned by the caller; host info is shared.
WASM_API_EXTERN wasm_instance_t *wasm_instance_copy(const wasm_instance_t *it);

// Whether both handles are of the same instance.
WASM_API_EXTERN bool wasm_instance_same(const wasm_instance_t *a, const wasm_instance_t *b);

// The host's own pointer; NULL if none was set.
WASM_API_EXTERN void *wasm_instance_get_host_info(const wasm_instance_t *it);

// Sets the host's own pointer, shared by all copies of the handle.
WASM_API_EXTERN void wasm_instance_set_host_info(wasm_instance_t *it, void *info);

// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
// the pointer is replaced. `finalizer` may be NULL.
WASM_API_EXTERN void wasm_instance_set_host_info_with_finalizer(wasm_instance_t *it, void *info,
    void (*finalizer)(void *));

// The same object as a reference: same address, not owned.
WASM_API_EXTERN wasm_ref_t *wasm_instance_as_ref(wasm_instance_t *it);

// The same object as a reference: same address, not owned.
WASM_API_EXTERN const wasm_ref_t *wasm_instance_as_ref_const(const wasm_instance_t *it);

// The reference as an instance, or NULL if it is something else; not owned.
WASM_API_EXTERN wasm_instance_t *wasm_ref_as_instance(wasm_ref_t *it);

// The reference as an instance, or NULL if it is something else; not owned.
WASM_API_EXTERN const wasm_instance_t *wasm_ref_as_instance_const(const wasm_ref_t *it);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

// Names are byte vectors.
#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

// A limit's maximum that stands for none.
static const uint32_t wasm_limits_max_default = 0xffffffff;

// Bytes of a page of an ordinary memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

// A name from a C string, without its terminator.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s), s);
}

// A name from a C string with its terminator: the form that wasm_trap_new wants.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s) + 1, s);
}

// Whether values of this kind are numbers.
static inline bool wasm_valkind_is_num(wasm_valkind_t k) { return k < WASM_EXTERNREF; }

// Whether values of this kind are references.
static inline bool wasm_valkind_is_ref(wasm_valkind_t k) { return k >= WASM_EXTERNREF; }

// Whether values of this type are numbers.
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}

// Whether values of this type are references.
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

// Value types by name, owned by the caller.
static inline own wasm_valtype_t *wasm_valtype_new_i32(void) { return wasm_valtype_new(WASM_I32); }
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) { return wasm_valtype_new(WASM_I64); }
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) { return wasm_valtype_new(WASM_F32); }
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) { return wasm_valtype_new(WASM_F64); }
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) { return wasm_valtype_new(WASM_EXTERNREF); }
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) { return wasm_valtype_new(WASM_FUNCREF); }

// Function types by number of parameters and results, which are consumed; owned by the caller.
static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_2_0(own wasm_valtype_t *p1, own wasm_valtype_t *p2) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_3_0(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new_empty(&results);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_1_1(own wasm_valtype_t *p, own wasm_valtype_t *r) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_2_1(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_3_1(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_t *rs[1] = {r};
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new(&results, 1, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_0_2(own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_new_empty(&params);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_1_2(own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[1] = {p};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_new(&params, 1, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_2_2(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_new(&params, 2, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}

static inline own wasm_functype_t *wasm_functype_new_3_2(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_t *rs[2] = {r1, r2};
  wasm_valtype_vec_new(&params, 3, ps);
  wasm_valtype_vec_new(&results, 2, rs);
  return wasm_functype_new(&params, &results);
}

// Stores a host pointer in a value, as an integer of its width.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
#if UINTPTR_MAX == UINT32_MAX
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#elif UINTPTR_MAX == UINT64_MAX
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#endif
}

// Reads a host pointer back from such a value.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX == UINT32_MAX
  return (void *)(intptr_t)val->of.i32;
#elif UINTPTR_MAX == UINT64_MAX
  return (void *)(intptr_t)val->of.i64;
#endif
}

// Initializers: an empty vector, a vector that borrows a C array (never to be deleted), values by kind, and a
// result slot.
#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = i}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = i}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = z}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = z}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = r}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

#undef own

#ifdef __cplusplus
} // extern "C"
#endif

#endif // TENON_WASM_H
