//! What profilers of the system read: files with names that they expect, and a mapping that they notice.

use super::mem::page_size;
use crate::base::{Error, ErrorKind, Result};
use rustix::fs::{Mode, OFlags};
use rustix::mm::{MapFlags, ProtFlags};
use std::fs::File;
use std::path::Path;

pub(crate) use super::fs::monotonic_ns;
pub(crate) use super::thread::number as thread_number;

fn failed(path: &Path, e: rustix::io::Errno) -> Error {
    let e = std::io::Error::from(e);
    Error::new(ErrorKind::Io, e.to_string()).context(format!("failed to create profile {}", path.display()))
}

/// An empty file for reading and writing. The name may lie in a folder that others write to, so no link is followed.
pub(crate) fn create(path: &Path) -> Result<File> {
    let flags = OFlags::CREATE | OFlags::TRUNC | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::from_raw_mode(0o644)).map_err(|e| failed(path, e))?;
    Ok(File::from(fd))
}

/// Maps the first page of `file` executable for the rest of the process's life: that is how `perf record` learns
/// of the file. The page is never run.
pub(crate) fn map_marker(file: &File, path: &Path) -> Result<()> {
    let prot = ProtFlags::READ | ProtFlags::EXEC;
    // SAFETY: a fresh mapping at an address of the kernel's choice; nobody gets to know the address.
    let made = unsafe { rustix::mm::mmap(core::ptr::null_mut(), page_size(), prot, MapFlags::PRIVATE, file, 0) };
    made.map(drop).map_err(|e| failed(path, e))
}

/// Runs `f` when the process exits in an orderly way.
pub(crate) fn at_exit(f: extern "C" fn()) {
    // SAFETY: the library is never unloaded, so the function is there at exit. A full table is borne: `f` is not run.
    let _ = unsafe { libc::atexit(f) };
}
