//! References to guest objects that can be compared.

use super::super::ffi::{ContextPtr, guard, guard_some, put};
use super::super::wasm::Home;
use super::anyref::{of, root, unroot, wasmtime_anyref_t, words};
use super::arrayref::wasmtime_arrayref_t;
use super::structref::wasmtime_structref_t;
use super::types::wasmtime_heaptype_t;
use crate::runtime::AnyRef;
use std::mem::MaybeUninit;

/// A rooted reference to a guest object that can be compared. The header spells the words out.
#[repr(C)]
pub struct wasmtime_eqref_t {
    pub(super) words: [u64; 3],
}

/// Writes another root of the same reference to `out`; null for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_clone(
    eqref: Option<&wasmtime_eqref_t>,
    out: Option<&mut MaybeUninit<wasmtime_eqref_t>>,
) {
    guard(|| put(out, wasmtime_eqref_t { words: words(eqref.and_then(|it| root(it.words))) }));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_unroot(it: Option<&mut wasmtime_eqref_t>) {
    guard(|| it.map(|it| unroot(&mut it.words)).unwrap_or_default());
}

/// Writes the same reference, with a root of its own, to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_to_anyref(
    eqref: Option<&wasmtime_eqref_t>,
    out: Option<&mut MaybeUninit<wasmtime_anyref_t>>,
) {
    guard(|| put(out, wasmtime_anyref_t { words: words(eqref.and_then(|it| root(it.words))) }));
}

/// Writes what it refers to, owned by the caller, to `out`; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_type(
    context: ContextPtr<'_>,
    eqref: Option<&wasmtime_eqref_t>,
    out: Option<&mut MaybeUninit<wasmtime_heaptype_t>>,
) -> bool {
    guard_some(|| {
        let ctx = context?;
        let heap = of(ctx, eqref?.words).ok()?.heap_type(ctx.store()).ok()?;
        put(out, wasmtime_heaptype_t::new(heap, &Home::of(ctx.store().engine())));
        Some(true)
    })
}

/// Writes the integer with its low 31 bits to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_from_i31(
    context: ContextPtr<'_>,
    i31val: u32,
    out: Option<&mut MaybeUninit<wasmtime_eqref_t>>,
) {
    guard(|| {
        let it = context.map(|ctx| AnyRef::i31(ctx.store(), i31val as i32));
        put(out, wasmtime_eqref_t { words: words(it) });
    });
}

/// Writes the integer, sign extended, to `dst`; false if it is none. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_i31_get_s(
    context: ContextPtr<'_>,
    eqref: Option<&wasmtime_eqref_t>,
    dst: Option<&mut MaybeUninit<i32>>,
) -> bool {
    guard_some(|| {
        let value = of(context?, eqref?.words).ok()?.as_i31()?;
        put(dst, value);
        Some(true)
    })
}

/// Writes the integer, zero extended, to `dst`; false if it is none. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_i31_get_u(
    context: ContextPtr<'_>,
    eqref: Option<&wasmtime_eqref_t>,
    dst: Option<&mut MaybeUninit<u32>>,
) -> bool {
    guard_some(|| {
        let value = of(context?, eqref?.words).ok()?.as_i31()?;
        put(dst, value as u32 & 0x7fff_ffff);
        Some(true)
    })
}

/// Whether it is a 31-bit integer; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_is_i31(context: ContextPtr<'_>, eqref: Option<&wasmtime_eqref_t>) -> bool {
    guard_some(|| Some(of(context?, eqref?.words).ok()?.is_i31()))
}

/// Whether it is a struct; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_is_struct(context: ContextPtr<'_>, eqref: Option<&wasmtime_eqref_t>) -> bool {
    guard_some(|| of(context?, eqref?.words).ok()?.is_struct(context?.store()).ok())
}

/// Whether it is an array; false for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_is_array(context: ContextPtr<'_>, eqref: Option<&wasmtime_eqref_t>) -> bool {
    guard_some(|| of(context?, eqref?.words).ok()?.is_array(context?.store()).ok())
}

/// Writes the same reference to `out` if it is a struct; null and false otherwise. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_as_struct(
    context: ContextPtr<'_>,
    eqref: Option<&wasmtime_eqref_t>,
    out: Option<&mut MaybeUninit<wasmtime_structref_t>>,
) -> bool {
    guard(|| {
        let found = context.and_then(|ctx| {
            let it = of(ctx, eqref?.words).ok()?;
            it.is_struct(ctx.store()).ok()?.then_some(it)
        });
        let is = found.is_some();
        put(out, wasmtime_structref_t { words: words(found) });
        is
    })
}

/// Writes the same reference to `out` if it is an array; null and false otherwise. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_eqref_as_array(
    context: ContextPtr<'_>,
    eqref: Option<&wasmtime_eqref_t>,
    out: Option<&mut MaybeUninit<wasmtime_arrayref_t>>,
) -> bool {
    guard(|| {
        let found = context.and_then(|ctx| {
            let it = of(ctx, eqref?.words).ok()?;
            it.is_array(ctx.store()).ok()?.then_some(it)
        });
        let is = found.is_some();
        put(out, wasmtime_arrayref_t { words: words(found) });
        is
    })
}
