//! Types of functions.

use crate::capi::ffi::guard;
use crate::capi::wasmtime::component::types::valtype::wasmtime_component_valtype_t;
use std::convert::Infallible;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// The type of a function. There are none, since components are not supported.
pub struct wasmtime_component_func_type_t {
    _never: Infallible,
}

/// Whether calls are asynchronous.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_async(ty: Option<&wasmtime_component_func_type_t>) -> bool {
    let _ = ty;
    false
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_clone(
    ty: Option<&wasmtime_component_func_type_t>,
) -> Option<Box<wasmtime_component_func_type_t>> {
    ty.map(|it| match it._never {})
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_delete(ty: Option<Box<wasmtime_component_func_type_t>>) {
    guard(|| drop(ty));
}

/// How many parameters there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_param_count(ty: Option<&wasmtime_component_func_type_t>) -> usize {
    let _ = ty;
    0
}

/// Writes name (borrowed) and type (owned by the caller) of a parameter; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_param_nth(
    ty: Option<&wasmtime_component_func_type_t>,
    nth: usize,
    name_ret: Option<&mut MaybeUninit<*const c_char>>,
    name_len_ret: Option<&mut MaybeUninit<usize>>,
    type_ret: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) -> bool {
    let _ = (ty, nth, name_ret, name_len_ret, type_ret);
    false
}

/// Writes the type of the result, which the caller deletes; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_func_type_result(
    ty: Option<&wasmtime_component_func_type_t>,
    type_ret: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) -> bool {
    let _ = (ty, type_ret);
    false
}
