//! Engines beyond `wasm.h`.

use super::super::ffi::{guard, guard_some};
use super::super::wasm::engine::wasm_engine_t;

/// Another handle of the same engine, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_engine_clone(engine: Option<&wasm_engine_t>) -> Option<Box<wasm_engine_t>> {
    guard(|| wasm_engine_t::boxed(engine?.engine().clone()))
}

/// Moves the epoch on by one. Any thread, also a signal handler.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_engine_increment_epoch(engine: Option<&wasm_engine_t>) {
    guard(|| engine.map(|e| e.engine().increment_epoch()).unwrap_or_default());
}

/// Whether code is interpreted: never.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_engine_is_pulley(engine: Option<&wasm_engine_t>) -> bool {
    guard_some(|| engine.map(|_| false))
}
