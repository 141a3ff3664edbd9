/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_ASYNC_H
#define TENON_WASMTIME_ASYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/config.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/func.h>
#include <wasmtime/instance.h>
#include <wasmtime/linker.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

// A call in progress; owned by the caller, and everything that the call was given has to outlive it. One
// thread at a time. Deleting it gives up a call that is not done.
typedef struct wasmtime_call_future wasmtime_call_future_t;

// Where a private stack that the host made lies, with its size in bytes.
typedef uint8_t *(*wasmtime_stack_memory_get_callback_t)(void *env, size_t *out_len);

// A private stack that the host made.
typedef struct wasmtime_stack_memory {
  void *env;
  wasmtime_stack_memory_get_callback_t get_stack_memory;
  void (*finalizer)(void *);
} wasmtime_stack_memory_t;

// Makes a private stack of at least `size` bytes. An owned error refuses.
typedef wasmtime_error_t *(*wasmtime_new_stack_memory_callback_t)(void *env, size_t size, bool zeroed,
    wasmtime_stack_memory_t *stack_ret);

// How the host provides private stacks.
typedef struct wasmtime_stack_creator {
  void *env;
  wasmtime_new_stack_memory_callback_t new_stack;
  void (*finalizer)(void *);
} wasmtime_stack_creator_t;

// Asked whether an asynchronous host function is done: results or trap are written then.
typedef bool (*wasmtime_func_async_continuation_callback_t)(void *env);

// The rest of an asynchronous host function. `finalizer`, if given, is called once with `env` when the
// continuation is no longer needed.
typedef struct wasmtime_async_continuation_t {
  wasmtime_func_async_continuation_callback_t callback;
  void *env;
  void (*finalizer)(void *);
} wasmtime_async_continuation_t;

// An asynchronous host function: begins its work and writes `continuation_ret`, which is asked until it is
// done. Arguments, results, trap and caller stay where they are until then.
typedef void (*wasmtime_func_async_callback_t)(void *env, wasmtime_caller_t *caller,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results, size_t nresults,
    wasm_trap_t **trap_ret, wasmtime_async_continuation_t *continuation_ret);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Starts a call; nothing runs before the first poll. When the future is done `results` are written, or `*trap_ret`
// or `*error_ret`, which are owned by the caller and otherwise untouched. The future is owned by the caller.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_func_call_async(wasmtime_context_t *context,
    const wasmtime_func_t *func, const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results,
    size_t nresults, wasm_trap_t **trap_ret, wasmtime_error_t **error_ret);

// Starts an instantiation with a linker's definitions; otherwise as `wasmtime_func_call_async`.
// The future is owned by the caller.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_linker_instantiate_async(const wasmtime_linker_t *linker,
    wasmtime_context_t *store, const wasmtime_module_t *module, wasmtime_instance_t *instance,
    wasm_trap_t **trap_ret, wasmtime_error_t **error_ret);

// Starts an instantiation; otherwise as `wasmtime_func_call_async`. The future is owned by the caller.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_instance_pre_instantiate_async(const wasmtime_instance_pre_t *instance_pre,
    wasmtime_context_t *store, wasmtime_instance_t *instance, wasm_trap_t **trap_ret,
    wasmtime_error_t **error_ret);

// Runs the guest until it waits for an asynchronous host function or is done: true once it is done. Polling a
// future that is done gives true again and does nothing; NULL is done.
WASM_API_EXTERN bool wasmtime_call_future_poll(wasmtime_call_future_t *future);

// Frees the future; a call that is not done is given up. NULL is ignored.
WASM_API_EXTERN void wasmtime_call_future_delete(wasmtime_call_future_t *future);

// Bytes of address space of each private stack. Default 256 MiB; memory is used as it is touched.
WASM_API_EXTERN void wasmtime_config_async_stack_size_set(wasm_config_t *config, size_t size);

// Lets the host provide private stacks: not supported, so no engine can be made of this. The creator's
// finalizer runs when the settings are gone.
WASM_API_EXTERN void wasmtime_config_host_stack_creator_set(wasm_config_t *config,
    wasmtime_stack_creator_t *creator);

// How much fuel a guest uses between suspensions for the host's sake. Guests are suspended only while they
// wait for a host function, so this changes neither results nor fuel. An error without fuel, and if
// `interval` is 0.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_fuel_async_yield_interval(wasmtime_context_t *context,
    uint64_t interval);

// When the epoch deadline has passed the guest goes on for another `delta` ticks instead of being stopped. It
// is not suspended in between. Always NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_epoch_deadline_async_yield_and_update(wasmtime_context_t *context,
    uint64_t delta);

// Defines an asynchronous host function for any store of the engine. Only calls that a call future runs reach
// it; any other call of it fails. `finalizer`, if given, is called with `data` when the last linker and store
// that use the definition are gone, or before this returns if defining fails. `finalizer` may be NULL.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_async_func(wasmtime_linker_t *linker,
    const char *module, size_t module_len, const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_async_callback_t cb, void *data, void (*finalizer)(void *));

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_ASYNC_H
