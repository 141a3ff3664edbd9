//! Linkers of components.

use crate::capi::ffi::{CBool, ContextPtr, guard, put};
use crate::capi::wasm::engine::wasm_engine_t;
use crate::capi::wasmtime::component::unsupported;
use crate::capi::wasmtime::component::component::wasmtime_component_t;
use crate::capi::wasmtime::component::instance::wasmtime_component_instance_t;
use crate::capi::wasmtime::component::linker_instance::wasmtime_component_linker_instance_t;
use crate::capi::wasmtime::error::wasmtime_error_t;
use crate::capi::wasmtime::future::wasmtime_call_future_t;
use std::convert::Infallible;
use std::mem::MaybeUninit;

/// Definitions by name, to satisfy the imports of components. There are none, since components are not supported.
pub struct wasmtime_component_linker_t {
    _never: Infallible,
}

/// Defines the HTTP interfaces: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_add_wasi_http(
    linker: Option<&mut wasmtime_component_linker_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = linker;
    unsupported()
}

/// Defines the HTTP interfaces for asynchronous use: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_add_wasi_http_async(
    linker: Option<&mut wasmtime_component_linker_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = linker;
    unsupported()
}

/// Defines the WASI interfaces: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_add_wasip2(
    linker: Option<&mut wasmtime_component_linker_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = linker;
    unsupported()
}

/// Defines the WASI interfaces for asynchronous use: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_add_wasip2_async(
    linker: Option<&mut wasmtime_component_linker_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = linker;
    unsupported()
}

/// Whether a name may be defined twice: does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_allow_shadowing(
    linker: Option<&mut wasmtime_component_linker_t>,
    allow: CBool,
) {
    let _ = (linker, allow);
}

/// Defines what the component misses: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_define_unknown_imports_as_traps(
    linker: Option<&mut wasmtime_component_linker_t>,
    component: Option<&wasmtime_component_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker, component);
    unsupported()
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_delete(linker: Option<Box<wasmtime_component_linker_t>>) {
    guard(|| drop(linker));
}

/// Instantiates a component: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instantiate(
    linker: Option<&wasmtime_component_linker_t>,
    context: ContextPtr<'_>,
    component: Option<&wasmtime_component_t>,
    instance_out: Option<&mut MaybeUninit<wasmtime_component_instance_t>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (linker, context, component, instance_out);
    unsupported()
}

/// Starts an instantiation: writes an error to `error_ret` and gives a future that is ready at once.
/// The future is owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_instantiate_async(
    linker: Option<&wasmtime_component_linker_t>,
    context: ContextPtr<'_>,
    component: Option<&wasmtime_component_t>,
    instance_out: Option<&mut MaybeUninit<wasmtime_component_instance_t>>,
    error_ret: Option<&mut MaybeUninit<Option<Box<wasmtime_error_t>>>>,
) -> Option<Box<wasmtime_call_future_t>> {
    let _ = (linker, context, component, instance_out);
    put(error_ret, unsupported());
    guard(|| Some(wasmtime_call_future_t::ready()))
}

/// A linker: NULL, since components are not supported. Every function of linkers takes NULL.
/// There is nothing to delete.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_new(
    engine: Option<&wasm_engine_t>,
) -> Option<Box<wasmtime_component_linker_t>> {
    let _ = engine;
    None
}

/// The top of the linker, owned by the caller; NULL for a NULL linker.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_linker_root(
    linker: Option<&mut wasmtime_component_linker_t>,
) -> Option<Box<wasmtime_component_linker_instance_t>> {
    let _ = linker;
    None
}
