//! Import and export types: names with extern types.

use super::super::ffi::{CVec, Owned, c_vec, guard, guard_some, vec};
use super::Home;
use super::bytes::{wasm_byte_vec_t, wasm_name_t};
use super::externtype::wasm_externtype_t;
use crate::wasm::ExternType;
use std::mem::MaybeUninit;
use std::ptr;

/// What a module imports: two names and a type.
#[derive(Clone)]
pub struct wasm_importtype_t {
    module: Owned<wasm_byte_vec_t>,
    name: Owned<wasm_byte_vec_t>,
    ty: Box<wasm_externtype_t>,
}

/// What a module exports: a name and a type.
#[derive(Clone)]
pub struct wasm_exporttype_t {
    name: Owned<wasm_byte_vec_t>,
    ty: Box<wasm_externtype_t>,
}

impl wasm_importtype_t {
    pub(in crate::capi) fn new(module: &str, name: &str, ty: ExternType, home: &Home) -> wasm_importtype_t {
        wasm_importtype_t {
            module: Owned::new(wasm_byte_vec_t::from_text(module)),
            name: Owned::new(wasm_byte_vec_t::from_text(name)),
            ty: Box::new(wasm_externtype_t::new(ty, home)),
        }
    }
}

impl wasm_exporttype_t {
    pub(in crate::capi) fn new(name: &str, ty: ExternType, home: &Home) -> wasm_exporttype_t {
        wasm_exporttype_t {
            name: Owned::new(wasm_byte_vec_t::from_text(name)),
            ty: Box::new(wasm_externtype_t::new(ty, home)),
        }
    }
}

/// The name, taken out of the caller's vector; `None` if it is no UTF-8.
fn take_name(name: Option<&mut wasm_name_t>) -> Option<Owned<wasm_byte_vec_t>> {
    let bytes = name.map(CVec::take).unwrap_or_default();
    std::str::from_utf8(&bytes).ok()?;
    Some(Owned::new(wasm_byte_vec_t::from_items(bytes)))
}

/// An import type; names and type move into it, the names become empty. NULL if a name is no UTF-8.
/// Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_new(
    module: Option<&mut wasm_name_t>,
    name: Option<&mut wasm_name_t>,
    ty: Option<Box<wasm_externtype_t>>,
) -> Option<Box<wasm_importtype_t>> {
    guard(|| {
        let (module, name) = (take_name(module), take_name(name));
        Some(Box::new(wasm_importtype_t { module: module?, name: name?, ty: ty? }))
    })
}

/// The name of the module imported from, borrowed from the import type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_module(it: Option<&wasm_importtype_t>) -> *const wasm_name_t {
    guard_some(|| Some(it?.module.as_ptr()))
}

/// The name of the import, borrowed from the import type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_name(it: Option<&wasm_importtype_t>) -> *const wasm_name_t {
    guard_some(|| Some(it?.name.as_ptr()))
}

/// The type of the import, borrowed from the import type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_type(it: Option<&wasm_importtype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(&*it?.ty)))
}

/// Frees an import type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_delete(it: Option<Box<wasm_importtype_t>>) {
    guard(|| drop(it));
}

/// A copy of an import type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_copy(it: Option<&wasm_importtype_t>) -> Option<Box<wasm_importtype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_importtype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_importtype_t>>,
}
c_vec!(wasm_importtype_vec_t, Option<Box<wasm_importtype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_new(
    out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_importtype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_vec_copy(out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>, from: Option<&wasm_importtype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_importtype_vec_delete(vec: Option<&mut wasm_importtype_vec_t>) {
    vec::delete(vec);
}

/// An export type; name and type move into it, the name becomes empty. NULL if the name is no UTF-8.
/// Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_new(
    name: Option<&mut wasm_name_t>,
    ty: Option<Box<wasm_externtype_t>>,
) -> Option<Box<wasm_exporttype_t>> {
    guard(|| {
        let name = take_name(name);
        Some(Box::new(wasm_exporttype_t { name: name?, ty: ty? }))
    })
}

/// The name of the export, borrowed from the export type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_name(it: Option<&wasm_exporttype_t>) -> *const wasm_name_t {
    guard_some(|| Some(it?.name.as_ptr()))
}

/// The type of the export, borrowed from the export type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_type(it: Option<&wasm_exporttype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(&*it?.ty)))
}

/// Frees an export type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_delete(it: Option<Box<wasm_exporttype_t>>) {
    guard(|| drop(it));
}

/// A copy of an export type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_copy(it: Option<&wasm_exporttype_t>) -> Option<Box<wasm_exporttype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_exporttype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_exporttype_t>>,
}
c_vec!(wasm_exporttype_vec_t, Option<Box<wasm_exporttype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_new(
    out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_exporttype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_vec_copy(out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>, from: Option<&wasm_exporttype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_exporttype_vec_delete(vec: Option<&mut wasm_exporttype_vec_t>) {
    vec::delete(vec);
}

