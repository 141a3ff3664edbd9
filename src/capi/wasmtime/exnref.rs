//! Exceptions inside a `wasmtime_val_t`: three words, laid out as in `wasmtime_exnref_t`.

use super::super::ffi::{arc_clone_ptr, arc_from_ptr, arc_into_ptr};
use crate::runtime::{ExnRef, ExnTable};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// The words of a root, which they own; null without one.
pub(super) fn into_words(root: Option<ExnRef>) -> [u64; 3] {
    let Some(root) = root else { return [0; 3] };
    let (handle, store_id, table) = root.into_parts();
    [store_id, u64::from(handle), arc_into_ptr::<ExnTable>(table).expose_provenance() as u64]
}

fn pointer(word: u64) -> *mut c_void {
    ptr::with_exposed_provenance_mut(word as usize)
}

/// Another root of the exception that the words own.
pub(super) fn root([store_id, handle, table]: [u64; 3]) -> Option<ExnRef> {
    if store_id == 0 || table == 0 {
        return None;
    }
    // SAFETY: words that are not null were made by `into_words` and not taken yet.
    let table: Arc<ExnTable> = unsafe { arc_clone_ptr(pointer(table)) };
    let root = table.root(handle as u32)?;
    let (handle, table) = root.into_parts();
    Some(ExnRef::from_parts(handle, store_id, table))
}

/// The root that the words own, which are not used any more.
pub(super) fn take([store_id, handle, table]: [u64; 3]) -> Option<ExnRef> {
    if store_id == 0 || table == 0 {
        return None;
    }
    // SAFETY: as in `root`; this is the only taking.
    let table: Arc<ExnTable> = unsafe { arc_from_ptr(pointer(table)) };
    Some(ExnRef::from_parts(handle as u32, store_id, table))
}
