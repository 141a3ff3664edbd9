/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_PROFILING_H
#define TENON_WASMTIME_PROFILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

// Samples of one guest; one thread at a time.
typedef struct wasmtime_guestprofiler wasmtime_guestprofiler_t;

// A module whose frames belong to the guest, with the name to show. Both are borrowed.
typedef struct wasmtime_guestprofiler_modules {
  const wasm_name_t *name;
  const wasmtime_module_t *mod;
} wasmtime_guestprofiler_modules_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A profiler for a guest of this name, owned by the caller; NULL if a pointer is NULL. `interval_nanos` is what the host
// means to have between samples. Only frames of the `modules` are shown; names and modules are copied.
WASM_API_EXTERN wasmtime_guestprofiler_t *wasmtime_guestprofiler_new(const wasm_engine_t *engine,
    const wasm_name_t *module_name, uint64_t interval_nanos, const wasmtime_guestprofiler_modules_t *modules,
    size_t modules_len);

// Takes a sample of what the store runs on this thread: to be called by a host function or an epoch callback.
// `delta_nanos` is the processor time since the last sample. At other times the sample is empty. NULL is ignored.
WASM_API_EXTERN void wasmtime_guestprofiler_sample(wasmtime_guestprofiler_t *guestprofiler,
    const wasmtime_store_t *store, uint64_t delta_nanos);

// Writes the profile, JSON text, to `out`, which the caller frees; the profiler is consumed. Fails for NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_guestprofiler_finish(wasmtime_guestprofiler_t *guestprofiler,
    wasm_byte_vec_t *out);

// Frees a profiler; NULL is ignored.
WASM_API_EXTERN void wasmtime_guestprofiler_delete(wasmtime_guestprofiler_t *guestprofiler);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_PROFILING_H
