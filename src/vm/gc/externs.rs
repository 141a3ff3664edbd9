//! References to what is outside of the heap, and the host's roots into it.
//!
//! An entry is one of two things. A *host reference* is data of the host that guests hold by the entry's handle. An
//! *object root* is how the host holds an object of the heap: its handle never reaches a guest, and the collector
//! updates the reference in it when the object moves.

use super::super::handles::{HandleKind, Handles};
use crate::base::{Error, Result};
use crate::layout::{REF_I31_BIT, REF_KIND_MASK, REF_KIND_OBJECT};
use parking_lot::{Mutex, MutexGuard};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// What a handle keeps alive.
pub type Owner = Option<Arc<dyn Any + Send + Sync>>;

/// The external references of one store.
pub struct ExternTable {
    inner: Mutex<Inner>,
    interning: bool,
}

struct Inner {
    handles: Handles<External>,
    /// Interning tables only.
    by_word: HashMap<u64, u32>,
}

pub(super) enum External {
    Host { word: u64, owner: Owner },
    /// A reference to an object of the heap.
    Object(u32),
}

impl Default for ExternTable {
    fn default() -> Self {
        ExternTable::new()
    }
}

impl ExternTable {
    /// A table whose entries are freed by collections.
    pub fn new() -> ExternTable {
        let inner = Inner { handles: Handles::new(HandleKind::Extern), by_word: HashMap::new() };
        ExternTable { inner: Mutex::new(inner), interning: false }
    }

    /// A table in which equal words share one handle for ever, for stores that many threads enter: they have no moment at which
    /// all stacks could be looked at.
    pub fn interning() -> ExternTable {
        ExternTable { interning: true, ..ExternTable::new() }
    }

    /// A handle for `word`, with one root. Interning tables take no owner.
    pub fn alloc(&self, word: u64, owner: Owner) -> Result<u32> {
        let mut inner = self.inner.lock();
        if self.interning {
            if owner.is_some() {
                return Err(Error::usage("references of a shared store are plain words and own nothing"));
            }
            if let Some(handle) = inner.by_word.get(&word) {
                return Ok(*handle);
            }
        }
        let handle = inner.handles.add(External::Host { word, owner })?;
        if self.interning {
            inner.by_word.insert(word, handle);
        }
        Ok(handle)
    }

    /// A handle by which the host holds what a guest's reference of the `any` or `extern` hierarchy means, with one
    /// root of its own. An `i31` is its own handle. `None` for null and for what means nothing.
    pub fn hold(&self, raw: u32) -> Result<Option<u32>> {
        if raw == 0 || raw & REF_I31_BIT != 0 {
            return Ok((raw != 0).then_some(raw));
        }
        let mut inner = self.inner.lock();
        if raw & REF_KIND_MASK == REF_KIND_OBJECT {
            return inner.handles.add(External::Object(raw)).map(Some);
        }
        let known = inner.handles.get(raw).is_some();
        inner.handles.root(raw);
        Ok(known.then_some(raw))
    }

    /// What guests have for a handle that the host holds; valid until the next collection.
    pub fn raw(&self, handle: u32) -> u32 {
        match self.inner.lock().handles.get(handle) {
            Some(External::Object(raw)) => *raw,
            _ => handle,
        }
    }

    /// The word of a host reference; `None` if there is no such reference.
    pub fn word(&self, handle: u32) -> Option<u64> {
        match self.inner.lock().handles.get(handle) {
            Some(External::Host { word, .. }) => Some(*word),
            _ => None,
        }
    }

    pub fn owner(&self, handle: u32) -> Owner {
        match self.inner.lock().handles.get(handle) {
            Some(External::Host { owner, .. }) => owner.clone(),
            _ => None,
        }
    }

    /// Counts one more holder outside the guest.
    pub fn root(&self, handle: u32) {
        self.inner.lock().handles.root(handle);
    }

