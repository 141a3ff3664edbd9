//! Tag types: what an exception carries.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::Home;
use super::externtype::{TypeObject, extern_view, wasm_externtype_t};
use super::functype::wasm_functype_t;
use crate::wasm::FuncType;
use std::mem::MaybeUninit;
use std::ptr;

/// The type of an exception tag. Immutable; may be used from several threads.
#[cfg_attr(all(), repr(transparent))]
#[derive(Clone)]
pub struct wasm_tagtype_t(wasm_externtype_t);
extern_view!(wasm_tagtype_t, Tag, TagObject);

/// A tag's type: a function type whose parameters are the exception's fields.
#[derive(Clone)]
pub struct TagObject(Box<wasm_functype_t>);

impl TagObject {
    pub(in crate::capi) fn new(ty: FuncType, home: &Home) -> TagObject {
        TagObject(Box::new(wasm_functype_t::new(ty, home)))
    }
}

/// A tag type; `functype` moves into it. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_new(functype: Option<Box<wasm_functype_t>>) -> Option<Box<wasm_tagtype_t>> {
    guard(|| {
        let object = TypeObject::Tag(TagObject(functype?));
        Some(Box::new(wasm_tagtype_t(wasm_externtype_t::from_object(object))))
    })
}

/// The function type, borrowed from the tag type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_functype(it: Option<&wasm_tagtype_t>) -> *const wasm_functype_t {
    guard_some(|| Some(ptr::from_ref(&*it?.object()?.0)))
}

/// Frees a tag type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_delete(it: Option<Box<wasm_tagtype_t>>) {
    guard(|| drop(it));
}

/// A copy of a tag type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_copy(it: Option<&wasm_tagtype_t>) -> Option<Box<wasm_tagtype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_as_externtype(it: Option<&mut wasm_tagtype_t>) -> *mut wasm_externtype_t {
    guard_some(|| Some(it?.as_externtype_mut()))
}

/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_as_externtype_const(it: Option<&wasm_tagtype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(it?.as_externtype())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_tagtype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_tagtype_t>>,
}
c_vec!(wasm_tagtype_vec_t, Option<Box<wasm_tagtype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_tagtype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_tagtype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_new(
    out: Option<&mut MaybeUninit<wasm_tagtype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_tagtype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_vec_copy(out: Option<&mut MaybeUninit<wasm_tagtype_vec_t>>, from: Option<&wasm_tagtype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tagtype_vec_delete(vec: Option<&mut wasm_tagtype_vec_t>) {
    vec::delete(vec);
}

