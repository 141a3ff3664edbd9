//! Pages for machine code and the tables that belong to it: written once, then protected. Never writable and executable at once.
//!
//! Pages of code that is gone are kept for a while. To get a page from the system and give it back costs more than to fill
//! it, and hosts that load modules as requests come do so all the time.

use crate::base::{Error, Result};
use crate::sys::mem::{Access, Mapping};
use parking_lot::Mutex;

/// Bytes of pages without code that are kept, in all.
const SPARE: usize = 8 << 20;

/// Pages without code: readable and writable, not executable; the last ones in came last.
static SPARES: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

/// Bytes in pages of their own: writable until [`Pages::publish`].
pub(super) struct Pages {
    /// `None` only while being dropped.
    map: Option<Mapping>,
    base: usize,
    len: usize,
}

impl Pages {
    /// Pages filled by `fill`, which has to write all of the slice.
    pub(super) fn filled(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Pages> {
        let map = take_spare(len).map_or_else(|| Mapping::populated(len), Ok)?;
        // SAFETY: the mapping is writable, initialised (zero or what code was there), at least `len` bytes long, and known to
        // nobody else.
        let all = unsafe { core::slice::from_raw_parts_mut(map.as_ptr(), map.len()) };
        let (bytes, rest) = all.split_at_mut(len);
        let filled = fill(bytes);
        // What code was there must not become executable again.
        rest.fill(0);
        let pages = Pages { base: map.base(), len, map: Some(map) };
        filled.map(|()| pages)
    }

    pub(super) fn copy(bytes: &[u8]) -> Result<Pages> {
        Pages::filled(bytes.len(), |pages| {
            pages.copy_from_slice(bytes);
            Ok(())
        })
    }

    /// Address of the first byte.
    pub(super) fn base(&self) -> usize {
        self.base
    }

    /// Writes `words` (offset, value) and makes everything read only, and what begins at `text`, a page's start,
    /// executable. Nobody reads the bytes meanwhile.
    pub(super) fn publish(&self, text: usize, words: impl Iterator<Item = (usize, u64)>) -> Result<()> {
        let map = self.map.as_ref().ok_or_else(|| Error::internal("pages without a mapping"))?;
        for (at, word) in words {
            if at.checked_add(8).is_none_or(|end| end > self.len) {
                return Err(Error::internal(format!("address to fill in at {at:#x} lies outside the code")));
            }
            // SAFETY: the eight bytes were just checked to lie inside the mapping, which is still writable; no slice of it
            // is in use.
            unsafe { map.as_ptr().add(at).cast::<u64>().write_unaligned(word) };
        }
        map.protect(0, text, Access::Read)?;
        map.protect(text, map.len() - text, Access::ReadExec)
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the mapping is at least `len` bytes long, readable, lives as long as `self`, and is written to only by
        // `publish`, while no slice of it is in use.
        unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance(self.base), self.len) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Some(map) = self.map.take() {
            keep_spare(map);
        }
    }
}

/// A spare of at least `len` bytes that is not much larger.
fn take_spare(len: usize) -> Option<Mapping> {
    let mut spares = SPARES.lock();
    let fits = |m: &Mapping| m.len() >= len && m.len() - len <= len / 4 + crate::sys::mem::page_size();
    let at = spares.iter().rposition(fits)?;
    Some(spares.remove(at))
}

/// Keeps a mapping whose code is gone, or gives it back if there is enough.
fn keep_spare(map: Mapping) {
    if map.len() > SPARE || map.protect(0, map.len(), Access::ReadWrite).is_err() {
        return;
    }
    let mut given_back = Vec::new();
    let mut spares = SPARES.lock();
    let mut kept = map.len() + spares.iter().map(Mapping::len).sum::<usize>();
    while kept > SPARE {
        let oldest = spares.remove(0);
        kept -= oldest.len();
        given_back.push(oldest);
    }
    spares.push(map);
    drop(spares);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spare_pages_show_nothing_of_the_code_before() {
        let text = vec![0xccu8; 5000];
        let first = Pages::copy(&text).unwrap();
        first.publish(0, core::iter::once((8, 7))).unwrap();
        assert_eq!(first.as_ref()[8..16], 7u64.to_le_bytes());
        drop(first);
        for _ in 0..100 {
            let second = Pages::copy(&[1; 4500]).unwrap();
            let map = second.map.as_ref().unwrap();
            // SAFETY: the mapping is readable and nobody writes to it.
            let all = unsafe { core::slice::from_raw_parts(map.as_ptr(), map.len()) };
            assert!(all[..4500].iter().all(|&b| b == 1) && all[4500..].iter().all(|&b| b == 0));
        }
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let pages: Vec<_> = (0..20).map(|_| Pages::copy(&vec![1; 1 << 20]).unwrap()).collect();
        drop(pages);
        drop(Pages::copy(&vec![1; 2 * SPARE]).unwrap());
        assert!(SPARES.lock().iter().map(Mapping::len).sum::<usize>() <= SPARE);
    }
}
