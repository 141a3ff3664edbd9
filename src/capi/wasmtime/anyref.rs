//! References of the `any` hierarchy. Those to comparable objects, structs and arrays have the same form, three
//! words of which one counts on the store's table.

use super::super::ffi::{ContextPtr, guard, guard_some, put};
use super::super::wasm::Home;
use super::arrayref::wasmtime_arrayref_t;
use super::eqref::wasmtime_eqref_t;
use super::externref::wasmtime_externref_t;
use super::store::wasmtime_context_t;
use super::structref::wasmtime_structref_t;
use super::types::wasmtime_heaptype_t;
use crate::base::{Error, Result};
use crate::runtime::{AnyRef, ExternRef};
use std::mem::MaybeUninit;

/// A rooted reference to a guest object. The header spells the words out.
#[repr(C)]
pub struct wasmtime_anyref_t {
    pub(super) words: [u64; 3],
}

/// The words of a root, which they own; null without one.
pub(super) fn words(root: Option<AnyRef>) -> [u64; 3] {
    wasmtime_externref_t::new(root.map(AnyRef::into_extern)).words()
}

/// Another root of what the words own.
pub(super) fn root(words: [u64; 3]) -> Option<AnyRef> {
    wasmtime_externref_t::from_words(words).root().map(ExternRef::into_any)
}

/// Gives up the root that the words own, and makes them null.
pub(super) fn unroot(words: &mut [u64; 3]) {
    drop(wasmtime_externref_t::from_words(std::mem::take(words)).take());
}

/// Another root of what the words own, which must belong to the store.
pub(super) fn of(ctx: &wasmtime_context_t, words: [u64; 3]) -> Result<AnyRef> {
    // The store first: with one that is gone, nothing vouches for the rest.
    ctx.check(words[0], "reference")?;
    root(words).ok_or_else(|| Error::usage("reference is null"))
}

/// Writes another root of the same reference to `out`; null for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_clone(
    anyref: Option<&wasmtime_anyref_t>,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| put(out, wasmtime_anyref_t { words: words(anyref.and_then(|it| root(it.words))) }));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_unroot(it: Option<&mut wasmtime_anyref_t>) {
    guard(|| it.map(|it| unroot(&mut it.words)).unwrap_or_default());
}

/// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
/// behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_from_raw(
    context: ContextPtr<'_>,
    raw: u32,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| put(out, wasmtime_anyref_t { words: words(context.and_then(|ctx| AnyRef::from_raw(ctx.store(), raw))) }));
}

/// The raw value; 0 for null and for a reference of another store. It is no root. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_to_raw(context: ContextPtr<'_>, it: Option<&wasmtime_anyref_t>) -> u32 {
    guard_some(|| Some(of(context?, it?.words).ok()?.raw()))
}

/// Writes what it refers to, owned by the caller, to `out`; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_type(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    out: Option<&mut MaybeUninit<wasmtime_heaptype_t>>,
) -> bool {
    guard_some(|| {
        let ctx = context?;
        let heap = of(ctx, anyref?.words).ok()?.heap_type(ctx.store()).ok()?;
        put(out, wasmtime_heaptype_t::new(heap, &Home::of(ctx.store().engine())));
        Some(true)
    })
}

/// Writes the integer with its low 31 bits to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_from_i31(
    context: ContextPtr<'_>,
    i31val: u32,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| {
        let it = context.map(|ctx| AnyRef::i31(ctx.store(), i31val as i32));
        put(out, wasmtime_anyref_t { words: words(it) });
    });
}

/// Writes the integer, sign extended, to `dst`; false if it is none. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_i31_get_s(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    dst: Option<&mut MaybeUninit<i32>>,
) -> bool {
    guard_some(|| {
        let value = of(context?, anyref?.words).ok()?.as_i31()?;
        put(dst, value);
        Some(true)
    })
}

/// Writes the integer, zero extended, to `dst`; false if it is none. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_i31_get_u(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    dst: Option<&mut MaybeUninit<u32>>,
) -> bool {
    guard_some(|| {
        let value = of(context?, anyref?.words).ok()?.as_i31()?;
        put(dst, value as u32 & 0x7fff_ffff);
        Some(true)
    })
}

/// Whether it is a 31-bit integer; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_is_i31(context: ContextPtr<'_>, anyref: Option<&wasmtime_anyref_t>) -> bool {
    guard_some(|| Some(of(context?, anyref?.words).ok()?.is_i31()))
}

/// Whether it is comparable; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_is_eqref(context: ContextPtr<'_>, anyref: Option<&wasmtime_anyref_t>) -> bool {
    guard_some(|| of(context?, anyref?.words).ok()?.is_eq(context?.store()).ok())
}

/// Whether it is a struct; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_is_struct(context: ContextPtr<'_>, anyref: Option<&wasmtime_anyref_t>) -> bool {
    guard_some(|| of(context?, anyref?.words).ok()?.is_struct(context?.store()).ok())
}

/// Whether it is an array; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_is_array(context: ContextPtr<'_>, anyref: Option<&wasmtime_anyref_t>) -> bool {
    guard_some(|| of(context?, anyref?.words).ok()?.is_array(context?.store()).ok())
}

/// Writes the same reference to `out` if it is comparable; null and false otherwise. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_as_eqref(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    out: Option<&mut MaybeUninit<wasmtime_eqref_t>>,
) -> bool {
    guard(|| {
        let found = context.and_then(|ctx| {
            let it = of(ctx, anyref?.words).ok()?;
            it.is_eq(ctx.store()).ok()?.then_some(it)
        });
        let is = found.is_some();
        put(out, wasmtime_eqref_t { words: words(found) });
        is
    })
}

/// Writes the same reference to `out` if it is a struct; null and false otherwise. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_as_struct(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    out: Option<&mut MaybeUninit<wasmtime_structref_t>>,
) -> bool {
    guard(|| {
        let found = context.and_then(|ctx| {
            let it = of(ctx, anyref?.words).ok()?;
            it.is_struct(ctx.store()).ok()?.then_some(it)
        });
        let is = found.is_some();
        put(out, wasmtime_structref_t { words: words(found) });
        is
    })
}

/// Writes the same reference to `out` if it is an array; null and false otherwise. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_anyref_as_array(
    context: ContextPtr<'_>,
    anyref: Option<&wasmtime_anyref_t>,
    out: Option<&mut MaybeUninit<wasmtime_arrayref_t>>,
) -> bool {
    guard(|| {
        let found = context.and_then(|ctx| {
            let it = of(ctx, anyref?.words).ok()?;
            it.is_array(ctx.store()).ok()?.then_some(it)
        });
        let is = found.is_some();
        put(out, wasmtime_arrayref_t { words: words(found) });
        is
    })
}
