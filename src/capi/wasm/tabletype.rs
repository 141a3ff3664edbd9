//! Table types and limits.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::Home;
use super::externtype::{TypeObject, extern_view, wasm_externtype_t};
use super::valtype::wasm_valtype_t;
use crate::wasm::{TableType, ValType};
use std::mem::MaybeUninit;
use std::ptr;

/// Sizes of a table in elements or of a memory in pages. A `max` of 0xffffffff means that there is none;
/// larger limits than 32 bits do not fit here and are shown as 0xffffffff.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasm_limits_t {
    pub min: u32,
    pub max: u32,
}

impl wasm_limits_t {
    pub(in crate::capi) fn new(min: u64, max: Option<u64>) -> wasm_limits_t {
        let narrow = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
        wasm_limits_t { min: narrow(min), max: max.map_or(u32::MAX, narrow) }
    }

    pub(in crate::capi) fn maximum(self) -> Option<u64> {
        (self.max != u32::MAX).then_some(u64::from(self.max))
    }
}

/// The type of a table. Immutable; may be used from several threads.
#[cfg_attr(all(), repr(transparent))]
#[derive(Clone)]
pub struct wasm_tabletype_t(wasm_externtype_t);
extern_view!(wasm_tabletype_t, Table, TableObject);

/// A table's type and what C borrows from it.
#[derive(Clone)]
pub struct TableObject {
    ty: TableType,
    element: wasm_valtype_t,
    limits: wasm_limits_t,
}

impl TableObject {
    pub(in crate::capi) fn new(ty: TableType, home: &Home) -> TableObject {
        let element = wasm_valtype_t::new(ValType::Ref(ty.element), home);
        TableObject { ty, element, limits: wasm_limits_t::new(ty.min, ty.max) }
    }
}

impl wasm_tabletype_t {
    pub(in crate::capi) fn boxed(ty: TableType, home: &Home) -> Option<Box<wasm_tabletype_t>> {
        let object = TypeObject::Table(TableObject::new(ty, home));
        Some(Box::new(wasm_tabletype_t(wasm_externtype_t::from_object(object))))
    }

    pub(in crate::capi) fn home(&self) -> Home {
        self.object().map(|o| o.element.home().clone()).unwrap_or_default()
    }

    pub(in crate::capi) fn ty(&self) -> Option<TableType> {
        Some(self.object()?.ty)
    }
}

/// A table type; `element` moves into it. NULL unless it is a reference type and `limits` are given.
/// Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_new(
    element: Option<Box<wasm_valtype_t>>,
    limits: Option<&wasm_limits_t>,
) -> Option<Box<wasm_tabletype_t>> {
    guard(|| {
        let (element, limits) = (element?, limits?);
        let ValType::Ref(item) = element.ty() else { return None };
        let (min, max) = (u64::from(limits.min), limits.maximum());
        wasm_tabletype_t::boxed(TableType { element: item, table64: false, min, max }, element.home())
    })
}

/// The type of the elements, borrowed from the table type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_element(it: Option<&wasm_tabletype_t>) -> *const wasm_valtype_t {
    guard_some(|| Some(ptr::from_ref(&it?.object()?.element)))
}

/// The limits in elements, borrowed from the table type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_limits(it: Option<&wasm_tabletype_t>) -> *const wasm_limits_t {
    guard_some(|| Some(ptr::from_ref(&it?.object()?.limits)))
}

/// Frees a table type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_delete(it: Option<Box<wasm_tabletype_t>>) {
    guard(|| drop(it));
}

/// A copy of a table type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_copy(it: Option<&wasm_tabletype_t>) -> Option<Box<wasm_tabletype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_as_externtype(it: Option<&mut wasm_tabletype_t>) -> *mut wasm_externtype_t {
    guard_some(|| Some(it?.as_externtype_mut()))
}

/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_as_externtype_const(it: Option<&wasm_tabletype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(it?.as_externtype())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_tabletype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_tabletype_t>>,
}
c_vec!(wasm_tabletype_vec_t, Option<Box<wasm_tabletype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_tabletype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_tabletype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_new(
    out: Option<&mut MaybeUninit<wasm_tabletype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_tabletype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_vec_copy(out: Option<&mut MaybeUninit<wasm_tabletype_vec_t>>, from: Option<&wasm_tabletype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_tabletype_vec_delete(vec: Option<&mut wasm_tabletype_vec_t>) {
    vec::delete(vec);
}

