//! Waiting for descriptors and moments, in a way that an interruption can end.

use super::{Errno, Interrupted};
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use smallvec::SmallVec;
use std::os::fd::BorrowedFd;

/// The longest time an interruption goes unnoticed.
const SLICE_NS: u64 = 5_000_000;

/// A descriptor to wait for.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    pub fd: BorrowedFd<'a>,
    pub read: bool,
    pub write: bool,
}

/// What a descriptor is ready for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Readiness {
    pub readable: bool,
    pub writable: bool,
    /// The peer is gone; reading finds what is left and then the end.
    pub hangup: bool,
    pub error: bool,
}

impl Readiness {
    pub fn any(self) -> bool {
        self.readable || self.writable || self.hangup || self.error
    }
}

/// Why a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    Ready,
    Deadline,
    Interrupted,
}

/// Waits until a descriptor is ready or `deadline` (of the monotonic clock, nanoseconds; `None` waits on)
/// has come. `ready` gets the state of each descriptor in `watches`.
pub fn wait_ready(
    watches: &[Watch<'_>],
    deadline: Option<u64>,
    interrupted: Interrupted<'_>,
    ready: &mut [Readiness],
) -> Result<Wake, Errno> {
    let mut fds: SmallVec<[PollFd<'_>; 8]> =
        watches.iter().map(|w| PollFd::from_borrowed_fd(w.fd, wanted(w))).collect();
    loop {
        let left = deadline.map(|d| d.saturating_sub(super::monotonic_ns()));
        let nap = left.unwrap_or(SLICE_NS).min(SLICE_NS);
        let count = match poll(&mut fds, Some(&timespec(nap))) {
            Err(rustix::io::Errno::INTR) => 0,
            other => other?,
        };
        if count > 0 {
            for (state, fd) in ready.iter_mut().zip(&fds) {
                *state = state_of(fd.revents());
            }
            return Ok(Wake::Ready);
        }
        if deadline.is_some_and(|d| super::monotonic_ns() >= d) {
            return Ok(Wake::Deadline);
        }
        if interrupted() {
            return Ok(Wake::Interrupted);
        }
    }
}

/// Waits until `deadline`, as [`wait_ready`] does. Without descriptors no wait is cut short by rounding.
pub fn sleep_until(deadline: Option<u64>, interrupted: Interrupted<'_>) -> Result<Wake, Errno> {
    wait_ready(&[], deadline, interrupted, &mut [])
}

fn wanted(w: &Watch<'_>) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, w.read);
    flags.set(PollFlags::OUT, w.write);
    flags
}

fn state_of(flags: PollFlags) -> Readiness {
    Readiness {
        readable: flags.contains(PollFlags::IN),
        writable: flags.contains(PollFlags::OUT),
        hangup: flags.contains(PollFlags::HUP),
        error: flags.intersects(PollFlags::ERR | PollFlags::NVAL),
    }
}

fn timespec(ns: u64) -> Timespec {
    Timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as _ }
}
