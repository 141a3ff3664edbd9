//! The type of a variant.

use crate::capi::ffi::guard;
use crate::capi::wasmtime::component::types::valtype::wasmtime_component_valtype_t;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// The type of a variant. There are none, since components are not supported.
pub struct wasmtime_component_variant_type_t {
    _never: Infallible,
}

/// How many cases there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_variant_type_case_count(
    ty: Option<&wasmtime_component_variant_type_t>,
) -> usize {
    let _ = ty;
    0
}

/// Writes name (borrowed), whether there is a payload, and its type (owned by the caller); false if there is
/// no such case.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_variant_type_case_nth(
    ty: Option<&wasmtime_component_variant_type_t>,
    nth: usize,
    name_ret: Option<&mut MaybeUninit<*const c_char>>,
    name_len_ret: Option<&mut MaybeUninit<usize>>,
    has_payload_ret: Option<&mut MaybeUninit<bool>>,
    payload_ret: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) -> bool {
    let _ = (ty, nth, name_ret, name_len_ret, has_payload_ret, payload_ret);
    false
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_variant_type_clone(
    ty: Option<&wasmtime_component_variant_type_t>,
) -> Option<Box<wasmtime_component_variant_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_variant_type_delete(it: Option<Box<wasmtime_component_variant_type_t>>) {
    guard(|| drop(it));
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_variant_type_equal(
    a: Option<&wasmtime_component_variant_type_t>,
    b: Option<&wasmtime_component_variant_type_t>,
) -> bool {
    let _ = (a, b);
    false
}
