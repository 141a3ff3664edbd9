/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_MODULE_H
#define TENON_WASMTIME_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

// A compiled module. Immutable, usable from all threads; may be deleted while instances live.
typedef struct wasmtime_module wasmtime_module_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Validates and compiles a binary module, written to `ret` and owned by the caller. Text is refused: see
// `wasmtime_wat2wasm`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_new(wasm_engine_t *engine, const uint8_t *wasm,
    size_t wasm_len, wasmtime_module_t **ret);

// Frees the handle; NULL is ignored.
WASM_API_EXTERN void wasmtime_module_delete(wasmtime_module_t *m);

// Another handle of the same module, owned by the caller.
WASM_API_EXTERN wasmtime_module_t *wasmtime_module_clone(const wasmtime_module_t *m);

// Writes what the module imports, in order of declaration, to `out`, which the caller frees.
WASM_API_EXTERN void wasmtime_module_imports(const wasmtime_module_t *module, wasm_importtype_vec_t *out);

// Writes what the module exports, in order of declaration, to `out`, which the caller frees.
WASM_API_EXTERN void wasmtime_module_exports(const wasmtime_module_t *module, wasm_exporttype_vec_t *out);

// Checks a binary module without compiling it.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_validate(wasm_engine_t *engine, const uint8_t *wasm,
    size_t wasm_len);

// Writes the compiled module as bytes to `ret`, which the caller frees.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_serialize(const wasmtime_module_t *module,
    wasm_byte_vec_t *ret);

// A module from what `wasmtime_module_serialize` wrote in an equal engine on an equal machine, written to
// `ret` and owned by the caller. Damaged, truncated or foreign bytes are refused.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *engine, const uint8_t *bytes,
    size_t bytes_len, wasmtime_module_t **ret);

// A module from a file with what `wasmtime_module_serialize` wrote; otherwise as `wasmtime_module_deserialize`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_deserialize_file(wasm_engine_t *engine, const char *path,
    wasmtime_module_t **ret);

// Writes where the machine code begins and ends, borrowed from the module.
WASM_API_EXTERN void wasmtime_module_image_range(const wasmtime_module_t *module, void **start, void **end);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_MODULE_H
