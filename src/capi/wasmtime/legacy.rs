//! Names that libwasmtime had before version 50, for bindings that still use them: those whose arguments mean today what
//! they meant then.

use super::super::ffi::{CBool, ContextPtr, guard_err, guard_some, need, put};
use super::super::wasm::engine::wasm_config_t;
use super::super::wasm::trap::wasm_trap_t;
use super::config::{
    wasmtime_config_memory_guard_size_set, wasmtime_config_memory_may_move_set,
    wasmtime_config_memory_reservation_for_growth_set, wasmtime_config_memory_reservation_set,
};
use super::error::wasmtime_error_t;
use super::store::wasmtime_context_t;
use crate::base::Error;
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// Adds to the fuel left. An error unless the engine was configured with fuel. Today: `wasmtime_context_set_fuel`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_add_fuel(store: ContextPtr<'_>, fuel: u64) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        ctx.set_fuel(ctx.store().fuel()?.saturating_add(fuel))
    })
}

/// How much fuel was used since the store was made: true and `fuel` written, or false unless the engine was
/// configured with fuel.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_fuel_consumed(
    context: Option<&wasmtime_context_t>,
    fuel: Option<&mut MaybeUninit<u64>>,
) -> bool {
    guard_some(|| {
        put(fuel, context?.fuel_consumed()?);
        Some(true)
    })
}

/// The fuel left: true and `fuel` written, or false unless the engine was configured with fuel. Today:
/// `wasmtime_context_get_fuel`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_fuel_remaining(
    context: Option<&wasmtime_context_t>,
    fuel: Option<&mut MaybeUninit<u64>>,
) -> bool {
    guard_some(|| {
        put(fuel, context?.store().fuel().ok()?);
        Some(true)
    })
}

/// Takes fuel as if a guest had used it, and writes what is left to `remaining`. An error, and nothing taken, unless
/// some is left afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_consume_fuel(
    context: ContextPtr<'_>,
    fuel: u64,
    remaining: Option<&mut MaybeUninit<u64>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let store = need(context, "context")?.store();
        let left = store.fuel().unwrap_or(0).checked_sub(fuel).filter(|left| *left > 0);
        let left = left.ok_or_else(|| Error::usage("not enough fuel remaining in store"))?;
        store.set_fuel(left)?;
        put(remaining, left);
        Ok(())
    })
}

/// The status with which a WASI program ended itself: true and `status` written if that is what the trap reports.
/// Only functions of `wasm.h` report it so: see `wasmtime_error_exit_status`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_trap_exit_status(
    trap: Option<&wasm_trap_t>,
    status: Option<&mut MaybeUninit<c_int>>,
) -> bool {
    guard_some(|| {
        put(status, trap?.error()?.exit_status()?);
        Some(true)
    })
}

/// Today: `wasmtime_config_memory_reservation_set`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_static_memory_maximum_size_set(config: Option<&mut wasm_config_t>, bytes: u64) {
    wasmtime_config_memory_reservation_set(config, bytes);
}

/// Today: `wasmtime_config_memory_guard_size_set`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_static_memory_guard_size_set(config: Option<&mut wasm_config_t>, bytes: u64) {
    wasmtime_config_memory_guard_size_set(config, bytes);
}

/// The guard of memories that move when they grow. All memories have the guard of
/// `wasmtime_config_memory_guard_size_set`: this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_dynamic_memory_guard_size_set(config: Option<&mut wasm_config_t>, bytes: u64) {
    let _ = (config, bytes);
}

/// Today: `wasmtime_config_memory_reservation_for_growth_set`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_dynamic_memory_reserved_for_growth_set(
    config: Option<&mut wasm_config_t>,
    bytes: u64,
) {
    wasmtime_config_memory_reservation_for_growth_set(config, bytes);
}

/// Today, with the opposite sense: `wasmtime_config_memory_may_move_set`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_static_memory_forced_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    wasmtime_config_memory_may_move_set(config, CBool::from(enable == 0));
}

/// Asynchronous calls are always possible: this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_async_support_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    let _ = (config, enable);
}
