//! Settings of an engine, and those that this library has no use for.
//!
//! A setting that this library cannot honour but that changes no result (debug information, address space for growth) is taken note of nowhere. One that would change what guests can do or what the host provides
//! makes `wasm_engine_new_with_config` return NULL.

use super::super::ffi::{CBool, Finalizer, c_text, guard, guard_err, need, truth};
use super::super::wasm::engine::wasm_config_t;
use super::super::wasm::memorytype::wasm_memorytype_t;
use super::error::wasmtime_error_t;
use crate::base::{Error, ErrorKind};
use crate::runtime::{Cache, Config, MemoryMode, Profiler};
use crate::wasm::Proposal;
use std::ffi::{c_char, c_void};
use std::path::Path;

/// Which compiler to use: one of `wasmtime_strategy_enum`. There is one, so this changes nothing.
pub type wasmtime_strategy_t = u8;

/// Which compiler to use.
#[repr(C)]
pub enum wasmtime_strategy_enum {
    WASMTIME_STRATEGY_AUTO,
    WASMTIME_STRATEGY_CRANELIFT,
    WASMTIME_STRATEGY_WINCH,
}

/// How much to optimise: one of `wasmtime_opt_level_enum`.
pub type wasmtime_opt_level_t = u8;

/// How much to optimise.
#[repr(C)]
pub enum wasmtime_opt_level_enum {
    WASMTIME_OPT_LEVEL_NONE,
    WASMTIME_OPT_LEVEL_SPEED,
    WASMTIME_OPT_LEVEL_SPEED_AND_SIZE,
}

/// Which profiler to inform: one of `wasmtime_profiling_strategy_enum`.
pub type wasmtime_profiling_strategy_t = u8;

/// Which profiler to inform.
#[repr(C)]
pub enum wasmtime_profiling_strategy_enum {
    WASMTIME_PROFILING_STRATEGY_NONE,
    WASMTIME_PROFILING_STRATEGY_JITDUMP,
    WASMTIME_PROFILING_STRATEGY_VTUNE,
    WASMTIME_PROFILING_STRATEGY_PERFMAP,
}

/// How to allocate registers: one of `wasmtime_regalloc_algorithm_enum`.
pub type wasmtime_regalloc_algorithm_t = u8;

/// How to allocate registers.
#[repr(C)]
pub enum wasmtime_regalloc_algorithm_enum {
    WASMTIME_REGALLOC_BACKTRACKING,
    WASMTIME_REGALLOC_SINGLE_PASS,
}

/// Where a host-made memory is, with its size now and the size it can grow to in place, in bytes.
pub type wasmtime_memory_get_callback_t =
    Option<unsafe extern "C" fn(env: *mut c_void, byte_size: *mut usize, byte_capacity: *mut usize) -> *mut u8>;

/// Makes a host-made memory at least `new_size` bytes large; an owned error refuses.
pub type wasmtime_memory_grow_callback_t =
    Option<unsafe extern "C" fn(env: *mut c_void, new_size: usize) -> Option<Box<wasmtime_error_t>>>;

/// A memory that the host provides.
#[repr(C)]
pub struct wasmtime_linear_memory_t {
    pub env: *mut c_void,
    pub get_memory: wasmtime_memory_get_callback_t,
    pub grow_memory: wasmtime_memory_grow_callback_t,
    pub finalizer: Option<unsafe extern "C" fn(arg: *mut c_void)>,
}

/// Makes a memory that the host provides; sizes in bytes. An owned error refuses.
pub type wasmtime_new_memory_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        ty: *const wasm_memorytype_t,
        minimum: usize,
        maximum: usize,
        reserved_size_in_bytes: usize,
        guard_size_in_bytes: usize,
        memory_ret: *mut wasmtime_linear_memory_t,
    ) -> Option<Box<wasmtime_error_t>>,
>;

/// How the host provides memories.
#[repr(C)]
pub struct wasmtime_memory_creator_t {
    pub env: *mut c_void,
    pub new_memory: wasmtime_new_memory_callback_t,
    pub finalizer: Option<unsafe extern "C" fn(arg: *mut c_void)>,
}

/// Applies a change, if there is something to change.
fn change(config: Option<&mut wasm_config_t>, apply: impl FnOnce(&mut Config)) {
    guard(|| config.map(|c| apply(&mut c.config)).unwrap_or_default());
}

/// Switches a proposal.
fn feature(config: Option<&mut wasm_config_t>, proposal: Proposal, on: CBool) {
    change(config, |c| c.features.set(proposal, truth(on)));
}

/// Notes that no engine can be made of this.
fn refuse(config: Option<&mut wasm_config_t>, why: &str) {
    guard(|| config.map(|c| c.refused = Some(why.to_owned())).unwrap_or_default());
}

