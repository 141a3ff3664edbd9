//! Handles of objects that guests hold but cannot look into: 32-bit words `index << 3 | kind`.
//!
//! 0 is null and odd words are small integers in the `any` family; words with the three low bits clear are left to a heap. So
//! no two kinds of reference are ever confused, whatever the type of the place where a collector finds them.

use crate::base::{Error, ErrorKind, Result};

/// What a handle stands for: its low three bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(super) enum HandleKind {
    /// A host's reference.
    Extern = 0b010,
    Exception = 0b110,
}

impl HandleKind {
    /// `None` for null, small integers and whatever else is not in a table.
    pub(super) fn of(handle: u32) -> Option<HandleKind> {
        match handle & 0b111 {
            0b010 => Some(HandleKind::Extern),
            0b110 => Some(HandleKind::Exception),
            _ => None,
        }
    }
}

/// Entries before the first collection is worthwhile.
const FIRST_COLLECTION: usize = 1024;
const MAX_ENTRIES: usize = 1 << 29;

struct Entry<T> {
    /// `None`: free.
    value: Option<T>,
    /// Holders outside the guest.
    roots: u32,
    marked: bool,
}

/// Objects of one kind by handle, with counted roots and marks.
pub(super) struct Handles<T> {
    kind: HandleKind,
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
    live: usize,
    collect_at: usize,
}

impl<T> Handles<T> {
    pub(super) fn new(kind: HandleKind) -> Handles<T> {
        Handles { kind, entries: Vec::new(), free: Vec::new(), live: 0, collect_at: FIRST_COLLECTION }
    }

    fn entry(&mut self, handle: u32) -> Option<&mut Entry<T>> {
        if HandleKind::of(handle) != Some(self.kind) {
            return None;
        }
        self.entries.get_mut((handle >> 3) as usize).filter(|e| e.value.is_some())
    }

    pub(super) fn get(&mut self, handle: u32) -> Option<&mut T> {
        self.entry(handle)?.value.as_mut()
    }

    /// Every object, rooted or not.
    pub(super) fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().filter_map(|e| e.value.as_mut())
    }

    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// A new entry with one root.
    pub(super) fn add(&mut self, value: T) -> Result<u32> {
        let entry = Entry { value: Some(value), roots: 1, marked: false };
        let at = match self.free.pop() {
            Some(at) => {
                self.entries[at as usize] = entry;
                at
            }
            None if self.entries.len() >= MAX_ENTRIES => {
                return Err(Error::new(ErrorKind::Limit, format!("too many references of kind {:?} in one store", self.kind)));
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        self.live += 1;
        Ok(at << 3 | self.kind as u32)
    }

    pub(super) fn root(&mut self, handle: u32) {
        if let Some(e) = self.entry(handle) {
            e.roots = e.roots.saturating_add(1);
        }
    }

    /// How many roots are left; a count that ran full is never taken back: the entry stays.
    pub(super) fn unroot(&mut self, handle: u32) -> u32 {
        let Some(e) = self.entry(handle) else { return 0 };
        if e.roots != u32::MAX {
            e.roots = e.roots.saturating_sub(1);
        }
        e.roots
    }

    pub(super) fn roots(&mut self, handle: u32) -> u32 {
        self.entry(handle).map_or(0, |e| e.roots)
    }

    /// Frees an entry.
    pub(super) fn remove(&mut self, handle: u32) -> Option<T> {
        let value = self.entry(handle)?.value.take();
        self.free.push(handle >> 3);
        self.live -= 1;
        value
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    pub(super) fn wants_collection(&self) -> bool {
        self.live >= self.collect_at
    }

    /// Begins a collection: marks what has a root, and calls `marked` with it.
    pub(super) fn mark_roots(&mut self, mut marked: impl FnMut(u32)) {
        for (i, e) in self.entries.iter_mut().enumerate() {
            e.marked = e.value.is_some() && e.roots > 0;
            if e.marked {
                marked((i as u32) << 3 | self.kind as u32);
            }
        }
    }

    /// Whether this is an entry that was not marked before.
    pub(super) fn mark(&mut self, handle: u32) -> bool {
        self.entry(handle).is_some_and(|e| !core::mem::replace(&mut e.marked, true))
    }

    /// Entry `n`; `Some(None)` if it is free, `None` beyond the last.
    pub(super) fn nth(&mut self, n: usize) -> Option<Option<&mut T>> {
        self.entries.get_mut(n).map(|e| e.value.as_mut())
    }

    /// Ends a collection: takes out what is not marked.
    pub(super) fn sweep(&mut self) -> Vec<T> {
        let mut freed = Vec::new();
        for (i, e) in self.entries.iter_mut().enumerate().filter(|(_, e)| !e.marked) {
            if let Some(value) = e.value.take() {
                freed.push(value);
                self.free.push(i as u32);
            }
        }
        self.live -= freed.len();
        self.collect_at = (self.live * 2).max(FIRST_COLLECTION);
        freed
    }
}
