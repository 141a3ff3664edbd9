//! Components: bytes of the component model, compiled.

use crate::capi::ffi::{guard, put};
use crate::capi::wasm::bytes::wasm_byte_vec_t;
use crate::capi::wasm::engine::wasm_engine_t;
use crate::capi::wasmtime::component::unsupported;
use crate::capi::wasmtime::component::types::component::wasmtime_component_type_t;
use crate::capi::wasmtime::error::wasmtime_error_t;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// A compiled component. There are none, since components are not supported.
pub struct wasmtime_component_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_clone(
    component: Option<&wasmtime_component_t>,
) -> Option<Box<wasmtime_component_t>> {
    component.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_delete(component: Option<Box<wasmtime_component_t>>) {
    guard(|| drop(component));
}

/// Takes a component back that was serialized: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_deserialize(
    engine: Option<&wasm_engine_t>,
    buf: *const u8,
    len: usize,
    component_out: Option<&mut MaybeUninit<Option<Box<wasmtime_component_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (engine, buf, len);
    put(component_out, None);
    unsupported()
}

/// Takes a component back from a file: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_deserialize_file(
    engine: Option<&wasm_engine_t>,
    path: *const c_char,
    component_out: Option<&mut MaybeUninit<Option<Box<wasmtime_component_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (engine, path);
    put(component_out, None);
    unsupported()
}

/// Compiles a component: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_new(
    engine: Option<&wasm_engine_t>,
    buf: *const u8,
    len: usize,
    component_out: Option<&mut MaybeUninit<Option<Box<wasmtime_component_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (engine, buf, len);
    put(component_out, None);
    unsupported()
}

/// Writes a component's machine code to `ret`: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_serialize(
    component: Option<&wasmtime_component_t>,
    ret: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (component, ret);
    unsupported()
}

/// The component's type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_type(
    component: Option<&wasmtime_component_t>,
) -> Option<Box<wasmtime_component_type_t>> {
    let _ = component;
    None
}
