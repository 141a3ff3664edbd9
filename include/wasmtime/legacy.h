/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_LEGACY_H
#define TENON_WASMTIME_LEGACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Adds to the fuel left. An error unless the engine was configured with fuel. Today: `wasmtime_context_set_fuel`.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_add_fuel(wasmtime_context_t *store, uint64_t fuel);

// How much fuel was used since the store was made: true and `fuel` written, or false unless the engine was
// configured with fuel.
WASM_API_EXTERN bool wasmtime_context_fuel_consumed(const wasmtime_context_t *context, uint64_t *fuel);

// The fuel left: true and `fuel` written, or false unless the engine was configured with fuel. Today:
// `wasmtime_context_get_fuel`.
WASM_API_EXTERN bool wasmtime_context_fuel_remaining(const wasmtime_context_t *context, uint64_t *fuel);

// Takes fuel as if a guest had used it, and writes what is left to `remaining`. An error, and nothing taken, unless
// some is left afterwards.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_consume_fuel(wasmtime_context_t *context, uint64_t fuel,
    uint64_t *remaining);

// The status with which a WASI program ended itself: true and `status` written if that is what the trap reports.
// Only functions of `wasm.h` report it so: see `wasmtime_error_exit_status`.
WASM_API_EXTERN bool wasmtime_trap_exit_status(const wasm_trap_t *trap, int *status);

// Today: `wasmtime_config_memory_reservation_set`.
WASM_API_EXTERN void wasmtime_config_static_memory_maximum_size_set(wasm_config_t *config, uint64_t bytes);

// Today: `wasmtime_config_memory_guard_size_set`.
WASM_API_EXTERN void wasmtime_config_static_memory_guard_size_set(wasm_config_t *config, uint64_t bytes);

// The guard of memories that move when they grow. All memories have the guard of
// `wasmtime_config_memory_guard_size_set`: this changes nothing.
WASM_API_EXTERN void wasmtime_config_dynamic_memory_guard_size_set(wasm_config_t *config, uint64_t bytes);

// Today: `wasmtime_config_memory_reservation_for_growth_set`.
WASM_API_EXTERN void wasmtime_config_dynamic_memory_reserved_for_growth_set(wasm_config_t *config,
    uint64_t bytes);

// Today, with the opposite sense: `wasmtime_config_memory_may_move_set`.
WASM_API_EXTERN void wasmtime_config_static_memory_forced_set(wasm_config_t *config, bool enable);

// Asynchronous calls are always possible: this changes nothing.
WASM_API_EXTERN void wasmtime_config_async_support_set(wasm_config_t *config, bool enable);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_LEGACY_H
