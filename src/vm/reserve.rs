//! Address ranges for linear memories, and a free list of them: mapping and unmapping gigabytes for every instance
//! would cost more than the rest of instantiation.
//!
//! A range on the free list holds nothing of its last user: when it came back, its pages were zeroed or discarded. What
//! stays is the protection of its front, the image behind it where there was one, and some committed pages full of zeros.

use super::warm::{self, Charge, Parts};
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
    /// Behind this nothing is committed; at least `accessible`.
    end: usize,
    image: Option<Arc<MemoryImage>>,
    /// For what was committed by earlier users and is still there, in use or not.
    charge: Charge,
    /// Users so far, in a row and with the same image.
    users: u32,
    /// Of how many of the last users in a row nothing stayed: mostly they had written nowhere but in the image.
    idle: u32,
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
/// After so many users of whom nothing stayed only one in so many is looked at: looking costs as much as discarding.
const IDLE: u32 = 8;

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
        Ok(Range { map, accessible: 0, end: 0, image: None, charge: Charge::NONE, users: 0, idle: 0, record })
    }

    fn prepare(&mut self, accessible: usize, image: Option<&Arc<MemoryImage>>) -> Result<()> {
        let same = match (&self.image, image) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        if !same {
            self.replace_image(image)?;
            self.users = 0;
        }
        self.users = self.users.saturating_add(1);
        self.set_accessible(accessible)
    }

    /// Pages behind both images stay as they are.
    fn replace_image(&mut self, image: Option<&Arc<MemoryImage>>) -> Result<()> {
        let (old, new) = (self.image_len(), image.map_or(0, |i| i.len));
        if old > new {
            self.map.reset(new, old - new, Access::ReadWrite)?;
        }
        if let Some(image) = image {
            self.map.map_file(0, new, &image.file)?;
        }
        self.image = image.cloned();
        self.accessible = self.accessible.max(new);
        self.end = self.end.max(new);
        Ok(())
    }

    fn image_len(&self) -> usize {
        self.image.as_ref().map_or(0, |i| i.len)
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
        self.end = self.end.max(bytes);
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

    /// Gives the range back. Whatever cannot be cleaned is unmapped instead. `keep`: bytes that may stay committed for the
    /// next user, if somebody has said.
    pub(super) fn release(mut self, keep: Option<usize>) {
        self.record.len.store(0, Ordering::Relaxed);
        let most = keep.unwrap_or(if self.users > 1 { warm::ONE } else { warm::FIRST });
        if self.clean(most).is_err() {
            return;
        }
        let mut free = FREE.lock();
        if free.len() < KEEP {
            free.push(self);
        }
    }

    /// Forgets the contents; the pages read as at the beginning. Up to `most` bytes stay committed, in whole pages.
    fn clean(&mut self, most: usize) -> Result<()> {
        let most = most - most % mem::page_size();
        if most == 0 || self.charge.bytes() == 0 && self.idle >= IDLE && !self.idle.is_multiple_of(IDLE) {
            self.idle = self.idle.wrapping_add(1);
            return self.discard();
        }
        let parts = Parts { image: self.image_len(), accessible: self.accessible, end: self.end };
        self.charge.give_back();
        let (charge, mut left) = (&mut self.charge, most);
        let grant = |bytes: usize| {
            let granted = charge_for(charge, bytes.min(left));
            left -= granted;
            granted
        };
        // SAFETY: the last user is gone, and its memory could be written up to there.
        let kept = unsafe { warm::sweep(&self.map, parts, grant)? };
        if kept == 0 {
            self.charge.give_back();
        }
        self.idle = if kept == 0 { self.idle.wrapping_add(1) } else { 0 };
        self.end = self.accessible;
        Ok(())
    }

    fn discard(&mut self) -> Result<()> {
        self.map.discard(0, self.end)?;
        self.end = self.accessible;
        self.charge.give_back();
        Ok(())
    }
}

/// Takes up to `bytes` of what may stay committed, at the expense of the ranges that have been free for longest.
fn charge_for(charge: &mut Charge, bytes: usize) -> usize {
    let mut taken = charge.take(bytes);
    while taken < bytes && cool_oldest() {
        taken += charge.take(bytes - taken);
    }
    taken
}

/// Gives back the committed pages of the free range that came back first; false if there are none.
fn cool_oldest() -> bool {
    let oldest = {
        let mut free = FREE.lock();
        let warm = free.iter().position(|r| r.charge.bytes() > 0);
        warm.map(|at| free.remove(at))
    };
    let Some(mut range) = oldest else { return false };
    if range.discard().is_ok() {
        let mut free = FREE.lock();
        if free.len() < KEEP {
            free.insert(0, range);
        }
    }
    true
}

