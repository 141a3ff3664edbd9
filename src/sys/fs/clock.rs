//! Clocks and random bytes.

use super::stat::nanoseconds;
use super::vectored::retry;
use super::{Errno, Fault, GuestMemory, Interrupted};
use rustix::time::{clock_getres, clock_gettime, ClockId};

/// Nanoseconds since 1970.
pub fn realtime_ns() -> u64 {
    read(ClockId::Realtime)
}

/// Nanoseconds since some moment; never goes back.
pub fn monotonic_ns() -> u64 {
    read(ClockId::Monotonic)
}

pub fn realtime_resolution_ns() -> u64 {
    resolution(ClockId::Realtime)
}

pub fn monotonic_resolution_ns() -> u64 {
    resolution(ClockId::Monotonic)
}

fn read(id: ClockId) -> u64 {
    let t = clock_gettime(id);
    nanoseconds(t.tv_sec, t.tv_nsec as u64)
}

fn resolution(id: ClockId) -> u64 {
    let t = clock_getres(id);
    nanoseconds(t.tv_sec, t.tv_nsec as u64).max(1)
}

/// How much is asked of the kernel at a time, so that a guest that wants gigabytes can be interrupted.
const RANDOM_CHUNK: usize = 1 << 20;

/// Fills guest memory with the system's random bytes. The inner result is `false` if interrupted.
pub fn fill_random(
    mem: GuestMemory<'_>,
    start: u32,
    len: u32,
    interrupted: Interrupted<'_>,
) -> Result<Result<bool, Errno>, Fault> {
    let base = mem.region(start, len as usize)?;
    let len = len as usize;
    let mut done = 0;
    while done < len {
        let n = (len - done).min(RANDOM_CHUNK);
        // SAFETY: `region` found `len` bytes of guest memory at `base`, and `done + n <= len`.
        let got = retry(|| unsafe { libc::getrandom(base.wrapping_add(done).cast(), n, 0) });
        match got {
            Ok(got) => done += got as usize,
            Err(e) => return Ok(Err(e)),
        }
        if done < len && interrupted() {
            return Ok(Ok(false));
        }
    }
    Ok(Ok(true))
}
