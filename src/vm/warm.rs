//! Pages of linear memories that stay committed while nobody uses them: to zero a page takes a tenth of the time of
//! having the system take it away and bring another. How much stays has limits, for one memory and for the process.

use crate::base::Result;
use crate::sys::mem::{Mapping, page_size};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of all memories together, in use or not, that may be committed because an earlier user wrote there.
pub(super) const ALL: usize = 64 << 20;
/// Bytes of one memory.
pub(super) const ONE: usize = ALL / 2;
/// Bytes of a memory that may never have a successor: to zero so little takes no longer than to give it back.
pub(super) const FIRST: usize = 1 << 20;
/// Parts of a memory that are kept: each costs a call of the system, for what lies in front of it.
const PARTS: usize = 64;
/// How far into a memory is looked.
const LOOK: usize = 256 << 20;
/// Pages that are asked about at a time.
const CHUNK: usize = 1024;

/// Sum of all charges.
static CHARGED: AtomicUsize = AtomicUsize::new(0);

/// A part of what may stay committed in all, given back when dropped.
#[derive(Debug)]
pub(super) struct Charge(usize);

impl Charge {
    pub(super) const NONE: Charge = Charge(0);

    pub(super) fn bytes(&self) -> usize {
        self.0
    }

    /// Takes up to `bytes` more, whole pages, and says how many.
    pub(super) fn take(&mut self, bytes: usize) -> usize {
        let mut taken = 0;
        let more = |charged: usize| {
            taken = bytes.min(ALL.saturating_sub(charged));
            (taken > 0).then_some(charged + taken)
        };
        match CHARGED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => self.0 += taken,
            Err(_) => taken = 0,
        }
        taken
    }

    pub(super) fn give_back(&mut self) {
        CHARGED.fetch_sub(core::mem::take(&mut self.0), Ordering::Relaxed);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// What is to be swept: up to `image` the pages belong to a file and can only be discarded, up to `accessible` they can be
/// zeroed, and behind that they are zero already.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub image: usize,
    pub accessible: usize,
    /// Behind this nothing is committed.
    pub end: usize,
}

/// Makes everything read as at the beginning. `grant` is asked, lowest addresses first, how many bytes of so many that are committed
/// behind the image may stay, whole pages; all else is discarded. If the last user left traces in less than half of them, nothing stays:
/// it needed less than those before, and the next one is not to be charged for the difference. Returns how many bytes stay.
///
/// # Safety
/// - What lies below `parts.accessible` can be written, and nobody else uses it.
pub(super) unsafe fn sweep(map: &Mapping, parts: Parts, mut grant: impl FnMut(usize) -> usize) -> Result<usize> {
    let (mut done, mut kept, mut used) = (0, 0, 0);
    for (at, len) in (Runs { map, at: parts.image, end: parts.accessible.min(LOOK), seen: Seen::NONE }).take(PARTS) {
        let granted = grant(len);
        if granted > 0 {
            map.discard(done, at - done)?;
            // SAFETY: runs lie between image and end of the accessible part, of which the caller answers.
            used += unsafe { map.zero(at, granted)? };
            (done, kept) = (at + granted, kept + granted);
        }
        if granted < len {
            break;
        }
    }
    if used < kept / 2 {
        map.discard(0, parts.end)?;
        return Ok(0);
    }
    // The system may have been wrong about a page: whatever was not zeroed goes.
    map.discard(done, parts.end - done)?;
    Ok(kept)
}

/// What the system said about some pages.
struct Seen {
    pages: [u8; CHUNK],
    next: usize,
    count: usize,
}

impl Seen {
    const NONE: Seen = Seen { pages: [0; CHUNK], next: 0, count: 0 };
}

/// Offsets and lengths of committed pages in a row, in bytes, from `at` to `end`. A failure ends them.
struct Runs<'a> {
    map: &'a Mapping,
    at: usize,
    end: usize,
    seen: Seen,
}

impl Runs<'_> {
    /// Whether the page at `self.at` is committed; `None` at the end.
    fn look(&mut self) -> Option<bool> {
        if self.seen.next == self.seen.count {
            let count = (self.end.saturating_sub(self.at) / page_size()).min(CHUNK);
            let pages = self.seen.pages.get_mut(..count).filter(|pages| !pages.is_empty())?;
            self.map.resident(self.at, pages).ok()?;
            (self.seen.next, self.seen.count) = (0, count);
        }
        Some(self.seen.pages[self.seen.next] & 1 != 0)
    }

    /// Goes on while pages are committed, or not.
    fn skip(&mut self, committed: bool) -> usize {
        let from = self.at;
        while self.look() == Some(committed) {
            self.seen.next += 1;
            self.at += page_size();
        }
        self.at - from
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        self.skip(false);
        let at = self.at;
        let len = self.skip(true);
        (len > 0).then_some((at, len))
    }
}
