/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_ENGINE_H
#define TENON_WASMTIME_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Another handle of the same engine, owned by the caller.
WASM_API_EXTERN wasm_engine_t *wasmtime_engine_clone(const wasm_engine_t *engine);

// Moves the epoch on by one. Any thread, also a signal handler.
WASM_API_EXTERN void wasmtime_engine_increment_epoch(const wasm_engine_t *engine);

// Whether code is interpreted: never.
WASM_API_EXTERN bool wasmtime_engine_is_pulley(const wasm_engine_t *engine);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_ENGINE_H
