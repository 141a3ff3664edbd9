//! One store's heap: a reserved range of addresses with two halves, one in use, the other for the next collection.
//!
//! Machine code allocates by moving `bump` towards `limit` and comes here when that fails. Used by one thread at a time, like its
//! store; the lock here is for the collector's own state.

use super::collect::{Collector, OuterObjects};
use super::externs::External;
use super::{ExternTable, TypeTable};
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::layout::*;
use crate::sys::mem::{self, Access, Mapping};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// What a heap asks of the store.
pub trait GcHost: Send + Sync {
    /// Shows every reference outside of the heap, the host's roots excepted; each may be changed.
    fn roots(&self, visit: &mut dyn FnMut(&mut u32));
    /// The heap wants to grow; sizes in bytes. `Ok(false)` refuses, `Err` stops the guest.
    fn heap_growing(&self, current: u64, desired: u64, max: u64) -> Result<bool>;
}

/// Sizes in bytes.
#[derive(Clone, Copy, Debug)]
pub struct HeapSettings {
    /// Address space for both halves; at most 4 GiB are of use.
    pub reservation: u64,
    /// Most that the objects of one store may take.
    pub max: u64,
    /// Collect at every allocation.
    pub stress: bool,
}

/// Room for objects beyond what is live, at least: so much is allocated between collections.
const ROOM: u64 = 4 << 20;
const GRAIN: u64 = 64 << 10;
/// No reference is larger, so that the bump pointer cannot overflow.
const LAST: u64 = (4 << 30) - (64 << 10);

pub struct Heap {
    record: Box<VmHeap>,
    space: OnceLock<Space>,
    state: Mutex<State>,
    settings: HeapSettings,
    types: Arc<TypeTable>,
    externs: Arc<ExternTable>,
    outer: Mutex<Vec<Arc<dyn OuterObjects>>>,
    host: Weak<dyn GcHost>,
}

struct Space {
    map: Mapping,
    /// Bytes of each half.
    half: u32,
}

#[derive(Default)]
struct State {
    /// The half in use.
    active: usize,
    /// Bytes that objects may take now.
    capacity: u32,
    /// Accessible bytes of each half.
    accessible: [u32; 2],
    collections: u64,
}

impl Space {
    /// Reserves what is asked for, or less where address space is short.
    fn reserve(settings: &HeapSettings) -> Result<Space> {
        let guard = u64::from(GC_NULL_GUARD);
        let wanted = settings.reservation.min(settings.max.saturating_mul(2).saturating_add(guard)).clamp(guard + 2 * GRAIN, LAST);
        let mut size = wanted;
        loop {
            match Mapping::reserve(size as usize) {
                Ok(map) => {
                    let half = ((size - guard) / 2 / GRAIN * GRAIN) as u32;
                    return Ok(Space { map, half });
                }
                Err(e) if size <= 16 << 20 => return Err(e.context("failed to reserve a garbage-collected heap")),
                Err(_) => size /= 2,
            }
        }
    }

    fn start(&self, half: usize) -> u32 {
        GC_NULL_GUARD + half as u32 * self.half
    }
}

impl Heap {
    /// Nothing is reserved before the first use.
    pub fn new(
        settings: HeapSettings,
        types: Arc<TypeTable>,
        externs: Arc<ExternTable>,
        host: Weak<dyn GcHost>,
    ) -> Heap {
        Heap {
            record: Box::new(VmHeap { bump: AtomicU32::new(0), limit: AtomicU32::new(0) }),
            space: OnceLock::new(),
            state: Mutex::default(),
            settings,
            types,
            externs,
            outer: Mutex::default(),
            host,
        }
    }

    pub fn types(&self) -> &Arc<TypeTable> {
        &self.types
    }

    pub fn externs(&self) -> &Arc<ExternTable> {
        &self.externs
    }

    /// Objects outside of the heap that hold references into it.
    pub fn add_outer(&self, outer: Arc<dyn OuterObjects>) {
        self.outer.lock().push(outer);
    }

    /// Reserves the heap's address space, if that has not been done.
    pub fn prepare(&self) -> Result<()> {
        self.space().map(drop)
    }

    fn space(&self) -> Result<&Space> {
        if let Some(space) = self.space.get() {
            return Ok(space);
        }
        let space = Space::reserve(&self.settings)?;
        let _state = self.state.lock();
        let space = self.space.get_or_init(|| space);
        self.record.bump.store(space.start(0), Ordering::Relaxed);
        Ok(space)
    }

