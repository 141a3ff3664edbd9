//! The type of an enumeration.

use crate::capi::ffi::guard;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// The type of an enumeration. There are none, since components are not supported.
pub struct wasmtime_component_enum_type_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_enum_type_clone(
    ty: Option<&wasmtime_component_enum_type_t>,
) -> Option<Box<wasmtime_component_enum_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_enum_type_delete(it: Option<Box<wasmtime_component_enum_type_t>>) {
    guard(|| drop(it));
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_enum_type_equal(
    a: Option<&wasmtime_component_enum_type_t>,
    b: Option<&wasmtime_component_enum_type_t>,
) -> bool {
    let _ = (a, b);
    false
}

/// How many names there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_enum_type_names_count(ty: Option<&wasmtime_component_enum_type_t>) -> usize {
    let _ = ty;
    0
}

/// Writes a name, borrowed; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_enum_type_names_nth(
    ty: Option<&wasmtime_component_enum_type_t>,
    nth: usize,
    name_ret: Option<&mut MaybeUninit<*const c_char>>,
    name_len_ret: Option<&mut MaybeUninit<usize>>,
) -> bool {
    let _ = (ty, nth, name_ret, name_len_ret);
    false
}
