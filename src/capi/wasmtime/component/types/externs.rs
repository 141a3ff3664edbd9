//! Imports and exports in types.

use crate::capi::ffi::{guard, put};
use crate::capi::wasmtime::component::types::item::wasmtime_component_item_t;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::ptr;

/// An import or export in a type; borrows the type and the engine. There are none, since components are not supported.
pub struct wasmtime_component_extern_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_clone(
    e: Option<&wasmtime_component_extern_t>,
) -> Option<Box<wasmtime_component_extern_t>> {
    e.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_delete(it: Option<Box<wasmtime_component_extern_t>>) {
    guard(|| drop(it));
}

/// The identifier it carries; NULL if none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_external_id(
    e: Option<&wasmtime_component_extern_t>,
    len: Option<&mut MaybeUninit<usize>>,
) -> *const c_char {
    let _ = e;
    put(len, 0);
    ptr::null()
}

/// The interface it implements; NULL if none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_implements(
    e: Option<&wasmtime_component_extern_t>,
    len: Option<&mut MaybeUninit<usize>>,
) -> *const c_char {
    let _ = e;
    put(len, 0);
    ptr::null()
}

/// Whether it implements the interface of this name.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_is_implements(
    e: Option<&wasmtime_component_extern_t>,
    name: *const c_char,
    len: usize,
) -> bool {
    let _ = (e, name, len);
    false
}

/// Writes what kind of thing it is and its type to `ret`, which the caller deletes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_extern_type(
    e: Option<&wasmtime_component_extern_t>,
    ret: Option<&mut MaybeUninit<wasmtime_component_item_t>>,
) {
    let _ = (e, ret);
}
