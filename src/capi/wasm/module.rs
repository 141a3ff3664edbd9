//! Modules.

use super::super::ffi::{CVec, StorePtr, guard, guard_some, put};
use super::super::wasmtime::module::{exports_of, imports_of};
use super::bytes::wasm_byte_vec_t;
use super::importtype::{wasm_exporttype_vec_t, wasm_importtype_vec_t};
use super::reference::{self, Class, Object, wasm_ref_t};
use crate::runtime::Module;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// A compiled module. Immutable.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_module_t(wasm_ref_t);

/// A module on its way to another store of the same engine.
pub struct wasm_shared_module_t {
    module: Module,
}

impl wasm_module_t {
    fn boxed(module: Module) -> Option<Box<wasm_module_t>> {
        Some(Box::new(wasm_module_t(wasm_ref_t::new(Object::Module(module)))))
    }

    /// The module; `None` never happens for an object made by this library.
    pub(in crate::capi) fn module(&self) -> Option<&Module> {
        match self.0.object() {
            Object::Module(module) => Some(module),
            _ => None,
        }
    }
}

/// Compiles a binary module; NULL if it is invalid. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_new(
    store: StorePtr<'_>,
    binary: Option<&wasm_byte_vec_t>,
) -> Option<Box<wasm_module_t>> {
    guard(|| {
        let engine = store?.ctx().store().engine().clone();
        wasm_module_t::boxed(Module::new(&engine, binary?.as_slice()).ok()?)
    })
}

/// Whether the bytes are a valid binary module.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_validate(store: StorePtr<'_>, binary: Option<&wasm_byte_vec_t>) -> bool {
    guard_some(|| Some(store?.ctx().store().engine().validate(binary?.as_slice()).is_ok()))
}

/// Writes what the module imports, in order of declaration, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_imports(
    module: Option<&wasm_module_t>,
    out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>,
) {
    guard(|| put(out, module.and_then(|m| m.module()).map_or_else(CVec::null, imports_of)));
}

/// Writes what the module exports, in order of declaration, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_exports(
    module: Option<&wasm_module_t>,
    out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>,
) {
    guard(|| put(out, module.and_then(|m| m.module()).map_or_else(CVec::null, exports_of)));
}

/// Writes the compiled module as bytes to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_serialize(
    module: Option<&wasm_module_t>,
    out: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) {
    guard(|| {
        let bytes = module.and_then(|m| m.module()).map(Module::serialize);
        put(out, bytes.map_or_else(CVec::null, wasm_byte_vec_t::from_items));
    });
}

/// A module from what `wasm_module_serialize` wrote in an equal engine; NULL if it is anything else.
/// Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_deserialize(
    store: StorePtr<'_>,
    bytes: Option<&wasm_byte_vec_t>,
) -> Option<Box<wasm_module_t>> {
    guard(|| {
        let engine = store?.ctx().store().engine().clone();
        wasm_module_t::boxed(Module::deserialize(&engine, bytes?.as_slice()).ok()?)
    })
}

/// The module without its store, owned by the caller; usable on any thread.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_share(module: Option<&wasm_module_t>) -> Option<Box<wasm_shared_module_t>> {
    guard(|| Some(Box::new(wasm_shared_module_t { module: module?.module()?.clone() })))
}

/// The module for use in `store`; NULL if that has another engine. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_obtain(
    store: StorePtr<'_>,
    shared: Option<&wasm_shared_module_t>,
) -> Option<Box<wasm_module_t>> {
    guard(|| {
        let module = &shared?.module;
        let same = module.engine().same(store?.ctx().store().engine());
        if same { wasm_module_t::boxed(module.clone()) } else { None }
    })
}

/// Frees a shared module; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_shared_module_delete(shared: Option<Box<wasm_shared_module_t>>) {
    guard(|| drop(shared));
}

/// Frees the handle; the module lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_delete(it: Option<Box<wasm_module_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same module, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_copy(it: Option<&wasm_module_t>) -> Option<Box<wasm_module_t>> {
    guard(|| Some(Box::new(wasm_module_t(it?.0.clone()))))
}

/// Whether both handles are of the same module.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_same(a: Option<&wasm_module_t>, b: Option<&wasm_module_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_get_host_info(it: Option<&wasm_module_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_set_host_info(it: Option<&mut wasm_module_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_set_host_info_with_finalizer(
    it: Option<&mut wasm_module_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_as_ref(it: Option<&mut wasm_module_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_module_as_ref_const(it: Option<&wasm_module_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a module, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_module(it: Option<&mut wasm_ref_t>) -> *mut wasm_module_t {
    reference::view_mut(it, Class::Module)
}

/// The reference as a module, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_module_const(it: Option<&wasm_ref_t>) -> *const wasm_module_t {
    reference::view(it, Class::Module)
}

