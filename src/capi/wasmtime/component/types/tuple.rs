//! The type of a tuple.

use crate::capi::ffi::guard;
use crate::capi::wasmtime::component::types::valtype::wasmtime_component_valtype_t;
use std::convert::Infallible;
use std::mem::MaybeUninit;

/// The type of a tuple. There are none, since components are not supported.
pub struct wasmtime_component_tuple_type_t {
    _never: Infallible,
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_tuple_type_clone(
    ty: Option<&wasmtime_component_tuple_type_t>,
) -> Option<Box<wasmtime_component_tuple_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_tuple_type_delete(it: Option<Box<wasmtime_component_tuple_type_t>>) {
    guard(|| drop(it));
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_tuple_type_equal(
    a: Option<&wasmtime_component_tuple_type_t>,
    b: Option<&wasmtime_component_tuple_type_t>,
) -> bool {
    let _ = (a, b);
    false
}

/// How many elements there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_tuple_type_types_count(ty: Option<&wasmtime_component_tuple_type_t>) -> usize {
    let _ = ty;
    0
}

/// Writes the type of an element, owned by the caller; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_tuple_type_types_nth(
    ty: Option<&wasmtime_component_tuple_type_t>,
    nth: usize,
    type_ret: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) -> bool {
    let _ = (ty, nth, type_ret);
    false
}
