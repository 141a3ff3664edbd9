//! Tables.

use super::super::ffi::{ContextPtr, guard, guard_err, guard_some, need, put};
use super::super::wasm::Home;
use super::super::wasm::tabletype::wasm_tabletype_t;
use super::error::wasmtime_error_t;
use super::externs::wasmtime_table_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::runtime::Table;
use std::mem::MaybeUninit;

/// Makes a table of the store, every element being `init`, and writes it to `table`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_new(
    store: ContextPtr<'_>,
    ty: Option<&wasm_tabletype_t>,
    init: Option<&wasmtime_val_t>,
    table: Option<&mut MaybeUninit<wasmtime_table_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let object = need(ty, "type")?;
        object.home().check(ctx.store().engine())?;
        let ty = need(object.ty(), "type")?;
        let init = need(init, "init")?.to_val(ctx)?;
        put(table, ctx.table_handle(&Table::new(ctx.store(), &ty, &init)?));
        Ok(())
    })
}

/// The table's type, owned by the caller; NULL if the table is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_type(
    store: Option<&wasmtime_context_t>,
    table: Option<&wasmtime_table_t>,
) -> Option<Box<wasm_tabletype_t>> {
    guard(|| {
        let ctx = store?;
        wasm_tabletype_t::boxed(ctx.table(table?).ok()?.ty(), &Home::of(ctx.store().engine()))
    })
}

/// Reads an element: true and `val` written, owned by the caller, or false if `index` is out of bounds.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_get(
    store: ContextPtr<'_>,
    table: Option<&wasmtime_table_t>,
    index: u64,
    val: Option<&mut MaybeUninit<wasmtime_val_t>>,
) -> bool {
    guard_some(|| {
        let ctx = store?;
        let element = ctx.table(table?).ok()?.get(ctx.store(), index)?;
        put(val, wasmtime_val_t::from_val(ctx, element));
        Some(true)
    })
}

/// Writes an element.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_set(
    store: ContextPtr<'_>,
    table: Option<&wasmtime_table_t>,
    index: u64,
    value: Option<&wasmtime_val_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let value = need(value, "value")?.to_val(ctx)?;
        ctx.table(need(table, "table")?)?.set(ctx.store(), index, &value)
    })
}

/// The table's size in elements.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_size(
    store: Option<&wasmtime_context_t>,
    table: Option<&wasmtime_table_t>,
) -> u64 {
    guard_some(|| Some(store?.table(table?).ok()?.size()))
}

/// Adds `delta` elements of value `init` and writes the size before to `prev_size`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_table_grow(
    store: ContextPtr<'_>,
    table: Option<&wasmtime_table_t>,
    delta: u64,
    init: Option<&wasmtime_val_t>,
    prev_size: Option<&mut MaybeUninit<u64>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let init = need(init, "init")?.to_val(ctx)?;
        let before = ctx.table(need(table, "table")?)?.grow(ctx.store(), delta, &init)?;
        put(prev_size, before);
        Ok(())
    })
}
