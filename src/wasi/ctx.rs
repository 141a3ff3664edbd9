//! The state of a guest's world.

use super::entry::Entry;
use super::table::Table;
use crate::sys::fs::{self, Errno};
use std::sync::Arc;

/// Arguments, environment and open descriptors of a guest. Threads share it by reference; what blocks in one
/// call does not hinder others.
pub struct Ctx {
    pub(super) table: Table,
    pub(super) args: Vec<Box<[u8]>>,
    pub(super) env: Vec<Box<[u8]>>,
    pub(super) clock: Box<dyn Clock>,
    /// `None` is the system's.
    pub(super) random: Option<Box<dyn RandomSource>>,
    pub(super) faults_as_errno: bool,
    pub(super) limits: Limits,
}

/// How much of something a guest may ask for. Who asks for more is told so by an error number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Open descriptors, those it starts with included: `mfile`.
    pub descriptors: u32,
    /// Bytes of a path, at most 4095, which is the kernel's limit: `nametoolong`.
    pub path_bytes: u32,
    /// Entries that one call may list. The call fails with `nobufs` and tells nothing; with a smaller buffer it would
    /// not have come that far.
    pub dir_entries: u32,
}

/// The longest path the kernel takes.
const MAX_PATH: u32 = 4095;

impl Default for Limits {
    fn default() -> Limits {
        Limits { descriptors: 65_536, path_bytes: MAX_PATH, dir_entries: u32::MAX }
    }
}

impl Limits {
    /// None of them above what can be had at all.
    pub(super) fn sane(self) -> Limits {
        Limits { path_bytes: self.path_bytes.min(MAX_PATH), ..self }
    }
}

impl Ctx {
    pub(super) fn entry(&self, fd: u32) -> Result<Arc<Entry>, Errno> {
        self.table.get(fd)
    }

    /// Whether a bad pointer is an error number to the guest rather than its end.
    pub fn faults_as_errno(&self) -> bool {
        self.faults_as_errno
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx").field("args", &self.args.len()).field("env", &self.env.len()).finish_non_exhaustive()
    }
}

/// The time as a guest sees it. All values are nanoseconds.
pub trait Clock: Send + Sync {
    /// Since 1970.
    fn realtime(&self) -> u64;
    /// Since some moment; never goes back.
    fn monotonic(&self) -> u64;
    fn realtime_resolution(&self) -> u64;
    fn monotonic_resolution(&self) -> u64;
}

/// The system's clocks; the monotonic one starts when this is made, so that it does not tell how long the
/// host has been up.
#[derive(Debug)]
pub struct SystemClock {
    start: u64,
}

impl SystemClock {
    pub fn new() -> SystemClock {
        SystemClock { start: fs::monotonic_ns() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn realtime(&self) -> u64 {
        fs::realtime_ns()
    }
    fn monotonic(&self) -> u64 {
        fs::monotonic_ns().saturating_sub(self.start)
    }
    fn realtime_resolution(&self) -> u64 {
        fs::realtime_resolution_ns()
    }
    fn monotonic_resolution(&self) -> u64 {
        fs::monotonic_resolution_ns()
    }
}

/// Where random bytes come from.
pub trait RandomSource: Send + Sync {
    /// Fills all of `out`.
    fn fill(&self, out: &mut [u8]) -> std::io::Result<()>;
}

impl<F: Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync> RandomSource for F {
    fn fill(&self, out: &mut [u8]) -> std::io::Result<()> {
        self(out)
    }
}