    pub fn unroot(&self, handle: u32) {
        let mut inner = self.inner.lock();
        let left = inner.handles.unroot(handle);
        // An object root is of no use to anybody else.
        if left == 0 && matches!(inner.handles.get(handle), Some(External::Object(_))) {
            inner.handles.remove(handle);
        }
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    /// Lets go of what handles keep alive, also of rooted ones: their store is gone. Roots stay harmless.
    pub fn release(&self) {
        let mut inner = self.inner.lock();
        let owners = inner.handles.values().filter_map(|value| match value {
            External::Host { owner, .. } => owner.take(),
            External::Object(_) => None,
        });
        let owners: Vec<_> = owners.collect();
        drop(inner); // the host's finalizers may use other references
        drop(owners);
    }

    pub fn wants_collection(&self) -> bool {
        !self.interning && self.inner.lock().handles.wants_collection()
    }

    /// Begins a collection: everything with a root counts as reached.
    pub(super) fn mark(&self) -> Marking<'_> {
        let mut inner = self.inner.lock();
        inner.handles.mark_roots(|_| ());
        Marking { inner, interning: self.interning }
    }

    /// References in use.
    pub fn len(&self) -> usize {
        self.inner.lock().handles.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A collection in progress; the table is locked meanwhile.
pub(super) struct Marking<'a> {
    inner: MutexGuard<'a, Inner>,
    interning: bool,
}

impl Marking<'_> {
    /// A guest has this reference.
    pub(super) fn reach(&mut self, handle: u32) {
        self.inner.handles.mark(handle);
    }

    /// The reference in entry `n`, to be updated, if it is one to an object; `None` beyond the last entry.
    pub(super) fn object_root(&mut self, n: usize) -> Option<Option<&mut u32>> {
        Some(match self.inner.handles.nth(n)? {
            Some(External::Object(raw)) => Some(raw),
            _ => None,
        })
    }

    /// Frees what was not reached. It must be dropped when no lock is held: finalizers may come back here.
    pub(super) fn finish(mut self) -> Vec<External> {
        if self.interning { Vec::new() } else { self.inner.handles.sweep() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(t: &ExternTable, reached: &[u32]) -> usize {
        let mut marking = t.mark();
        reached.iter().for_each(|h| marking.reach(*h));
        marking.finish().len()
    }

    #[test]
    fn roots_and_guest_keep_entries() {
        let t = ExternTable::new();
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(());
        let (a, b, c) = (t.alloc(1, None).unwrap(), t.alloc(2, None).unwrap(), t.alloc(3, Some(owner.clone())).unwrap());
        t.unroot(b);
        t.unroot(c);
        assert_eq!(collect(&t, &[b]), 1);
        assert_eq!((t.word(a), t.word(b), t.word(c)), (Some(1), Some(2), None));
        assert_eq!(Arc::strong_count(&owner), 1);
        assert_eq!(t.alloc(4, None).unwrap(), c);
        assert_eq!((t.word(0), t.word(a | 1), t.len()), (None, None, 3));
    }

    #[test]
    fn objects_are_held_by_entries_of_their_own() {
        let t = ExternTable::new();
        let h = t.hold(64).unwrap().unwrap();
        assert_eq!((t.raw(h), t.word(h), t.hold(0).unwrap(), t.hold(7).unwrap()), (64, None, None, Some(7)));
        if let Some(Some(raw)) = t.mark().object_root(0) {
            *raw = 128;
        }
        assert_eq!(t.raw(h), 128);
        t.unroot(h);
        assert!(t.is_empty());
    }

    #[test]
    fn equal_words_share_a_handle() {
        let t = ExternTable::interning();
        let a = t.alloc(7, None).unwrap();
        assert_eq!(t.alloc(7, None).unwrap(), a);
        assert_ne!(t.alloc(8, None).unwrap(), a);
        assert_eq!(collect(&t, &[]), 0);
    }
}
