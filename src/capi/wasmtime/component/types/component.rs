//! Types of components.

use crate::capi::ffi::guard;
use crate::capi::wasm::engine::wasm_engine_t;
use crate::capi::wasmtime::component::types::externs::wasmtime_component_extern_t;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// The type of a component. There are none, since components are not supported.
pub struct wasmtime_component_type_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_clone(
    ty: Option<&wasmtime_component_type_t>,
) -> Option<Box<wasmtime_component_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_delete(ty: Option<Box<wasmtime_component_type_t>>) {
    guard(|| drop(ty));
}

/// How many exports there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_export_count(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
) -> usize {
    let _ = (ty, engine);
    0
}

/// Writes the export of this name, owned by the caller; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_export_get(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
    name: *const c_char,
    name_len: usize,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_extern_t>>>>,
) -> bool {
    let _ = (ty, engine, name, name_len, ret);
    false
}

/// Writes name (borrowed) and type (owned by the caller) of an export; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_export_nth(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
    nth: usize,
    name_ret: Option<&mut MaybeUninit<*const c_char>>,
    name_len_ret: Option<&mut MaybeUninit<usize>>,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_extern_t>>>>,
) -> bool {
    let _ = (ty, engine, nth, name_ret, name_len_ret, ret);
    false
}

/// How many imports there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_import_count(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
) -> usize {
    let _ = (ty, engine);
    0
}

/// Writes the import of this name, owned by the caller; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_import_get(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
    name: *const c_char,
    name_len: usize,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_extern_t>>>>,
) -> bool {
    let _ = (ty, engine, name, name_len, ret);
    false
}

/// Writes name (borrowed) and type (owned by the caller) of an import; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type_import_nth(
    ty: Option<&wasmtime_component_type_t>,
    engine: Option<&wasm_engine_t>,
    nth: usize,
    name_ret: Option<&mut MaybeUninit<*const c_char>>,
    name_len_ret: Option<&mut MaybeUninit<usize>>,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_extern_t>>>>,
) -> bool {
    let _ = (ty, engine, nth, name_ret, name_len_ret, ret);
    false
}
