//! What a file is: kind, size, times.

use super::Errno;
use rustix::fs::{AtFlags, FileType, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use std::os::fd::AsFd;

/// The kind of thing a descriptor or path stands for, with WASI's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FileKind {
    /// Also pipes, for which WASI has no kind.
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDgram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl FileKind {
    pub(super) fn from_type(t: FileType) -> FileKind {
        match t {
            FileType::RegularFile => FileKind::RegularFile,
            FileType::Directory => FileKind::Directory,
            FileType::Symlink => FileKind::SymbolicLink,
            FileType::Socket => FileKind::SocketStream,
            FileType::CharacterDevice => FileKind::CharacterDevice,
            FileType::BlockDevice => FileKind::BlockDevice,
            FileType::Fifo | FileType::Unknown => FileKind::Unknown,
        }
    }
}

/// Metadata of a file. Times are nanoseconds since 1970, earlier ones 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileStat {
    pub dev: u64,
    pub ino: u64,
    pub kind: FileKind,
    pub nlink: u64,
    /// Bytes.
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

impl FileStat {
    /// What there is to say about something that is not a file.
    pub fn of_kind(kind: FileKind) -> FileStat {
        FileStat { dev: 0, ino: 0, kind, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 }
    }

    pub(super) fn from_os(s: &Stat) -> FileStat {
        FileStat {
            dev: s.st_dev,
            ino: s.st_ino,
            kind: FileKind::from_type(FileType::from_raw_mode(s.st_mode)),
            nlink: s.st_nlink,
            size: s.st_size.max(0) as u64,
            atim: nanoseconds(s.st_atime, s.st_atime_nsec),
            mtim: nanoseconds(s.st_mtime, s.st_mtime_nsec),
            ctim: nanoseconds(s.st_ctime, s.st_ctime_nsec),
        }
    }
}

pub(super) fn nanoseconds(seconds: i64, nanos: u64) -> u64 {
    u64::try_from(seconds).map_or(0, |s| s.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// What to do with one of a file's times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewTime {
    Keep,
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

/// Access and modification time to set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewTimes {
    pub access: NewTime,
    pub modification: NewTime,
}

impl NewTime {
    fn to_os(self) -> Timespec {
        match self {
            NewTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
            NewTime::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
            NewTime::At(ns) => Timespec {
                tv_sec: (ns / 1_000_000_000) as i64,
                tv_nsec: (ns % 1_000_000_000) as _,
            },
        }
    }
}

impl NewTimes {
    fn to_os(self) -> Timestamps {
        Timestamps { last_access: self.access.to_os(), last_modification: self.modification.to_os() }
    }
}

/// Metadata of an open file.
pub fn stat(fd: impl AsFd) -> Result<FileStat, Errno> {
    Ok(FileStat::from_os(&rustix::fs::fstat(fd)?))
}

/// Sets times of an open file.
pub fn set_times(fd: impl AsFd, times: NewTimes) -> Result<(), Errno> {
    Ok(rustix::fs::futimens(fd, &times.to_os())?)
}

/// As [`set_times`], for a descriptor that names a file without having opened it.
pub(super) fn set_times_of_path(fd: impl AsFd, times: NewTimes) -> Result<(), Errno> {
    Ok(rustix::fs::utimensat(fd, "", &times.to_os(), AtFlags::EMPTY_PATH)?)
}
