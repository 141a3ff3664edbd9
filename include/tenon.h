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
  // The guest's fuel or epoch interval is over: resume, when it suits, without a trap.
  TENON_STEP_PAUSED,
} tenon_step_kind;

// Where control passes to.
typedef enum tenon_call_event {
  // The host calls a guest.
  TENON_CALLING_WASM,
  // A guest that the host called has returned, or was stopped.
  TENON_RETURNING_FROM_WASM,
  // A guest calls a function of the host.
  TENON_CALLING_HOST,
  // A function of the host has returned to its guest.
  TENON_RETURNING_FROM_HOST,
} tenon_call_event;

// One thread of guest execution on a private stack. One thread at a time; may move between threads, also while
// a call is suspended.
typedef struct tenon_exec tenon_exec_t;

// Stops an execution from any thread. Outlives what it stops.
typedef struct tenon_interrupt tenon_interrupt_t;

// What a guest has written and the host has not taken yet.
typedef struct tenon_wasi_output tenon_wasi_output_t;

// What a call came to, in full. Fields that `kind` does not mention are left as they were.
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

// Told of every passage between host and guests: `event` is one of `tenon_call_event`. A trap that it returns, which is
// consumed, ends the call at hand. It may use the store as a host function may.
typedef wasm_trap_t *(*tenon_call_hook_t)(wasmtime_context_t *ctx, void *data, uint8_t event);

// Bounds on what modules may have, for hosts that compile what strangers send; `SIZE_MAX` means no more than the web's
// own bounds. `tenon_module_limits_init` sets all fields to that.
typedef struct tenon_module_limits {
  // Bytes of the whole module.
  size_t module_size;
  // Functions that the module defines.
  size_t functions;
  // Bytes of one function's body.
  size_t function_size;
  // Locals of one function, parameters left out.
  size_t locals;
  size_t types;
  size_t imports;
  size_t exports;
  size_t tables;
  size_t memories;
  size_t globals;
  // Element and data segments, each kind by itself.
  size_t segments;
} tenon_module_limits_t;

// How much a guest may ask for; who asks for more gets an error number. 0 leaves a limit as it is by default.
typedef struct tenon_wasi_limits {
  // Open descriptors, those it starts with included (by default 65,536): `mfile`.
  uint32_t descriptors;
  // Bytes of a path (by default and at most 4,095): `nametoolong`.
  uint32_t path_bytes;
  // Directory entries that one call may list (by default any number): `nobufs`. Guests with the usual buffers of
  // 4 KiB ask for about 100.
  uint32_t dir_entries;
} tenon_wasi_limits_t;

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

// Whether every call of `func` is over soon, whatever its arguments: it runs a thousand operators at most, those of the functions
// of its module that it calls included, none of them in a loop; it calls no other function and takes no part in fuel, epochs
// or collections. A host may call such a function where it must not stay long. False for functions of other stores.
WASM_API_EXTERN bool tenon_func_is_brief(wasmtime_context_t *ctx, const wasmtime_func_t *func);

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

// Ends the handles of an instance of a shared store, which otherwise keep it for the store's life: this one, those of
// memories, tables, globals and tags that it defines, and those of its functions, which must not be used any more (of the
// others it is noticed). The instance is freed when no call, importer or other instance needs it. One whose functions can be
// in tables, globals or values of others stays. An error in other stores, and for handles that are not of `ctx`.
WASM_API_EXTERN wasmtime_error_t *tenon_instance_release(wasmtime_context_t *ctx,
    const wasmtime_instance_t *instance);

// A store that many threads may enter at once, each call with an execution of its own; owned by the caller.
// Host references in it are plain pointers that live as long as the store. `finalizer`, if given, is called with
// `data` when the store is deleted.
WASM_API_EXTERN wasmtime_store_t *tenon_store_new_shared(wasm_engine_t *engine, void *data,
    void (*finalizer)(void *));

// Has `hook` told of every passage between host and guests of the store, in place of the hook before; NULL ends that. Where a
// guest is suspended, host calls that yield count, fuel and epochs do not. `finalizer`, if given, is called with `data` when
// the hook is replaced or the store deleted. A store that never had a hook pays nothing for there being hooks.
WASM_API_EXTERN void tenon_store_call_hook(wasmtime_context_t *ctx, tenon_call_hook_t hook, void *data,
    void (*finalizer)(void *));

// Sets all limits to none.
WASM_API_EXTERN void tenon_module_limits_init(tenon_module_limits_t *limits);

// Bounds the modules that an engine compiles and validates: others are refused with an error that names the limit. The
// struct is copied. By default there are none.
WASM_API_EXTERN void tenon_config_module_limits_set(wasm_config_t *config,
    const tenon_module_limits_t *limits);

// Whether guests can be interrupted: checks as for the epoch are compiled in, with no deadline until one is
// set. Off by default.
WASM_API_EXTERN void tenon_config_interruptible_set(wasm_config_t *config, bool enable);

