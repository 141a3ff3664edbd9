//! Memory types.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::externtype::{TypeObject, extern_view, wasm_externtype_t};
use super::tabletype::wasm_limits_t;
use crate::wasm::MemoryType;
use std::mem::MaybeUninit;
use std::ptr;

/// The type of a memory. Immutable; may be used from several threads.
#[cfg_attr(all(), repr(transparent))]
#[derive(Clone)]
pub struct wasm_memorytype_t(wasm_externtype_t);
extern_view!(wasm_memorytype_t, Memory, MemoryObject);

/// A memory's type and what C borrows from it.
#[derive(Clone)]
pub struct MemoryObject {
    ty: MemoryType,
    limits: wasm_limits_t,
}

impl MemoryObject {
    pub(in crate::capi) fn new(ty: MemoryType) -> MemoryObject {
        MemoryObject { ty, limits: wasm_limits_t::new(ty.min, ty.max) }
    }
}

impl wasm_memorytype_t {
    pub(in crate::capi) fn boxed(ty: MemoryType) -> Option<Box<wasm_memorytype_t>> {
        let object = TypeObject::Memory(MemoryObject::new(ty));
        Some(Box::new(wasm_memorytype_t(wasm_externtype_t::from_object(object))))
    }

    pub(in crate::capi) fn ty(&self) -> Option<MemoryType> {
        Some(self.object()?.ty)
    }
}

/// The type of a 32-bit memory with these limits in pages of 64 KiB. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_new(limits: Option<&wasm_limits_t>) -> Option<Box<wasm_memorytype_t>> {
    guard(|| {
        let limits = limits?;
        wasm_memorytype_t::boxed(MemoryType::new(u64::from(limits.min), limits.maximum()))
    })
}

/// The limits in pages, borrowed from the memory type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_limits(it: Option<&wasm_memorytype_t>) -> *const wasm_limits_t {
    guard_some(|| Some(ptr::from_ref(&it?.object()?.limits)))
}

/// Frees a memory type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_delete(it: Option<Box<wasm_memorytype_t>>) {
    guard(|| drop(it));
}

/// A copy of a memory type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_copy(it: Option<&wasm_memorytype_t>) -> Option<Box<wasm_memorytype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_as_externtype(it: Option<&mut wasm_memorytype_t>) -> *mut wasm_externtype_t {
    guard_some(|| Some(it?.as_externtype_mut()))
}

/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_as_externtype_const(it: Option<&wasm_memorytype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(it?.as_externtype())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_memorytype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_memorytype_t>>,
}
c_vec!(wasm_memorytype_vec_t, Option<Box<wasm_memorytype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_memorytype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_memorytype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_new(
    out: Option<&mut MaybeUninit<wasm_memorytype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_memorytype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_vec_copy(out: Option<&mut MaybeUninit<wasm_memorytype_vec_t>>, from: Option<&wasm_memorytype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_memorytype_vec_delete(vec: Option<&mut wasm_memorytype_vec_t>) {
    vec::delete(vec);
}

