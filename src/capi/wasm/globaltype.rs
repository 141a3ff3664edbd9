//! Global types.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::Home;
use super::externtype::{TypeObject, extern_view, wasm_externtype_t};
use super::valtype::wasm_valtype_t;
use crate::wasm::GlobalType;
use std::mem::MaybeUninit;
use std::ptr;

/// Whether a global can change: one of `wasm_mutability_enum`.
pub type wasm_mutability_t = u8;

/// Whether a global can change.
#[repr(C)]
pub enum wasm_mutability_enum {
    WASM_CONST,
    WASM_VAR,
}

/// The type of a global. Immutable; may be used from several threads.
#[cfg_attr(all(), repr(transparent))]
#[derive(Clone)]
pub struct wasm_globaltype_t(wasm_externtype_t);
extern_view!(wasm_globaltype_t, Global, GlobalObject);

/// A global's type and what C borrows from it.
#[derive(Clone)]
pub struct GlobalObject {
    content: wasm_valtype_t,
    mutable: bool,
}

impl GlobalObject {
    pub(in crate::capi) fn new(ty: GlobalType, home: &Home) -> GlobalObject {
        GlobalObject { content: wasm_valtype_t::new(ty.content, home), mutable: ty.mutable }
    }
}

impl wasm_globaltype_t {
    pub(in crate::capi) fn boxed(ty: GlobalType, home: &Home) -> Option<Box<wasm_globaltype_t>> {
        let object = TypeObject::Global(GlobalObject::new(ty, home));
        Some(Box::new(wasm_globaltype_t(wasm_externtype_t::from_object(object))))
    }

    pub(in crate::capi) fn home(&self) -> Home {
        self.object().map(|o| o.content.home().clone()).unwrap_or_default()
    }

    pub(in crate::capi) fn ty(&self) -> Option<GlobalType> {
        let object = self.object()?;
        Some(GlobalType { content: object.content.ty(), mutable: object.mutable })
    }
}

/// A global type; `content` moves into it. NULL if `content` is NULL or `mutability` neither
/// `WASM_CONST` nor `WASM_VAR`. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_new(
    content: Option<Box<wasm_valtype_t>>,
    mutability: wasm_mutability_t,
) -> Option<Box<wasm_globaltype_t>> {
    guard(|| {
        let content = content?;
        let mutable = match mutability {
            0 => false,
            1 => true,
            _ => return None,
        };
        wasm_globaltype_t::boxed(GlobalType { content: content.ty(), mutable }, content.home())
    })
}

/// The type of the value, borrowed from the global type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_content(it: Option<&wasm_globaltype_t>) -> *const wasm_valtype_t {
    guard_some(|| Some(ptr::from_ref(&it?.object()?.content)))
}

/// `WASM_CONST` or `WASM_VAR`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_mutability(it: Option<&wasm_globaltype_t>) -> wasm_mutability_t {
    guard_some(|| Some(u8::from(it?.object()?.mutable)))
}

/// Frees a global type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_delete(it: Option<Box<wasm_globaltype_t>>) {
    guard(|| drop(it));
}

/// A copy of a global type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_copy(it: Option<&wasm_globaltype_t>) -> Option<Box<wasm_globaltype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_as_externtype(it: Option<&mut wasm_globaltype_t>) -> *mut wasm_externtype_t {
    guard_some(|| Some(it?.as_externtype_mut()))
}

/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_as_externtype_const(it: Option<&wasm_globaltype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(it?.as_externtype())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_globaltype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_globaltype_t>>,
}
c_vec!(wasm_globaltype_vec_t, Option<Box<wasm_globaltype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_globaltype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_globaltype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_new(
    out: Option<&mut MaybeUninit<wasm_globaltype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_globaltype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_vec_copy(out: Option<&mut MaybeUninit<wasm_globaltype_vec_t>>, from: Option<&wasm_globaltype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_globaltype_vec_delete(vec: Option<&mut wasm_globaltype_vec_t>) {
    vec::delete(vec);
}