// This library's version, for example "0.1.0"; static.
WASM_API_EXTERN const char *tenon_version(void);

// Whether this library has something, by name: "yield", "shared-store", "interrupt", or a WebAssembly proposal
// such as "simd" or "threads" that is on by default or can be switched on.
WASM_API_EXTERN bool tenon_feature(const char *name, size_t len);

// What kind of error it is, as a stable number: 1 malformed, 2 invalid, 3 unsupported, 4 link, 5 trap, 6 exit,
// 7 host, 8 type, 9 limit, 10 artifact, 11 io, 12 usage, 13 internal, 14 exception; 0 for NULL.
WASM_API_EXTERN uint32_t tenon_error_code(const wasmtime_error_t *error);

// Lets the guest read what `callback` gives. It fills the front of the buffer and returns how many bytes, 0 at the end,
// or minus an OS error. `-EAGAIN` means that there is nothing yet: it is called again a few milliseconds later, unless
// the guest is stopped meanwhile; a callback that waits instead cannot be stopped. Called by any thread that runs the
// guest. `finalizer`, if given, is called with `data` when the input is replaced or
// its owner is gone. Without a callback nothing changes, and the finalizer is called at once.
WASM_API_EXTERN void tenon_wasi_config_set_stdin_custom(wasi_config_t *config, ptrdiff_t (*callback)(void*,
    uint8_t*, size_t), void *data, void (*finalizer)(void *));

// Keeps what the guest writes, at most `limit` bytes that have not been taken; beyond, the guest gets `nospc`. The
// output is owned by the caller; NULL if `config` is.
WASM_API_EXTERN tenon_wasi_output_t *tenon_wasi_config_keep_stdout(wasi_config_t *config, size_t limit);

// Keeps the errors that the guest writes; otherwise as `tenon_wasi_config_keep_stdout`.
WASM_API_EXTERN tenon_wasi_output_t *tenon_wasi_config_keep_stderr(wasi_config_t *config, size_t limit);

// Takes out what has been written since the last time, owned by the caller. Any thread, also while the guest runs.
WASM_API_EXTERN void tenon_wasi_output_take(const tenon_wasi_output_t *output, wasm_byte_vec_t *out);

// Frees an output, which the guest may go on writing to; NULL is ignored.
WASM_API_EXTERN void tenon_wasi_output_delete(tenon_wasi_output_t *output);

// Stops the guest's clocks at these nanoseconds: since 1970, and of the clock that never goes back. Sleeping still
// takes time.
WASM_API_EXTERN void tenon_wasi_config_set_clock_fixed(wasi_config_t *config, uint64_t realtime,
    uint64_t monotonic);

// Has the guest's clocks read by `callback`: nanoseconds, of the clock that counts since 1970 (0) or of the one that
// never goes back (1), good to `resolution` nanoseconds. Called by any thread that runs the guest. Sleeping goes by the
// host's clock. The finalizer is used as by `tenon_wasi_config_set_stdin_custom`.
WASM_API_EXTERN void tenon_wasi_config_set_clock_custom(wasi_config_t *config, uint64_t (*callback)(void*,
    uint32_t), uint64_t resolution, void *data, void (*finalizer)(void *));

// Makes the guest's random numbers follow from a seed: the same in every run, and no secret.
WASM_API_EXTERN void tenon_wasi_config_set_random_seed(wasi_config_t *config, uint64_t seed);

// Has the guest's random numbers made by `callback`, which fills all of the buffer and returns 0, or returns an OS error.
// Called by any thread that runs the guest. The finalizer is used as by
// `tenon_wasi_config_set_stdin_custom`.
WASM_API_EXTERN void tenon_wasi_config_set_random_custom(wasi_config_t *config, int (*callback)(void*,
    uint8_t*, size_t), void *data, void (*finalizer)(void *));

// Gives the guest a listening TCP socket to accept connections from, as its next descriptor after the directories and
// sockets given before, and makes it non-blocking. True: the configuration has taken the descriptor over. False: it is no
// such socket, and stays the caller's.
WASM_API_EXTERN bool tenon_wasi_config_preopen_listener(wasi_config_t *config, int socket);

// Gives the guest a connected TCP socket; otherwise as `tenon_wasi_config_preopen_listener`.
WASM_API_EXTERN bool tenon_wasi_config_preopen_connection(wasi_config_t *config, int socket);

// Replaces all limits.
WASM_API_EXTERN void tenon_wasi_config_set_limits(wasi_config_t *config, const tenon_wasi_limits_t *limits);

// Whether a bad pointer is an error number (`fault`) to the guest; by default it is the guest's end.
WASM_API_EXTERN void tenon_wasi_config_set_faults_as_errno(wasi_config_t *config, bool enable);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_TENON_H
