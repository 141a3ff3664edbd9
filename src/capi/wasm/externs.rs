//! Externs: anything that can be imported or exported.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::super::wasmtime::store::wasmtime_context_t;
use super::Home;
use super::externtype::{wasm_externkind_t, wasm_externtype_t};
use super::reference::{self, Class, Object, wasm_ref_t};
use crate::runtime::Extern;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// A function, global, table or memory.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_extern_t(wasm_ref_t);

impl Clone for wasm_extern_t {
    fn clone(&self) -> wasm_extern_t {
        wasm_extern_t(self.0.clone())
    }
}

impl wasm_extern_t {
    pub(in crate::capi) fn new(ctx: &Arc<wasmtime_context_t>, item: Extern) -> wasm_extern_t {
        wasm_extern_t(wasm_ref_t::new(Object::Extern(ctx.clone(), item)))
    }

    pub(in crate::capi) fn reference(&self) -> &wasm_ref_t {
        &self.0
    }

    pub(in crate::capi) fn reference_mut(&mut self) -> &mut wasm_ref_t {
        &mut self.0
    }

    /// Store and item; `None` never happens for an object made by this library.
    pub(in crate::capi) fn parts(&self) -> Option<(&Arc<wasmtime_context_t>, &Extern)> {
        match self.0.object() {
            Object::Extern(ctx, item) => Some((ctx, item)),
            _ => None,
        }
    }
}

/// The kind: one of `wasm_externkind_enum`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_kind(it: Option<&wasm_extern_t>) -> wasm_externkind_t {
    guard_some(|| {
        Some(match it?.parts()?.1 {
            Extern::Func(_) => 0,
            Extern::Global(_) => 1,
            Extern::Table(_) => 2,
            Extern::Memory(_) => 3,
            Extern::Tag(_) => 4,
        })
    })
}

/// The type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_type(it: Option<&wasm_extern_t>) -> Option<Box<wasm_externtype_t>> {
    guard(|| match it?.0.object() {
        Object::Extern(ctx, item) => {
            let home = Home::of(ctx.store().engine());
            Some(Box::new(wasm_externtype_t::new(item.ty(ctx.store()), &home)))
        }
        _ => None,
    })
}

/// Frees the handle; the extern lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_delete(it: Option<Box<wasm_extern_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same extern, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_copy(it: Option<&wasm_extern_t>) -> Option<Box<wasm_extern_t>> {
    guard(|| Some(Box::new(wasm_extern_t(it?.0.clone()))))
}

/// Whether both handles are of the same extern.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_same(a: Option<&wasm_extern_t>, b: Option<&wasm_extern_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_get_host_info(it: Option<&wasm_extern_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_set_host_info(it: Option<&mut wasm_extern_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_set_host_info_with_finalizer(
    it: Option<&mut wasm_extern_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_ref(it: Option<&mut wasm_extern_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_ref_const(it: Option<&wasm_extern_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as an extern, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_extern(it: Option<&mut wasm_ref_t>) -> *mut wasm_extern_t {
    reference::view_mut(it, Class::Extern)
}

/// The reference as an extern, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_extern_const(it: Option<&wasm_ref_t>) -> *const wasm_extern_t {
    reference::view(it, Class::Extern)
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_extern_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_extern_t>>,
}
c_vec!(wasm_extern_vec_t, Option<Box<wasm_extern_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_vec_new_empty(out: Option<&mut MaybeUninit<wasm_extern_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_extern_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_new(
    out: Option<&mut MaybeUninit<wasm_extern_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_extern_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_vec_copy(out: Option<&mut MaybeUninit<wasm_extern_vec_t>>, from: Option<&wasm_extern_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_vec_delete(vec: Option<&mut wasm_extern_vec_t>) {
    vec::delete(vec);
}

