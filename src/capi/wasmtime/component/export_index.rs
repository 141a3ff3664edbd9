//! Export indices: names of a component, looked up once.

use crate::capi::ffi::guard;
use crate::capi::wasmtime::component::component::wasmtime_component_t;
use std::convert::Infallible;
use std::ffi::c_char;

/// Where in a component an export is found. There are none, since components are not supported.
pub struct wasmtime_component_export_index_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_export_index_clone(
    index: Option<&wasmtime_component_export_index_t>,
) -> Option<Box<wasmtime_component_export_index_t>> {
    index.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_export_index_delete(
    export_index: Option<Box<wasmtime_component_export_index_t>>,
) {
    guard(|| drop(export_index));
}

/// Where an export is found, owned by the caller; NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_get_export_index(
    component: Option<&wasmtime_component_t>,
    instance_export_index: Option<&wasmtime_component_export_index_t>,
    name: *const c_char,
    name_len: usize,
) -> Option<Box<wasmtime_component_export_index_t>> {
    let _ = (component, instance_export_index, name, name_len);
    None
}
