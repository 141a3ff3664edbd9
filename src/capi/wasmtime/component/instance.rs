//! Instances of components.

use crate::capi::ffi::ContextPtr;
use crate::capi::wasmtime::component::export_index::wasmtime_component_export_index_t;
use crate::capi::wasmtime::component::func::wasmtime_component_func_t;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// An instance: a plain handle of its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_component_instance_t {
    pub store_id: u64,
    pub __private: u32,
}

/// Where an export is found, owned by the caller; NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_instance_get_export_index(
    instance: Option<&wasmtime_component_instance_t>,
    context: ContextPtr<'_>,
    instance_export_index: Option<&wasmtime_component_export_index_t>,
    name: *const c_char,
    name_len: usize,
) -> Option<Box<wasmtime_component_export_index_t>> {
    let _ = (instance, context, instance_export_index, name, name_len);
    None
}

/// Finds an exported function: false, since there are no instances. `func_out` is untouched.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_instance_get_func(
    instance: Option<&wasmtime_component_instance_t>,
    context: ContextPtr<'_>,
    export_index: Option<&wasmtime_component_export_index_t>,
    func_out: Option<&mut MaybeUninit<wasmtime_component_func_t>>,
) -> bool {
    let _ = (instance, context, export_index, func_out);
    false
}