    /// What machine code allocates with; valid as long as the heap.
    pub fn record(&self) -> *const VmHeap {
        &raw const *self.record
    }

    /// Where references are counted from; null before [`Heap::prepare`].
    pub fn base(&self) -> *mut u8 {
        self.space.get().map_or(core::ptr::null_mut(), |s| s.map.as_ptr())
    }

    fn bump(&self) -> u32 {
        self.record.bump.load(Ordering::Relaxed)
    }

    /// Room for an object of `bytes` bytes; its contents are anything. May move every object.
    pub fn alloc(&self, bytes: u64) -> Result<u32> {
        let space = self.space()?;
        let bytes = bytes.checked_add(7).map_or(u64::MAX, |b| b & !7);
        if bytes > u64::from(space.half) {
            return Err(Error::trap(TrapCode::AllocationTooLarge));
        }
        if self.settings.stress || !self.fits(bytes) {
            self.collect()?;
            self.make_room(space, bytes)?;
        }
        // The limiter may have allocated, too.
        if !self.fits(bytes) {
            return Err(Error::trap(TrapCode::AllocationTooLarge));
        }
        let at = self.bump();
        self.record.bump.store(at + bytes as u32, Ordering::Relaxed);
        Ok(at)
    }

    fn fits(&self, bytes: u64) -> bool {
        let Some(space) = self.space.get() else { return false };
        let state = self.state.lock();
        u64::from(self.bump()) + bytes <= u64::from(space.start(state.active)) + u64::from(state.capacity)
    }

    /// Frees what cannot be reached. Finalizers of external references run before this returns.
    pub fn collect(&self) -> Result<()> {
        let host = self.host()?;
        let outer = self.outer.lock().clone();
        let freed = self.copy_live(&mut self.state.lock(), &*host, &outer)?;
        // When no lock is held: finalizers may come back here.
        drop(freed);
        Ok(())
    }

    fn host(&self) -> Result<Arc<dyn GcHost>> {
        self.host.upgrade().ok_or_else(|| Error::internal("a heap outlived its store"))
    }

    fn copy_live(&self, state: &mut State, host: &dyn GcHost, outer: &[Arc<dyn OuterObjects>]) -> Result<Vec<External>> {
        let (base, from, to) = match self.space.get() {
            None => (core::ptr::null_mut(), 0..0, 0),
            Some(space) => {
                let (active, other) = (state.active, 1 - state.active);
                let from = space.start(active)..self.bump();
                // All that machine code may use afterwards, not only what the copies take.
                let bytes = state.capacity.max(from.len() as u32);
                self.commit(state, space, other, bytes)?;
                (space.map.as_ptr(), from, space.start(other))
            }
        };
        // SAFETY: the objects between the start of the half and the bump pointer are whole, the other half was just made large
        // enough, and whoever collects has the store to itself.
        let (end, freed) = unsafe { Collector::new(base, from, to, &self.types, &self.externs, outer) }.run(host);
        state.collections += 1;
        if self.space.get().is_some() {
            state.active = 1 - state.active;
            self.record.bump.store(end, Ordering::Relaxed);
            self.set_limit(state);
        }
        Ok(freed)
    }

    /// Makes the front of a half accessible.
    fn commit(&self, state: &mut State, space: &Space, half: usize, bytes: u32) -> Result<()> {
        let have = state.accessible[half];
        if bytes > have {
            let want = (u64::from(bytes).next_multiple_of(GRAIN) as u32).min(space.half);
            space.map.protect((space.start(half) + have) as usize, (want - have) as usize, Access::ReadWrite)?;
            state.accessible[half] = want;
        }
        Ok(())
    }

    fn set_limit(&self, state: &State) {
        let Some(space) = self.space.get() else { return };
        // In stress mode machine code never finds room.
        let limit = if self.settings.stress { 0 } else { space.start(state.active) + state.capacity };
        self.record.limit.store(limit, Ordering::Relaxed);
    }

