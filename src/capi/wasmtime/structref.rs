//! References to structs.

use super::super::ffi::{ContextPtr, guard, guard_err, need, put, slice};
use super::anyref::{of, root, unroot, wasmtime_anyref_t, words};
use super::eqref::wasmtime_eqref_t;
use super::error::wasmtime_error_t;
use super::gctypes::wasmtime_struct_type_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::base::{Error, Result};
use crate::runtime::StructRef;
use crate::wasm::TypeId;
use std::mem::MaybeUninit;

/// A rooted reference to a struct. The header spells the words out.
#[repr(C)]
pub struct wasmtime_structref_t {
    pub(super) words: [u64; 3],
}

/// The type of structs to be made in a store.
pub struct wasmtime_struct_ref_pre_t {
    store_id: u64,
    ty: TypeId,
}

fn get(ctx: &wasmtime_context_t, it: Option<&wasmtime_structref_t>) -> Result<StructRef> {
    let null = || Error::usage("non-null structref required");
    let words = it.ok_or_else(null)?.words;
    if words[0] == 0 {
        return Err(null());
    }
    of(ctx, words)?.as_struct(ctx.store())?.ok_or_else(null)
}

/// Prepares to make structs of this type, which stays the caller's. Owned by the caller; NULL if the type belongs
/// to another engine.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_ref_pre_new(
    context: ContextPtr<'_>,
    ty: Option<&wasmtime_struct_type_t>,
) -> Option<Box<wasmtime_struct_ref_pre_t>> {
    guard(|| {
        let store = context?.store();
        let ty = ty?.id(store.engine())?;
        Some(Box::new(wasmtime_struct_ref_pre_t { store_id: store.id(), ty }))
    })
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_ref_pre_delete(pre: Option<Box<wasmtime_struct_ref_pre_t>>) {
    guard(|| drop(pre));
}

/// Makes a struct with these fields, which stay the caller's, and writes a root of it to `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_structref_new(
    context: ContextPtr<'_>,
    pre: Option<&wasmtime_struct_ref_pre_t>,
    fields: *const wasmtime_val_t,
    nfields: usize,
    out: Option<&mut MaybeUninit<wasmtime_structref_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (ctx, pre) = (need(context, "context")?, need(pre, "pre")?);
        ctx.check(pre.store_id, "struct allocator")?;
        // SAFETY: the caller gives an array of this length.
        let fields = unsafe { slice(fields, nfields)? };
        let fields = fields.iter().map(|f| f.to_val(ctx)).collect::<Result<Vec<_>>>()?;
        let made = StructRef::new(ctx.store(), pre.ty, &fields)?;
        put(out, wasmtime_structref_t { words: words(Some(made.into_any())) });
        Ok(())
    })
}

/// Writes a field, owned by the caller, to `out`; packed fields are zero extended. Fails for null, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_field(
    context: ContextPtr<'_>,
    structref: Option<&wasmtime_structref_t>,
    index: usize,
    out: Option<&mut MaybeUninit<wasmtime_val_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(context, "context")?;
        put(out, wasmtime_val_t::from_val(ctx, get(ctx, structref)?.get(ctx.store(), index)?));
        Ok(())
    })
}

/// Sets a field to a value, which stays the caller's. Fails for null, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_set_field(
    context: ContextPtr<'_>,
    structref: Option<&wasmtime_structref_t>,
    index: usize,
    val: Option<&wasmtime_val_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(context, "context")?;
        get(ctx, structref)?.set(ctx.store(), index, &need(val, "val")?.to_val(ctx)?)
    })
}

/// The struct's type, owned by the caller; NULL for null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_type(
    context: ContextPtr<'_>,
    structref: Option<&wasmtime_structref_t>,
) -> Option<Box<wasmtime_struct_type_t>> {
    guard(|| {
        let ctx = context?;
        let id = get(ctx, structref).ok()?.as_any().type_id(ctx.store()).ok()??;
        wasmtime_struct_type_t::of(ctx.store().engine(), id)
    })
}

/// Writes another root of the same reference to `out`; null for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_clone(
    structref: Option<&wasmtime_structref_t>,
    out: Option<&mut MaybeUninit<wasmtime_structref_t>>,
) {
    guard(|| put(out, wasmtime_structref_t { words: words(structref.and_then(|it| root(it.words))) }));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_unroot(it: Option<&mut wasmtime_structref_t>) {
    guard(|| it.map(|it| unroot(&mut it.words)).unwrap_or_default());
}

/// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_to_anyref(
    structref: Option<&wasmtime_structref_t>,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| put(out, wasmtime_anyref_t { words: words(structref.and_then(|it| root(it.words))) }));
}

/// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_structref_to_eqref(
    structref: Option<&wasmtime_structref_t>,
    out: Option<&mut MaybeUninit<wasmtime_eqref_t>>,
) {
    guard(|| put(out, wasmtime_eqref_t { words: words(structref.and_then(|it| root(it.words))) }));
}
