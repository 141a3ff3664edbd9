//! Types of core modules.

use crate::capi::ffi::guard;
use crate::capi::wasm::engine::wasm_engine_t;
use crate::capi::wasm::importtype::{wasm_exporttype_t, wasm_importtype_t};
use std::convert::Infallible;

/// The type of a core module. There are none, since components are not supported.
pub struct wasmtime_module_type_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_clone(
    ty: Option<&wasmtime_module_type_t>,
) -> Option<Box<wasmtime_module_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_delete(ty: Option<Box<wasmtime_module_type_t>>) {
    guard(|| drop(ty));
}

/// How many exports there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_export_count(
    ty: Option<&wasmtime_module_type_t>,
    engine: Option<&wasm_engine_t>,
) -> usize {
    let _ = (ty, engine);
    0
}

/// The export at this position, owned by the caller; NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_export_nth(
    ty: Option<&wasmtime_module_type_t>,
    engine: Option<&wasm_engine_t>,
    nth: usize,
) -> Option<Box<wasm_exporttype_t>> {
    let _ = (ty, engine, nth);
    None
}

/// How many imports there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_import_count(
    ty: Option<&wasmtime_module_type_t>,
    engine: Option<&wasm_engine_t>,
) -> usize {
    let _ = (ty, engine);
    0
}

/// The import at this position, owned by the caller; NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_type_import_nth(
    ty: Option<&wasmtime_module_type_t>,
    engine: Option<&wasm_engine_t>,
    nth: usize,
) -> Option<Box<wasm_importtype_t>> {
    let _ = (ty, engine, nth);
    None
}
