//! Instances.

use super::super::ffi::{CVec, StorePtr, guard, guard_some, put};
use super::super::wasmtime::store::wasmtime_context_t;
use super::engine::wasm_store_t;
use super::externs::{wasm_extern_t, wasm_extern_vec_t};
use super::module::wasm_module_t;
use super::reference::{self, Class, Object, wasm_ref_t};
use super::trap::wasm_trap_t;
use crate::base::{Error, Result};
use crate::runtime::{Extern, Instance};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// An instantiated module.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_instance_t(wasm_ref_t);

impl wasm_instance_t {
    pub(super) fn new(ctx: Arc<wasmtime_context_t>, instance: Instance) -> wasm_instance_t {
        wasm_instance_t(wasm_ref_t::new(Object::Instance(ctx, instance)))
    }

    fn parts(&self) -> Option<(&Arc<wasmtime_context_t>, &Instance)> {
        match self.0.object() {
            Object::Instance(ctx, instance) => Some((ctx, instance)),
            _ => None,
        }
    }
}

/// The item, which must be of the same store.
fn import(ctx: &wasmtime_context_t, given: Option<&wasm_extern_t>) -> Result<Extern> {
    let Some((home, item)) = given.and_then(wasm_extern_t::parts) else { return Err(Error::usage("an import is null")) };
    ctx.check(home.store().id(), "import")?;
    Ok(item.clone())
}

fn instantiate(
    store: Option<&wasm_store_t>,
    module: Option<&wasm_module_t>,
    imports: Option<&wasm_extern_vec_t>,
) -> Result<Box<wasm_instance_t>> {
    let null = || Error::usage("store and module must not be null");
    let ctx = store.ok_or_else(null)?.ctx();
    let module = module.and_then(wasm_module_t::module).ok_or_else(null)?;
    let given = imports.map_or(&[][..], CVec::as_slice);
    let items: Vec<Extern> = given.iter().map(|e| import(ctx, e.as_deref())).collect::<Result<_>>()?;
    let instance = Instance::new(ctx.store(), module, &items)?;
    Ok(Box::new(wasm_instance_t::new(ctx.clone(), instance)))
}

/// Instantiates with imports in the module's order and runs the start function. On failure NULL, and the
/// reason as a trap, whatever it is, written to `trap` unless that is NULL. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_new(
    store: StorePtr<'_>,
    module: Option<&wasm_module_t>,
    imports: Option<&wasm_extern_vec_t>,
    trap: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasm_instance_t>> {
    guard(|| match instantiate(store, module, imports) {
        Ok(instance) => {
            put(trap, None);
            Some(instance)
        }
        Err(error) => {
            put(trap, Some(wasm_trap_t::boxed(error)));
            None
        }
    })
}

/// Writes the exports, in order of declaration, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_exports(
    instance: Option<&wasm_instance_t>,
    out: Option<&mut MaybeUninit<wasm_extern_vec_t>>,
) {
    guard(|| {
        let parts = instance.and_then(wasm_instance_t::parts);
        put(out, parts.map_or_else(CVec::null, |(ctx, instance)| exports(ctx, instance)));
    });
}

fn exports(ctx: &Arc<wasmtime_context_t>, instance: &Instance) -> wasm_extern_vec_t {
    let all = (0..).map_while(|i| instance.export_nth(ctx.store(), i));
    wasm_extern_vec_t::from_items(all.map(|(_, item)| Some(Box::new(wasm_extern_t::new(ctx, item)))).collect())
}

/// Frees the handle; the instance lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_delete(it: Option<Box<wasm_instance_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same instance, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_copy(it: Option<&wasm_instance_t>) -> Option<Box<wasm_instance_t>> {
    guard(|| Some(Box::new(wasm_instance_t(it?.0.clone()))))
}

/// Whether both handles are of the same instance.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_same(a: Option<&wasm_instance_t>, b: Option<&wasm_instance_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_get_host_info(it: Option<&wasm_instance_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_set_host_info(it: Option<&mut wasm_instance_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_set_host_info_with_finalizer(
    it: Option<&mut wasm_instance_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_as_ref(it: Option<&mut wasm_instance_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_instance_as_ref_const(it: Option<&wasm_instance_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as an instance, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_instance(it: Option<&mut wasm_ref_t>) -> *mut wasm_instance_t {
    reference::view_mut(it, Class::Instance)
}

/// The reference as an instance, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_instance_const(it: Option<&wasm_ref_t>) -> *const wasm_instance_t {
    reference::view(it, Class::Instance)
}

