//! Foreign objects: identities that belong to the host.

use super::super::ffi::{StorePtr, guard, guard_some};
use super::reference::{self, Class, Object, wasm_ref_t};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// An object of the host's, for guests to hold and pass on.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_foreign_t(wasm_ref_t);

/// A new object, different from all others. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_new(store: StorePtr<'_>) -> Option<Box<wasm_foreign_t>> {
    guard(|| {
        store?;
        Some(Box::new(wasm_foreign_t(wasm_ref_t::new(Object::Foreign(Arc::new(()))))))
    })
}

/// Frees the handle; the foreign object lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_delete(it: Option<Box<wasm_foreign_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same foreign object, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_copy(it: Option<&wasm_foreign_t>) -> Option<Box<wasm_foreign_t>> {
    guard(|| Some(Box::new(wasm_foreign_t(it?.0.clone()))))
}

/// Whether both handles are of the same foreign object.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_same(a: Option<&wasm_foreign_t>, b: Option<&wasm_foreign_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_get_host_info(it: Option<&wasm_foreign_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_set_host_info(it: Option<&mut wasm_foreign_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_set_host_info_with_finalizer(
    it: Option<&mut wasm_foreign_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_as_ref(it: Option<&mut wasm_foreign_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_foreign_as_ref_const(it: Option<&wasm_foreign_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a foreign object, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_foreign(it: Option<&mut wasm_ref_t>) -> *mut wasm_foreign_t {
    reference::view_mut(it, Class::Foreign)
}

/// The reference as a foreign object, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_foreign_const(it: Option<&wasm_ref_t>) -> *const wasm_foreign_t {
    reference::view(it, Class::Foreign)
}

