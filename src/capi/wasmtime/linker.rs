//! Linkers: imports by name.

use super::super::ffi::{CBool, ContextPtr, EnginePtr, Finalizer, guard, guard_err, guard_some, need, put, text, truth};
use super::super::wasm::functype::wasm_functype_t;
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::externs::{put_item, wasmtime_extern_t, wasmtime_func_t};
use super::func::{checked, type_for, unchecked, wasmtime_func_callback_t, wasmtime_func_unchecked_callback_t};
use super::instance::{wasmtime_instance_pre_t, wasmtime_instance_t};
use super::module::wasmtime_module_t;
use super::split_trap;
use crate::runtime::Linker;
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

/// Definitions that modules are linked against. Defining is exclusive; instantiating, looking up and cloning
/// may happen on several threads.
pub struct wasmtime_linker_t {
    linker: Linker,
}

impl wasmtime_linker_t {
    pub(in crate::capi) fn linker(&self) -> &Linker {
        &self.linker
    }

    pub(in crate::capi) fn linker_mut(&mut self) -> &mut Linker {
        &mut self.linker
    }
}

/// A linker without definitions, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_new(engine: EnginePtr<'_>) -> Option<Box<wasmtime_linker_t>> {
    guard(|| Some(Box::new(wasmtime_linker_t { linker: Linker::new(engine?.engine()) })))
}

/// A linker with the same definitions, owned by the caller; it goes its own way from there.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_clone(linker: Option<&wasmtime_linker_t>) -> Option<Box<wasmtime_linker_t>> {
    guard(|| Some(Box::new(wasmtime_linker_t { linker: linker?.linker.clone() })))
}

/// Frees a linker; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_delete(linker: Option<Box<wasmtime_linker_t>>) {
    guard(|| drop(linker));
}

/// Whether later definitions may replace earlier ones of the same name. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_allow_shadowing(
    linker: Option<&mut wasmtime_linker_t>,
    allow_shadowing: CBool,
) {
    guard(|| linker.map(|l| l.linker.allow_shadowing(truth(allow_shadowing))).unwrap_or_default());
}

/// Defines an item of `store`, which is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_define(
    linker: Option<&mut wasmtime_linker_t>,
    store: ContextPtr<'_>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    item: Option<&wasmtime_extern_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len)?, text(name, name_len)?) };
        let item = ctx.item(need(item, "item")?)?;
        linker.linker.define(ctx.store(), module, name, item)
    })
}

/// Defines a host function for any store of the engine. `finalizer`, if given, is called with `data` when the
/// last linker and store that use the definition are gone, or before this returns if defining fails.
/// `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_define_func(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    cb: wasmtime_func_callback_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let data = Finalizer::new(data, finalizer);
        let linker = &mut need(linker, "linker")?.linker;
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len)?, text(name, name_len)?) };
        let ty = type_for(linker.engine(), ty)?.clone();
        linker.func_raw(module, name, ty.clone(), checked(ty, cb, data)?)
    })
}

/// Defines a host function with raw slots; otherwise as `wasmtime_linker_define_func`. That the callback writes
/// references which are not the store's, or of another type, is undefined behaviour. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_define_func_unchecked(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    cb: wasmtime_func_unchecked_callback_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let data = Finalizer::new(data, finalizer);
        let linker = &mut need(linker, "linker")?.linker;
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len)?, text(name, name_len)?) };
        let ty = type_for(linker.engine(), ty)?.clone();
        linker.func_raw(module, name, ty, unchecked(cb, data)?)
    })
}

/// Defines the functions of WASI preview 1, which look at the configuration of the store that calls.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_define_wasi(
    linker: Option<&mut wasmtime_linker_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| super::super::wasi::define(&mut need(linker, "linker")?.linker))
}

