//! References to arrays.

use super::super::ffi::{ContextPtr, guard, guard_err, need, put};
use super::anyref::{of, root, unroot, wasmtime_anyref_t, words};
use super::eqref::wasmtime_eqref_t;
use super::error::wasmtime_error_t;
use super::arraytype::wasmtime_array_type_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::base::{Error, Result};
use crate::runtime::ArrayRef;
use crate::wasm::TypeId;
use std::mem::MaybeUninit;

/// A rooted reference to an array. The header spells the words out.
#[repr(C)]
pub struct wasmtime_arrayref_t {
    pub(super) words: [u64; 3],
}

/// The type of arrays to be made in a store.
pub struct wasmtime_array_ref_pre_t {
    store_id: u64,
    ty: TypeId,
}

fn get(ctx: &wasmtime_context_t, it: Option<&wasmtime_arrayref_t>) -> Result<ArrayRef> {
    let null = || Error::usage("non-null arrayref required");
    let words = it.ok_or_else(null)?.words;
    if words[0] == 0 {
        return Err(null());
    }
    of(ctx, words)?.as_array(ctx.store())?.ok_or_else(null)
}

/// Prepares to make arrays of this type, which stays the caller's. Owned by the caller; NULL if the type belongs
/// to another engine.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_ref_pre_new(
    context: ContextPtr<'_>,
    ty: Option<&wasmtime_array_type_t>,
) -> Option<Box<wasmtime_array_ref_pre_t>> {
    guard(|| {
        let store = context?.store();
        let ty = ty?.id(store.engine())?;
        Some(Box::new(wasmtime_array_ref_pre_t { store_id: store.id(), ty }))
    })
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_ref_pre_delete(pre: Option<Box<wasmtime_array_ref_pre_t>>) {
    guard(|| drop(pre));
}

/// Makes an array of `len` elements, each the value `elem`, which stays the caller's, and writes a root of it to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_new(
    context: ContextPtr<'_>,
    pre: Option<&wasmtime_array_ref_pre_t>,
    elem: Option<&wasmtime_val_t>,
    len: u32,
    out: Option<&mut MaybeUninit<wasmtime_arrayref_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (ctx, pre) = (need(context, "context")?, need(pre, "pre")?);
        ctx.check(pre.store_id, "array allocator")?;
        let elem = need(elem, "elem")?.to_val(ctx)?;
        let made = ArrayRef::new(ctx.store(), pre.ty, &elem, len)?;
        put(out, wasmtime_arrayref_t { words: words(Some(made.into_any())) });
        Ok(())
    })
}

/// Writes how many elements there are to `out`. Fails for null, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_len(
    context: ContextPtr<'_>,
    arrayref: Option<&wasmtime_arrayref_t>,
    out: Option<&mut MaybeUninit<u32>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(context, "context")?;
        put(out, get(ctx, arrayref)?.len(ctx.store())?);
        Ok(())
    })
}

/// Writes an element, owned by the caller, to `out`; packed elements are zero extended. Fails for null, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_get(
    context: ContextPtr<'_>,
    arrayref: Option<&wasmtime_arrayref_t>,
    index: u32,
    out: Option<&mut MaybeUninit<wasmtime_val_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(context, "context")?;
        put(out, wasmtime_val_t::from_val(ctx, get(ctx, arrayref)?.get(ctx.store(), index)?));
        Ok(())
    })
}

/// Sets an element to a value, which stays the caller's. Fails for null, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_set(
    context: ContextPtr<'_>,
    arrayref: Option<&wasmtime_arrayref_t>,
    index: u32,
    val: Option<&wasmtime_val_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(context, "context")?;
        get(ctx, arrayref)?.set(ctx.store(), index, &need(val, "val")?.to_val(ctx)?)
    })
}

/// The array's type, owned by the caller; NULL for null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_type(
    context: ContextPtr<'_>,
    arrayref: Option<&wasmtime_arrayref_t>,
) -> Option<Box<wasmtime_array_type_t>> {
    guard(|| {
        let ctx = context?;
        let id = get(ctx, arrayref).ok()?.as_any().type_id(ctx.store()).ok()??;
        wasmtime_array_type_t::of(ctx.store().engine(), id)
    })
}

/// Writes another root of the same reference to `out`; null for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_clone(
    arrayref: Option<&wasmtime_arrayref_t>,
    out: Option<&mut MaybeUninit<wasmtime_arrayref_t>>,
) {
    guard(|| put(out, wasmtime_arrayref_t { words: words(arrayref.and_then(|it| root(it.words))) }));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_unroot(it: Option<&mut wasmtime_arrayref_t>) {
    guard(|| it.map(|it| unroot(&mut it.words)).unwrap_or_default());
}

/// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_to_anyref(
    arrayref: Option<&wasmtime_arrayref_t>,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| put(out, wasmtime_anyref_t { words: words(arrayref.and_then(|it| root(it.words))) }));
}

/// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_arrayref_to_eqref(
    arrayref: Option<&wasmtime_arrayref_t>,
    out: Option<&mut MaybeUninit<wasmtime_eqref_t>>,
) {
    guard(|| put(out, wasmtime_eqref_t { words: words(arrayref.and_then(|it| root(it.words))) }));
}
