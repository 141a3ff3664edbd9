//! Globals.

use super::super::ffi::{StorePtr, guard, guard_some, put};
use super::super::wasmtime::store::wasmtime_context_t;
use super::Home;
use super::externs::wasm_extern_t;
use super::globaltype::wasm_globaltype_t;
use super::reference::{self, Class, Object, extern_object, wasm_ref_t};
use super::val::wasm_val_t;
use crate::runtime::{Extern, Global};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// A global of a store.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_global_t(wasm_ref_t);
extern_object!(wasm_global_t, Global, Global);

/// Makes a global of the store with this value; NULL if the value is not of the type. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_new(
    store: StorePtr<'_>,
    ty: Option<&wasm_globaltype_t>,
    value: Option<&wasm_val_t>,
) -> Option<Box<wasm_global_t>> {
    guard(|| {
        let (ctx, object) = (store?.ctx(), ty?);
        object.home().check(ctx.store().engine()).ok()?;
        let ty = object.ty()?;
        let value = value?.to_val(ctx, ty.content).ok()?;
        Some(Box::new(wasm_global_t::new(ctx, Global::new(ctx.store(), &ty, &value).ok()?)))
    })
}

/// The type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_type(global: Option<&wasm_global_t>) -> Option<Box<wasm_globaltype_t>> {
    guard(|| {
        let (ctx, global) = global?.parts()?;
        wasm_globaltype_t::boxed(global.ty(), &Home::of(ctx.store().engine()))
    })
}

/// Writes the value, owned by the caller, to `out`; the i32 0 for types that `wasm.h` has no values of.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_get(global: Option<&wasm_global_t>, out: Option<&mut MaybeUninit<wasm_val_t>>) {
    guard(|| {
        let read = || {
            let (ctx, global) = global?.parts()?;
            wasm_val_t::from_val(ctx, global.get(ctx.store())).ok()
        };
        put(out, read().unwrap_or_default());
    });
}

/// Changes the value; ignored if the global cannot change or the value is not of its type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_set(global: Option<&mut wasm_global_t>, value: Option<&wasm_val_t>) {
    guard(|| {
        let write = || {
            let (ctx, global) = global?.parts()?;
            let value = value?.to_val(ctx, global.ty().content).ok()?;
            global.set(ctx.store(), &value).ok()
        };
        write().unwrap_or_default();
    });
}

/// Frees the handle; the global lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_delete(it: Option<Box<wasm_global_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same global, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_copy(it: Option<&wasm_global_t>) -> Option<Box<wasm_global_t>> {
    guard(|| Some(Box::new(wasm_global_t(it?.0.clone()))))
}

/// Whether both handles are of the same global.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_same(a: Option<&wasm_global_t>, b: Option<&wasm_global_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_get_host_info(it: Option<&wasm_global_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_set_host_info(it: Option<&mut wasm_global_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_set_host_info_with_finalizer(
    it: Option<&mut wasm_global_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_as_ref(it: Option<&mut wasm_global_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_as_ref_const(it: Option<&wasm_global_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a global, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_global(it: Option<&mut wasm_ref_t>) -> *mut wasm_global_t {
    reference::view_mut(it, Class::Global)
}

/// The reference as a global, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_global_const(it: Option<&wasm_ref_t>) -> *const wasm_global_t {
    reference::view(it, Class::Global)
}


/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_as_extern(it: Option<&mut wasm_global_t>) -> *mut wasm_extern_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0).cast()))
}

/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_global_as_extern_const(it: Option<&wasm_global_t>) -> *const wasm_extern_t {
    guard_some(|| Some(ptr::from_ref(&it?.0).cast()))
}

/// The extern as a global, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_global(it: Option<&mut wasm_extern_t>) -> *mut wasm_global_t {
    guard_some(|| Some(reference::view_mut(Some(it?.reference_mut()), Class::Global)))
}

/// The extern as a global, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_global_const(it: Option<&wasm_extern_t>) -> *const wasm_global_t {
    guard_some(|| Some(reference::view(Some(it?.reference()), Class::Global)))
}

