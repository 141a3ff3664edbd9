//! Globals.

use super::super::ffi::{ContextPtr, guard, guard_err, need, put};
use super::super::wasm::Home;
use super::super::wasm::globaltype::wasm_globaltype_t;
use super::error::wasmtime_error_t;
use super::externs::wasmtime_global_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::runtime::Global;
use std::mem::MaybeUninit;

/// Makes a global of the store with value `val` and writes it to `ret`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_global_new(
    store: ContextPtr<'_>,
    ty: Option<&wasm_globaltype_t>,
    val: Option<&wasmtime_val_t>,
    ret: Option<&mut MaybeUninit<wasmtime_global_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let object = need(ty, "type")?;
        object.home().check(ctx.store().engine())?;
        let ty = need(object.ty(), "type")?;
        let value = need(val, "val")?.to_val(ctx)?;
        put(ret, ctx.global_handle(&Global::new(ctx.store(), &ty, &value)?));
        Ok(())
    })
}

/// The global's type, owned by the caller; NULL if the global is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_global_type(
    store: Option<&wasmtime_context_t>,
    global: Option<&wasmtime_global_t>,
) -> Option<Box<wasm_globaltype_t>> {
    guard(|| {
        let ctx = store?;
        wasm_globaltype_t::boxed(ctx.global(global?).ok()?.ty(), &Home::of(ctx.store().engine()))
    })
}

/// Writes the global's value, owned by the caller, to `out`; the i32 0 if the global is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_global_get(
    store: ContextPtr<'_>,
    global: Option<&wasmtime_global_t>,
    out: Option<&mut MaybeUninit<wasmtime_val_t>>,
) {
    guard(|| {
        let read = || {
            let ctx = store?;
            Some(wasmtime_val_t::from_val(ctx, ctx.global(global?).ok()?.get(ctx.store())))
        };
        put(out, read().unwrap_or(wasmtime_val_t::ZERO));
    });
}

/// Changes the global's value.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_global_set(
    store: ContextPtr<'_>,
    global: Option<&wasmtime_global_t>,
    val: Option<&wasmtime_val_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let value = need(val, "val")?.to_val(ctx)?;
        ctx.global(need(global, "global")?)?.set(ctx.store(), &value)
    })
}
