//! Files, directories, sockets, clocks and random bytes for a sandboxed guest.
//!
//! Two promises make the callers above free of `unsafe`: [`GuestMemory`] checks every access against the
//! bounds of a linear memory, and [`Dir`] resolves every path beneath the directory it stands for.

mod clock;
mod dir;
mod errno;
mod file;
mod memory;
mod place;
mod readdir;
mod socket;
mod stat;
mod vectored;
mod wait;

pub use clock::{fill_random, monotonic_ns, monotonic_resolution_ns, realtime_ns, realtime_resolution_ns};
pub use dir::{Dir, OpenHow, Opened};
pub use errno::Errno;
pub use file::{
    advise, allocate, duplicate_stdio, is_terminal, kind_of, open_ambient, pending_bytes, seek, set_append, set_nonblocking,
    sync, truncate, Advice, StdStream, Whence,
};
pub use memory::{Fault, GuestMemory};
pub use readdir::DirEntry;
pub use socket::{accept, receive, send, shutdown, ReceiveFlags};
pub use stat::{set_times, stat, FileKind, FileStat, NewTime, NewTimes};
pub use vectored::{IoVecs, MAX_IOVECS};
pub use wait::{sleep_until, wait_ready, Readiness, Wake, Watch};

/// Polled while an operation blocks; `true` means: stop waiting, somebody wants this guest to end.
pub type Interrupted<'a> = &'a dyn Fn() -> bool;