/// Debug information for native debuggers: not produced, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_debug_info_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Whether guests consume fuel. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_consume_fuel_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    change(config, |c| c.tunables.fuel = truth(enable));
}

/// Whether guests watch the engine's epoch. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_epoch_interruption_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    change(config, |c| c.tunables.epochs = truth(enable));
}

/// Bytes of stack that guests may use on the caller's thread. Default 512 KiB; 0 makes no engine.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_max_wasm_stack_set(config: Option<&mut wasm_config_t>, size: usize) {
    change(config, |c| c.max_wasm_stack = size);
}

/// Whether modules may use threads.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_threads_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::Threads, enable);
}

/// Whether modules may use tail calls.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_tail_call_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::TailCall, enable);
}

/// Whether modules may use reference types.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_reference_types_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::ReferenceTypes, enable);
}

/// Whether modules may use typed function references.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_function_references_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    feature(config, Proposal::FunctionReferences, enable);
}

/// Whether modules may use garbage collected objects.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_gc_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::Gc, enable);
}

/// Whether modules may use vectors.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_simd_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::Simd, enable);
}

/// Whether modules may use relaxed vector operations.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_relaxed_simd_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::RelaxedSimd, enable);
}

/// Whether modules may use bulk memory operations.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_bulk_memory_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::BulkMemory, enable);
}

/// Whether modules may use multiple results.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_multi_value_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::MultiValue, enable);
}

/// Whether modules may use multiple memories.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_multi_memory_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::MultiMemory, enable);
}

/// Whether modules may use 64-bit memories and tables.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_memory64_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::Memory64, enable);
}

/// Whether modules may use 128-bit arithmetic.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_wide_arithmetic_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::WideArithmetic, enable);
}

/// Whether modules may use exceptions.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_exceptions_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::Exceptions, enable);
}

/// Whether modules may use pages of other sizes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_custom_page_sizes_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    feature(config, Proposal::CustomPageSizes, enable);
}

/// Whether modules may use stack switching.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_stack_switching_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    feature(config, Proposal::StackSwitching, enable);
}

/// Whether relaxed vector operations give the same results on every machine. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_relaxed_simd_deterministic_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    change(config, |c| c.tunables.relaxed_simd_deterministic = truth(enable));
}

/// Branch hints never change results: this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_branch_hinting_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Whether modules may use the compact form of the import section: not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_compact_imports_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    if truth(enable) {
        refuse(config, "compact imports are not supported");
    }
}

/// Whether the host may make shared memories: always.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_shared_memory_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Host references are always collected: this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_gc_support_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Whether functions are compiled on all cores. On by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_parallel_compilation_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    change(config, |c| c.parallel_compilation = truth(enable));
}

/// Whether the compiler checks its own work. Off by default in release builds.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_cranelift_debug_verifier_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    change(config, |c| c.tunables.verify_ir = truth(enable));
}

/// Whether every NaN that arithmetic makes is the same. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_cranelift_nan_canonicalization_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    change(config, |c| c.tunables.nan_canonicalization = truth(enable));
}

/// Which compiler to use: there is one, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_strategy_set(
    config: Option<&mut wasm_config_t>,
    strategy: wasmtime_strategy_t,
) {
    let _ = (config, strategy);
}

/// How much to optimise; a number that means nothing is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_cranelift_opt_level_set(
    config: Option<&mut wasm_config_t>,
    level: wasmtime_opt_level_t,
) {
    if level <= 2 {
        change(config, |c| c.tunables.opt_level = level);
    }
}

/// How to allocate registers: there is one way, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_cranelift_regalloc_algorithm_set(
    config: Option<&mut wasm_config_t>,
    algorithm: wasmtime_regalloc_algorithm_t,
) {
    let _ = (config, algorithm);
}

/// Which profiler to inform. PERFMAP names functions in `/tmp/perf-PID.map`; JITDUMP writes functions and their code to
/// `jit-PID.dump` in the current directory, for `perf inject --jit`. No engine can be made with any other profiler, nor if
/// the file cannot be made. NULL is ignored; one thread at a time.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_profiler_set(
    config: Option<&mut wasm_config_t>,
    strategy: wasmtime_profiling_strategy_t,
) {
    match strategy {
        0 => change(config, |c| c.profiler = None),
        1 => change(config, |c| c.profiler = Some(Profiler::JitDump)),
        3 => change(config, |c| c.profiler = Some(Profiler::PerfMap)),
        other => refuse(config, &format!("profiler {other} is not supported: expected none (0), jitdump (1) or perf map (3)")),
    }
}

