//! Address ranges for linear memories, and a free list of them: mapping and unmapping gigabytes for every instance
//! would cost more than the rest of instantiation.
//!
//! A range on the free list holds nothing of its last user: its pages were discarded when it came back. What
//! stays is the protection of its front and, where there was one, the image behind it.

use crate::base::Result;
use crate::layout::VmMemory;
use crate::sys::mem::{self, Access, Mapping};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Initial contents of memories, mapped copy on write.
pub struct MemoryImage {
    file: OwnedFd,
    /// Bytes, whole host pages.
    len: usize,
}

impl MemoryImage {
    /// `parts` are offsets and bytes; later ones win where they overlap.
    pub fn new(parts: &[(usize, &[u8])]) -> Result<Arc<MemoryImage>> {
        let end = parts.iter().map(|(at, bytes)| at.saturating_add(bytes.len())).max().unwrap_or(0);
        let len = mem::round_up(end)?;
        Ok(Arc::new(MemoryImage { file: mem::memory_file(len, parts)?, len }))
    }

    /// Bytes that a memory must have at least.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn file(&self) -> &OwnedFd {
        &self.file
    }
}

/// One reserved range: accessible pages in front, inaccessible ones behind.
pub(super) struct Range {
    map: Mapping,
    accessible: usize,
    image: Option<Arc<MemoryImage>>,
    /// What machine code sees; here so that a fault address can be traced to a memory without bookkeeping per instance.
    record: Box<VmMemory>,
}

/// All ranges by base address: end, and the address of the record.
static RANGES: RwLock<BTreeMap<usize, (usize, usize)>> = RwLock::new(BTreeMap::new());
static FREE: Mutex<Vec<Range>> = Mutex::new(Vec::new());

/// Ranges kept for reuse; at 4 GiB each this is a hundredth of the address space.
const KEEP: usize = 256;
/// How many free ranges are looked at for one with the right image.
const LOOK: usize = 32;

/// Offset in its memory and that memory's length in bytes, for an address in some memory's range.
pub(super) fn locate(address: usize) -> Option<(usize, usize)> {
    let ranges = RANGES.read();
    let (base, (end, record)) = ranges.range(..=address).next_back()?;
    if address >= *end {
        return None;
    }
    // SAFETY: a range is taken out of `RANGES`, for which its lock is needed, before its record is freed.
    let record = unsafe { &*core::ptr::with_exposed_provenance::<VmMemory>(*record) };
    Some((address - base, record.len.load(Ordering::Relaxed)))
}

impl Range {
    /// `total` bytes of address space, the first `accessible` of which read as `image` and then zero.
    pub(super) fn acquire(total: usize, accessible: usize, image: Option<&Arc<MemoryImage>>) -> Result<Range> {
        let total = mem::round_up(total.max(1))?;
        let mut range = match take_free(total, image) {
            Some(range) => range,
            None => Range::map(total)?,
        };
        range.prepare(mem::round_up(accessible)?, image)?;
        Ok(range)
    }

    fn map(total: usize) -> Result<Range> {
        let map = Mapping::reserve(total).or_else(|_| {
            // The free list may be what takes up the address space.
            drop(core::mem::take(&mut *FREE.lock()));
            Mapping::reserve(total)
        })?;
        let record = Box::new(VmMemory { base: AtomicUsize::new(map.base()), len: AtomicUsize::new(0) });
        let address = (&raw const *record).expose_provenance();
        RANGES.write().insert(map.base(), (map.base() + map.len(), address));
        Ok(Range { map, accessible: 0, image: None, record })
    }

    fn prepare(&mut self, accessible: usize, image: Option<&Arc<MemoryImage>>) -> Result<()> {
        let same = match (&self.image, image) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        if !same {
            self.replace_image(image)?;
        }
        self.set_accessible(accessible)
    }

    fn replace_image(&mut self, image: Option<&Arc<MemoryImage>>) -> Result<()> {
        if self.image.is_some() {
            let used = core::mem::take(&mut self.accessible);
            self.map.reset(0, used)?;
            self.image = None;
        }
        if let Some(image) = image {
            self.map.map_file(0, image.len, &image.file)?;
            self.image = Some(image.clone());
            self.accessible = self.accessible.max(image.len);
        }
        Ok(())
    }

    /// Moves the border between accessible and inaccessible pages; bytes, rounded up to pages.
    pub(super) fn set_accessible(&mut self, bytes: usize) -> Result<()> {
        let bytes = mem::round_up(bytes)?;
        if bytes > self.accessible {
            self.map.protect(self.accessible, bytes - self.accessible, Access::ReadWrite)?;
        } else {
            self.map.protect(bytes, self.accessible - bytes, Access::None)?;
        }
        self.accessible = bytes;
        Ok(())
    }

    /// Bytes of address space.
    pub(super) fn total(&self) -> usize {
        self.map.len()
    }

    pub(super) fn base(&self) -> *mut u8 {
        self.map.as_ptr()
    }

    pub(super) fn record(&self) -> &VmMemory {
        &self.record
    }

    /// Forgets the contents; the pages read as at the beginning.
    pub(super) fn discard(&self) -> Result<()> {
        self.map.discard(0, self.accessible)
    }

    /// Gives the range back. Whatever cannot be cleaned is unmapped instead.
    pub(super) fn release(self) {
        self.record.len.store(0, Ordering::Relaxed);
        if self.discard().is_err() {
            return;
        }
        let mut free = FREE.lock();
        if free.len() < KEEP {
            free.push(self);
        }
    }
}

fn take_free(total: usize, image: Option<&Arc<MemoryImage>>) -> Option<Range> {
    let mut free = FREE.lock();
    let fits = |r: &Range| r.map.len() == total;
    let same = |r: &Range| match (&r.image, image) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    };
    let first = free.len().saturating_sub(LOOK);
    let best = (first..free.len()).rev().find(|i| fits(&free[*i]) && same(&free[*i]));
    let at = best.or_else(|| (first..free.len()).rev().find(|i| fits(&free[*i])))?;
    Some(free.swap_remove(at))
}

impl Drop for Range {
    fn drop(&mut self) {
        RANGES.write().remove(&self.map.base());
    }
}

/// Whether memories with `reservation` and `guard` bytes can be had at all, several of them.
pub fn guard_pages_fit(reservation: u64, guard: u64) -> bool {
    let Some(total) = reservation.checked_add(guard).and_then(|t| usize::try_from(t).ok()) else { return false };
    let roomy = mem::address_space_limit().is_none_or(|limit| limit / 8 >= total as u64);
    roomy && Mapping::reserve(total).is_ok()
}
