//! Instances being defined in a linker.

use crate::capi::ffi::{Finalizer, guard, put};
use crate::capi::wasmtime::component::unsupported;
use crate::capi::wasmtime::component::types::func::wasmtime_component_func_type_t;
use crate::capi::wasmtime::component::types::resource::wasmtime_component_resource_type_t;
use crate::capi::wasmtime::component::val::wasmtime_component_val_t;
use crate::capi::wasmtime::error::wasmtime_error_t;
use crate::capi::wasmtime::hostasync::wasmtime_async_continuation_t;
use crate::capi::wasmtime::module::wasmtime_module_t;
use crate::capi::wasmtime::store::wasmtime_context_t;
use std::convert::Infallible;
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

/// An instance that is being defined in a linker; borrows the linker. There are none, since components are not supported.
pub struct wasmtime_component_linker_instance_t {
    _never: Infallible,
}

/// A host function: reads `args`, writes `results`, and returns NULL, or an error (consumed) that stops the guest.
pub type wasmtime_component_func_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        context: *mut wasmtime_context_t,
        ty: *const wasmtime_component_func_type_t,
        args: *mut wasmtime_component_val_t,
        nargs: usize,
        results: *mut wasmtime_component_val_t,
        nresults: usize,
    ) -> Option<Box<wasmtime_error_t>>,
>;

/// An asynchronous host function: sets `continuation_ret`, which is asked until the results are written, or
/// `error_ret`.
pub type wasmtime_component_func_async_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        context: *mut wasmtime_context_t,
        ty: *const wasmtime_component_func_type_t,
        args: *mut wasmtime_component_val_t,
        nargs: usize,
        results: *mut wasmtime_component_val_t,
        nresults: usize,
        error_ret: *mut Option<Box<wasmtime_error_t>>,
        continuation_ret: *mut wasmtime_async_continuation_t,
    ),
>;

/// Ends the life of a host resource with the number `rep`; returns NULL, or an error (consumed).
pub type wasmtime_component_resource_destructor_t = Option<
    unsafe extern "C" fn(env: *mut c_void, context: *mut wasmtime_context_t, rep: u32) -> Option<Box<wasmtime_error_t>>,
>;

/// Defines a function: an error, since components are not supported. `finalizer` runs before this returns.
/// `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_add_func(
    linker_instance: Option<&mut wasmtime_component_linker_instance_t>,
    name: *const c_char,
    name_len: usize,
    callback: wasmtime_component_func_callback_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker_instance, name, name_len, callback);
    drop(Finalizer::new(data, finalizer));
    unsupported()
}

/// Defines an asynchronous function: an error, since components are not supported. `finalizer` runs before
/// this returns. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_add_func_async(
    linker_instance: Option<&mut wasmtime_component_linker_instance_t>,
    name: *const c_char,
    name_len: usize,
    callback: wasmtime_component_func_async_callback_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker_instance, name, name_len, callback);
    drop(Finalizer::new(data, finalizer));
    unsupported()
}

/// Defines an instance: an error, since components are not supported. The out parameter becomes NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_add_instance(
    linker_instance: Option<&mut wasmtime_component_linker_instance_t>,
    name: *const c_char,
    name_len: usize,
    linker_instance_out: Option<&mut MaybeUninit<Option<Box<wasmtime_component_linker_instance_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker_instance, name, name_len);
    put(linker_instance_out, None);
    unsupported()
}

/// Defines a core module: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_add_module(
    linker_instance: Option<&mut wasmtime_component_linker_instance_t>,
    name: *const c_char,
    name_len: usize,
    module: Option<&wasmtime_module_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker_instance, name, name_len, module);
    unsupported()
}

/// Defines a resource type: an error, since components are not supported. `finalizer` runs before this
/// returns. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_add_resource(
    linker_instance: Option<&mut wasmtime_component_linker_instance_t>,
    name: *const c_char,
    name_len: usize,
    resource: Option<&wasmtime_component_resource_type_t>,
    destructor: wasmtime_component_resource_destructor_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker_instance, name, name_len, resource, destructor);
    drop(Finalizer::new(data, finalizer));
    unsupported()
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instance_delete(
    linker_instance: Option<Box<wasmtime_component_linker_instance_t>>,
) {
    guard(|| drop(linker_instance));
}
