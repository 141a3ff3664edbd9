//! Sorted tables of little-endian `u32`s, searched in place.

use super::build::Handler;
use super::format::NONE;
use crate::base::index::TagIndex;

/// Rows of `N` `u32`s.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, const N: usize>(pub(super) &'a [u8]);

impl<'a, const N: usize> Rows<'a, N> {
    const ROW: usize = N * 4;

    pub(super) fn len(self) -> usize {
        self.0.len() / Self::ROW
    }

    pub(super) fn get(self, i: usize) -> Option<[u32; N]> {
        let row = self.0.get(i.checked_mul(Self::ROW)?..)?.get(..Self::ROW)?;
        let mut out = [0; N];
        for (o, b) in out.iter_mut().zip(row.chunks_exact(4)) {
            *o = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        }
        Some(out)
    }

    pub(super) fn iter(self) -> impl ExactSizeIterator<Item = [u32; N]> + 'a {
        let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        self.0.chunks_exact(Self::ROW).map(move |row| core::array::from_fn(|i| number(&row[i * 4..i * 4 + 4])))
    }

    /// How many rows at the front have a first column of at most `key`.
    pub(super) fn upper_bound(self, key: u32) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let mid = low + (high - low) / 2;
            match self.get(mid) {
                Some(row) if row[0] <= key => low = mid + 1,
                _ => high = mid,
            }
        }
        low
    }

    /// The index of the row whose first column is `key`.
    pub(super) fn find(self, key: u32) -> Option<usize> {
        let i = self.upper_bound(key).checked_sub(1)?;
        (self.get(i)?[0] == key).then_some(i)
    }
}

/// Where the live handles of one frame are while a call it made is in progress.
#[derive(Clone, Copy)]
pub struct StackMap<'a> {
    pub(super) frame_size: u32,
    pub(super) offsets: Rows<'a, 1>,
}

impl<'a> StackMap<'a> {
    /// Bytes from the frame's stack pointer at the call up to its frame pointer: `sp = fp - frame_size`.
    pub fn frame_size(self) -> u32 {
        self.frame_size
    }

    /// Offsets from the frame's stack pointer of 32-bit handles; each is readable and writable.
    pub fn offsets(self) -> impl ExactSizeIterator<Item = u32> + 'a {
        self.offsets.iter().map(|[o]| o)
    }
}

/// What one call catches.
#[derive(Clone, Copy)]
pub struct CatchSite<'a> {
    pub(super) frame_size: u32,
    pub(super) context: Option<u32>,
    pub(super) handlers: Rows<'a, 3>,
}

impl<'a> CatchSite<'a> {
    /// Bytes from the frame's stack pointer in its handlers up to its frame pointer: `sp = fp - frame_size`.
    pub fn frame_size(self) -> u32 {
        self.frame_size
    }

    /// Where the frame keeps its vmctx, from that stack pointer; `None` at calls of builtins.
    pub fn context(self) -> Option<u32> {
        self.context
    }

    /// In the order in which they are tried.
    pub fn handlers(self) -> impl ExactSizeIterator<Item = Handler> + 'a {
        let tag = |t: u32| (t != NONE).then_some(TagIndex(t));
        self.handlers.iter().map(move |[t, with_ref, landing]| Handler { tag: tag(t), with_ref: with_ref != 0, landing })
    }
}
