//! Private stacks for guests that can be suspended: address space that is committed as it is touched, with a guard
//! page at the low end.

use crate::base::{Error, ErrorKind, Result};
use crate::sys::mem::{self, Access, Mapping};
use crate::sys::thread::Bounds;
use parking_lot::Mutex;

/// Sizes of private stacks, in bytes of address space.
#[derive(Clone, Copy, Debug)]
pub struct StackLimits;

impl StackLimits {
    pub const DEFAULT_SIZE: usize = 256 << 20;
    pub const MIN_SIZE: usize = 256 << 10;
}

/// What stays committed at the high end of a stack that is kept.
const WARM: usize = 1 << 20;
/// Unused stacks kept for others.
const KEEP: usize = 64;

static FREE: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

#[derive(Debug)]
pub(super) struct Stack {
    /// `None` only while dropping.
    map: Option<Mapping>,
    base: usize,
    len: usize,
}

impl Stack {
    /// The size that a stack of `size` bytes really has: whole pages, not too few. Sizes that cannot be had fail later.
    pub(super) fn whole(size: usize) -> usize {
        let size = size.max(StackLimits::MIN_SIZE);
        mem::round_up(size).unwrap_or(size)
    }

    /// A stack of `size` bytes, guard page included.
    pub(super) fn acquire(size: usize) -> Result<Stack> {
        let size = Stack::whole(size);
        let pooled = {
            let mut free = FREE.lock();
            let at = free.iter().rposition(|m| m.len() == size);
            at.map(|at| free.swap_remove(at))
        };
        let map = match pooled {
            Some(map) => map,
            None => make(size).map_err(|e| {
                Error::new(ErrorKind::Limit, format!("failed to make a guest stack of {size:#x} bytes: {e}"))
            })?,
        };
        Ok(Stack { base: map.base(), len: map.len(), map: Some(map) })
    }

    pub(super) fn size(&self) -> usize {
        self.len
    }

    /// Usable part; the high end is 16-byte aligned.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds { low: self.base + mem::page_size(), high: self.base + self.len }
    }

    /// Gives memory back after a deep call, told by a sample of where the warm part ends: frames
    /// leave addresses and saved registers at least every few words.
    #[inline]
    pub(super) fn trim(&self) {
        let Some(map) = &self.map else { return };
        if self.len <= 2 * WARM {
            return;
        }
        let probe = core::ptr::with_exposed_provenance::<[u64; 16]>(self.base + self.len - WARM);
        // SAFETY: the page is mapped for reading; nobody runs on this stack now. Reading an untouched page commits nothing.
        let sample = unsafe { probe.sub(1).read() };
        if sample.iter().fold(0, |all, word| all | word) != 0 {
            self.give_back(map);
        }
    }

    #[cold]
    fn give_back(&self, map: &Mapping) {
        // Failing to give memory back is harmless.
        let _ = map.discard(mem::page_size(), self.len - WARM - mem::page_size());
    }
}

fn make(size: usize) -> Result<Mapping> {
    let map = Mapping::zeroed(size)?;
    map.small_pages();
    map.protect(0, mem::page_size(), Access::None)?;
    Ok(map)
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.trim();
        let mut free = FREE.lock();
        if free.len() < KEEP {
            free.extend(self.map.take());
        }
    }
}
