/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASMTIME_CONFIG_H
#define TENON_WASMTIME_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

// Declare a setting of wasm_config_t, for implementations of this interface.
#define WASMTIME_CONFIG_PROP(ret, name, ty) WASM_API_EXTERN ret wasmtime_config_##name##_set(wasm_config_t *, ty);

// Which compiler to use.
typedef enum wasmtime_strategy_enum {
  WASMTIME_STRATEGY_AUTO,
  WASMTIME_STRATEGY_CRANELIFT,
  WASMTIME_STRATEGY_WINCH,
} wasmtime_strategy_enum;

// How much to optimise.
typedef enum wasmtime_opt_level_enum {
  WASMTIME_OPT_LEVEL_NONE,
  WASMTIME_OPT_LEVEL_SPEED,
  WASMTIME_OPT_LEVEL_SPEED_AND_SIZE,
} wasmtime_opt_level_enum;

// Which profiler to inform.
typedef enum wasmtime_profiling_strategy_enum {
  WASMTIME_PROFILING_STRATEGY_NONE,
  WASMTIME_PROFILING_STRATEGY_JITDUMP,
  WASMTIME_PROFILING_STRATEGY_VTUNE,
  WASMTIME_PROFILING_STRATEGY_PERFMAP,
} wasmtime_profiling_strategy_enum;

// How to allocate registers.
typedef enum wasmtime_regalloc_algorithm_enum {
  WASMTIME_REGALLOC_BACKTRACKING,
  WASMTIME_REGALLOC_SINGLE_PASS,
} wasmtime_regalloc_algorithm_enum;

// Limits for all stores of an engine together.
typedef struct wasmtime_pooling_allocation_config_t wasmtime_pooling_allocation_config_t;

// Which compiler to use: one of `wasmtime_strategy_enum`. There is one, so this changes nothing.
typedef uint8_t wasmtime_strategy_t;

// How much to optimise: one of `wasmtime_opt_level_enum`.
typedef uint8_t wasmtime_opt_level_t;

// How to allocate registers: one of `wasmtime_regalloc_algorithm_enum`.
typedef uint8_t wasmtime_regalloc_algorithm_t;

// Which profiler to inform: one of `wasmtime_profiling_strategy_enum`.
typedef uint8_t wasmtime_profiling_strategy_t;

// Where a memory that the host made is: a multiple of 16, with its size and the size that it can grow to in place, in
// bytes. Asked after making and after growing; the bytes have to stay there until the next growth. More than guests
// asked for is not theirs.
typedef uint8_t *(*wasmtime_memory_get_callback_t)(void *env, size_t *byte_size, size_t *byte_capacity);

// Makes a memory that the host made at least `new_size` bytes large, new bytes zero, in another place only if that is
// more than its capacity. An owned error, which is consumed, refuses and has to leave the memory as it was.
typedef wasmtime_error_t *(*wasmtime_memory_grow_callback_t)(void *env, size_t new_size);

// A memory that the host made. `finalizer`, if given, is called once with `env` when the memory is gone.
typedef struct wasmtime_linear_memory {
  void *env;
  wasmtime_memory_get_callback_t get_memory;
  wasmtime_memory_grow_callback_t grow_memory;
  void (*finalizer)(void *arg);
} wasmtime_linear_memory_t;

// Makes a memory of `minimum` zero bytes, writes it to `memory_ret` and returns NULL. An owned error, which is consumed, refuses;
// what is in `memory_ret` is not looked at then. Sizes are in bytes: `maximum` is what the type or its index allows;
// `reserved_size_in_bytes` and `guard_size_in_bytes` are as configured. Any thread; `ty` is borrowed.
typedef wasmtime_error_t *(*wasmtime_new_memory_callback_t)(void *env, const wasm_memorytype_t *ty,
    size_t minimum, size_t maximum, size_t reserved_size_in_bytes, size_t guard_size_in_bytes,
    wasmtime_linear_memory_t *memory_ret);

