//! Linear memories.

use super::hostmem::{HostStorage, MemoryCreator, MemoryRequest};
use super::reserve::{MemoryImage, Range};
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::layout::{MemoryMode, VmMemory};
use crate::sys::fs::GuestMemory;
use crate::sys::mem;
use crate::wasm::MemoryType;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a memory is laid out in the address space; bytes. In guard-page mode the reservation is at least 4 GiB and growth
/// never moves the memory. In explicit mode the reservation is what growth may use before it has to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    pub mode: MemoryMode,
    pub reservation: u64,
    pub guard: u64,
    /// Whether growth beyond the reservation may move the memory rather than fail.
    pub may_move: bool,
    /// Bytes that may stay committed when the memory is gone, for the next one in its place; `None`: as the library sees fit.
    pub keep: Option<usize>,
}

/// A linear memory. Bytes may be read and written by machine code on other threads at any time, so nothing here lends them out
/// as slices.
pub struct Memory {
    ty: MemoryType,
    mode: MemoryMode,
    /// Bytes that the memory may have at most.
    max: usize,
    /// Whether growth may move it.
    may_move: bool,
    /// As in the plan.
    keep: Option<usize>,
    made_by_host: bool,
    /// How many have to find the bytes where they are. Changed with `storage` locked.
    holds: AtomicUsize,
    record: *const VmMemory,
    storage: Mutex<Storage>,
}

/// A memory as a host function sees it.
pub struct View<'a> {
    base: *mut u8,
    len: usize,
    _hold: Option<Hold<'a>>,
}

impl View<'_> {
    pub fn memory(&self) -> GuestMemory<'_> {
        // SAFETY: `len` bytes at `base` have been accessible since that length was stored; ranges are kept until the memory is
        // dropped, also those it has moved from, and what the embedder made is held. Nothing lends references to the bytes.
        unsafe { GuestMemory::from_raw(self.base, self.len) }
    }
}

/// While it lives, a memory that the embedder made does not move.
struct Hold<'a>(&'a AtomicUsize);

