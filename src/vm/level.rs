//! Levels: entries into guest code that have not returned.

use super::stack::Stack;
use crate::layout::{STACK_RESERVE, ValRaw, VmCtx, VmHostFunc};
use crate::sys::thread::Bounds;

/// One entry into guest code that has not returned.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) outer: *const Level,
    pub(super) saved: Saved,
    /// The private stack; `None`: the entering thread's.
    pub(super) stack: Option<Stack>,
    /// Bounds of the stack the level runs on.
    pub(super) bounds: Bounds,
    /// How far down guests on a private stack may go.
    pub(super) limit: usize,
    pub(super) was_suspended: bool,
}

/// Fields of [`VmExec`] that belong to a level, as they were before a deeper one began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saved {
    pub(super) stack_limit: usize,
    pub(super) caller: *mut VmCtx,
    pub(super) exit_fp: usize,
    pub(super) exit_pc: usize,
    pub(super) entry_fp: usize,
    pub(super) host_sp: usize,
    pub(super) guest_sp: usize,
    pub(super) call_func: *const VmHostFunc,
    pub(super) call_slots: *mut ValRaw,
    pub(super) can_yield: u32,
}

/// Bytes to leave free at the low end of a stack; less on stacks that are small anyhow.
pub(super) fn reserve(bounds: Bounds) -> usize {
    STACK_RESERVE.min((bounds.high - bounds.low) / 4)
}

/// Bounds of a stack of which nothing is known.
pub(super) const UNKNOWN: Bounds = Bounds { low: 0, high: usize::MAX };

impl Level {
    /// The outermost level on a thread's own stack.
    pub(super) fn home() -> Level {
        let outer = core::ptr::null();
        Level { outer, saved: Saved::NOTHING, stack: None, bounds: UNKNOWN, limit: usize::MAX, was_suspended: false }
    }

    /// A level on a private stack.
    pub(super) fn on(stack: Stack) -> Level {
        let bounds = stack.bounds();
        Level { bounds, limit: bounds.low + reserve(bounds), stack: Some(stack), ..Level::home() }
    }
}

impl Saved {
    /// Of an exec that was idle: no frames.
    pub(super) const NOTHING: Saved = Saved {
        stack_limit: usize::MAX,
        caller: core::ptr::null_mut(),
        exit_fp: 0,
        exit_pc: 0,
        entry_fp: 0,
        host_sp: 0,
        guest_sp: 0,
        call_func: core::ptr::null(),
        call_slots: core::ptr::null_mut(),
        can_yield: 0,
    };
}