// How the host provides memories.
typedef struct wasmtime_memory_creator {
  void *env;
  wasmtime_new_memory_callback_t new_memory;
  void (*finalizer)(void *arg);
} wasmtime_memory_creator_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Debug information for native debuggers: not produced, so this changes nothing.
WASM_API_EXTERN void wasmtime_config_debug_info_set(wasm_config_t *config, bool enable);

// Whether guests consume fuel. Off by default.
WASM_API_EXTERN void wasmtime_config_consume_fuel_set(wasm_config_t *config, bool enable);

// Whether guests watch the engine's epoch. Off by default.
WASM_API_EXTERN void wasmtime_config_epoch_interruption_set(wasm_config_t *config, bool enable);

// Bytes of stack that guests may use on the caller's thread. Default 512 KiB; 0 makes no engine.
WASM_API_EXTERN void wasmtime_config_max_wasm_stack_set(wasm_config_t *config, size_t size);

// Whether modules may use threads.
WASM_API_EXTERN void wasmtime_config_wasm_threads_set(wasm_config_t *config, bool enable);

// Whether modules may use tail calls.
WASM_API_EXTERN void wasmtime_config_wasm_tail_call_set(wasm_config_t *config, bool enable);

// Whether modules may use reference types.
WASM_API_EXTERN void wasmtime_config_wasm_reference_types_set(wasm_config_t *config, bool enable);

// Whether modules may use typed function references.
WASM_API_EXTERN void wasmtime_config_wasm_function_references_set(wasm_config_t *config, bool enable);

// Whether modules may use garbage collected objects.
WASM_API_EXTERN void wasmtime_config_wasm_gc_set(wasm_config_t *config, bool enable);

// Whether modules may use vectors.
WASM_API_EXTERN void wasmtime_config_wasm_simd_set(wasm_config_t *config, bool enable);

// Whether modules may use relaxed vector operations.
WASM_API_EXTERN void wasmtime_config_wasm_relaxed_simd_set(wasm_config_t *config, bool enable);

// Whether modules may use bulk memory operations.
WASM_API_EXTERN void wasmtime_config_wasm_bulk_memory_set(wasm_config_t *config, bool enable);

// Whether modules may use multiple results.
WASM_API_EXTERN void wasmtime_config_wasm_multi_value_set(wasm_config_t *config, bool enable);

// Whether modules may use multiple memories.
WASM_API_EXTERN void wasmtime_config_wasm_multi_memory_set(wasm_config_t *config, bool enable);

// Whether modules may use 64-bit memories and tables.
WASM_API_EXTERN void wasmtime_config_wasm_memory64_set(wasm_config_t *config, bool enable);

// Whether modules may use 128-bit arithmetic.
WASM_API_EXTERN void wasmtime_config_wasm_wide_arithmetic_set(wasm_config_t *config, bool enable);

// Whether modules may use exceptions.
WASM_API_EXTERN void wasmtime_config_wasm_exceptions_set(wasm_config_t *config, bool enable);

// Whether modules may use pages of other sizes.
WASM_API_EXTERN void wasmtime_config_wasm_custom_page_sizes_set(wasm_config_t *config, bool enable);

// Whether modules may use stack switching.
WASM_API_EXTERN void wasmtime_config_wasm_stack_switching_set(wasm_config_t *config, bool enable);

// Whether relaxed vector operations give the same results on every machine. Off by default.
WASM_API_EXTERN void wasmtime_config_wasm_relaxed_simd_deterministic_set(wasm_config_t *config, bool enable);

// Branch hints never change results: this changes nothing.
WASM_API_EXTERN void wasmtime_config_wasm_branch_hinting_set(wasm_config_t *config, bool enable);

// Whether modules may use the compact form of the import section: not supported.
WASM_API_EXTERN void wasmtime_config_wasm_compact_imports_set(wasm_config_t *config, bool enable);

// Whether the host may make shared memories: always.
WASM_API_EXTERN void wasmtime_config_shared_memory_set(wasm_config_t *config, bool enable);

// Host references are always collected: this changes nothing.
WASM_API_EXTERN void wasmtime_config_gc_support_set(wasm_config_t *config, bool enable);

