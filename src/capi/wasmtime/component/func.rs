//! Functions of component instances.

use crate::capi::ffi::{ContextPtr, guard, put};
use crate::capi::wasmtime::component::unsupported;
use crate::capi::wasmtime::component::types::func::wasmtime_component_func_type_t;
use crate::capi::wasmtime::component::val::wasmtime_component_val_t;
use crate::capi::wasmtime::error::wasmtime_error_t;
use crate::capi::wasmtime::future::wasmtime_call_future_t;
use std::ffi::c_void;
use std::mem::MaybeUninit;

/// A function: a plain handle of its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_component_func_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __padding: u32,
    pub __private2: u32,
    pub __private3: *mut c_void,
}

const _: () = assert!(size_of::<wasmtime_component_func_t>() == 32);

/// Calls a function: an error, since components are not supported. Arguments and results stay as they are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_call(
    func: Option<&wasmtime_component_func_t>,
    context: ContextPtr<'_>,
    args: *const wasmtime_component_val_t,
    args_size: usize,
    results: *mut wasmtime_component_val_t,
    results_size: usize,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (func, context, args, args_size, results, results_size);
    unsupported()
}

/// Starts a call: writes an error to `error_ret` and gives a future that is ready at once.
/// The future is owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_call_async(
    func: Option<&wasmtime_component_func_t>,
    context: ContextPtr<'_>,
    args: *const wasmtime_component_val_t,
    args_size: usize,
    results: *mut wasmtime_component_val_t,
    results_size: usize,
    error_ret: Option<&mut MaybeUninit<Option<Box<wasmtime_error_t>>>>,
) -> Option<Box<wasmtime_call_future_t>> {
    let _ = (func, context, args, args_size, results, results_size);
    put(error_ret, unsupported());
    guard(|| Some(wasmtime_call_future_t::ready()))
}

/// Kept for old callers: does nothing and returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_post_return(
    func: Option<&wasmtime_component_func_t>,
    context: ContextPtr<'_>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (func, context);
    None
}

/// The function's type, owned by the caller; NULL, since there are no functions.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type(
    func: Option<&wasmtime_component_func_t>,
    context: ContextPtr<'_>,
) -> Option<Box<wasmtime_component_func_type_t>> {
    let _ = (func, context);
    None
}