/// Gives back the committed pages of all free ranges; they cost their next users a page fault each.
pub fn cool_all() {
    while cool_oldest() {}
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
    // In order: the oldest are cooled first.
    Some(free.remove(at))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Cooling concerns all ranges of the process.
    static ALONE: Mutex<()> = Mutex::new(());

    /// Multiplicative congruential numbers below `n`.
    fn below(seed: &mut u64, n: usize) -> usize {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (*seed >> 33) as usize % n
    }

    fn bytes(range: &Range) -> Vec<u8> {
        let mut all = vec![1; range.accessible];
        // SAFETY: that much is accessible, and nobody else has the range.
        unsafe { core::ptr::copy_nonoverlapping(range.base(), all.as_mut_ptr(), all.len()) };
        all
    }

    fn soil(range: &Range, at: usize, len: usize) {
        assert!(at + len <= range.accessible);
        // SAFETY: just checked to be accessible; nobody else has the range.
        unsafe { core::ptr::write_bytes(range.base().add(at), 0xee, len) };
    }

    /// Committed pages between two offsets.
    fn committed(range: &Range, from: usize, to: usize) -> usize {
        let mut pages = vec![0; (to - from) / mem::page_size()];
        range.map.resident(from, &mut pages).unwrap();
        pages.iter().filter(|page| **page & 1 != 0).count()
    }

    fn check(range: &Range, image: &[u8], what: &str) {
        let found = bytes(range);
        let wrong = found.iter().enumerate().find(|(at, byte)| **byte != image.get(*at).copied().unwrap_or(0));
        assert_eq!(wrong, None, "{what}");
    }

    #[test]
    fn what_a_large_user_left_goes_when_a_small_one_has_no_use_for_it() {
        let _alone = ALONE.lock();
        let (page, total) = (mem::page_size(), 777 * mem::page_size());
        for (round, (used, stay)) in [(200, 200), (200, 200), (150, 200), (3, 0), (3, 3), (3, 3)].into_iter().enumerate() {
            let range = Range::acquire(total, 300 * page, None).unwrap();
            soil(&range, 0, used * page);
            range.release(Some(total));
            let again = take_free(total, None).unwrap();
            assert_eq!(committed(&again, 0, 300 * page), stay, "round {round}");
            assert_eq!(again.charge.bytes(), stay * page, "round {round}");
            FREE.lock().push(again);
        }
    }

    #[test]
    fn ranges_show_nothing_of_earlier_users_whatever_these_wrote() {
        let _alone = ALONE.lock();
        let page = mem::page_size();
        let total = 1234 * page;
        let contents: Vec<Vec<u8>> = [0, 1, 3, 70].map(|pages| (0..pages * page).map(|i| (i % 251) as u8).collect()).into();
        let images: Vec<_> = contents.iter().map(|c| (!c.is_empty()).then(|| MemoryImage::new(&[(0, c)]).unwrap())).collect();
        let mut seed = 7;
        for round in 0..600 {
            let which = below(&mut seed, images.len());
            let least = contents[which].len() / page;
            let mut len = least + below(&mut seed, if round % 3 == 0 { 300 } else { 20 });
            let mut range = Range::acquire(total, len * page, images[which].as_ref()).unwrap();
            check(&range, &contents[which], &format!("round {round}, at first"));
            for _ in 0..below(&mut seed, 3) {
                let more = (len + below(&mut seed, 400)).min(1234);
                range.set_accessible(more * page).unwrap();
                let added = bytes(&range)[len * page..].iter().all(|b| *b == 0);
                assert!(added, "round {round}, grown from {len} to {more}");
                len = more;
            }
            // Nothing, everything, or here and there.
            match below(&mut seed, 4) {
                0 => {}
                1 => soil(&range, 0, len * page),
                _ if len == 0 => {}
                _ => (0..below(&mut seed, 200)).for_each(|_| soil(&range, below(&mut seed, len * page), 1)),
            }
            let keep = [None, None, Some(0), Some(5 * page), Some(100), Some(usize::MAX)][below(&mut seed, 6)];
            range.release(keep);
            if below(&mut seed, 50) == 0 {
                cool_all();
            }
        }
    }

    #[test]
    fn pages_stay_for_the_next_user_within_limits() {
        let _alone = ALONE.lock();
        let page = mem::page_size();
        let (total, len) = (2345 * page, 2000 * page);
        let again = |bytes: usize, keep: Option<usize>| {
            let range = Range::acquire(total, len, None).unwrap();
            let found = committed(&range, 0, total);
            soil(&range, 0, bytes);
            range.release(keep);
            found * page
        };
        cool_all();
        again(len, None);
        assert_eq!(again(len, None), warm::FIRST, "of the first user");
        assert_eq!(again(len, Some(7 * page)), len, "of the second");
        assert_eq!(again(len, Some(0)), 7 * page, "as many as somebody said");
        assert_eq!(again(5 * page, None), 0, "none, as somebody said");
        assert_eq!(again(5 * page, None), 5 * page, "what was written");
        // Behind the end of the next user nothing stays.
        let small = Range::acquire(total, 3 * page, None).unwrap();
        assert_eq!(committed(&small, 0, total), 5);
        soil(&small, 0, 3 * page);
        small.release(None);
        assert_eq!(again(0, None), 3 * page);
        cool_all();
        assert_eq!(again(0, None), 0, "after cooling");
    }

    #[test]
    fn all_ranges_together_keep_no_more_than_the_limit() {
        let _alone = ALONE.lock();
        let page = mem::page_size();
        let (total, len) = (3456 * page, 8 << 20);
        for round in 0..3 {
            let ranges: Vec<_> = (0..12).map(|_| Range::acquire(total, len, None).unwrap()).collect();
            let found: usize = ranges.iter().map(|r| committed(r, 0, total) * page).sum();
            let charged: usize = ranges.iter().map(|r| r.charge.bytes()).sum();
            assert!(found <= warm::ALL && found <= charged, "round {round}: {found} bytes for {charged}");
            assert!(round < 2 || found >= warm::ALL / 2, "{found} bytes of twelve ranges stayed");
            for range in ranges {
                check(&range, &[], "one of many");
                soil(&range, 0, len);
                range.release(None);
            }
        }
        cool_all();
    }
}