// Whether functions are compiled on all cores. On by default.
WASM_API_EXTERN void wasmtime_config_parallel_compilation_set(wasm_config_t *config, bool enable);

// Whether the compiler checks its own work. Off by default in release builds.
WASM_API_EXTERN void wasmtime_config_cranelift_debug_verifier_set(wasm_config_t *config, bool enable);

// Whether every NaN that arithmetic makes is the same. Off by default.
WASM_API_EXTERN void wasmtime_config_cranelift_nan_canonicalization_set(wasm_config_t *config, bool enable);

// Which compiler to use: there is one, so this changes nothing.
WASM_API_EXTERN void wasmtime_config_strategy_set(wasm_config_t *config, wasmtime_strategy_t strategy);

// How much to optimise; a number that means nothing is ignored.
WASM_API_EXTERN void wasmtime_config_cranelift_opt_level_set(wasm_config_t *config,
    wasmtime_opt_level_t level);

// How to allocate registers: there is one way, so this changes nothing.
WASM_API_EXTERN void wasmtime_config_cranelift_regalloc_algorithm_set(wasm_config_t *config,
    wasmtime_regalloc_algorithm_t algorithm);

// Which profiler to inform. PERFMAP names functions in `/tmp/perf-PID.map`; JITDUMP writes functions and their code to
// `jit-PID.dump` in the current directory, for `perf inject --jit`. No engine can be made with any other profiler, nor if
// the file cannot be made. NULL is ignored; one thread at a time.
WASM_API_EXTERN void wasmtime_config_profiler_set(wasm_config_t *config,
    wasmtime_profiling_strategy_t strategy);

// Whether growing may move a memory. On by default; off means that a memory without guard pages cannot outgrow its
// reservation, nor one that the host made its capacity. Memories with guard pages never move.
WASM_API_EXTERN void wasmtime_config_memory_may_move_set(wasm_config_t *config, bool enable);

// Address space reserved for each memory, in bytes. Default 4 GiB; less means explicit bounds checks.
WASM_API_EXTERN void wasmtime_config_memory_reservation_set(wasm_config_t *config, uint64_t bytes);

// Inaccessible bytes behind each memory.
WASM_API_EXTERN void wasmtime_config_memory_guard_size_set(wasm_config_t *config, uint64_t bytes);

// Address space for memories that move when they grow: chosen by this library.
WASM_API_EXTERN void wasmtime_config_memory_reservation_for_growth_set(wasm_config_t *config, uint64_t bytes);

// Native unwind information: not produced, so this changes nothing.
WASM_API_EXTERN void wasmtime_config_native_unwind_info_set(wasm_config_t *config, bool enable);

// Whether initial contents of memories are mapped copy-on-write. On by default.
WASM_API_EXTERN void wasmtime_config_memory_init_cow_set(wasm_config_t *config, bool enable);

// Whether out-of-bounds accesses are found by page faults. On by default; off means explicit checks.
WASM_API_EXTERN void wasmtime_config_signals_based_traps_set(wasm_config_t *config, bool enable);

// Only meant for another system: this changes nothing.
WASM_API_EXTERN void wasmtime_config_macos_use_mach_ports_set(wasm_config_t *config, bool enable);

// Switches a flag of the code generator on. A name that it does not know makes no engine.
WASM_API_EXTERN void wasmtime_config_cranelift_flag_enable(wasm_config_t *config, const char *flag);

// Sets a setting of the code generator. A name or value that it does not know makes no engine.
WASM_API_EXTERN void wasmtime_config_cranelift_flag_set(wasm_config_t *config, const char *key,
    const char *value);

// What to compile for: this machine's own triple, or an error.
WASM_API_EXTERN wasmtime_error_t *wasmtime_config_target_set(wasm_config_t *config, const char *target);

// Keeps compiled modules in files for other engines and processes, as the TOML file `path` describes it: a table
// `[cache]` with the keys of libwasmtime's cache, such as `directory`. NULL means `tenon/cache.toml` in the user's
// configuration folder, or default settings if there is none. Fails for a file that cannot be read, an unknown key, a
// wrong value, and a folder that cannot be made or that others may write to. The error is owned by the caller. Fails for a
// NULL `config`; one thread at a time.
WASM_API_EXTERN wasmtime_error_t *wasmtime_config_cache_config_load(wasm_config_t *config, const char *path);

