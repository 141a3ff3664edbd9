//! The descriptors of a guest.

use super::entry::Entry;
use crate::sys::fs::Errno;
use parking_lot::RwLock;
use std::sync::Arc;

/// Descriptors by number. The lock is held for look-ups and changes only, never while a call does its work.
pub(super) struct Table {
    slots: RwLock<Slots>,
    /// How many descriptors there may be.
    limit: usize,
}

#[derive(Default)]
struct Slots {
    entries: Vec<Option<Arc<Entry>>>,
    /// No number below is free.
    lowest: usize,
}

impl Table {
    pub(super) fn new(limit: u32) -> Table {
        Table { slots: RwLock::default(), limit: limit as usize }
    }

    pub(super) fn get(&self, fd: u32) -> Result<Arc<Entry>, Errno> {
        match self.slots.read().entries.get(fd as usize) {
            Some(Some(entry)) => Ok(entry.clone()),
            _ => Err(Errno::BadF),
        }
    }

    /// Puts an entry at the lowest free number.
    pub(super) fn insert(&self, entry: Entry) -> Result<u32, Errno> {
        let mut slots = self.slots.write();
        let at = slots.free();
        if at >= self.limit {
            return Err(Errno::MFile);
        }
        let number = u32::try_from(at).map_err(|_| Errno::MFile)?;
        if at == slots.entries.len() {
            slots.entries.push(None);
        }
        slots.entries[at] = Some(Arc::new(entry));
        slots.lowest = at + 1;
        Ok(number)
    }

    /// Fails if [`Table::insert`] would: asked before something is done that cannot be undone.
    pub(super) fn check_room(&self) -> Result<(), Errno> {
        if self.slots.write().free() < self.limit { Ok(()) } else { Err(Errno::MFile) }
    }

    pub(super) fn remove(&self, fd: u32) -> Result<Arc<Entry>, Errno> {
        self.slots.write().take(fd)
    }

    /// Moves an entry over another, which must be open and goes away.
    pub(super) fn renumber(&self, from: u32, to: u32) -> Result<(), Errno> {
        let mut slots = self.slots.write();
        if !matches!(slots.entries.get(to as usize), Some(Some(_))) {
            return Err(Errno::BadF);
        }
        if from == to {
            return Ok(());
        }
        let entry = slots.take(from)?;
        let old = slots.entries[to as usize].replace(entry);
        drop(slots);
        // Closes a host descriptor, perhaps slowly: not under the lock.
        drop(old);
        Ok(())
    }
}

impl Slots {
    fn free(&mut self) -> usize {
        let taken = self.entries.iter().skip(self.lowest).take_while(|e| e.is_some()).count();
        self.lowest += taken;
        self.lowest
    }

    fn take(&mut self, fd: u32) -> Result<Arc<Entry>, Errno> {
        let at = fd as usize;
        let entry = self.entries.get_mut(at).and_then(Option::take).ok_or(Errno::BadF)?;
        self.lowest = self.lowest.min(at);
        Ok(entry)
    }
}
