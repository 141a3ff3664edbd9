//! Tags: what kinds of exceptions a store's guests throw.

use super::super::ffi::{ContextPtr, guard, guard_err, guard_some, need, put};
use super::super::wasm::tagtype::{wasm_tagtype_functype, wasm_tagtype_t};
use super::error::wasmtime_error_t;
use super::exntype::tagtype;
use super::externs::{halves, number};
use super::func::type_for;
use super::store::wasmtime_context_t;
use crate::base::{Error, Result};
use crate::runtime::Tag;
use std::mem::MaybeUninit;

/// A tag of a store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_tag_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __padding: u32,
    pub __private2: u32,
}

impl wasmtime_context_t {
    pub(in crate::capi) fn tag(&self, tag: &wasmtime_tag_t) -> Result<Tag> {
        self.check(tag.store_id, "tag")?;
        self.store().tag(number(tag.__private1, tag.__private2)).ok_or_else(|| Error::usage("the store has no such tag"))
    }

    pub(in crate::capi) fn tag_handle(&self, tag: &Tag) -> wasmtime_tag_t {
        let (__private1, __private2) = halves(self.store().intern_tag(tag));
        wasmtime_tag_t { store_id: self.store().id(), __private1, __padding: 0, __private2 }
    }
}

/// A tag of this type, written to `ret`. `tt` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_tag_new(
    store: ContextPtr<'_>,
    tt: Option<&wasm_tagtype_t>,
    ret: Option<&mut MaybeUninit<wasmtime_tag_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(store, "store")?;
        let ty = wasm_tagtype_functype(Some(need(tt, "tt")?));
        // SAFETY: NULL or borrowed from `tt`.
        let ty = type_for(ctx.store().engine(), unsafe { ty.as_ref() })?;
        put(ret, ctx.tag_handle(&Tag::new(ctx.store(), ty)?));
        Ok(())
    })
}

/// The tag's type, owned by the caller; NULL for a tag of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_tag_type(
    store: Option<&wasmtime_context_t>,
    tag: Option<&wasmtime_tag_t>,
) -> Option<Box<wasm_tagtype_t>> {
    guard(|| {
        let ctx = store?;
        tagtype(ctx.store().engine(), ctx.tag(tag?).ok()?.ty())
    })
}

/// Whether both are the same tag.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_tag_eq(
    store: Option<&wasmtime_context_t>,
    a: Option<&wasmtime_tag_t>,
    b: Option<&wasmtime_tag_t>,
) -> bool {
    guard_some(|| {
        let ctx = store?;
        Some(ctx.tag(a?).ok()?.same(&ctx.tag(b?).ok()?))
    })
}