// Lets the host make the memories of this engine's stores, all but shared ones. The struct is copied. Its `finalizer`, if
// given, is called with `env` once, when settings, engines and memories that use it are gone, or when another is set.
//
// Guests check every access to such memories and learn their address anew, so that reservation and guard pages, which are
// asked for as configured, are the host's own business.
WASM_API_EXTERN void wasmtime_config_host_memory_creator_set(wasm_config_t *config,
    wasmtime_memory_creator_t *creator);

// Default limits, owned by the caller.
WASM_API_EXTERN wasmtime_pooling_allocation_config_t *wasmtime_pooling_allocation_config_new(void);

// Frees it; NULL is ignored.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_delete(wasmtime_pooling_allocation_config_t *config);

// How many instances the engine's stores may hold together. Default 1,000.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_core_instances_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many memories the engine's stores may hold together. Default 1,000.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_memories_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many tables the engine's stores may hold together. Default 1,000.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_tables_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many memories an instance may define. Default 1.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_memories_per_module_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many tables an instance may define. Default 1.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_tables_per_module_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// Bytes that a memory may have. Default 4 GiB.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_memory_size_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// Elements that a table may have. Default 20,000.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_table_elements_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// How many unused places keep their last user's memory: there are no places, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_unused_warm_slots_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many places are given back at a time: there are no places, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_decommit_batch_size_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// Bytes of a used stack that stay committed: chosen by this library.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_async_stack_keep_resident_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// Bytes of a used memory that may stay committed, full of zeros, for the next one. All memories of the process together keep
// 64 MiB at most. Default: as this library sees fit.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// Bytes of a used table that stay committed: tables are freed, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_table_keep_resident_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// Bytes that an instance's own records may have; a module that needs more is refused. Default 1 MiB.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_core_instance_size_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// How many private stacks there may be: not limited, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_stacks_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many heaps of guest objects the engine's stores may hold together. Default 1,000.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_gc_heaps_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many instances of components there may be: there are none, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_total_component_instances_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// Bytes of a component instance's records: there are none, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_component_instance_size_set(wasmtime_pooling_allocation_config_t *config,
    size_t number);

// How many instances a component may have: there are none, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_core_instances_per_component_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many memories a component may have: there are none, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_memories_per_component_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// How many tables a component may have: there are none, so this changes nothing.
WASM_API_EXTERN void wasmtime_pooling_allocation_config_max_tables_per_component_set(wasmtime_pooling_allocation_config_t *config,
    uint32_t number);

// Gives the engine these limits, which stay the caller's. Stores take of them what they make, and give it back
// when they are deleted.
WASM_API_EXTERN void wasmtime_pooling_allocation_strategy_set(wasm_config_t *config,
    const wasmtime_pooling_allocation_config_t *pooling);

// Whether engines have concurrency of components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_concurrency_support_set(wasm_config_t *config, bool enable);

// Whether engines have components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_set(wasm_config_t *config, bool enable);

// Whether engines have maps in components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_map_set(wasm_config_t *config, bool enable);

// Whether engines have asynchronous components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_async_set(wasm_config_t *config, bool enable);

// Whether engines have asynchronous components with stacks of their own: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_async_stackful_set(wasm_config_t *config,
    bool enable);

// Whether engines have further functions of asynchronous components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_more_async_builtins_set(wasm_config_t *config,
    bool enable);

// Whether engines have `implements` in components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_implements_set(wasm_config_t *config, bool enable);

// Whether engines have canonical names in components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_canonical_names_set(wasm_config_t *config,
    bool enable);

// Whether engines have accessors in components: changes nothing, since components are not supported.
WASM_API_EXTERN void wasmtime_config_wasm_component_model_accessors_set(wasm_config_t *config, bool enable);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASMTIME_CONFIG_H
