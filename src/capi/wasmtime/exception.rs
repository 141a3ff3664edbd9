//! Exceptions: made, looked into, thrown and caught by the host.

use super::super::ffi::{ContextPtr, guard, guard_err, guard_some, need, put, slice};
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::exnref::{into_words, root, take};
use super::exntype::wasmtime_exn_type_t;
use super::store::wasmtime_context_t;
use super::tag::wasmtime_tag_t;
use super::val::wasmtime_val_t;
use crate::base::{Error, Result};
use crate::runtime::ExnRef;
use std::mem::MaybeUninit;

/// A rooted reference to an exception. The header spells the words out.
#[repr(C)]
pub struct wasmtime_exnref_t {
    words: [u64; 3],
}

impl wasmtime_exnref_t {
    fn new(exception: Option<ExnRef>) -> wasmtime_exnref_t {
        wasmtime_exnref_t { words: into_words(exception) }
    }

    /// Another root of the exception, which must be one of the store's.
    fn of(ctx: &wasmtime_context_t, it: Option<&wasmtime_exnref_t>) -> Result<ExnRef> {
        let (words, null) = (need(it, "exnref")?.words, || Error::usage("exnref is null"));
        if words[0] == 0 {
            return Err(null());
        }
        // The store first: with one that is gone, nothing vouches for the rest.
        ctx.check(words[0], "exnref")?;
        root(words).ok_or_else(null)
    }
}

/// Makes an exception with this tag and these values, which stay the caller's, and writes a root of it to `exn_ret`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_exnref_new(
    store: ContextPtr<'_>,
    tag: Option<&wasmtime_tag_t>,
    fields: *const wasmtime_val_t,
    nfields: usize,
    exn_ret: Option<&mut MaybeUninit<wasmtime_exnref_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let tag = ctx.tag(need(tag, "tag")?)?;
        // SAFETY: the caller gives an array of this length.
        let fields = unsafe { slice(fields, nfields)? };
        let fields = fields.iter().map(|f| f.to_val(ctx)).collect::<Result<Vec<_>>>()?;
        put(exn_ret, wasmtime_exnref_t::new(Some(ExnRef::new(ctx.store(), &tag, &fields)?)));
        Ok(())
    })
}

/// Writes the exception's tag to `tag_ret`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_tag(
    store: ContextPtr<'_>,
    exn: Option<&wasmtime_exnref_t>,
    tag_ret: Option<&mut MaybeUninit<wasmtime_tag_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        put(tag_ret, ctx.tag_handle(&wasmtime_exnref_t::of(ctx, exn)?.tag(ctx.store())?));
        Ok(())
    })
}

/// How many values the exception carries; 0 for null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_field_count(store: ContextPtr<'_>, exn: Option<&wasmtime_exnref_t>) -> usize {
    guard_some(|| Some(wasmtime_exnref_t::of(store?, exn).ok()?.num_fields()))
}

/// Writes one of the exception's values, owned by the caller, to `val_ret`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_field(
    store: ContextPtr<'_>,
    exn: Option<&wasmtime_exnref_t>,
    index: usize,
    val_ret: Option<&mut MaybeUninit<wasmtime_val_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let field = wasmtime_exnref_t::of(ctx, exn)?.field(ctx.store(), index);
        let field = field.ok_or_else(|| Error::usage(format!("exception field index {index} is out of bounds")))?;
        put(val_ret, wasmtime_val_t::from_val(ctx, field));
        Ok(())
    })
}

/// The exception's type, owned by the caller; NULL for null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_type(
    context: ContextPtr<'_>,
    exnref: Option<&wasmtime_exnref_t>,
) -> Option<Box<wasmtime_exn_type_t>> {
    guard(|| {
        let ctx = context?;
        let tag = wasmtime_exnref_t::of(ctx, exnref).ok()?.tag(ctx.store()).ok()?;
        Some(wasmtime_exn_type_t::boxed(ctx.store().engine(), tag.ty().clone()))
    })
}

/// Writes another root of the exception to `out`; null for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_clone(
    it: Option<&wasmtime_exnref_t>,
    out: Option<&mut MaybeUninit<wasmtime_exnref_t>>,
) {
    guard(|| put(out, wasmtime_exnref_t::new(it.and_then(|e| root(e.words)))));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_unroot(it: Option<&mut wasmtime_exnref_t>) {
    guard(|| it.map(|e| drop(take(std::mem::take(&mut e.words)))).unwrap_or_default());
}

/// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
/// behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_from_raw(
    context: ContextPtr<'_>,
    raw: u32,
    out: Option<&mut MaybeUninit<wasmtime_exnref_t>>,
) {
    guard(|| put(out, wasmtime_exnref_t::new(context.and_then(|ctx| ExnRef::from_handle(ctx.store(), raw)))));
}

/// The raw value; 0 for null and for an exception of another store. It is no root. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exnref_to_raw(context: ContextPtr<'_>, it: Option<&wasmtime_exnref_t>) -> u32 {
    guard_some(|| Some(wasmtime_exnref_t::of(context?, it).ok()?.handle()))
}

/// Leaves the exception with the store and gives the trap, owned by the caller, that throws it when a host function
/// returns it. NULL for null and for an exception of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_exception(
    store: ContextPtr<'_>,
    exn: Option<&wasmtime_exnref_t>,
) -> Option<Box<wasm_trap_t>> {
    guard(|| {
        let ctx = store?;
        let exception = wasmtime_exnref_t::of(ctx, exn).ok()?;
        Some(wasm_trap_t::boxed(ctx.store().set_pending_exception(exception).ok()?))
    })
}

/// Takes the exception that a call left with the store: true, and a root written to `exn_ret`, if there is one.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_take_exception(
    store: ContextPtr<'_>,
    exn_ret: Option<&mut MaybeUninit<wasmtime_exnref_t>>,
) -> bool {
    guard_some(|| {
        let exception = store?.store().take_pending_exception()?;
        put(exn_ret, wasmtime_exnref_t::new(Some(exception)));
        Some(true)
    })
}

/// Whether a call left an exception with the store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_has_exception(store: ContextPtr<'_>) -> bool {
    guard_some(|| Some(store?.store().has_pending_exception()))
}
