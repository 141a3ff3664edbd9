//! Operations on open files.

use super::vectored::{note_size_limit, within_size_limit};
use super::{Errno, FileKind};
use rustix::fs::{FallocateFlags, OFlags, SeekFrom};
use std::fs::{File, OpenOptions};
use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// What a seek is relative to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whence {
    Start,
    Current,
    End,
}

/// How a range of a file is going to be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// A standard stream of this process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StdStream {
    Input,
    Output,
    Error,
}

/// Opens a host's file by a path of the host's: to read, or to write from scratch.
pub fn open_ambient(path: &Path, write: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    if write {
        note_size_limit();
        options.write(true).create(true).truncate(true);
    } else {
        options.read(true);
    }
    options.open(path)
}

/// A descriptor of our own for a standard stream; position and flags stay shared with the process.
pub fn duplicate_stdio(stream: StdStream) -> io::Result<File> {
    note_size_limit();
    let fd: OwnedFd = match stream {
        StdStream::Input => io::stdin().as_fd().try_clone_to_owned(),
        StdStream::Output => io::stdout().as_fd().try_clone_to_owned(),
        StdStream::Error => io::stderr().as_fd().try_clone_to_owned(),
    }?;
    Ok(fd.into())
}

pub fn kind_of(fd: impl AsFd) -> Result<FileKind, Errno> {
    let mode = rustix::fs::fstat(fd)?.st_mode;
    Ok(FileKind::from_type(rustix::fs::FileType::from_raw_mode(mode)))
}

pub fn is_terminal(file: &File) -> bool {
    io::IsTerminal::is_terminal(file)
}

/// Moves a file's position and returns the new one.
pub fn seek(fd: impl AsFd, offset: i64, whence: Whence) -> Result<u64, Errno> {
    let to = match whence {
        Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
        Whence::Current => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    Ok(rustix::fs::seek(fd, to)?)
}

/// Makes a file `size` bytes long.
pub fn truncate(fd: impl AsFd, size: u64) -> Result<(), Errno> {
    if i64::try_from(size).is_err() {
        return Err(Errno::Inval);
    }
    within_size_limit(|| Ok(rustix::io::retry_on_intr(|| rustix::fs::ftruncate(&fd, size))?))
}

/// Makes sure that writes to a range will find room, growing the file if need be.
pub fn allocate(fd: impl AsFd, offset: u64, len: u64) -> Result<(), Errno> {
    let end = offset.checked_add(len).and_then(|e| i64::try_from(e).ok());
    if len == 0 {
        return Err(Errno::Inval);
    }
    if end.is_none() {
        return Err(Errno::FBig);
    }
    within_size_limit(|| {
        Ok(rustix::io::retry_on_intr(|| rustix::fs::fallocate(&fd, FallocateFlags::empty(), offset, len))?)
    })
}

/// Passes on how a range will be used; `len` 0 means to the end.
pub fn advise(fd: impl AsFd, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
    use rustix::fs::Advice as Os;
    let advice = match advice {
        Advice::Normal => Os::Normal,
        Advice::Sequential => Os::Sequential,
        Advice::Random => Os::Random,
        Advice::WillNeed => Os::WillNeed,
        Advice::DontNeed => Os::DontNeed,
        Advice::NoReuse => Os::NoReuse,
    };
    if i64::try_from(offset).is_err() || i64::try_from(len).is_err() {
        return Err(Errno::Inval);
    }
    Ok(rustix::fs::fadvise(fd, offset, NonZeroU64::new(len), advice)?)
}

/// Waits until written data, and without `data_only` also metadata, is on the device.
pub fn sync(fd: impl AsFd, data_only: bool) -> Result<(), Errno> {
    let sync = || if data_only { rustix::fs::fdatasync(&fd) } else { rustix::fs::fsync(&fd) };
    Ok(rustix::io::retry_on_intr(sync)?)
}

/// Switches a file description between waiting and [`Errno::Again`].
pub fn set_nonblocking(fd: impl AsFd, on: bool) -> Result<(), Errno> {
    set_flag(fd, OFlags::NONBLOCK, on)
}

/// Switches a file description between writing at its position and at the end.
pub fn set_append(fd: impl AsFd, on: bool) -> Result<(), Errno> {
    set_flag(fd, OFlags::APPEND, on)
}

fn set_flag(fd: impl AsFd, flag: OFlags, on: bool) -> Result<(), Errno> {
    let old = rustix::fs::fcntl_getfl(&fd)?;
    let mut new = old;
    new.set(flag, on);
    if new != old {
        rustix::fs::fcntl_setfl(&fd, new)?;
    }
    Ok(())
}

/// Bytes that can be read at once from a pipe, socket or terminal; 0 if that cannot be known.
pub fn pending_bytes(fd: impl AsFd) -> u64 {
    rustix::io::ioctl_fionread(fd).unwrap_or(0)
}
