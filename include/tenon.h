/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_TENON_H
#define TENON_TENON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime.h>

// What a call came to.
typedef enum tenon_step_kind {
  // Results are in the slots given to `tenon_exec_call`.
  TENON_STEP_DONE,
  // The guest waits for a host function: read parameters from `slots`, write results there, and resume.
  TENON_STEP_HOST_CALL,
  // The guest was stopped; `trap` says why.
  TENON_STEP_TRAP,
  // The call failed; `error` says why.
  TENON_STEP_ERROR,
} tenon_step_kind;

// One thread of guest execution on a private stack. One thread at a time; may move between threads, also while
// a call is suspended.
typedef struct tenon_exec tenon_exec_t;

// Stops an execution from any thread. Outlives what it stops.
typedef struct tenon_interrupt tenon_interrupt_t;

// What a call came to, in full. Fields that `kind` does not mention are zero.
typedef struct tenon_step {
  // One of `tenon_step_kind`.
  uint8_t kind;
  // HOST_CALL: the number given to `tenon_func_new_yield`.
  uint64_t func_id;
  // HOST_CALL: the calling instance; its `store_id` is 0 when the host called the function itself.
  wasmtime_instance_t caller;
  // HOST_CALL: parameters in, results out; valid until the call goes on.
  wasmtime_val_raw_t *slots;
  // HOST_CALL: how many slots there are.
  size_t num_slots;
  // TRAP: owned by the caller.
  wasm_trap_t *trap;
  // ERROR: owned by the caller.
  wasmtime_error_t *error;
} tenon_step_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes an execution for calls into the store, written to `out` and owned by the caller. The stack is taken
// from a pool when a call starts.
WASM_API_EXTERN wasmtime_error_t *tenon_exec_new(wasmtime_context_t *ctx, tenon_exec_t **out);

// Frees an execution; a suspended call is abandoned. NULL is ignored, and so is an execution that is running.
WASM_API_EXTERN void tenon_exec_delete(tenon_exec_t *exec);

// Starts a call with raw slots: parameters from the first slot on, results overwrite them. Fewer than the larger
// of both counts are refused; they must stay where they are until the call is over. References among the values that
// are not the store's are undefined behaviour. What came of it is written to `out`.
WASM_API_EXTERN void tenon_exec_call(tenon_exec_t *exec, const wasmtime_func_t *func,
    wasmtime_val_raw_t *slots, size_t num_slots, tenon_step_t *out);

// Goes on after a host call, whose results are in the slots; a `trap` (consumed) stops the guest instead. What
// came of it is written to `out`.
WASM_API_EXTERN void tenon_exec_resume(tenon_exec_t *exec, wasm_trap_t *trap, tenon_step_t *out);

// Gives up a suspended call: its guest frames are gone. Nothing happens if none is suspended.
WASM_API_EXTERN void tenon_exec_abandon(tenon_exec_t *exec);

// Writes the guest frames of the suspended call, innermost first, to `out`, which the caller frees.
WASM_API_EXTERN void tenon_exec_backtrace(tenon_exec_t *exec, wasm_frame_vec_t *out);

// A handle by which any thread stops what this execution runs now or next; owned by the caller.
WASM_API_EXTERN tenon_interrupt_t *tenon_exec_interrupt_handle(tenon_exec_t *exec);

// A handle by which any thread stops what the store runs, now or next, by `wasmtime_func_call` and its kin;
// owned by the caller.
WASM_API_EXTERN tenon_interrupt_t *tenon_store_interrupt_handle(wasmtime_context_t *ctx);

// Stops the execution at its next check with the trap `WASMTIME_TRAP_CODE_INTERRUPT`. Any thread.
WASM_API_EXTERN void tenon_interrupt_trigger(tenon_interrupt_t *interrupt);

// Frees the handle; NULL is ignored.
WASM_API_EXTERN void tenon_interrupt_delete(tenon_interrupt_t *interrupt);

// Makes a host function of the store whose calls yield, and writes it to `out`: a guest that calls it on a
// `tenon_exec_t` is suspended, and the step reports `id`. Called any other way it fails. If `type` belongs to
// another engine the function is null.
WASM_API_EXTERN void tenon_func_new_yield(wasmtime_context_t *ctx, const wasm_functype_t *ty, uint64_t id,
    wasmtime_func_t *out);

// Defines a host function whose calls yield, for any store of the linker's engine.
WASM_API_EXTERN wasmtime_error_t *tenon_linker_define_yield(wasmtime_linker_t *linker, const char *module,
    size_t module_len, const char *name, size_t name_len, const wasm_functype_t *ty, uint64_t id);

// Instantiates with `imports` in the module's order on `exec`, so that the start function may yield. `instance`
// is written before the start function ends; what came of that is written to `out`. The error returned is for
// NULL arguments only.
WASM_API_EXTERN wasmtime_error_t *tenon_instance_new(wasmtime_context_t *ctx, tenon_exec_t *exec,
    const wasmtime_module_t *module, const wasmtime_extern_t *imports, size_t nimports,
    wasmtime_instance_t *instance, tenon_step_t *out);

// Instantiates with definitions of `linker` on `exec`; otherwise as `tenon_instance_new`.
WASM_API_EXTERN wasmtime_error_t *tenon_linker_instantiate(wasmtime_context_t *ctx, tenon_exec_t *exec,
    const wasmtime_linker_t *linker, const wasmtime_module_t *module, wasmtime_instance_t *instance,
    tenon_step_t *out);

// A store that many threads may enter at once, each call with an execution of its own; owned by the caller.
// Host references in it are plain pointers that live as long as the store. `finalizer`, if given, is called with
// `data` when the store is deleted.
WASM_API_EXTERN wasmtime_store_t *tenon_store_new_shared(wasm_engine_t *engine, void *data,
    void (*finalizer)(void *));

// Whether guests can be interrupted: checks as for the epoch are compiled in, with no deadline until one is
// set. Off by default.
WASM_API_EXTERN void tenon_config_interruptible_set(wasm_config_t *config, bool enable);

// This library's version, for example "0.1.0"; static.
WASM_API_EXTERN const char *tenon_version(void);

// Whether this library has something, by name: "yield", "shared-store", "interrupt", or a WebAssembly proposal
// such as "simd" or "threads" that is on by default or can be switched on.
WASM_API_EXTERN bool tenon_feature(const char *name, size_t len);

// What kind of error it is, as a stable number: 1 malformed, 2 invalid, 3 unsupported, 4 link, 5 trap, 6 exit,
// 7 host, 8 type, 9 limit, 10 artifact, 11 io, 12 usage, 13 internal; 0 for NULL.
WASM_API_EXTERN uint32_t tenon_error_code(const wasmtime_error_t *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_TENON_H
