//! Instances.

use super::super::ffi::{ContextPtr, guard, guard_err, guard_some, need, put, slice, text};
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::externs::{instance_number, put_item, wasmtime_extern_t};
use super::module::wasmtime_module_t;
use super::split_trap;
use super::store::wasmtime_context_t;
use crate::base::{Error, Result};
use crate::runtime::{Extern, Instance, InstancePre};
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// An instance of a store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_instance_t {
    pub store_id: u64,
    pub __private: usize,
}

/// A module whose imports are known to be defined; instantiates again and again. Usable from all threads.
pub struct wasmtime_instance_pre_t {
    pre: InstancePre,
}

impl wasmtime_instance_pre_t {
    pub(super) fn boxed(pre: InstancePre) -> Box<wasmtime_instance_pre_t> {
        Box::new(wasmtime_instance_pre_t { pre })
    }

    pub(super) fn pre(&self) -> &InstancePre {
        &self.pre
    }
}

impl wasmtime_context_t {
    pub(in crate::capi) fn instance(&self, instance: &wasmtime_instance_t) -> Result<Instance> {
        self.check(instance.store_id, "instance")?;
        let found = self.store().instance(instance.__private as u64);
        found.ok_or_else(|| Error::usage("the store has no such instance"))
    }

    pub(in crate::capi) fn instance_handle(&self, instance: &Instance) -> wasmtime_instance_t {
        wasmtime_instance_t { store_id: self.store().id(), __private: instance_number(self, instance) }
    }

    /// The imports that C gave, as items of this store.
    pub(in crate::capi) fn items(&self, imports: &[wasmtime_extern_t]) -> Result<Vec<Extern>> {
        imports.iter().map(|i| self.item(i)).collect()
    }
}

/// Instantiates with `imports` in the module's order and runs the start function. Three outcomes: an owned error
/// returned; an owned trap in `*trap`; neither, and `instance` written. `*trap` is NULL in the other two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_instance_new(
    store: ContextPtr<'_>,
    module: Option<&wasmtime_module_t>,
    imports: *const wasmtime_extern_t,
    nimports: usize,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    trap: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let run = || {
            let ctx = need(store, "store")?;
            // SAFETY: the caller gives an array of this length.
            let imports = ctx.items(unsafe { slice(imports, nimports)? })?;
            let made = Instance::new(ctx.store(), need(module, "module")?.module(), &imports)?;
            put(instance, ctx.instance_handle(&made));
            Ok(())
        };
        split_trap(run(), trap)
    })
}

/// Looks up an export: true and `item` written, or false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_instance_export_get(
    store: ContextPtr<'_>,
    instance: Option<&wasmtime_instance_t>,
    name: *const c_char,
    name_len: usize,
    item: Option<&mut MaybeUninit<wasmtime_extern_t>>,
) -> bool {
    guard_some(|| {
        let ctx = store?;
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { text(name, name_len) }.ok()?;
        let found = ctx.instance(instance?).ok()?.export(ctx.store(), name)?;
        put_item(ctx, &found, item);
        Some(true)
    })
}

/// The export at this position: true with name (borrowed from the module) and `item` written, or false.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_instance_export_nth(
    store: ContextPtr<'_>,
    instance: Option<&wasmtime_instance_t>,
    index: usize,
    name: Option<&mut MaybeUninit<*mut c_char>>,
    name_len: Option<&mut MaybeUninit<usize>>,
    item: Option<&mut MaybeUninit<wasmtime_extern_t>>,
) -> bool {
    guard_some(|| {
        let ctx = store?;
        let instance = ctx.instance(instance?).ok()?;
        let (text, found) = instance.export_nth(ctx.store(), index)?;
        put(name, text.as_ptr().cast_mut().cast());
        put(name_len, text.len());
        put_item(ctx, &found, item);
        Some(true)
    })
}

/// Frees the handle; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_instance_pre_delete(instance_pre: Option<Box<wasmtime_instance_pre_t>>) {
    guard(|| drop(instance_pre));
}

/// Instantiates in a store and runs the start function. Outcomes as for `wasmtime_instance_new`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_instance_pre_instantiate(
    instance_pre: Option<&wasmtime_instance_pre_t>,
    store: ContextPtr<'_>,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    trap_ptr: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let run = || {
            let ctx = need(store, "store")?;
            let made = need(instance_pre, "instance_pre")?.pre.instantiate(ctx.store())?;
            put(instance, ctx.instance_handle(&made));
            Ok(())
        };
        split_trap(run(), trap_ptr)
    })
}

/// The module, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_instance_pre_module(
    instance_pre: Option<&wasmtime_instance_pre_t>,
) -> Option<Box<wasmtime_module_t>> {
    guard(|| Some(wasmtime_module_t::boxed(instance_pre?.pre.module().clone())))
}