/// Whether growing may move a memory: only memories without guard pages move, whatever is said here.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_memory_may_move_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Address space reserved for each memory, in bytes. Less than 4 GiB means explicit bounds checks.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_memory_reservation_set(config: Option<&mut wasm_config_t>, bytes: u64) {
    change(config, |c| set_reservation(c, bytes));
}

/// Inaccessible bytes behind each memory.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_memory_guard_size_set(config: Option<&mut wasm_config_t>, bytes: u64) {
    change(config, |c| c.tunables.memory_guard = bytes);
}

/// Address space for memories that move when they grow: chosen by this library.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_memory_reservation_for_growth_set(
    config: Option<&mut wasm_config_t>,
    bytes: u64,
) {
    let _ = (config, bytes);
}

/// Native unwind information: not produced, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_native_unwind_info_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Whether initial contents of memories are mapped copy-on-write. On by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_memory_init_cow_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    change(config, |c| c.memory_init_cow = truth(enable));
}

/// Whether out-of-bounds accesses are found by page faults. On by default; off means explicit checks.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_signals_based_traps_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    change(config, |c| {
        c.tunables.memory_mode = if truth(enable) { MemoryMode::GuardPages } else { MemoryMode::Explicit };
    });
}

/// Only meant for another system: this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_macos_use_mach_ports_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}

/// Guard pages need a reservation that every 32-bit address fits in.
fn set_reservation(config: &mut Config, bytes: u64) {
    const FULL: u64 = 4 << 30;
    let fits = bytes >= FULL;
    config.tunables.memory_mode = if fits { MemoryMode::GuardPages } else { MemoryMode::Explicit };
    config.tunables.memory_reservation = bytes.max(FULL);
}

/// Switches a flag of the code generator on. A name that it does not know makes no engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_config_cranelift_flag_enable(
    config: Option<&mut wasm_config_t>,
    flag: *const c_char,
) {
    // SAFETY: NULL or NUL-terminated.
    match unsafe { c_text(flag, "flag") } {
        Ok(flag) => change(config, |c| c.tunables.extra_flags.push((flag.to_owned(), None))),
        Err(_) => refuse(config, "a compiler flag is no text"),
    }
}

/// Sets a setting of the code generator. A name or value that it does not know makes no engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_config_cranelift_flag_set(
    config: Option<&mut wasm_config_t>,
    key: *const c_char,
    value: *const c_char,
) {
    // SAFETY: NULL or NUL-terminated.
    match unsafe { (c_text(key, "key"), c_text(value, "value")) } {
        (Ok(key), Ok(value)) => {
            change(config, |c| c.tunables.extra_flags.push((key.to_owned(), Some(value.to_owned()))));
        }
        _ => refuse(config, "a compiler flag is no text"),
    }
}

/// What to compile for: this machine's own triple, or an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_config_target_set(
    config: Option<&mut wasm_config_t>,
    target: *const c_char,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        need(config, "config")?;
        // SAFETY: NULL or NUL-terminated.
        let target = unsafe { c_text(target, "target")? };
        let mut parts = target.split('-');
        let fits = parts.next() == Some(std::env::consts::ARCH) && parts.any(|p| p == std::env::consts::OS);
        if fits {
            return Ok(());
        }
        let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("target `{target}` is not this machine's: expected {arch} and {os}"),
        ))
    })
}

/// Keeps compiled modules in files for other engines and processes, as the TOML file `path` describes it: a table
/// `[cache]` with the keys of libwasmtime's cache, such as `directory`. NULL means `tenon/cache.toml` in the user's
/// configuration folder, or default settings if there is none. Fails for a file that cannot be read, an unknown key, a
/// wrong value, and a folder that cannot be made or that others may write to. The error is owned by the caller. Fails for a
/// NULL `config`; one thread at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_config_cache_config_load(
    config: Option<&mut wasm_config_t>,
    path: *const c_char,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let config = need(config, "config")?;
        let path = match path.is_null() {
            true => None,
            // SAFETY: not NULL, so NUL-terminated.
            false => Some(Path::new(unsafe { c_text(path, "path")? })),
        };
        config.config.cache = Some(Cache::load(path)?);
        Ok(())
    })
}

/// Lets the host provide memories: not supported, so no engine can be made of this. The creator's finalizer
/// runs when the settings are gone.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_host_memory_creator_set(
    config: Option<&mut wasm_config_t>,
    creator: Option<&mut wasmtime_memory_creator_t>,
) {
    guard(|| {
        let (Some(config), Some(creator)) = (config, creator) else { return };
        config.creator = Some(Finalizer::new(creator.env, creator.finalizer));
        refuse(Some(config), "memories made by the host are not supported");
    });
}