/// Defines every export of `instance` under the module name `name`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_define_instance(
    linker: Option<&mut wasmtime_linker_t>,
    store: ContextPtr<'_>,
    name: *const c_char,
    name_len: usize,
    instance: Option<&wasmtime_instance_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
        // SAFETY: the caller gives a name of this length.
        let name = unsafe { text(name, name_len)? };
        let instance = ctx.instance(need(instance, "instance")?)?;
        linker.linker.instance(ctx.store(), name, &instance)
    })
}

/// Instantiates `module` with definitions from here and runs its start function. Outcomes as for
/// `wasmtime_instance_new`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_instantiate(
    linker: Option<&wasmtime_linker_t>,
    store: ContextPtr<'_>,
    module: Option<&wasmtime_module_t>,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    trap: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let run = || {
            let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
            let made = linker.linker.instantiate(ctx.store(), need(module, "module")?.module())?;
            put(instance, ctx.instance_handle(&made));
            Ok(())
        };
        split_trap(run(), trap)
    })
}

/// Looks the imports of `module` up once, for many instantiations; the result is written to `instance_pre` and
/// owned by the caller. Needs host functions and no store's items.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_instantiate_pre(
    linker: Option<&wasmtime_linker_t>,
    module: Option<&wasmtime_module_t>,
    instance_pre: Option<&mut MaybeUninit<Option<Box<wasmtime_instance_pre_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let pre = need(linker, "linker")?.linker.instantiate_pre(need(module, "module")?.module())?;
        put(instance_pre, Some(wasmtime_instance_pre_t::boxed(pre)));
        Ok(())
    })
}

/// Defines the exports of `module` under `name`. A reactor is instantiated once, here, and its `_initialize` is
/// called; a command gets a fresh instance for every call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_module(
    linker: Option<&mut wasmtime_linker_t>,
    store: ContextPtr<'_>,
    name: *const c_char,
    name_len: usize,
    module: Option<&wasmtime_module_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
        // SAFETY: the caller gives a name of this length.
        let name = unsafe { text(name, name_len)? };
        linker.linker.module(ctx.store(), name, need(module, "module")?.module())
    })
}

/// Writes the function that runs `name` as a program to `func`: its export "" or `_start`, or a function that
/// does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_get_default(
    linker: Option<&wasmtime_linker_t>,
    store: ContextPtr<'_>,
    name: *const c_char,
    name_len: usize,
    func: Option<&mut MaybeUninit<wasmtime_func_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
        // SAFETY: the caller gives a name of this length.
        let name = unsafe { text(name, name_len)? };
        put(func, ctx.func_handle(&linker.linker.get_default(ctx.store(), name)?));
        Ok(())
    })
}

/// Looks up a definition: true and `item` written, or false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_get(
    linker: Option<&wasmtime_linker_t>,
    store: ContextPtr<'_>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    item: Option<&mut MaybeUninit<wasmtime_extern_t>>,
) -> bool {
    guard_some(|| {
        let ctx = store?;
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len).ok()?, text(name, name_len).ok()?) };
        let found = linker?.linker.get(ctx.store(), module, name)?;
        put_item(ctx, &found, item);
        Some(true)
    })
}

/// Makes every function that `module` imports and that has no definition stop the guest when it is called.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_define_unknown_imports_as_traps(
    linker: Option<&mut wasmtime_linker_t>,
    module: Option<&wasmtime_module_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| need(linker, "linker")?.linker.define_unknown_imports_as_traps(need(module, "module")?.module()))
}

/// Defines every import of `module` that has no definition: functions return zeros and nulls, other items are
/// as small as their type allows and belong to `store`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_linker_define_unknown_imports_as_default_values(
    linker: Option<&mut wasmtime_linker_t>,
    store: ContextPtr<'_>,
    module: Option<&wasmtime_module_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (linker, ctx) = (need(linker, "linker")?, need(store, "store")?);
        let module = need(module, "module")?.module();
        linker.linker.define_unknown_imports_as_default_values(ctx.store(), module)
    })
}
