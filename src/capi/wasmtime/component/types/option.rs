//! The type of an option.

use crate::capi::ffi::guard;
use crate::capi::wasmtime::component::types::valtype::wasmtime_component_valtype_t;
use std::convert::Infallible;
use std::mem::MaybeUninit;

/// The type of an option. There are none, since components are not supported.
pub struct wasmtime_component_option_type_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_option_type_clone(
    ty: Option<&wasmtime_component_option_type_t>,
) -> Option<Box<wasmtime_component_option_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_option_type_delete(it: Option<Box<wasmtime_component_option_type_t>>) {
    guard(|| drop(it));
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_option_type_equal(
    a: Option<&wasmtime_component_option_type_t>,
    b: Option<&wasmtime_component_option_type_t>,
) -> bool {
    let _ = (a, b);
    false
}

/// Writes the type of the content, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_option_type_ty(
    ty: Option<&wasmtime_component_option_type_t>,
    type_ret: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) {
    let _ = (ty, type_ret);
}
