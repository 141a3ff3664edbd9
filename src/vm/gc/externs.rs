//! Handles: references to what is outside of the heap, and the host's roots.
//!
//! An entry is one of two things. A *host reference* is data of the host that guests hold by the entry's handle. An
//! *object root* is how the host holds an object of the heap: its handle never reaches a guest, and the collector
//! updates the reference in it when the object moves.

use crate::base::{Error, ErrorKind, Result};
use crate::layout::{REF_I31_BIT, REF_KIND_EXTERN, REF_KIND_MASK, REF_KIND_OBJECT};
use parking_lot::{Mutex, MutexGuard};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// What a handle keeps alive.
pub type Owner = Option<Arc<dyn Any + Send + Sync>>;

/// Entries before the first collection is worthwhile.
const FIRST_COLLECTION: usize = 1024;

/// The external references of one store.
pub struct ExternTable {
    inner: Mutex<Inner>,
    interning: bool,
}

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// Interning tables only.
    by_word: HashMap<u64, u32>,
    live: usize,
    collect_at: usize,
}

struct Entry {
    word: u64,
    owner: Owner,
    roots: u32,
    used: bool,
    marked: bool,
    /// `word` is a reference to an object of the heap.
    object: bool,
}

fn index(handle: u32) -> Option<usize> {
    (handle & REF_KIND_MASK == REF_KIND_EXTERN).then_some((handle >> 3) as usize)
}

impl Default for ExternTable {
    fn default() -> Self {
        ExternTable::new()
    }
}

impl ExternTable {
    /// A table whose entries are freed by collections.
    pub fn new() -> ExternTable {
        ExternTable { inner: Mutex::new(Inner { collect_at: FIRST_COLLECTION, ..Inner::default() }), interning: false }
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
        let handle = inner.add(Entry { word, owner, roots: 1, used: true, marked: false, object: false })?;
        if self.interning {
            inner.by_word.insert(word, handle);
        }
        Ok(handle)
    }

    /// A handle by which the host holds what a guest's reference of the `any` or `extern` hierarchy means, with one
    /// root of its own. An `i31` is its own handle. `None` for null and for what means nothing.
    pub fn hold(&self, raw: u32) -> Result<Option<u32>> {
        if raw == 0 {
            return Ok(None);
        }
        if raw & REF_I31_BIT != 0 {
            return Ok(Some(raw));
        }
        let mut inner = self.inner.lock();
        match raw & REF_KIND_MASK {
            REF_KIND_OBJECT => {
                let entry = Entry { word: raw.into(), owner: None, roots: 1, used: true, marked: false, object: true };
                inner.add(entry).map(Some)
            }
            _ => Ok(inner.get(raw).map(|e| {
                e.roots = e.roots.saturating_add(1);
                raw
            })),
        }
    }

    /// What guests have for a handle that the host holds; valid until the next collection.
    pub fn raw(&self, handle: u32) -> u32 {
        match self.inner.lock().get(handle) {
            Some(e) if e.object => e.word as u32,
            _ => handle,
        }
    }

    /// The word of a host reference; `None` if there is no such reference.
    pub fn word(&self, handle: u32) -> Option<u64> {
        self.inner.lock().get(handle).filter(|e| !e.object).map(|e| e.word)
    }

    pub fn owner(&self, handle: u32) -> Owner {
        self.inner.lock().get(handle).and_then(|e| e.owner.clone())
    }

    /// Counts one more holder outside the guest.
    pub fn root(&self, handle: u32) {
        if let Some(e) = self.inner.lock().get(handle) {
            e.roots = e.roots.saturating_add(1);
        }
    }

    pub fn unroot(&self, handle: u32) {
        let mut inner = self.inner.lock();
        let Some(e) = inner.get(handle) else { return };
        // A count that ran full is never taken back: the entry stays.
        if e.roots != u32::MAX {
            e.roots = e.roots.saturating_sub(1);
        }
        // An object root is of no use to anybody else.
        if e.object && e.roots == 0 {
            e.used = false;
            inner.live -= 1;
            inner.free.push(handle >> 3);
        }
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    pub fn wants_collection(&self) -> bool {
        let inner = self.inner.lock();
        !self.interning && inner.live >= inner.collect_at
    }

    /// Begins a collection: everything with a root counts as reached.
    pub(super) fn mark(&self) -> Marking<'_> {
        let mut inner = self.inner.lock();
        inner.entries.iter_mut().for_each(|e| e.marked = e.roots > 0);
        Marking { inner, interning: self.interning }
    }

    /// References in use.
    pub fn len(&self) -> usize {
        self.inner.lock().live
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Inner {
    fn get(&mut self, handle: u32) -> Option<&mut Entry> {
        self.entries.get_mut(index(handle)?).filter(|e| e.used)
    }

    fn add(&mut self, entry: Entry) -> Result<u32> {
        let at = match self.free.pop() {
            Some(at) => {
                self.entries[at as usize] = entry;
                at as usize
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.live += 1;
        let handle = u32::try_from(at).ok().filter(|n| *n < 1 << 29).map(|n| n << 3 | REF_KIND_EXTERN);
        handle.ok_or_else(|| Error::new(ErrorKind::Limit, "too many external references in one store"))
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
        if let Some(e) = self.inner.get(handle) {
            e.marked = true;
        }
    }

    /// Reference `n` of those that the host holds to objects, to be updated; `None` beyond the last.
    pub(super) fn object_root(&mut self, n: usize) -> Option<Option<&mut u64>> {
        let e = self.inner.entries.get_mut(n)?;
        Some((e.used && e.object).then_some(&mut e.word))
    }

    /// Frees what was not reached. The owners must be dropped when no lock is held: their finalizers may come back here.
    pub(super) fn finish(mut self) -> Vec<Owner> {
        let mut freed = Vec::new();
        if self.interning {
            return freed;
        }
        let Inner { entries, free, live, collect_at, .. } = &mut *self.inner;
        for (i, e) in entries.iter_mut().enumerate().filter(|(_, e)| e.used && !e.marked) {
            freed.push(e.owner.take());
            e.used = false;
            free.push(i as u32);
        }
        *live -= freed.len();
        *collect_at = (*live * 2).max(FIRST_COLLECTION);
        freed
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
        if let Some(Some(word)) = t.mark().object_root(0) {
            *word = 128;
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
