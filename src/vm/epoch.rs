//! The epoch: a counter that anybody may move on, and a board that says which execs have to be told of it.
//!
//! Machine code looks at one word, [`VmExec::due`], and a tick sets that of every exec whose deadline it reaches. What confuses is
//! that a tick may run anywhere, also in a signal handler that interrupts this very code, and so takes no lock and allocates
//! nothing. A slot of the board stays where it is as long as the board, and everything in it is atomic.
//!
//! No tick is lost: an owner writes its deadline and then reads the counter, a tick writes the counter and then reads the deadlines, so
//! one of the two sees that the deadline has passed. Both may, or a tick may have seen the deadline before the present one; then
//! something is due that is not, and the exec that looks closer finds nothing.

use crate::layout::{DUE, VmExec};
use crate::sys::thread;
use parking_lot::Mutex;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};
use std::time::Duration;

/// Slots of the first segment; each of the others has twice as many as the one before.
const FIRST: usize = 32;
const SEGMENTS: usize = 26;

/// The deadline of those who need not be told.
const NEVER: u64 = u64::MAX;

/// An engine's epoch, with the execs that watch it.
pub struct EpochBoard {
    counter: AtomicU64,
    segments: [AtomicPtr<Slot>; SEGMENTS],
    /// Slots that there are, those that nobody has included.
    used: AtomicUsize,
    /// Slots that nobody has. Ticks do not ask.
    free: Mutex<Vec<NonNull<Slot>>>,
}

// SAFETY: the pointers lead to slots of the board, which are `Sync`.
unsafe impl Send for EpochBoard {}
// SAFETY: as above; the list is behind a lock.
unsafe impl Sync for EpochBoard {}

struct Slot {
    /// Ticks that may be using `exec`, in the lower half; above, the process that they are in: see [`thread::forks`].
    visits: AtomicU64,
    exec: AtomicPtr<VmExec>,
    /// The epoch at which the exec has to be told; [`NEVER`] once it was.
    deadline: AtomicU64,
}

impl EpochBoard {
    #[allow(clippy::new_without_default, reason = "an engine makes one, once")]
    pub fn new() -> EpochBoard {
        thread::watch_forks();
        EpochBoard {
            counter: AtomicU64::new(0),
            segments: [const { AtomicPtr::new(null_mut()) }; SEGMENTS],
            used: AtomicUsize::new(0),
            free: Mutex::default(),
        }
    }

    /// The present epoch.
    #[inline]
    pub fn now(&self) -> u64 {
        self.counter.load(SeqCst)
    }

    /// Moves the epoch on by one. Any thread, also a signal handler.
    pub fn tick(&self) {
        let now = self.counter.fetch_add(1, SeqCst) + 1;
        let used = self.used.load(SeqCst);
        for k in (0..SEGMENTS).take_while(|k| start(*k) < used) {
            for slot in &self.segment(k)[..(used - start(k)).min(FIRST << k)] {
                if slot.deadline.load(SeqCst) <= now {
                    slot.tell(now);
                }
            }
        }
    }

    /// The slots of a segment; none if it was not made yet.
    fn segment(&self, k: usize) -> &[Slot] {
        let slots = self.segments[k].load(SeqCst);
        // SAFETY: not null, so `take` made it of that many slots, which stay as long as the board.
        if slots.is_null() { &[] } else { unsafe { core::slice::from_raw_parts(slots, FIRST << k) } }
    }

    /// A slot that nobody else has.
    fn take(&self) -> NonNull<Slot> {
        let mut free = self.free.lock();
        if let Some(slot) = free.pop() {
            return slot;
        }
        let index = self.used.load(SeqCst);
        let k = (index / FIRST + 1).ilog2() as usize;
        if index == start(k) {
            let slots: Box<[Slot]> = (0..FIRST << k).map(|_| Slot::new()).collect();
            self.segments[k].store(Box::into_raw(slots).cast(), SeqCst);
        }
        // Now ticks find it.
        self.used.store(index + 1, SeqCst);
        NonNull::from(&self.segment(k)[index - start(k)])
    }
}

/// Slots before segment `k`.
fn start(k: usize) -> usize {
    FIRST * ((1 << k) - 1)
}

impl Drop for EpochBoard {
    fn drop(&mut self) {
        for k in 0..SEGMENTS {
            let slots = core::ptr::from_ref(self.segment(k)).cast_mut();
            // An empty one is no allocation.
            if !slots.is_empty() {
                // SAFETY: `take` made it from a box of this length; with the board goes the last who knows of it.
                drop(unsafe { Box::from_raw(slots) });
            }
        }
    }
}