impl<'a> Hold<'a> {
    fn new(holds: &'a AtomicUsize, storage: &Mutex<Storage>) -> Hold<'a> {
        let _storage = storage.lock();
        holds.fetch_add(1, Ordering::Relaxed);
        Hold(holds)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

enum Storage {
    Own(Ranges),
    Host(HostStorage),
}

struct Ranges {
    /// `None` only while dropping.
    now: Option<Range>,
    /// Where the memory was before it moved: machine code on another thread may still hold the address.
    before: Vec<Range>,
}

// SAFETY: `record` points into a `Range` or box that the memory owns until it is dropped; its fields are atomic.
unsafe impl Send for Memory {}
// SAFETY: as above; everything else is behind a lock or immutable.
unsafe impl Sync for Memory {}

/// Largest size of a memory in bytes by its type alone.
fn max_bytes(ty: &MemoryType) -> usize {
    let limit = if ty.memory64 { 1u64 << 47 } else { 1 << 32 };
    let declared = ty.max.and_then(|pages| pages.checked_mul(ty.page_size())).unwrap_or(limit);
    usize::try_from(declared.min(limit)).unwrap_or(usize::MAX)
}

/// Least and largest size in bytes.
fn bounds(ty: &MemoryType) -> Result<(usize, usize)> {
    let min = ty.min.checked_mul(ty.page_size()).and_then(|b| usize::try_from(b).ok());
    let max = max_bytes(ty);
    let min = min.filter(|b| *b <= max).ok_or_else(|| too_large(ty))?;
    Ok((min, max))
}

fn too_large(ty: &MemoryType) -> Error {
    Error::new(ErrorKind::Limit, format!("memory minimum size of {} pages exceeds memory limits", ty.min))
}

impl Memory {
    pub fn new(ty: &MemoryType, plan: &MemoryPlan, image: Option<Arc<MemoryImage>>) -> Result<Arc<Memory>> {
        let (min, max) = bounds(ty)?;
        let total = reservation(ty, plan, min, max)?;
        if image.as_ref().is_some_and(|i| mem::round_up(min).is_ok_and(|m| i.len() > m)) {
            return Err(Error::internal("the initial contents of a memory are larger than the memory"));
        }
        let range = first_range(ty, plan, total, min, image.as_ref())?;
        range.record().len.store(min, Ordering::Release);
        let record = range.record() as *const VmMemory;
        let storage = Storage::Own(Ranges { now: Some(range), before: Vec::new() });
        Ok(Arc::new(Memory::assemble(ty, plan, max, record, storage)))
    }

    /// A memory that the embedder makes; code has to check its accesses explicitly. Reservation and guard of the plan are what
    /// the embedder is asked for.
    ///
    /// Shared memories cannot be made like this: other threads may be in them when they move.
    pub fn from_host(
        ty: &MemoryType,
        plan: &MemoryPlan,
        creator: &Arc<dyn MemoryCreator>,
        image: Option<Arc<MemoryImage>>,
    ) -> Result<Arc<Memory>> {
        if ty.shared || plan.mode != MemoryMode::Explicit {
            return Err(Error::internal("the host cannot make a memory that is shared or checked by guard pages"));
        }
        let (minimum, maximum) = bounds(ty)?;
        let reserved = crate::base::cast::to_usize(plan.reservation, "memory reservation")?;
        let guard = crate::base::cast::to_usize(plan.guard, "memory guard")?;
        let request = MemoryRequest { ty: *ty, minimum, maximum, reserved, guard };
        let host = HostStorage::new(creator, &request, image.as_deref())?;
        let record = host.record() as *const VmMemory;
        Ok(Arc::new(Memory::assemble(ty, plan, maximum, record, Storage::Host(host))))
    }

    fn assemble(ty: &MemoryType, plan: &MemoryPlan, max: usize, record: *const VmMemory, storage: Storage) -> Memory {
        Memory {
            ty: *ty,
            mode: plan.mode,
            max,
            may_move: plan.may_move,
            keep: plan.keep,
            made_by_host: matches!(storage, Storage::Host(_)),
            holds: AtomicUsize::new(0),
            record,
            storage: Mutex::new(storage),
        }
    }

    pub fn ty(&self) -> &MemoryType {
        &self.ty
    }

    /// Address-stable for the life of the memory.
    pub fn record(&self) -> *const VmMemory {
        self.record
    }

    fn rec(&self) -> &VmMemory {
        // SAFETY: the record belongs to a range that this memory keeps until it is dropped.
        unsafe { &*self.record }
    }

    /// First byte. Stays the same unless an explicit-mode memory grows.
    pub fn base(&self) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(self.rec().base.load(Ordering::Acquire))
    }

    /// Accessible bytes.
    pub fn len(&self) -> usize {
        self.rec().len.load(Ordering::Acquire)
    }

    /// A checked view for host functions, as large as the memory is now.
    pub fn view(&self) -> View<'_> {
        let hold = self.hold();
        // Length before base: a memory that grows and moves in between is at least as long at its new place.
        let len = self.len();
        View { base: self.base(), len, _hold: hold }
    }

    /// Keeps the bytes where they are: a memory of the embedder's has no place but the last.
    fn hold(&self) -> Option<Hold<'_>> {
        match self.made_by_host {
            true => Some(Hold::new(&self.holds, &self.storage)),
            false => None,
        }
    }