    /// Chooses the capacity by what is live, after a collection: enough that copying stays cheap, within limits, and that
    /// an object of `bytes` bytes fits.
    fn make_room(&self, space: &Space, bytes: u64) -> Result<()> {
        let max = u64::from(space.half).min(self.settings.max / GRAIN * GRAIN);
        let (now, live) = (self.capacity(), self.used());
        let need = (live + bytes).next_multiple_of(GRAIN);
        if need > max {
            return Err(Error::trap(TrapCode::AllocationTooLarge));
        }
        let want = (live + bytes + ROOM.max(live * 2)).next_multiple_of(GRAIN).min(max);
        // The limiter is the host's code: no lock is held, and it may use the store.
        let capacity = if want > now { self.negotiate(now, want, need, max)? } else { now };
        if capacity < need {
            return Err(Error::trap(TrapCode::AllocationTooLarge));
        }
        let mut state = self.state.lock();
        state.capacity = if want < now / 4 { want as u32 } else { capacity as u32 };
        if want < now / 4 {
            self.give_back(&state, space)?;
        }
        let (active, capacity) = (state.active, state.capacity);
        self.commit(&mut state, space, active, capacity).map_err(|_| Error::trap(TrapCode::AllocationTooLarge))?;
        self.set_limit(&state);
        Ok(())
    }

    /// Asks for as much as the host allows, down to what is needed; `now` if it refuses.
    fn negotiate(&self, now: u64, want: u64, need: u64, max: u64) -> Result<u64> {
        let host = self.host()?;
        let mut ask = want;
        loop {
            if host.heap_growing(now, ask, max)? {
                return Ok(ask);
            }
            let less = (ask / 2).next_multiple_of(GRAIN).max(need);
            if less >= ask || less <= now {
                return Ok(now);
            }
            ask = less;
        }
    }

    /// Lets the system have the pages that a shrunken heap does not use.
    fn give_back(&self, state: &State, space: &Space) -> Result<()> {
        let keep = (u64::from(state.capacity).next_multiple_of(mem::page_size() as u64) as u32).min(space.half);
        for half in 0..2 {
            let end = state.accessible[half];
            if end > keep {
                space.map.discard((space.start(half) + keep) as usize, (end - keep) as usize)?;
            }
        }
        Ok(())
    }

    /// Bytes that objects take, garbage included.
    pub fn used(&self) -> u64 {
        let state = self.state.lock();
        self.space.get().map_or(0, |s| u64::from(self.bump() - s.start(state.active)))
    }

    /// Bytes that objects may take without another collection.
    pub fn capacity(&self) -> u64 {
        self.state.lock().capacity.into()
    }

    pub fn collections(&self) -> u64 {
        self.state.lock().collections
    }

    /// Checks that `size` bytes at `offset` of the object at `reference` lie inside the used part of the heap.
    fn place(&self, reference: u32, offset: u32, size: u32) -> Result<*mut u8> {
        let space = self.space.get().ok_or_else(|| Error::internal("a reference to an object without a heap"))?;
        let start = space.start(self.state.lock().active);
        let at = u64::from(reference) + u64::from(offset);
        if reference < start || at + u64::from(size) > u64::from(self.bump()) || reference & REF_KIND_MASK != 0 {
            return Err(Error::new(ErrorKind::Internal, format!("reference {reference:#x} is no object of this heap")));
        }
        Ok(space.map.as_ptr().wrapping_add(at as usize))
    }

    /// Up to 16 bytes of an object, little endian.
    pub fn read(&self, reference: u32, offset: u32, size: u32) -> Result<u128> {
        let at = self.place(reference, offset, size)?;
        let mut bytes = [0; 16];
        // SAFETY: `place` checked that the bytes are in the accessible part; nobody else uses the heap.
        unsafe { core::ptr::copy_nonoverlapping(at, bytes.as_mut_ptr(), size.min(16) as usize) };
        Ok(u128::from_le_bytes(bytes))
    }

    /// Writes up to 16 bytes of an object. What is written has to fit the object's type.
    pub fn write(&self, reference: u32, offset: u32, size: u32, value: u128) -> Result<()> {
        let at = self.place(reference, offset, size)?;
        let bytes = value.to_le_bytes();
        // SAFETY: as in `read`.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), at, size.min(16) as usize) };
        Ok(())
    }

    /// The type id of an object.
    pub fn type_of(&self, reference: u32) -> Result<u32> {
        Ok(self.read(reference, OBJECT_TYPE as u32, 4)? as u32)
    }

    /// An array's length.
    pub fn len_of(&self, array: u32) -> Result<u32> {
        Ok(self.read(array, ARRAY_LEN as u32, 4)? as u32)
    }
}
