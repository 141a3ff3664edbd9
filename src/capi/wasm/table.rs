//! Tables.

use super::super::ffi::{StorePtr, give, guard, guard_some};
use super::super::wasmtime::store::wasmtime_context_t;
use super::Home;
use super::externs::wasm_extern_t;
use super::reference::{self, Class, Object, extern_object, wasm_ref_t};
use super::tabletype::wasm_tabletype_t;
use super::val::{ref_to_val, val_to_ref};
use crate::runtime::{Extern, Table};
use crate::wasm::ValType;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// A size of a table or an index into it, in elements.
pub type wasm_table_size_t = u32;

/// A table of a store.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_table_t(wasm_ref_t);
extern_object!(wasm_table_t, Table, Table);

/// Makes a table of the store, every element being `init`; NULL if that is not of the type. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_new(
    store: StorePtr<'_>,
    ty: Option<&wasm_tabletype_t>,
    init: Option<&mut wasm_ref_t>,
) -> Option<Box<wasm_table_t>> {
    guard(|| {
        let (ctx, object) = (store?.ctx(), ty?);
        object.home().check(ctx.store().engine()).ok()?;
        let ty = object.ty()?;
        let init = ref_to_val(ctx, init.as_deref(), ValType::Ref(ty.element)).ok()?;
        Some(Box::new(wasm_table_t::new(ctx, Table::new(ctx.store(), &ty, &init).ok()?)))
    })
}

/// The type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_type(table: Option<&wasm_table_t>) -> Option<Box<wasm_tabletype_t>> {
    guard(|| {
        let (ctx, table) = table?.parts()?;
        wasm_tabletype_t::boxed(table.ty(), &Home::of(ctx.store().engine()))
    })
}

/// The element, owned by the caller; NULL if it is null or out of bounds.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_get(table: Option<&wasm_table_t>, index: wasm_table_size_t) -> *mut wasm_ref_t {
    guard_some(|| {
        let (ctx, table) = table?.parts()?;
        let element = table.get(ctx.store(), u64::from(index))?;
        Some(give(val_to_ref(ctx, element).ok()?))
    })
}

/// Changes the element, NULL making it null; false if that is not of the type or out of bounds.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_set(
    table: Option<&mut wasm_table_t>,
    index: wasm_table_size_t,
    value: Option<&mut wasm_ref_t>,
) -> bool {
    guard_some(|| {
        let (ctx, table) = table?.parts()?;
        let value = ref_to_val(ctx, value.as_deref(), ValType::Ref(table.ty().element)).ok()?;
        Some(table.set(ctx.store(), u64::from(index), &value).is_ok())
    })
}

/// The size in elements.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_size(table: Option<&wasm_table_t>) -> wasm_table_size_t {
    guard_some(|| Some(u32::try_from(table?.parts()?.1.size()).unwrap_or(u32::MAX)))
}

/// Adds `delta` elements of value `init`; false if there is no room. A NULL `init` is the null reference.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_grow(
    table: Option<&mut wasm_table_t>,
    delta: wasm_table_size_t,
    init: Option<&mut wasm_ref_t>,
) -> bool {
    guard_some(|| {
        let (ctx, table) = table?.parts()?;
        let init = ref_to_val(ctx, init.as_deref(), ValType::Ref(table.ty().element)).ok()?;
        Some(table.grow(ctx.store(), u64::from(delta), &init).is_ok())
    })
}

/// Frees the handle; the table lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_delete(it: Option<Box<wasm_table_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same table, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_copy(it: Option<&wasm_table_t>) -> Option<Box<wasm_table_t>> {
    guard(|| Some(Box::new(wasm_table_t(it?.0.clone()))))
}

/// Whether both handles are of the same table.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_same(a: Option<&wasm_table_t>, b: Option<&wasm_table_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_get_host_info(it: Option<&wasm_table_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_set_host_info(it: Option<&mut wasm_table_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_set_host_info_with_finalizer(
    it: Option<&mut wasm_table_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_as_ref(it: Option<&mut wasm_table_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_as_ref_const(it: Option<&wasm_table_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a table, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_table(it: Option<&mut wasm_ref_t>) -> *mut wasm_table_t {
    reference::view_mut(it, Class::Table)
}

/// The reference as a table, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_table_const(it: Option<&wasm_ref_t>) -> *const wasm_table_t {
    reference::view(it, Class::Table)
}


/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_as_extern(it: Option<&mut wasm_table_t>) -> *mut wasm_extern_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0).cast()))
}

/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_table_as_extern_const(it: Option<&wasm_table_t>) -> *const wasm_extern_t {
    guard_some(|| Some(ptr::from_ref(&it?.0).cast()))
}

/// The extern as a table, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_table(it: Option<&mut wasm_extern_t>) -> *mut wasm_table_t {
    guard_some(|| Some(reference::view_mut(Some(it?.reference_mut()), Class::Table)))
}

/// The extern as a table, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_table_const(it: Option<&wasm_extern_t>) -> *const wasm_table_t {
    guard_some(|| Some(reference::view(Some(it?.reference()), Class::Table)))
}