    /// Whether what was read of [`Memory::base`] may be given back to the system when the memory grows.
    pub fn made_by_host(&self) -> bool {
        self.made_by_host
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn pages(&self) -> u64 {
        self.len() as u64 >> self.ty.page_size_log2
    }

    pub fn mode(&self) -> MemoryMode {
        self.mode
    }

    /// Bytes that the type allows, for growth limiters; `None` without a declared maximum.
    pub fn max_len(&self) -> Option<u64> {
        self.ty.max.map(|pages| pages.saturating_mul(self.ty.page_size()))
    }

    /// Pages before, or `None` if over the maximum or refused by the system. Does not ask the limiter. Any thread.
    pub fn grow(&self, delta_pages: u64) -> Option<u64> {
        let mut storage = self.storage.lock();
        let old = self.len();
        let delta = delta_pages.checked_mul(self.ty.page_size()).and_then(|d| usize::try_from(d).ok())?;
        let new = old.checked_add(delta).filter(|n| *n <= self.max)?;
        if delta > 0 {
            match &mut *storage {
                Storage::Own(ranges) => self.grow_to(ranges, old, new).ok()?,
                Storage::Host(host) => {
                    let held = self.holds.load(Ordering::Acquire) > 0;
                    host.grow(old, new, self.may_move && !held).ok()?;
                }
            }
        }
        Some(old as u64 >> self.ty.page_size_log2)
    }

    fn grow_to(&self, ranges: &mut Ranges, old: usize, new: usize) -> Result<()> {
        let Some(now) = ranges.now.as_mut() else {
            return Err(Error::internal("a memory grows while it is dropped"));
        };
        if new <= now.total() {
            now.set_accessible(new)?;
        } else {
            let next = self.moved_range(old, new)?;
            // SAFETY: `old` bytes are accessible in both ranges, which do not overlap.
            unsafe { core::ptr::copy_nonoverlapping(self.base(), next.base(), old) };
            // Base before length: whoever sees the new length sees a range that has it.
            self.rec().base.store(next.base().expose_provenance(), Ordering::Release);
            let before = ranges.now.replace(next);
            ranges.before.extend(before);
        }
        self.rec().len.store(new, Ordering::Release);
        if let Some(now) = &ranges.now {
            now.record().len.store(new, Ordering::Release);
        }
        Ok(())
    }

    /// A larger range with room to grow on.
    fn moved_range(&self, old: usize, new: usize) -> Result<Range> {
        if self.ty.shared || self.mode == MemoryMode::GuardPages || !self.may_move {
            let what = format!("a memory of {old:#x} bytes cannot grow to {new:#x} without moving");
            return Err(Error::new(ErrorKind::Limit, what));
        }
        let roomy = new.saturating_add(new / 2).min(self.max);
        Range::acquire(roomy, new, None).or_else(|_| Range::acquire(new, new, None))
    }

    /// The address of `len` bytes at `offset`, if they are accessible.
    pub(super) fn span(&self, offset: u64, len: u64) -> Result<*mut u8, TrapCode> {
        let end = offset.checked_add(len).filter(|end| *end <= self.len() as u64);
        match end {
            Some(_) => Ok(self.base().wrapping_add(offset as usize)),
            None => Err(TrapCode::MemoryOutOfBounds),
        }
    }

    fn outside(&self, offset: u64, len: usize) -> Error {
        let size = self.len();
        Error::usage(format!("out of bounds memory access: {len} bytes at {offset:#x} in a memory of {size:#x}"))
    }

    pub fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let _hold = self.hold();
        let from = self.span(offset, out.len() as u64).map_err(|_| self.outside(offset, out.len()))?;
        // SAFETY: the span was checked, memories never shrink, and `out` is not guest memory.
        unsafe { core::ptr::copy(from, out.as_mut_ptr(), out.len()) };
        Ok(())
    }

    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        let _hold = self.hold();
        let to = self.span(offset, bytes.len() as u64).map_err(|_| self.outside(offset, bytes.len()))?;
        // SAFETY: as in `read`.
        unsafe { core::ptr::copy(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// `memory.fill`.
    pub(super) fn fill(&self, at: u64, byte: u8, len: u64) -> Result<(), TrapCode> {
        let to = self.span(at, len)?;
        // SAFETY: the span was checked and memories never shrink.
        unsafe { core::ptr::write_bytes(to, byte, len as usize) };
        Ok(())
    }

    /// `memory.copy`, within one memory or between two.
    pub(super) fn copy(dst: &Memory, dst_at: u64, src: &Memory, src_at: u64, len: u64) -> Result<(), TrapCode> {
        let from = src.span(src_at, len)?;
        let to = dst.span(dst_at, len)?;
        // SAFETY: both spans were checked; they may overlap.
        unsafe { core::ptr::copy(from, to, len as usize) };
        Ok(())
    }

    /// `memory.init`: part of a segment's bytes.
    pub(super) fn init(&self, dst: u64, bytes: &[u8], src: u64, len: u64) -> Result<(), TrapCode> {
        let end = src.checked_add(len).filter(|end| *end <= bytes.len() as u64);
        let to = self.span(dst, len)?;
        let from = end.and_then(|end| bytes.get(src as usize..end as usize)).ok_or(TrapCode::MemoryOutOfBounds)?;
        // SAFETY: the span was checked; a segment's bytes are not guest memory.
        unsafe { core::ptr::copy_nonoverlapping(from.as_ptr(), to, from.len()) };
        Ok(())
    }
}

/// A memory that may move needs no room to grow in: where address space is short, it gets less.
fn first_range(ty: &MemoryType, plan: &MemoryPlan, total: usize, min: usize, image: Option<&Arc<MemoryImage>>) -> Result<Range> {
    let range = Range::acquire(total, min, image);
    if range.is_ok() || ty.shared || plan.mode == MemoryMode::GuardPages || !plan.may_move {
        return range;
    }
    let roomy = min.saturating_add(min / 2).min(total);
    Range::acquire(roomy, min, image).or_else(|_| Range::acquire(min, min, image))
}

fn reservation(ty: &MemoryType, plan: &MemoryPlan, min: usize, max: usize) -> Result<usize> {
    let planned = crate::base::cast::to_usize(plan.reservation, "memory reservation")?;
    match plan.mode {
        MemoryMode::GuardPages => {
            if ty.memory64 || ty.page_size() < mem::page_size() as u64 || plan.reservation < 1 << 32 {
                return Err(Error::internal("a memory of this type cannot be checked by guard pages"));
            }
            let guard = crate::base::cast::to_usize(plan.guard, "memory guard")?;
            planned.checked_add(guard).ok_or_else(|| too_large(ty))
        }
        MemoryMode::Explicit if ty.shared => Ok(max),
        MemoryMode::Explicit => Ok(min.max(planned.min(max))),
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let Storage::Own(ranges) = self.storage.get_mut() else { return };
        // A memory that moved keeps its record in its first range.
        let first = if ranges.before.is_empty() { None } else { Some(ranges.before.remove(0)) };
        for range in ranges.before.drain(..).chain(ranges.now.take()).chain(first) {
            range.record().base.store(range.base().expose_provenance(), Ordering::Relaxed);
            range.release(self.keep);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: MemoryPlan = MemoryPlan { mode: MemoryMode::GuardPages, reservation: 4 << 30, guard: 1 << 20, may_move: true, keep: None };
    const EXPLICIT: MemoryPlan = MemoryPlan { mode: MemoryMode::Explicit, reservation: 0, guard: 0, may_move: true, keep: None };

    #[test]
    fn guard_page_memory_grows_in_place() {
        let m = Memory::new(&MemoryType::new(1, Some(3)), &GUARD, None).unwrap();
        let base = m.base();
        m.write(0xfffe, &[1, 2]).unwrap();
        assert!(m.write(0xffff, &[1, 2]).is_err());
        assert_eq!(m.grow(2), Some(1));
        assert_eq!((m.grow(1), m.pages(), m.base()), (None, 3, base));
        let mut two = [0; 2];
        m.read(0xfffe, &mut two).unwrap();
        assert_eq!(two, [1, 2]);
    }

    #[test]
    fn explicit_memory_moves_and_keeps_its_contents() {
        let m = Memory::new(&MemoryType::new(1, None), &EXPLICIT, None).unwrap();
        m.write(5, b"hello").unwrap();
        let base = m.base();
        for _ in 0..20 {
            m.grow(1).unwrap();
        }
        assert_ne!(m.base(), base);
        let mut five = [0; 5];
        m.read(5, &mut five).unwrap();
        assert_eq!((&five, m.pages()), (b"hello", 21));
    }

    #[test]
    fn recycled_ranges_show_nothing_of_the_past() {
        let image = MemoryImage::new(&[(4, b"data")]).unwrap();
        for round in 0..8u8 {
            let with = (round % 2 == 0).then(|| image.clone());
            let m = Memory::new(&MemoryType::new(2, None), &GUARD, with.clone()).unwrap();
            let mut all = vec![0; m.len()];
            m.read(0, &mut all).unwrap();
            let mut want = vec![0; m.len()];
            if with.is_some() {
                want[4..8].copy_from_slice(b"data");
            }
            assert!(all == want, "round {round}");
            m.grow(1).unwrap();
            let size = m.len() as u64;
            m.fill(0, 0xaa, size).unwrap();
        }
    }

    #[test]
    fn an_address_is_traced_to_its_memory() {
        let m = Memory::new(&MemoryType::new(1, None), &GUARD, None).unwrap();
        let at = m.base() as usize + 0x12345;
        assert_eq!(super::super::reserve::locate(at), Some((0x12345, 0x10000)));
    }
}