impl Slot {
    fn new() -> Slot {
        Slot { visits: AtomicU64::new(0), exec: AtomicPtr::new(null_mut()), deadline: AtomicU64::new(NEVER) }
    }

    /// Makes something due for the exec whose deadline is not after `now`.
    #[cold]
    fn tell(&self, now: u64) {
        let process = self.begin_visit();
        let deadline = self.deadline.load(SeqCst);
        let exec = self.exec.load(SeqCst);
        if deadline <= now && !exec.is_null() {
            // SAFETY: whoever takes the pointer away waits for the end of this visit before the record goes; the field is atomic.
            unsafe { (*exec).due.store(DUE, SeqCst) };
            // An owner that has set this deadline anew has seen for itself that it has passed.
            let _ = self.deadline.compare_exchange(deadline, NEVER, SeqCst, SeqCst);
        }
        self.end_visit(process);
    }

    fn begin_visit(&self) -> u64 {
        let process = u64::from(thread::forks()) << 32;
        let more = |visits| Some(if Slot::process_of(visits) == process { visits + 1 } else { process + 1 });
        let _ = self.visits.fetch_update(SeqCst, SeqCst, more);
        process
    }

    fn end_visit(&self, process: u64) {
        let less = |visits| (Slot::process_of(visits) == process).then(|| visits - 1);
        let _ = self.visits.fetch_update(SeqCst, SeqCst, less);
    }

    fn process_of(visits: u64) -> u64 {
        visits & !u64::from(u32::MAX)
    }

    /// Whether a tick may be using what `exec` was. One that a fork has cut off in the child does not count.
    fn is_visited(&self) -> bool {
        let visits = self.visits.load(SeqCst);
        visits as u32 != 0 && Slot::process_of(visits) == u64::from(thread::forks()) << 32
    }

    /// Waits until it is not. A visit is a few instructions, but its thread may have to wait for this one's processor.
    fn wait_for_visits(&self) {
        for round in 0.. {
            match (self.is_visited(), round) {
                (false, _) => return,
                (true, ..100) => std::thread::yield_now(),
                (true, _) => std::thread::sleep(Duration::from_micros(50)),
            }
        }
    }
}

/// An exec's slot, which is given up when this is dropped.
pub(super) struct Seat {
    board: Arc<EpochBoard>,
    slot: NonNull<Slot>,
}

impl Seat {
    /// A seat with no deadline.
    ///
    /// # Safety
    /// - `exec` is alive as long as the seat.
    pub(super) unsafe fn take(board: &Arc<EpochBoard>, exec: *mut VmExec) -> Seat {
        let seat = Seat { board: board.clone(), slot: board.take() };
        seat.slot().exec.store(exec, SeqCst);
        seat
    }

    fn slot(&self) -> &Slot {
        // SAFETY: a slot of the board, which is there as long as its seat.
        unsafe { self.slot.as_ref() }
    }

    /// Sets the deadline. If it has passed already, true: then no tick makes anything due because of it.
    /// Async-signal-safe.
    pub(super) fn set_deadline(&self, deadline: u64) -> bool {
        let slot = self.slot();
        slot.deadline.store(deadline, SeqCst);
        let passed = deadline <= self.board.now();
        if passed {
            slot.deadline.store(NEVER, SeqCst);
        }
        passed
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let slot = self.slot();
        slot.deadline.store(NEVER, SeqCst);
        slot.exec.store(null_mut(), SeqCst);
        slot.wait_for_visits();
        self.board.free.lock().push(self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_hold_all_slots_and_free_ones_are_taken_again() {
        let board = Arc::new(EpochBoard::new());
        let take = || (0..1000).map(|_| board.take()).collect::<Vec<_>>();
        let mut slots = take();
        slots.sort();
        slots.dedup();
        assert_eq!(slots.len(), 1000);
        board.free.lock().extend(&slots);
        let mut again = take();
        again.sort();
        assert_eq!(again, slots);
        assert_eq!(board.used.load(SeqCst), 1000);
    }

    /// A fork copies a visit that the child never ends.
    #[test]
    fn visits_of_another_process_are_over() {
        let slot = Slot::new();
        slot.visits.store(u64::from(thread::forks() + 1) << 32 | 3, SeqCst);
        assert!(!slot.is_visited());
        let process = slot.begin_visit();
        assert!(slot.is_visited());
        slot.end_visit(process);
        assert!(!slot.is_visited());
        // One that belongs to a process that is gone ends without a trace.
        slot.end_visit(u64::from(thread::forks() + 1) << 32);
        assert_eq!(slot.visits.load(SeqCst) as u32, 0);
    }
}
