//! Handles of references that guests can hold but not look into.
//!
//! A handle is even and not 0: 0 is null and odd numbers are small integers in the `any` family, so that no two
//! kinds of reference are ever confused.

use crate::base::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// What a handle keeps alive.
pub type Owner = Option<Arc<dyn Any + Send + Sync>>;

/// Calls what it is given with every handle that guests hold.
pub type Enumerate<'a> = &'a mut dyn FnMut(&mut dyn FnMut(u32));

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
}

fn index(handle: u32) -> Option<usize> {
    if handle & 1 != 0 { None } else { (handle as usize / 2).checked_sub(1) }
}

impl Default for ExternTable {
    fn default() -> Self {
        ExternTable::new()
    }
}

impl ExternTable {
    /// A table whose entries are freed by [`ExternTable::collect`].
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
        let handle = inner.add(Entry { word, owner, roots: 1, used: true, marked: false })?;
        if self.interning {
            inner.by_word.insert(word, handle);
        }
        Ok(handle)
    }

    /// The word; `None` if there is no such reference.
    pub fn word(&self, handle: u32) -> Option<u64> {
        self.inner.lock().get(handle).map(|e| e.word)
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
        if let Some(e) = self.inner.lock().get(handle) {
            // A count that ran full is never taken back: the entry stays.
            if e.roots != u32::MAX {
                e.roots = e.roots.saturating_sub(1);
            }
        }
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    pub fn wants_collection(&self) -> bool {
        let inner = self.inner.lock();
        !self.interning && inner.live >= inner.collect_at
    }

    /// Frees what has no root and is not in the guest's hands: `live` calls what it is given with every handle in stack
    /// frames, globals and tables. Returns how many were freed; owners are dropped before it returns, after the table's
    /// lock, since their finalizers may come back here.
    pub fn collect(&self, live: Enumerate<'_>) -> usize {
        if self.interning {
            return 0;
        }
        let mut freed: Vec<Owner> = Vec::new();
        {
            let mut inner = self.inner.lock();
            inner.entries.iter_mut().for_each(|e| e.marked = e.roots > 0);
            live(&mut |handle| {
                if let Some(e) = inner.get(handle) {
                    e.marked = true;
                }
            });
            let Inner { entries, free, .. } = &mut *inner;
            for (i, e) in entries.iter_mut().enumerate().filter(|(_, e)| e.used && !e.marked) {
                freed.push(e.owner.take());
                e.used = false;
                free.push(i as u32);
            }
            inner.live -= freed.len();
            inner.collect_at = (inner.live * 2).max(FIRST_COLLECTION);
        }
        freed.len()
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
        let handle = u32::try_from(at + 1).ok().and_then(|n| n.checked_mul(2));
        handle.ok_or_else(|| Error::new(ErrorKind::Limit, "too many external references in one store"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_guest_keep_entries() {
        let t = ExternTable::new();
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(());
        let (a, b, c) = (t.alloc(1, None).unwrap(), t.alloc(2, None).unwrap(), t.alloc(3, Some(owner.clone())).unwrap());
        t.unroot(b);
        t.unroot(c);
        assert_eq!(t.collect(&mut |visit| visit(b)), 1);
        assert_eq!((t.word(a), t.word(b), t.word(c)), (Some(1), Some(2), None));
        assert_eq!(Arc::strong_count(&owner), 1);
        assert_eq!(t.alloc(4, None).unwrap(), c);
        assert_eq!((t.word(0), t.word(a | 1), t.len()), (None, None, 3));
    }

    #[test]
    fn equal_words_share_a_handle() {
        let t = ExternTable::interning();
        let a = t.alloc(7, None).unwrap();
        assert_eq!(t.alloc(7, None).unwrap(), a);
        assert_ne!(t.alloc(8, None).unwrap(), a);
        assert_eq!(t.collect(&mut |_| ()), 0);
    }
}
